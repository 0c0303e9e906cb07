import type { Acked, CalledPage, PageReached, Told } from '../incident/pages.ts';
import type { Button, Desired, Message } from '../message.ts';
import { clock, join, link, mention, say, user } from '../words.ts';
import type { Span, Words } from '../words.ts';
import type { Phase, View } from './phase.ts';
import { oncallOf } from './callees.ts';
import { button, capital } from './small.ts';

/** Who was called, whom it reached, and who has it. An accepted event is not a page: what is not read back is said to be unknown. */

const CALLABLE: ReadonlySet<Phase> = new Set([
  'needs a person',
  'cannot see',
  'waiting for approval',
  'watching',
  'stopped',
]);

/** Only where somebody would be called. */
export function escalateButton({ stream, incident, rules }: View, phase: Phase): readonly Button[] {
  const can = (rules.escalation?.byHand.length ?? 0) > 0 && incident.closed === null && CALLABLE.has(phase);
  return can ? [button(stream, 'escalate', 'Escalate…', 'Call a person by PagerDuty')] : [];
}

/** For the summary; null: nobody was called and nobody leads. */
export function peopleLine({ incident }: Pick<View, 'incident'>): Words | null {
  const { onIt, pages, pageTroubles } = incident;
  const parts: Words[] = onIt === null ? [] : [say`${user(onIt)} leads`];
  const newest = pages.slice(-2).map(pageWords);
  parts.push(...newest);
  for (const [id, { because, since }] of Object.entries(pageTroubles).slice(0, 1))
    parts.push(
      say`:warning: nobody could be called since ${clock(since)} (${routeOf(id)}: ${because.slice(0, 120)}), I go on trying`,
    );
  return parts.length === 0 || (newest.length === 0 && Object.keys(pageTroubles).length === 0)
    ? null
    : say`*People:* ${join(parts, ' · ')}`;
}

function routeOf(id: string): string {
  return id.split('/').at(-1) ?? id;
}

function pageWords(page: CalledPage): Words {
  const { outcome, at, incident } = page;
  const there = incident === null ? say`PagerDuty` : [link(incident.link, 'PagerDuty')];
  if (outcome.is === 'refused') return say`:warning: ${there} refused the call: ${outcome.because.slice(0, 160)}`;
  if (outcome.is === 'held') return say`not called: ${outcome.because}`;
  const call = reachedWords(page);
  if (page.reached?.is === 'covered') return say`${coverWords(page.reached)} (${there}): ${call}${ackWords(page)}`;
  return say`called ${outcome.route} ${clock(at)} (${there}): ${call}${ackWords(page)}`;
}

/** Nothing where what was said before tells it. */
function ackWords({ ackedBy, ackedAs, ackedHere, reached }: CalledPage): Words {
  if (reached?.is === 'acknowledged' || (reached?.is === 'covered' && reached.acked !== null)) return [];
  if (ackedBy === null)
    return ackedHere === undefined ? say`, no ack yet` : say`, acknowledged by ${user(ackedHere)} here`;
  return say`, acknowledged by ${ackedAs === undefined ? `${ackedBy} (not found in Slack)` : user(ackedAs)}`;
}

function coverWords({ by }: Extract<PageReached, { is: 'covered' }>): string {
  return by === null ? 'a call for the same alerts covers this too' : `${by}'s call covers this too`;
}

function reachedWords({ reached }: CalledPage): Words {
  if (reached === null) return say`whom it reached is not known yet`;
  switch (reached.is) {
    case 'nobody':
      return say`:warning: nobody was told, ${reached.because}`;
    case 'not known':
      return say`whom it reached could not be read: ${reached.because}`;
    case 'acknowledged':
      return say`${takenWords(reached.acked, user)} before anybody had to be told`;
    case 'covered':
      return reached.acked === null ? toldWords(reached.whom) : takenWords(reached.acked, user);
    case 'notified':
      return toldWords(reached.whom);
  }
}

function takenWords({ name, chatId, at }: Acked, as: (id: string) => Span): Words {
  return say`${chatId === null ? name : as(chatId)} acknowledged it in PagerDuty${at === null ? null : say` at ${clock(at)}`}`;
}

function toldWords(whom: readonly Told[]): Words {
  const names = [...new Map(whom.map((one) => [one.name, one])).values()].slice(0, 3);
  return join(
    names.map((one) => say`${one.chatId === null ? one.name : user(one.chatId)} by ${one.how}`),
    ', ',
  );
}

/** Nobody is known to come. */
function isAlarm({ outcome, reached }: CalledPage): boolean {
  return outcome.is !== 'accepted' || reached?.is === 'nobody' || reached?.is === 'not known';
}

/** Posts that notify: what a call came to, where somebody must do something about it. */
export function calledMessages({ stream, incident, rules }: View): readonly Desired[] {
  // Once, however many ways fail: whoever is on call in the chat must hear of it.
  const loud = [...incident.pages.filter(isAlarm).map((one) => one.id), ...Object.keys(incident.pageTroubles)][0];
  const groups = incident.onIt === null ? oncallOf({ rules }) : [say`${mention(incident.onIt)}`];
  const to = (id: string): Words => (id === loud && groups.length > 0 ? say`${join(groups, ' ')} ` : []);
  const said = (key: string, words: Words, lock: string): Desired => ({
    key: `${stream}/${key}`,
    channel: incident.channel,
    placement: { is: 'said', under: `${stream}/root` },
    message: { lock, blocks: [{ is: 'lines', lines: [words] }] } satisfies Message,
    priority: 0,
  });
  const calls = incident.calls.map(({ by, why }, index) =>
    said(
      `call/${index}`,
      say`${user(by)} asks for a person${why === '' ? '' : `: ${why}`}`,
      'Somebody asks for a person.',
    ),
  );
  const pages = incident.pages.flatMap((page): readonly Desired[] => {
    const { id, outcome, reached, why } = page;
    if (outcome.is !== 'accepted')
      return [
        said(
          `page/${id}`,
          say`${to(id)}:warning: Nobody was called (${why}): ${outcome.because}. Call somebody yourself`,
          'Nobody was called: call somebody yourself.',
        ),
      ];
    if (reached === null) return [];
    const post = (words: Words, lock: string): Desired => said(`page/${id}`, words, lock);
    if (reached.is === 'covered') {
      // It rang before this began: who took it then does not know of it.
      const call = reached.acked === null ? reachedWords(page) : takenWords(reached.acked, mention);
      const head = capital(coverWords(reached));
      return [post(say`${head} (${why}): ${call}`, `${head}.`)];
    }
    const isCall = !isAlarm(page);
    const words = say`Called ${outcome.route} (${why}): ${reachedWords(page)}`;
    return [
      isCall
        ? post(words, 'Somebody was called.')
        : post(
            say`${to(id)}${words}. Call somebody yourself if it cannot wait`,
            'It is not known that anybody was called.',
          ),
    ];
  });
  const troubles = Object.entries(incident.pageTroubles).map(([id, { because }]) =>
    said(
      `page-trouble/${id}`,
      say`${to(id)}:warning: Nobody could be called so far (${routeOf(id)}): ${because}. I go on trying with the same key. Call somebody yourself`,
      'Nobody could be called so far: call somebody yourself.',
    ),
  );
  return [...calls, ...pages, ...troubles];
}
