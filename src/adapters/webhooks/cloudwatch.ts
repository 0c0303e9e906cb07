import { fetch } from 'undici';
import { whyOf } from '../../core/failure.ts';
import { jsonOf, readBody, textOf } from './body.ts';
import { alarmOf } from './cloudwatch-alarm.ts';
import { answer, ignored, refused, stored, unknownEncoding, type Door } from './door.ts';
import { certificatePathOf, isSigned, originOf, regionOfTopic, SnsMessage } from './sns-message.ts';

/** CloudWatch's alarms, delivered by Amazon SNS over HTTP(S). */
export type CloudWatchOptions = Door & {
  /** Topics that may speak here; empty: the webhook is off. */
  readonly topics: readonly string[];
  /** An emulator's origin instead of AWS'; null: AWS. */
  readonly endpoint: string | null;
  readonly maxBytes: number;
};

const limitMs = 5_000;
const maxCertificate = 20_000;
/** SNS repeats what got no 2xx with the same id for minutes: so many are remembered. The store's own memory of alerts holds beyond that. */
const remembered = 5_000;

/** `POST /webhooks/cloudwatch`: durable before the 2xx. A delivery that comes again gets 2xx and does nothing. */
export function cloudwatchHandler(options: CloudWatchOptions): (request: Request) => Promise<Response> {
  const certificates = new Map<string, Promise<string>>();
  const seen = new Set<string>();
  return async (request) => {
    if (options.topics.length === 0) return refused(options, 401, 'SNS_TOPIC_ARNS is not set: this webhook is off');
    const body = await readBody(request, options.maxBytes);
    if (body === 'unknown encoding') return refused(options, 415, unknownEncoding);
    if (body.cut) return refused(options, 413, `larger than ${options.maxBytes} bytes, or broken off`);
    const raw = jsonOf(textOf(body.bytes));
    if (request.headers.get('x-amz-sns-rawdelivery') === 'true') {
      return refused(
        options,
        400,
        'raw message delivery carries no signature to verify: turn it off at the subscription',
      );
    }
    const parsed = SnsMessage.safeParse(raw);
    if (!parsed.success) return refused(options, 400, 'this is no delivery of Amazon SNS');
    const message = parsed.data;
    const region = regionOfTopic(message.TopicArn);
    if (region === null || !options.topics.includes(message.TopicArn)) {
      return refused(options, 403, 'this topic is not in SNS_TOPIC_ARNS');
    }
    const path = certificatePathOf(message.SigningCertURL, region);
    if (path === null) return refused(options, 403, "SigningCertURL is not a certificate of SNS in the topic's region");
    const origin = originOf(message.TopicArn, region, options.endpoint);
    let certificate: string;
    try {
      certificate = await cached(certificates, `${origin}${path}`);
    } catch (error) {
      options.count('refused');
      options.log('error', 'the certificate of SNS could not be fetched: the sender is asked to retry', {
        err: whyOf(error),
      });
      return answer(503, 'the certificate could not be fetched: retry', { 'retry-after': '20' });
    }
    if (!isSigned(message, certificate)) return refused(options, 403, 'the signature is not of this message');
    if (seen.has(message.MessageId)) return ignored(options, 'delivered before');
    const response = await take(options, message, origin);
    if (response.ok) remember(seen, message.MessageId);
    return response;
  };
}

async function take(options: CloudWatchOptions, message: SnsMessage, origin: string): Promise<Response> {
  if (message.Type === 'SubscriptionConfirmation') return confirm(options, message, origin);
  if (message.Type === 'UnsubscribeConfirmation') {
    options.log('warn', 'a subscription to alarms has ended', { topic: message.TopicArn });
    return ignored(options, 'the subscription has ended');
  }
  const alarm = alarmOf(message.Message);
  if (alarm === null) return ignored(options, 'no alarm of CloudWatch');
  return typeof alarm === 'string' ? ignored(options, alarm) : stored(options, [alarm], null);
}

/** With the token at SNS' own address, never at the URL that the message names. */
async function confirm(
  options: CloudWatchOptions,
  message: Extract<SnsMessage, { readonly Token: string }>,
  origin: string,
): Promise<Response> {
  const query = new URLSearchParams({
    Action: 'ConfirmSubscription',
    TopicArn: message.TopicArn,
    Token: message.Token,
    Version: '2010-03-31',
  });
  try {
    const response = await fetch(`${origin}/?${query.toString()}`, {
      redirect: 'error',
      signal: AbortSignal.timeout(limitMs),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`it answered ${response.status}`);
  } catch (error) {
    options.count('refused');
    options.log('error', 'a subscription could not be confirmed', { topic: message.TopicArn, err: whyOf(error) });
    return answer(503, 'the subscription could not be confirmed: retry', { 'retry-after': '20' });
  }
  options.log('info', 'a subscription is confirmed', { topic: message.TopicArn });
  options.count('confirmed');
  return answer(200, 'confirmed');
}

/** A failure is not kept. */
function cached(all: Map<string, Promise<string>>, url: string): Promise<string> {
  const known = all.get(url);
  if (known !== undefined) return known;
  const made = certificate(url);
  all.set(url, made);
  made.catch(() => all.delete(url));
  return made;
}

async function certificate(url: string): Promise<string> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(limitMs) });
  const text = await response.text();
  if (!response.ok || text.length > maxCertificate) throw new Error(`it answered ${response.status}`);
  return text;
}

function remember(seen: Set<string>, id: string): void {
  seen.add(id);
  if (seen.size <= remembered) return;
  const [oldest] = seen;
  if (oldest !== undefined) seen.delete(oldest);
}
