import { createHmac } from 'node:crypto';
import { ackLimitMs } from './delivery.ts';
import type { Attempt, Delivery, Transport } from './delivery.ts';
import type { Clock } from './clock.ts';

const mostRedirects = 2;

/** Slack's request signature, version 0: `v0=` and the hex HMAC-SHA256 of `v0:<timestamp>:<raw body>`. */
export function sign(secret: string, timestampSeconds: number, body: string): Readonly<Record<string, string>> {
  const digest = createHmac('sha256', secret).update(`v0:${timestampSeconds}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': String(timestampSeconds), 'x-slack-signature': `v0=${digest}` };
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}

/** Deliveries as signed POSTs to the app's request URL. */
export class HttpEvents implements Transport {
  readonly mode = 'http';
  readonly url: string;
  readonly #clock: Clock;
  readonly #secret: string;

  constructor(clock: Clock, url: string, secret: string) {
    this.#clock = clock;
    this.url = url;
    this.#secret = secret;
  }

  async send(delivery: Delivery): Promise<Attempt> {
    const isEvent = delivery.kind === 'events_api';
    const fields =
      delivery.kind === 'slash_commands' ? delivery.payload : { payload: JSON.stringify(delivery.payload) };
    const body = isEvent
      ? JSON.stringify(delivery.payload)
      : new URLSearchParams(Object.entries(fields).map(([key, value]) => [key, String(value)])).toString();
    const retry: Record<string, string> =
      delivery.retryNum === 0
        ? {}
        : { 'x-slack-retry-num': String(delivery.retryNum), 'x-slack-retry-reason': delivery.retryReason };
    const type = isEvent ? 'application/json' : 'application/x-www-form-urlencoded';
    try {
      const answer = await this.post(body, { 'content-type': type, ...retry, ...this.signature(body) });
      if (answer.status >= 200 && answer.status < 300) return { kind: 'answered', body: parseAnswer(answer) };
      const reason = answer.status >= 300 && answer.status < 400 ? 'too_many_redirects' : 'http_error';
      return { kind: 'failed', reason, noRetry: answer.headers.get('x-slack-no-retry') === '1' };
    } catch (error) {
      const timedOut = error instanceof Error && error.name === 'AbortError';
      return { kind: 'failed', reason: timedOut ? 'http_timeout' : 'connection_failed', noRetry: false };
    }
  }

  signature(body: string): Readonly<Record<string, string>> {
    return sign(this.#secret, Math.floor(this.#clock.nowMs() / 1000), body);
  }

  /** One POST with these very headers; also what tests forge with. Aborts after three seconds. */
  async post(body: string, headers: Readonly<Record<string, string>>): Promise<HttpAnswer> {
    const abort = new AbortController();
    const cancel = this.#clock.after(ackLimitMs, () => abort.abort());
    try {
      let url = this.url;
      for (let hop = 0; ; hop += 1) {
        const response = await fetch(url, {
          method: 'POST',
          body,
          headers: { 'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)', ...headers },
          redirect: 'manual',
          signal: abort.signal,
        });
        const next = response.headers.get('location');
        if (response.status >= 300 && response.status < 400 && next !== null && hop < mostRedirects) {
          await response.body?.cancel();
          url = new URL(next, url).href;
          continue;
        }
        return { status: response.status, body: await response.text(), headers: response.headers };
      }
    } finally {
      cancel();
    }
  }

  /** What Slack asks when a request URL is saved. Answers `verified`, or what is wrong in Slack's words. */
  async verifyUrl(token: string): Promise<string> {
    const challenge = `challenge-${Math.floor(this.#clock.nowMs())}`;
    const body = JSON.stringify({ token, challenge, type: 'url_verification' });
    const answer = await this.post(body, { 'content-type': 'application/json', ...this.signature(body) });
    if (answer.status !== 200) return `Your URL didn't respond with HTTP 200 but ${answer.status}`;
    const parsed = parseAnswer(answer);
    const got = typeof parsed === 'string' ? parsed : (parsed as { challenge?: unknown } | undefined)?.challenge;
    return got === challenge ? 'verified' : "Your URL didn't respond with the value of the challenge parameter";
  }

  /** The certificate check that Slack sends to command URLs now and then. */
  async sslCheck(token: string): Promise<number> {
    const body = new URLSearchParams({ ssl_check: '1', token }).toString();
    return (await this.post(body, { 'content-type': 'application/x-www-form-urlencoded', ...this.signature(body) }))
      .status;
  }
}

function parseAnswer(answer: HttpAnswer): unknown {
  if (answer.body === '') return undefined;
  if (!(answer.headers.get('content-type') ?? '').includes('json')) return answer.body;
  try {
    return JSON.parse(answer.body) as unknown;
  } catch {
    return answer.body;
  }
}
