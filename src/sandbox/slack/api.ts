import { isObject } from './shape.ts';
import { Args, SlackError } from './methods.ts';
import type { ArgKind, Method, MethodContext } from './methods.ts';
import { chatMethods } from './methods-chat.ts';
import { lookupMethods } from './methods-lookup.ts';
import { otherMethods } from './methods-other.ts';
import { viewMethods } from './methods-views.ts';
import type { CallFault } from './faults.ts';
import type { Json } from './model.ts';
import type { RateLimits } from './rate-limits.ts';

export const methods: Readonly<Record<string, Method>> = {
  ...chatMethods,
  ...lookupMethods,
  ...otherMethods,
  ...viewMethods,
};

/** One thing the bot sent: a Web API call, a post to a response_url, or what it put into an acknowledgement. */
export interface SentCall {
  readonly atMs: number;
  /** A method's name, `response_url`, or `ack:<kind>`. */
  readonly method: string;
  /** Parsed. Tokens are left out. */
  readonly args: Json;
  /** Null when none was given (a fault, or an acknowledgement). */
  readonly answer: Json | null;
}

/** A mistake of the bot against the protocol. What a test switched on is none. */
export interface ProtocolError {
  readonly atMs: number;
  readonly where: string;
  readonly error: string;
  readonly detail: string;
}

export interface ApiRequest {
  readonly method: string;
  readonly authorization: string | undefined;
  readonly contentType: string;
  readonly body: string;
}

export type ApiAnswer =
  | {
      readonly kind: 'json';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Json;
      readonly delayMs: number;
    }
  | { readonly kind: 'hang' }
  | { readonly kind: 'drop' };

/** A sandbox may run for days; no test sends as many. */
const mostSent = 50_000;

interface Parsed {
  readonly token: string | undefined;
  readonly raw: Readonly<Record<string, unknown>>;
}

function parse(request: ApiRequest): Parsed {
  const bearer = /^Bearer (.+)$/.exec(request.authorization ?? '')?.[1];
  if (request.contentType.startsWith('application/json')) {
    const body = fromJson(request.body === '' ? '{}' : request.body);
    if (!isObject(body)) throw new SlackError('json_not_object');
    const { token, ...raw } = body;
    return { token: bearer ?? (typeof token === 'string' ? token : undefined), raw };
  }
  const { token, ...raw } = Object.fromEntries(new URLSearchParams(request.body));
  return { token: bearer ?? token, raw };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SlackError('invalid_json');
  }
}

function invalid(message: string): SlackError {
  return new SlackError('invalid_arguments', {
    errors: [message],
    response_metadata: { messages: [`[ERROR] ${message}`] },
  });
}

function convert(kind: ArgKind, name: string, value: unknown): unknown {
  if (kind === 'string') return typeof value === 'string' ? value : String(value);
  if (kind === 'bool') {
    if (['true', '1', true].includes(value as string)) return true;
    if (['false', '0', false].includes(value as string)) return false;
    throw invalid(`must be a boolean [json-pointer:/${name}]`);
  }
  if (kind === 'int') {
    const number = Number(value);
    if (!Number.isInteger(number)) throw invalid(`must be an integer [json-pointer:/${name}]`);
    return number;
  }
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    throw name === 'blocks' ? new SlackError('invalid_blocks_format') : invalid(`invalid JSON [json-pointer:/${name}]`);
  }
}

function readArgs(method: Method, raw: Readonly<Record<string, unknown>>): Args {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(raw)) {
    // Bolt's per-team clients send it with every call.
    if (name === 'team_id') continue;
    const kind = Object.hasOwn(method.args, name) ? method.args[name] : undefined;
    // Stricter than Slack, which ignores some: an argument that does not exist is a mistake in the bot.
    if (kind === undefined) throw invalid(`invalid additional property: ${name} [json-pointer:/${name}]`);
    out[name] = convert(kind, name, value);
  }
  for (const name of method.required ?? [])
    if (out[name] === undefined || out[name] === '')
      throw invalid(`missing required field: ${name} [json-pointer:/${name}]`);
  return new Args(out);
}

function authorize(method: Method, token: string | undefined, context: MethodContext): void {
  const { app } = context.ws.seed;
  if (token === undefined || token === '') throw new SlackError('not_authed');
  const wanted = method.token ?? 'bot';
  if (token !== app.botToken && token !== app.appToken) throw new SlackError('invalid_auth');
  // What a test switched on is no mistake of the bot.
  if (token === app.botToken && context.faults.tokenError !== null) throw new SwitchedOn(context.faults.tokenError);
  if ((token === app.appToken) !== (wanted === 'app')) throw new SlackError('not_allowed_token_type');
  const scopes = method.scopes ?? [];
  if (scopes.length > 0 && !scopes.some((one) => context.scopes.has(one))) {
    throw new SlackError('missing_scope', { needed: scopes.join(','), provided: [...context.scopes].join(',') });
  }
}

