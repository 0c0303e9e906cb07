/** Why a system did not answer as hoped. Adapters throw it; a reading that fails becomes *unknown* with its sentence. */
export type FailureKind =
  | 'unauthorised' // 401: our credentials are not accepted
  | 'forbidden' // 403: accepted, but not allowed
  | 'not found' // 404
  | 'conflict' // 409: someone else wrote first
  | 'gone' // 410: the version asked for is no longer there
  | 'invalid' // 400, 422: the request was refused as wrong
  | 'too many requests' // 429
  | 'refused' // 429 of an eviction: a disruption budget does not allow it now
  | 'server error' // 5xx
  | 'unreachable' // no connection: DNS, refused, reset, TLS
  | 'timeout' // no answer within the limit
  | 'unreadable'; // an answer that we do not understand

/** What an HTTP status says that is no success (RFC 9110), for servers that give no better word for it. */
export function kindOfStatus(status: number): FailureKind {
  if (status === 401) return 'unauthorised';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not found';
  if (status === 429) return 'too many requests';
  if (status === 408 || status === 504) return 'timeout';
  return status >= 500 ? 'server error' : 'invalid';
}

/** What of the chat system a failure is about, where more than the one call is concerned. */
export type FailureAbout = 'channel' | 'thread';

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  /** True when the request may have been carried out all the same (an act is looked up, never blindly repeated). */
  readonly maybeDone: boolean;
  /** How long the other side asked us to wait; null when it said nothing. */
  readonly retryAfterMs: number | null;
  /** `channel`: nothing can be posted in this channel; `thread`: nothing below this root. Null: only this call is concerned. */
  readonly about: FailureAbout | null;

  constructor(
    kind: FailureKind,
    message: string,
    options: {
      readonly maybeDone?: boolean;
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
      readonly about?: FailureAbout;
    } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.kind = kind;
    this.maybeDone = options.maybeDone ?? false;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.about = options.about ?? null;
  }
}

/** A sentence for people; never a stack. */
export function whyOf(error: unknown): string {
  if (error instanceof Failure) return `${error.kind}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
