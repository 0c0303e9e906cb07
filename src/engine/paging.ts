import { z } from 'zod';
import type { PageOutcome } from '../core/incident/pages.ts';
import type { Effect } from '../core/incident/pending.ts';
import type { Incident } from '../core/incident/state.ts';
import type { PageKey, Paging, Sent } from '../core/ports/paging.ts';
import { titleOf } from '../core/render/thread.ts';
import { lockText } from '../core/render/root.ts';
import type { Desk } from './effects.ts';
import { linkTo } from './facts.ts';
import { goesOnBeside, reachedNow } from './page-reached.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import { healthFrom, UNUSABLE } from './slack-reach.ts';
import type { SlackHealth } from './slack-reach.ts';

/** Calls people, and reads back whom that has reached. A page is an effect like any other: owed until its outcome is stored, and repeated with the same key. */

/** So long is one call to a way of paging given, in all its own tries (ms). */
export const SEND_MS = 20_000;
const LINK_MS = 500;
const HOUR_MS = 3_600_000;

type PageEffect = Extract<Effect, { is: 'page' }>;

export async function performPage(parts: Parts, { page, key }: PageEffect, desk: Desk): Promise<void> {
  const paging = parts.paging ?? null;
  if (paging === null) return;
  const { id, why } = page;
  const over = page.priority === 'P0' ? null : await overLimit(parts);
  if (over !== null) {
    parts.metrics.paged?.('held');
    await desk.submit({ is: 'paged', page: id, why, outcome: { is: 'held', because: over } });
    return;
  }
  const state = desk.state();
  const [link, slack] = await Promise.all([linkInTime(parts, desk.stream), parts.store.setting(UNUSABLE)]);
  const words = wordsOf(state, page, { link, slack: healthFrom(slack) }, parts);
  const tries = 1 + triesBefore(state, id);
  const outcome = await byAnyWay(paging, { first: page.route, tries }, async (route) =>
    paging.trigger({ ...words, to: route, key }, AbortSignal.timeout(SEND_MS)),
  );
  parts.metrics.paged?.(outcome.is);
  if (outcome.is === 'not yet') {
    await desk.submit({ is: 'page-trouble', page: id, because: outcome.because });
    throw new Error(`the page ${id} could not be sent: ${outcome.because}`);
  }
  if (outcome.is === 'accepted' && page.priority !== 'P0') await countPage(parts);
  const known: PageOutcome = outcome.is === 'accepted' ? { ...outcome, key } : outcome;
  await desk.submit({ is: 'paged', page: id, why, outcome: known });
}

/** Nobody is called later for a link: Slack may hang. */
async function linkInTime(parts: Parts, stream: string): Promise<string | null> {
  const end = new AbortController();
  const late = parts.clock.wait(LINK_MS, end.signal).then(() => null);
  const link = await Promise.race([linkTo(parts, stream).catch(() => null), late]);
  end.abort();
  return link;
}

function triesBefore({ pageTroubles }: Incident, id: string): number {
  const before = pageTroubles[id];
  return before === undefined ? 0 : (before.tries ?? 1);
}

/** So often without an answer, and another way is taken as well: a second page is better than none. */
const UNANSWERED = 2;

type Way =
  | { readonly is: 'accepted'; readonly route: string; readonly maybe?: readonly string[] }
  | { readonly is: 'refused'; readonly because: string }
  | { readonly is: 'not yet'; readonly because: string };

/** The route that is meant; where that does not take it, what the config names instead. Each once. */
export async function byAnyWay(
  paging: Paging,
  { first, tries }: { readonly first: string; readonly tries: number },
  send: (route: string) => Promise<Sent>,
): Promise<Way> {
  const maybe: string[] = [];
  const tried = new Set<string>();
  const troubles: string[] = [];
  let mayPass = false;
  for (let route: string | null = first; route !== null && !tried.has(route);) {
    tried.add(route);
    const sent = await send(route);
    if (sent.is === 'accepted') return { is: 'accepted', route, ...(maybe.length === 0 ? {} : { maybe }) };
    troubles.push(`${route}: ${sent.because}`);
    if (sent.is === 'unknown') {
      // It may have been taken: the same key again is safe, another way would be a second page.
      if (tries < UNANSWERED) return { is: 'not yet', because: troubles.join('; ') };
      maybe.push(route);
    }
    mayPass ||= sent.is !== 'refused';
    const name: string = route;
    route = paging.routes.find((one) => one.name === name)?.fallback ?? null;
  }
  return { is: mayPass ? 'not yet' : 'refused', because: troubles.join('; ') };
}

