import type { ServerResponse } from 'node:http';

/** What may go wrong on PagerDuty's side, on request. */
export type Fault =
  | {
      readonly is: 'status';
      readonly status: number;
      readonly retryAfterS?: number;
      /** REST tells by this header. */ readonly resetS?: number;
      readonly body?: string;
    }
  /** Answers as always, so much later. */
  | { readonly is: 'slow'; readonly ms: number }
  /** Never answers; `done`: after having done it. */
  | { readonly is: 'hang'; readonly done: boolean }
  /** The connection ends without an answer. */
  | { readonly is: 'reset'; readonly done: boolean }
  /** The head of an answer and the beginning of its body, then nothing. */
  | { readonly is: 'half'; readonly done: boolean }
  | { readonly is: 'redirect'; readonly to: string }
  /** What a proxy says that wants people to sign in. */
  | { readonly is: 'web page' };

export type Place = 'events' | 'rest';

export class Faults {
  readonly #next: Record<Place, { readonly fault: Fault; times: number }[]> = { events: [], rest: [] };
  #broken = false;

  /** The next `times` requests there; Infinity: until `clear`. */
  add(place: Place, fault: Fault, times = 1): void {
    this.#next[place].push({ fault, times });
  }
  clear(): void {
    this.#next.events = [];
    this.#next.rest = [];
  }
  /** Everything answers 503 until it is mended. */
  break(broken: boolean): void {
    this.#broken = broken;
  }
  get isBroken(): boolean {
    return this.#broken;
  }
  take(place: Place): Fault | null {
    if (this.#broken) return { is: 'status', status: 503 };
    const [first] = this.#next[place];
    if (first === undefined) return null;
    first.times -= 1;
    if (first.times <= 0) this.#next[place].shift();
    return first.fault;
  }
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers, or fails as the fault says. `work` does what was asked. */
export async function answerWith(fault: Fault | null, response: ServerResponse, work: () => Answer): Promise<void> {
  switch (fault?.is) {
    case undefined:
      return send(response, work());
    case 'status': {
      const headers = {
        ...(fault.retryAfterS === undefined ? {} : { 'retry-after': String(fault.retryAfterS) }),
        ...(fault.resetS === undefined ? {} : { 'ratelimit-reset': String(fault.resetS) }),
      };
      return sendText(
        response,
        fault.status,
        fault.body ?? '{"error":{"message":"It is broken","code":2000}}',
        headers,
      );
    }
    case 'slow':
      await new Promise((done) => setTimeout(done, fault.ms));
      return send(response, work());
    case 'hang':
      if (fault.done) work();
      return undefined;
    case 'reset':
      if (fault.done) work();
      response.socket?.destroy();
      return undefined;
    case 'half': {
      const { status, body } = fault.done ? work() : { status: 202, body: {} };
      response.writeHead(status, { 'content-type': 'application/json' });
      response.write(JSON.stringify(body).slice(0, 5));
      return undefined;
    }
    case 'redirect':
      response.writeHead(302, { location: fault.to });
      response.end();
      return undefined;
    case 'web page':
      return sendText(response, 200, '<html>Please sign in</html>', {}, 'text/html');
  }
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  sendText(response, status, JSON.stringify(body), headers);
}
function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
  type = 'application/json; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(text);
}
