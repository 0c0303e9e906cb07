import { whyOf } from '../../core/failure.ts';
import type { Answer, Intake, Taken } from '../../core/ports/intake.ts';
import type { Log } from '../../core/ports/log.ts';
import type { Calls } from './client.ts';
import { take } from './gate.ts';
import { within } from './limit.ts';
import type { Within } from './limit.ts';
import type { Replies } from './reply.ts';

/** What every listener has. */
export interface Ears {
  readonly intake: Intake;
  readonly replies: Replies;
  readonly calls: Calls;
  readonly log: Log;
  /** How long the intake may take before the person is told that it goes on. */
  readonly limitMs: number;
  readonly self: () => string | null;
}

export async function handOver(input: Taken, { intake, limitMs, log }: Ears): Promise<Within<Answer>> {
  const outcome = await within(take(intake, input), limitMs);
  if (outcome.is === 'failed')
    log('error', 'Input could not be stored', { id: input.id, is: input.is, why: whyOf(outcome.error) });
  if (outcome.is === 'late') log('warn', 'Input was not stored in time', { id: input.id, is: input.is, limitMs });
  return outcome;
}
