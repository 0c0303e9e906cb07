import type { Interactivity } from './interactivity.ts';
import type { Faults } from './faults.ts';
import type { Defect } from './blocks.ts';
import type { Json } from './model.ts';
import type { Tier } from './rate-limits.ts';
import type { Workspace } from './workspace.ts';

/** What an argument holds; only `json` ones are parsed, since a text may start with a brace. */
export type ArgKind = 'string' | 'bool' | 'int' | 'json';

export interface MethodContext {
  readonly ws: Workspace;
  readonly faults: Faults;
  readonly interactivity: Interactivity;
  readonly baseUrl: string;
  /** Opens a Socket Mode ticket. */
  readonly openSocket: () => string;
  readonly fileShareDelayMs: number;
  readonly scopes: ReadonlySet<string>;
}

export interface Method {
  readonly tier: Tier;
  readonly token?: 'bot' | 'app';
  /** Any one of these is enough; none asks for none. */
  readonly scopes?: readonly string[];
  readonly args: Readonly<Record<string, ArgKind>>;
  readonly required?: readonly string[];
  /** Platform errors are thrown as `SlackError`. */
  readonly run: (args: Args, context: MethodContext) => Json;
}

/** `ok:false` with HTTP 200, as all platform errors are. */
export class SlackError extends Error {
  readonly error: string;
  readonly more: Json;
  constructor(error: string, more: Json = {}) {
    super(error);
    this.error = error;
    this.more = more;
  }

  /** With both arrays that Slack sends for defects. */
  static of(error: string, defects: readonly Defect[]): SlackError {
    const errors = defects.map((one) => `${one.message} [json-pointer:${one.pointer}]`);
    return new SlackError(error, { errors, response_metadata: { messages: errors.map((one) => `[ERROR] ${one}`) } });
  }
}

/** Arguments after parsing: present or not, and of the declared kind. */
export class Args {
  readonly all: Readonly<Record<string, unknown>>;
  constructor(all: Readonly<Record<string, unknown>>) {
    this.all = all;
  }

  has(name: string): boolean {
    return this.all[name] !== undefined;
  }

  str(name: string): string {
    const value = this.all[name];
    if (typeof value !== 'string')
      throw new SlackError('invalid_arguments', {
        response_metadata: { messages: [`[ERROR] missing required field: ${name}`] },
      });
    return value;
  }

  maybe(name: string): string | undefined {
    const value = this.all[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  bool(name: string): boolean {
    return this.all[name] === true;
  }

  int(name: string, otherwise: number): number {
    const value = this.all[name];
    return typeof value === 'number' ? value : otherwise;
  }

  json(name: string): unknown {
    return this.all[name];
  }
}

/** One page of a list, with Slack's opaque cursor. */
export function page<T>(
  all: readonly T[],
  args: Args,
  most: number,
): { readonly items: readonly T[]; readonly response_metadata: { readonly next_cursor: string } } {
  const limit = Math.min(Math.max(1, args.int('limit', 100)), most);
  const cursor = args.maybe('cursor');
  const from = cursor === undefined ? 0 : Number(Buffer.from(cursor, 'base64url').toString().replace('at:', ''));
  if (!Number.isInteger(from) || from < 0) throw new SlackError('invalid_cursor');
  const next = from + limit < all.length ? Buffer.from(`at:${from + limit}`).toString('base64url') : '';
  return { items: all.slice(from, from + limit), response_metadata: { next_cursor: next } };
}
