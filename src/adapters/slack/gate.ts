import type { ReceiverEvent } from '@slack/bolt';
import { whyOf } from '../../core/failure.ts';
import type { Answer, Intake } from '../../core/ports/intake.ts';
import type { Log } from '../../core/ports/log.ts';
import { within } from './limit.ts';
import { deliveryOf, mentionOf } from './payloads.ts';

/**
 * What every delivery passes before Bolt sees it, in both modes. Bolt acknowledges events before any listener runs, so
 * here is where an event becomes durable; commands, clicks and forms acknowledge in their listeners, after the same.
 */
export type Gate = (event: ReceiverEvent) => Promise<Refusal | null>;

/** `not ready` and `not stored`: Slack shall try again. The other two would be the same next time. */
export type Refusal = 'not ready' | 'not stored' | 'another workspace' | 'unreadable';

export interface Identity {
  readonly team: string;
  readonly user: string;
  readonly bot: string;
  /** For people: "mlp in Example". */
  readonly words: string;
}

export interface GateParts {
  readonly process: (event: ReceiverEvent) => Promise<void>;
  readonly identity: () => Identity | null;
  readonly intake: Intake;
  readonly log: Log;
  readonly limitMs: number;
}

/** Where the answer to an event waits for its listener. */
export interface Prepared {
  readonly answer?: Answer;
}

export function gate({ process, identity, intake, log, limitMs }: GateParts): Gate {
  async function stored(body: unknown, self: string): Promise<Prepared | null> {
    const mention = mentionOf(body, self);
    if (mention === null) return {};
    const outcome = await within(take(intake, mention), limitMs);
    if (outcome.is === 'done') return { answer: outcome.value };
    if (outcome.is === 'failed')
      log('error', 'An event could not be stored', { id: mention.id, why: whyOf(outcome.error) });
    else log('warn', 'An event was not stored in time', { id: mention.id, limitMs });
    return null;
  }

  return async (event) => {
    const me = identity();
    if (me === null) return 'not ready';
    const delivery = deliveryOf(event.body);
    if (delivery === null) {
      log('warn', 'A delivery was unreadable', {});
      return 'unreadable';
    }
    if (delivery.team !== me.team) {
      log('warn', 'A delivery for another workspace was refused', { what: delivery.what, team: delivery.team });
      return 'another workspace';
    }
    const prepared: Prepared | null = delivery.what === 'app_mention' ? await stored(event.body, me.user) : {};
    if (prepared === null) return 'not stored';
    try {
      await process({ ...event, customProperties: { prepared } });
    } catch (error) {
      log('error', 'A delivery could not be processed', { what: delivery.what, why: whyOf(error) });
    }
    return null;
  };
}

/** An intake that throws at once fails like any other. */
export async function take(intake: Intake, input: Parameters<Intake['take']>[0]): Promise<Answer> {
  return await intake.take(input);
}
