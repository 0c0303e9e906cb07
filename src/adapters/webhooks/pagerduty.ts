import { Failure, whyOf } from '../../core/failure.ts';
import type { PagedEvent } from '../../core/ports/paging.ts';
import { jsonOf, readBody, textOf } from './body.ts';
import { answer, ignored, lost, refused, unknownEncoding, type Door } from './door.ts';
import { Delivery, eventOf, IGNORED, READ } from './pagerduty-event.ts';
import { isSignedBy } from './signature.ts';

/** PagerDuty's v3 webhooks: what people do to an incident there. */
export type PagerDutyOptions = Door & {
  /** Any of them may have signed, so that one can be changed while the other still holds. Empty: the webhook is off. */
  readonly secrets: readonly string[];
  readonly maxBytes: number;
  /** Chat user ids by PagerDuty id, from the config. */
  readonly chatIds: Readonly<Record<string, string>>;
  /**
   * Resolves when it is durable; throws a Failure. *duplicate*: an event of this id was taken before (they deliver again for 48 hours).
   * *not ours*: no incident of mine is meant.
   */
  readonly onPagerDuty: (event: PagedEvent) => Promise<'taken' | 'duplicate' | 'not ours'>;
};

const header = 'x-pagerduty-signature';
/** Theirs is as long as it has secrets, which are two while one is changed. */
const maxSignatures = 10;
/** They drop what is larger than 256 kB themselves. */
const theirMaxBytes = 1_000_000;

/** `POST /webhooks/pagerduty`: durable before the 2xx. They wait 5 s, repeat 5xx and 429, and drop at any other 4xx. */
export function pagerDutyHandler(options: PagerDutyOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    const { secrets } = options;
    const maxBytes = Math.min(options.maxBytes, theirMaxBytes);
    if (secrets.length === 0) return refused(options, 401, 'PAGERDUTY_WEBHOOK_SECRET is not set: this webhook is off');
    const given = request.headers.get(header);
    if (given === null) return refused(options, 401, `the header ${header} is missing`);
    const body = await readBody(request, maxBytes);
    if (body === 'unknown encoding') return refused(options, 415, unknownEncoding);
    if (body.cut) return refused(options, 413, `larger than ${maxBytes} bytes, or broken off`);
    if (!isSigned(given, body.bytes, secrets)) return refused(options, 401, 'no signature is of this body');
    const delivery = Delivery.safeParse(jsonOf(textOf(body.bytes)));
    if (!delivery.success) return lost(options, 'a delivery of PagerDuty', 'this is no v3 webhook of PagerDuty');
    return take(options, delivery.data);
  };
}

/** `v1=<hex>,v1=<hex>`: other versions are passed over. Every pair is compared, each in constant time. */
function isSigned(given: string, body: Uint8Array, secrets: readonly string[]): boolean {
  const signatures = given.split(',', maxSignatures).map((one) => one.trim());
  let found = false;
  for (const signature of signatures) {
    if (!signature.startsWith('v1=')) continue;
    for (const secret of secrets) found = isSignedBy(secret, signature.slice(3), body) || found;
  }
  return found;
}

async function take(options: PagerDutyOptions, delivery: Delivery): Promise<Response> {
  const type = delivery.event.event_type;
  if (IGNORED.has(type)) return ignored(options, type === 'pagey.ping' ? "PagerDuty's test event" : type);
  if (!Object.hasOwn(READ, type)) {
    options.count('unknown type');
    options.log('info', 'PagerDuty sent a type of event that is not known here', { type: type.slice(0, 100) });
    return answer(200, 'nothing to do: this type of event is not known here');
  }
  const event = eventOf(delivery, options.chatIds);
  if (event === null) return lost(options, 'a delivery of PagerDuty', `the data of ${type} could not be read`);
  try {
    const came = await options.onPagerDuty(event);
    if (came === 'duplicate') return ignored(options, 'delivered before');
    if (came === 'not ours') return ignored(options, 'no incident of mine');
  } catch (error) {
    options.count('refused');
    options.log('error', 'an event of PagerDuty could not be stored: it is asked to retry', { err: whyOf(error) });
    const waitS = error instanceof Failure && error.retryAfterMs !== null ? Math.ceil(error.retryAfterMs / 1000) : 5;
    return answer(503, 'could not be stored: retry', { 'retry-after': String(waitS) });
  }
  options.count('stored');
  return answer(202, 'stored');
}
