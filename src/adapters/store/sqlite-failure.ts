import { Failure } from '../../core/failure.ts';

// The primary result codes of https://www.sqlite.org/rescode.html
const busy = 5;
const locked = 6;
const readOnly = 8;
const ioError = 10;
const corrupt = 11;
const full = 13;
const cannotOpen = 14;
const notADatabase = 26;

function codeOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  return error.errcode & 0xff;
}

export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === busy || code === locked;
}

/** After these a new connection may work where the old one never will again. */
export function spoilsConnection(error: unknown): boolean {
  const code = codeOf(error);
  return code === readOnly || code === ioError || code === corrupt || code === cannotOpen || code === notADatabase;
}

/** What SQLite says, as a sentence that names the file. Anything that is not SQLite's stays as it is. */
export function sqliteFailure(error: unknown, path: string): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  switch (codeOf(error)) {
    case busy:
    case locked:
      return new Failure('server error', `${path} is locked by another program: nothing was stored`, {
        retryAfterMs: 1000,
      });
    case full:
      return new Failure('server error', `the disk that holds ${path} is full: nothing was stored`, {
        retryAfterMs: 5000,
      });
    case readOnly:
      return new Failure('server error', `${path} cannot be written: its file, folder or disk is read-only`);
    case ioError:
      return new Failure('server error', `the disk that holds ${path} has an error: ${error.message}`);
    case cannotOpen:
      return new Failure(
        'server error',
        `${path} cannot be opened: is its folder there, and may this user write to it?`,
      );
    case corrupt:
      return new Failure('unreadable', `${path} is damaged: restore it from a backup`);
    case notADatabase:
      return new Failure('unreadable', `${path} is not an SQLite database`);
    default:
      if (
        'code' in error &&
        (error.code === 'EACCES' || error.code === 'EROFS' || error.code === 'ENOSPC' || error.code === 'EPERM')
      ) {
        return new Failure('server error', `${path} cannot be written: ${error.message}`);
      }
      return error;
  }
}
