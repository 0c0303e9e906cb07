import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether `given` (hex) is the HMAC-SHA256 of these parts. Compared in constant time; what is no hex of that length never equals. */
export function isSignedBy(secret: string, given: string, ...parts: readonly (string | Uint8Array)[]): boolean {
  const hmac = createHmac('sha256', secret);
  for (const part of parts) hmac.update(part);
  const wanted = hmac.digest();
  if (!/^[0-9a-f]{64}$/i.test(given)) return false;
  return timingSafeEqual(Buffer.from(given, 'hex'), wanted);
}
