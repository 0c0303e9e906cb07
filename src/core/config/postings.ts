import { z } from 'zod';

/** What is posted by the clock, and where. */
export const Posting = z.strictObject({
  channel: z
    .string()
    .regex(/^[CG][A-Z0-9]+$/, 'write a channel id such as C0123ABC, not a name')
    .describe('Where it is posted.'),
  times: z
    .array(z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time such as 07:00'))
    .min(1)
    .max(6)
    .default(['07:00', '19:00']),
  zone: z
    .string()
    .refine(isZone, 'write a time zone such as Europe/Berlin')
    .default('UTC')
    .describe('The zone that the times are meant in.'),
});

/** An IANA time zone that this runtime knows. */
function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