function wordsOf(
  state: Incident,
  page: PageEffect['page'],
  { link, slack }: { readonly link: string | null; readonly slack: SlackHealth },
  parts: Parts,
) {
  const number = state.number === null ? '' : `INC-${state.number} `;
  const { namespace = '', name = '' } = (
    typeof state.subject.target === 'object' && state.subject.target !== null ? state.subject.target : {}
  ) as { namespace?: string; name?: string };
  const regions = Object.keys(state.worst);
  const where = regions.length > 0 ? regions.join(',') : (state.subject.focus ?? 'all regions');
  const said = lockText({
    stream: '',
    incident: state,
    rules: parts.rules,
    killSwitch: null,
    playbooks: parts.playbooks,
    at: iso(parts.clock.now()),
  });
  return {
    // A storm's first words are its priority too.
    summary: `${page.priority} ${number}${said.replace(/^P\d /, '')}`.slice(0, 1_024),
    severity: page.severity,
    source: [where, namespace, name].filter((one) => one !== '').join('/'),
    component: name === '' ? null : name,
    links:
      link === null ? [] : [{ href: link, text: `The thread${number === '' ? '' : ` of ${number.trim()}`} in Slack` }],
    details: {
      why: page.why,
      what: titleOf(state),
      alerts: Object.values(state.alerts)
        .filter((one) => one.status === 'firing')
        .slice(0, 20)
        .map((one) => one.name)
        .join(', '),
      ...(slack.usable
        ? {}
        : {
            Slack: `takes no messages since ${slack.since.slice(11, 16)} UTC (${slack.because}): its thread is behind`,
          }),
    },
  };
}

/** Counted where every replica sees it, by the hour of the clock: a hundred incidents must not be a hundred calls. */
async function overLimit(parts: Parts): Promise<string | null> {
  const most = parts.rules.escalation?.perHour ?? Number.POSITIVE_INFINITY;
  const now = await countNow(parts);
  return now < most
    ? null
    : `${now === 1 ? 'there was 1 call' : `there were ${now} calls`} within this hour already (\`escalation.perHour\`): only P0 calls now`;
}

const COUNT = 'pages-this-hour';

const Counted = z.object({ hour: z.number(), count: z.number() });

async function countNow(parts: Parts): Promise<number> {
  const known = Counted.safeParse(await parts.store.setting(COUNT));
  return known.success && known.data.hour === Math.floor(parts.clock.now() / HOUR_MS) ? known.data.count : 0;
}

async function countPage(parts: Parts): Promise<void> {
  const hour = Math.floor(parts.clock.now() / HOUR_MS);
  await parts.store.setSetting(COUNT, { hour, count: (await countNow(parts)) + 1 }, null);
}

/** What their side is to know, and whom a page has reached. Not answered is tried again by whoever called. `waits`: its end is to be asked about later. */
export async function performPageWords(
  parts: Parts,
  { words }: Extract<Effect, { is: 'page-words' }>,
  desk: Desk,
): Promise<'done' | 'waits'> {
  const paging = parts.paging ?? null;
  const { page } = words;
  if (paging === null || page.outcome.is !== 'accepted') return 'done';
  const to: PageKey = { to: page.outcome.route, key: page.outcome.key };
  const signal = AbortSignal.timeout(SEND_MS);
  switch (words.is) {
    case 'read': {
      const reached = await reachedNow(parts, { page, to, desk }, await paging.reached(to, signal));
      if (reached === null) throw new Error(`whom the page ${page.id} reached is not known yet`);
      await desk.submit({ is: 'page-reached', page: page.id, ...reached });
      return 'done';
    }
    case 'acknowledge':
    case 'resolve': {
      if (words.is === 'resolve' && (await goesOnBeside(parts, to.key, desk.stream))) return 'waits';
      // Each of them has its own incident, and repeating is safe.
      for (const route of [...(page.outcome.maybe ?? []), to.to]) {
        const key = { ...to, to: route };
        taken(await (words.is === 'resolve' ? paging.resolve(key, signal) : paging.acknowledge(key, signal)), words.is);
      }
      const told = words.is === 'resolve' ? 'resolved' : 'acknowledged';
      await desk.submit({ is: 'page-told', page: page.id, told });
      return 'done';
    }
    case 'note':
      if (page.incident !== null) taken(await paging.note(page.incident.id, words.text, signal), 'note');
      await desk.submit({ is: 'page-noted', page: page.id, notes: words.notes });
      return 'done';
  }
}

/** What they refuse for good is no reason to try for ever. */
function taken(sent: Sent, what: string): void {
  if (sent.is === 'not sent' || sent.is === 'unknown') throw new Error(`${what} at PagerDuty: ${sent.because}`);
}
