import type { Message } from '../message.ts';
import type { Page } from '../ports/paging.ts';
import { join, say, clock } from '../words.ts';

/** Slack cannot be used while somebody is to answer there: what PagerDuty is told, and what is said when it is over. */

/** What waits, and whoever it waits for cannot see it. */
export interface Unseen {
  /** "INC-214". */
  readonly name: string;
  readonly priority: string;
  /** "waiting for approval". */
  readonly state: string;
  /** What a lock screen would show of it. */
  readonly words: string;
}

export interface Outage {
  /** ISO 8601. */
  readonly since: string;
  readonly because: string;
}

const SHOWN = 10;

export function slackUnusableWords(
  { since, because }: Outage,
  waiting: readonly Unseen[],
): Pick<Page, 'summary' | 'severity' | 'details' | 'links'> {
  const urgent = waiting.some((one) => one.priority === 'P0' || one.priority === 'P1');
  const [first] = waiting;
  const more = waiting.length > 1 ? ` and ${waiting.length - 1} more` : '';
  const who =
    first === undefined ? '' : `. ${first.name} (${first.priority}, ${first.state})${more} cannot be seen there`;
  return {
    summary: `Slack takes no messages since ${since.slice(11, 16)} UTC${who}`,
    severity: urgent ? 'critical' : 'error',
    links: [],
    details: {
      why: because,
      'what to do': `Get Slack to take messages again, or do by hand what waits. Nothing can be approved meanwhile; I go on looking and calling`,
      ...Object.fromEntries(
        waiting.slice(0, SHOWN).map(({ name, priority, state, words }) => [name, `${priority} · ${state} · ${words}`]),
      ),
      ...(waiting.length > SHOWN ? { 'not listed': `${waiting.length - SHOWN} more` } : {}),
    },
  };
}

/** One post, afterwards: what nobody could see here, and who was called for it. */
export function slackBackMessage(
  {
    since,
    because,
    at,
    called,
    waiting,
  }: Outage & { at: string; called: readonly string[]; waiting: readonly string[] },
  now: string,
): Message {
  const shown = join(
    waiting.slice(0, SHOWN).map((one) => say`${one}`),
    ', ',
  );
  const more = waiting.length > SHOWN ? ` and ${waiting.length - SHOWN} more` : '';
  return {
    lock: 'Slack takes messages again.',
    blocks: [
      {
        is: 'lines',
        lines: [
          say`:incoming_envelope: *Slack takes messages again*, ${clock(now)}. It took none since ${clock(since)}: ${because.slice(0, 300)}`,
          say`PagerDuty was told ${clock(at)} (${called.join(', ')}) of what could not be seen here: ${shown}${more}. Resolved there now`,
        ],
      },
    ],
  };
}
