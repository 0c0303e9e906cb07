import { Failure } from '../../core/failure.ts';
import type { FailureKind } from '../../core/failure.ts';

const systemErrors: Readonly<Record<string, FailureKind>> = {
  ECONNREFUSED: 'unreachable',
  ECONNRESET: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EPIPE: 'unreachable',
  ETIMEDOUT: 'timeout',
};

// SQLSTATE: https://www.postgresql.org/docs/15/errcodes-appendix.html; by code, or by the class of its first two characters.
const sqlStates: Readonly<Record<string, FailureKind>> = {
  '08': 'unreachable',
  '57P01': 'unreachable',
  '57P02': 'unreachable',
  '57P03': 'unreachable',
  '57014': 'timeout',
  '55P03': 'timeout',
  '25P03': 'timeout',
  '28': 'unauthorised',
  '42501': 'forbidden',
  '3D000': 'not found',
  '53': 'server error',
  '58': 'server error',
  '25006': 'server error',
  '40': 'server error',
};

export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'string') return null;
  return error.code;
}

/** Two transactions stood in each other's way and one was ended: doing it again is right. */
export function isCollision(error: unknown): boolean {
  const code = codeOf(error);
  return code === '40P01' || code === '40001';
}

/** The server answered, so that the connection can be used on. */
export function isAnswer(error: unknown): boolean {
  const code = codeOf(error);
  return code !== null && /^[0-9A-Z]{5}$/.test(code) && !/^(08|57P0|25P03)/.test(code);
}

/**
 * What went wrong with the database, as a sentence. The original is not kept: its fields may hold rows, and an error about the address
 * may hold the password. `maybeDone`: the transaction may be stored all the same.
 */
export function postgresFailure(error: unknown, maybeDone: boolean): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  const code = codeOf(error) ?? '';
  const kind = systemErrors[code] ?? sqlStates[code] ?? sqlStates[code.slice(0, 2)] ?? byWords(error.message);
  if (kind === null) return error;
  return new Failure(kind, `PostgreSQL: ${error.message || code}`, { maybeDone });
}

function byWords(message: string): FailureKind | null {
  if (/timeout/i.test(message)) return 'timeout';
  if (/connection|socket|client has encountered|not queryable|certificate|ssl|tls/i.test(message)) return 'unreachable';
  return null;
}
