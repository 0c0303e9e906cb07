import { createHmac, randomUUID } from 'node:crypto';

/**
 * The sender of v3 webhooks (developer-docs, `docs/webhooks`): signed with every secret of the subscription, five seconds for an answer, five
 * attempts at 5xx, 429 and silence, dropped at any other 4xx, in order.
 */
export interface Subscription {
  readonly url: string;
  /** While a secret is being changed there are two. */
  secrets: readonly string[];
  /** Null: all. */
  readonly events: readonly string[] | null;
}

export interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly attempts: number;
  /** Status of the last attempt; null: no answer. */
  readonly status: number | null;
}

const answerMs = 5_000;
const attempts = 5;

export class WebhookSender {
  readonly #subscriptions: Subscription[] = [];
  readonly #firstWaitMs: number;
  readonly #end = new AbortController();
  readonly deliveries: Delivery[] = [];
  #last: Promise<void> = Promise.resolve();

  constructor(firstWaitMs: number) {
    this.#firstWaitMs = firstWaitMs;
  }

  subscribe(subscription: Subscription): void {
    this.#subscriptions.push(subscription);
  }

  stop(): void {
    this.#end.abort();
  }

  /** Resolves when everything before and this has been delivered or dropped. */
  send(type: string, id: string, payload: unknown): Promise<void> {
    const body = JSON.stringify(payload);
    const wanted = this.#subscriptions.filter((one) => one.events === null || one.events.includes(type));
    this.#last = this.#last.then(async () => {
      await Promise.all(wanted.map((one) => this.#deliver(one, { type, id, body })));
    });
    return this.#last;
  }

  async #deliver(
    { url, secrets }: Subscription,
    { type, id, body }: { readonly type: string; readonly id: string; readonly body: string },
  ): Promise<void> {
    const webhookId = randomUUID();
    let status: number | null = null;
    let made = 0;
    while (made < attempts && !this.#end.signal.aborted) {
      made += 1;
      status = await this.#post(url, body, {
        'x-pagerduty-signature': signatureOf(body, secrets),
        'x-webhook-id': webhookId,
      });
      if (status !== null && status !== 429 && status < 500) break;
      await pause(this.#firstWaitMs * 2 ** (made - 1), this.#end.signal);
    }
    this.deliveries.push({ id, type, attempts: made, status });
  }

  async #post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<number | null> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'user-agent': 'PagerDuty-Webhook/V3.0',
          ...headers,
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([this.#end.signal, AbortSignal.timeout(answerMs)]),
      });
      await response.body?.cancel();
      return response.status;
    } catch {
      return null;
    }
  }
}

/** `v1=…,v1=…`: one for each secret. */
export function signatureOf(body: string | Buffer, secrets: readonly string[]): string {
  return secrets.map((secret) => `v1=${createHmac('sha256', secret).update(body).digest('hex')}`).join(',');
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      done();
    });
  });
}