class SwitchedOn extends SlackError {}

/** The Web API: from a request to an answer, through faults, limits, scopes and arguments, in Slack's order. */
export class Api {
  readonly sent: SentCall[] = [];
  readonly errors: ProtocolError[] = [];
  readonly #context: () => MethodContext;
  readonly #limits: RateLimits;

  constructor(context: () => MethodContext, limits: RateLimits) {
    this.#context = context;
    this.#limits = limits;
  }

  record(method: string, args: Json, answer: Json | null): void {
    if (this.sent.length >= mostSent) this.sent.splice(0, mostSent / 10);
    this.sent.push({ atMs: this.#context().ws.clock.nowMs(), method, args, answer });
  }

  mistake(where: string, error: string, detail: string): void {
    this.errors.push({ atMs: this.#context().ws.clock.nowMs(), where, error, detail });
  }

  handle(request: ApiRequest): ApiAnswer {
    const context = this.#context();
    if (context.faults.down) return { kind: 'drop' };
    const fault = context.faults.takeCall(request.method);
    const early = fault === null ? null : this.#early(fault, request);
    if (early !== null) return early;
    const answer = this.#run(request, context);
    if (fault?.kind === 'accept-then-hang') return { kind: 'hang' };
    if (fault?.kind === 'accept-then-drop') return { kind: 'drop' };
    return fault?.kind === 'slow' && answer.kind === 'json' ? { ...answer, delayMs: fault.ms } : answer;
  }

  #early(fault: CallFault, request: ApiRequest): ApiAnswer | null {
    this.#recordRaw(request, fault.kind);
    if (fault.kind === 'ratelimit') return limited(fault.retryAfterSeconds);
    if (fault.kind === 'http')
      return {
        kind: 'json',
        status: fault.status,
        headers: {},
        body: { ok: false, error: 'internal_error' },
        delayMs: 0,
      };
    if (fault.kind === 'error') return ok({ ok: false, error: fault.error, ...fault.more });
    return fault.kind === 'hang' ? { kind: 'hang' } : null;
  }

  #recordRaw(request: ApiRequest, fault: string): void {
    if (fault.startsWith('accept') || fault === 'slow') return;
    const method = methods[request.method];
    if (method === undefined) return;
    try {
      this.record(request.method, readArgs(method, parse(request).raw).all, null);
    } catch {
      // What cannot be parsed is reported when it comes without a fault.
    }
  }

  #run(request: ApiRequest, context: MethodContext): ApiAnswer {
    let args: Json = {};
    try {
      const method = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
      if (method === undefined) throw new SlackError('unknown_method', { req_method: request.method });
      const parsed = parse(request);
      args = parsed.raw;
      authorize(method, parsed.token, context);
      const wait = this.#limits.take(
        request.method,
        method.tier,
        typeof parsed.raw['channel'] === 'string' ? parsed.raw['channel'] : undefined,
      );
      if (wait !== null) {
        this.mistake(request.method, 'ratelimited', `sent faster than Slack allows, Retry-After ${wait} s`);
        return limited(wait);
      }
      const read = readArgs(method, parsed.raw);
      args = read.all;
      const body = { ok: true, ...method.run(read, context) };
      this.record(request.method, args, body);
      return ok(body, context);
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      const body = { ok: false, error: error.error, ...error.more };
      this.record(request.method, args, body);
      if (!(error instanceof SwitchedOn))
        this.mistake(
          request.method,
          error.error,
          Object.keys(error.more).length === 0 ? '' : JSON.stringify(error.more),
        );
      return ok(body, context);
    }
  }
}

function ok(body: Json, context?: MethodContext): ApiAnswer {
  const headers: Record<string, string> =
    context === undefined ? {} : { 'x-oauth-scopes': [...context.scopes].join(',') };
  return { kind: 'json', status: 200, headers, body, delayMs: 0 };
}

function limited(seconds: number | null): ApiAnswer {
  const headers: Record<string, string> = seconds === null ? {} : { 'retry-after': String(seconds) };
  return { kind: 'json', status: 429, headers, body: { ok: false, error: 'ratelimited' }, delayMs: 0 };
}
