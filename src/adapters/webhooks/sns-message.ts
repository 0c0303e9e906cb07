import { createVerify, X509Certificate } from 'node:crypto';
import { z } from 'zod';

/** Amazon SNS' HTTP(S) deliveries: what is signed, and whose certificate may sign it. */

const base = z.object({
  MessageId: z.string().min(1).max(200),
  TopicArn: z.string().max(600),
  Message: z.string(),
  Timestamp: z.string().max(64),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.string().max(2_000),
  SigningCertURL: z.string().max(600),
});
export const SnsMessage = z.discriminatedUnion('Type', [
  z.object({ ...base.shape, Type: z.literal('Notification'), Subject: z.string().nullish() }),
  z.object({
    ...base.shape,
    Type: z.enum(['SubscriptionConfirmation', 'UnsubscribeConfirmation']),
    Token: z.string().max(2_000),
    SubscribeURL: z.string().max(4_000),
  }),
]);
export type SnsMessage = z.infer<typeof SnsMessage>;

/** The text that AWS signs: names and values in lines, in this order; `Subject` only where there is one. */
function signedText(message: SnsMessage): string {
  const pairs: readonly (readonly [string, string])[] =
    message.Type === 'Notification'
      ? [
          ['Message', message.Message],
          ['MessageId', message.MessageId],
          ...(typeof message.Subject === 'string' ? [['Subject', message.Subject] as const] : []),
          ['Timestamp', message.Timestamp],
          ['TopicArn', message.TopicArn],
          ['Type', message.Type],
        ]
      : [
          ['Message', message.Message],
          ['MessageId', message.MessageId],
          ['SubscribeURL', message.SubscribeURL],
          ['Timestamp', message.Timestamp],
          ['Token', message.Token],
          ['TopicArn', message.TopicArn],
          ['Type', message.Type],
        ];
  return pairs.map(([name, value]) => `${name}\n${value}\n`).join('');
}

/** Version 1 is SHA-1, version 2 SHA-256, both RSA. */
export function isSigned(message: SnsMessage, certificatePem: string): boolean {
  try {
    const verify = createVerify(message.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256');
    verify.update(signedText(message), 'utf8');
    return verify.verify(new X509Certificate(certificatePem).publicKey, message.Signature, 'base64');
  } catch {
    return false;
  }
}

/** "arn:aws:sns:eu-west-1:123456789012:alarms" → "eu-west-1"; null: no topic's ARN. */
export function regionOfTopic(arn: string): string | null {
  return (
    /^arn:aws(?:-cn|-us-gov)?:sns:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:[\w-]{1,256}(?:\.fifo)?$/.exec(arn)?.[1] ?? null
  );
}

/** A looser rule would let a bucket called `sns` through. */
const host = /^sns\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?$/;
const certificatePath = /^\/SimpleNotificationService-[0-9a-f]{32}\.pem$/;

/**
 * The path of the certificate, which is all that is used of its URL; null when the URL is not one of SNS in that region. The origin is
 * ours to choose (see `originOf`).
 */
export function certificatePathOf(url: string, region: string): string | null {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return null;
  }
  // A default port, user, query or fragment would be lost in parsing: the text itself must be this and nothing else.
  const plain = `https://${parsed.hostname}${parsed.pathname}`;
  const isTheirs = host.exec(parsed.hostname)?.[1] === region && certificatePath.test(parsed.pathname);
  return isTheirs && url === plain ? parsed.pathname : null;
}

/** Where SNS of a topic's region is; an emulator's origin instead where one is configured. */
export function originOf(topicArn: string, region: string, endpoint: string | null): string {
  if (endpoint !== null) return endpoint.replace(/\/+$/, '');
  return `https://sns.${region}.amazonaws.com${topicArn.startsWith('arn:aws-cn:') ? '.cn' : ''}`;
}
