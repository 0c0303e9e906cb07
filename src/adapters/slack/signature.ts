import { createHmac, timingSafeEqual } from 'node:crypto';

/** Slack's request signing, v0: hex HMAC-SHA256 over `v0:<timestamp>:<raw body>` (docs.slack.dev, "Verifying requests from Slack"). */

const SKEW_S = 300;

/** Null: genuine and recent. Else why not, for the log; the sender only sees 401. */
export function whyNotSlack(
  headers: { readonly timestamp: string | undefined; readonly signature: string | undefined },
  rawBody: Buffer,
  secret: string,
  nowMs: number,
): string | null {
  const { timestamp, signature } = headers;
  if (timestamp === undefined || signature === undefined) return 'not signed';
  if (!/^\d{1,12}$/.test(timestamp)) return 'timestamp is not a number';
  const skew = Number(timestamp) - Math.floor(nowMs / 1000);
  // The future too: a request signed ahead of time could be kept for later.
  if (Math.abs(skew) > SKEW_S) return skew < 0 ? 'too old' : 'from the future';
  if (!/^v0=[0-9a-f]{64}$/.test(signature)) return 'signature is not one';
  const wanted = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(rawBody).digest();
  return timingSafeEqual(wanted, Buffer.from(signature.slice(3), 'hex')) ? null : 'signature does not match';
}
