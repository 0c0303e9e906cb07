import { z } from 'zod';

/** How long what may wait, and how often is looked. All in milliseconds. Pure. */

const duration = (text: string, fallback: number): z.ZodDefault<z.ZodNumber> =>
  z
    .number()
    .int()
    .min(0)
    .max(7 * 86_400_000)
    .default(fallback)
    .describe(`${text}, in milliseconds`);

export const TimingSchema = z.strictObject({
  approvalMs: duration('How long a proposal waits for approval', 30 * 60_000),
  quietMs: duration('How long it must be seen over before an incident closes', 15 * 60_000),
  drainMs: duration(
    'After a verified fix: how long numbers over a window may show the harm of before without being a new fault',
    10 * 60_000,
  ),
  watchMs: duration('Between looks while an incident is open', 60_000),
  undoMs: duration('How long Undo is offered', 60 * 60_000),
  temporaryMs: duration('After how long the owner of a temporary change is reminded of it', 24 * 60 * 60_000),
  undoAloneMs: duration('How long after a change the approval covers its undo', 10 * 60_000),
  actMs: duration('Time limit of one write', 10_000),
  skewMs: duration('Clock skew that is waited out before an unknown write is looked up', 5_000),
  observeMs: duration('Between observations while verifying', 3_000),
  settleMs: z
    .number()
    .int()
    .min(0)
    .max(3_600_000)
    .nullable()
    .default(null)
    .describe('At most so long must a fix be seen to hold, in milliseconds; null: as long as its remedy says.'),
});
