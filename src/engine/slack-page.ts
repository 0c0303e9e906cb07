import { z } from 'zod';
import { slackRoutes } from '../core/config/paging.ts';
import { needsChat } from '../core/incident/paging.ts';
import type { Page, PageKey, Paging } from '../core/ports/paging.ts';
import { lockText } from '../core/render/root.ts';
import { slackBackMessage, slackUnusableWords } from '../core/render/slack-unusable.ts';
import type { Unseen } from '../core/render/slack-unusable.ts';
import { NOTICES } from './alert-rows.ts';
import { loadIncident } from './answers.ts';
import { rowOf } from './inbox-row.ts';
import { byAnyWay, SEND_MS } from './paging.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import type { Schedule } from './schedules.ts';
import { healthFrom, UNUSABLE } from './slack-reach.ts';
import type { SlackHealth } from './slack-reach.ts';

/**
 * Slack takes no messages while somebody is to answer there: an approval that nobody sees waits for ever, and *nobody acknowledged* says
 * nothing about people. Whoever is on call is told of it, once, and that it is over.
 */
const TOLD = 'slack-page';
const MOST = 50;

/** Written before the first event is sent: whatever becomes of this process, the next one knows what is to be resolved. */
const Told = z.object({
  since: z.string(),
  because: z.string(),
  at: z.string(),
  tries: z.number(),
  /** Routes that were meant and are dealt with. */
  done: z.array(z.string()),
  /** Those that have it. */
  called: z.array(z.string()),
  waiting: z.array(z.string()),
});
type Told = z.infer<typeof Told>;

/** `channel`: where it is said afterwards; '': nowhere. */
export function slackPages(parts: Parts, channel: string): Schedule {
  return {
    name: TOLD,
    cron: '* * * * *',
    missedMs: 90_000,
    run: async () => {
      const { paging = null, rules } = parts;
      const routes = rules.escalation === undefined ? [] : slackRoutes(rules.escalation);
      if (paging === null || rules.escalation === undefined) return;
      const to: Called = { paging, routes, key: `mlp-bot/slack/${channel}`, channel };
      const told = Told.nullable()
        .catch(null)
        .parse(await parts.store.setting(TOLD));
      const now = healthFrom(await parts.store.setting(UNUSABLE));
      if (now.usable) {
        if (told !== null) await over(parts, to, told);
        return;
      }
      const lastsMs = parts.clock.now() - Date.parse(now.since);
      if (told === null && !now.lasting && lastsMs < rules.escalation.slackUnusable.afterMs) return;
      await call(parts, to, now, told);
    },
  };
}

interface Called {
  readonly paging: Paging;
  readonly routes: readonly string[];
  readonly key: string;
  readonly channel: string;
}

async function call(
  parts: Parts,
  { paging, routes, key }: Called,
  now: Extract<SlackHealth, { usable: false }>,
  before: Told | null,
): Promise<void> {
  const left = routes.filter((one) => before?.done.includes(one) !== true);
  if (left.length === 0) return;
  const waiting = await unseen(parts);
  if (before === null && waiting.length === 0) return;
  const { since, because } = now;
  const at = iso(parts.clock.now());
  const done = [...(before?.done ?? [])];
  const called = new Set(before?.called);
  const told: Omit<Told, 'done' | 'called'> = {
    ...(before ?? { since, because, at, waiting: waiting.map((one) => one.name) }),
    tries: (before?.tries ?? 0) + 1,
  };
  const keep = (): Promise<unknown> =>
    parts.store.setSetting(TOLD, { ...told, done: [...done], called: [...called] }, null);
  await keep();
  const page: Omit<Page, keyof PageKey> = { ...slackUnusableWords(told, waiting), source: 'Slack', component: null };
  for (const route of left) {
    const outcome = await byAnyWay(paging, { first: route, tries: told.tries }, async (to) =>
      paging.trigger({ ...page, to, key }, AbortSignal.timeout(SEND_MS)),
    );
    parts.metrics.paged?.(outcome.is);
    const fields = { route, ...(outcome.is === 'accepted' ? { by: outcome.route } : { err: outcome.because }) };
    parts.log(outcome.is === 'accepted' ? 'warn' : 'error', 'PagerDuty and that Slack cannot be used', fields);
    if (outcome.is === 'not yet') continue;
    done.push(route);
    if (outcome.is === 'accepted') for (const way of [outcome.route, ...(outcome.maybe ?? [])]) called.add(way);
    await keep();
  }
}

/** Each step may be done again: resolving what is not open does nothing, and what is said has an id of its own. */
async function over(parts: Parts, { paging, routes, key, channel }: Called, told: Told): Promise<void> {
  for (const to of waysOf(paging, [...routes, ...told.called])) {
    const sent = await paging.resolve({ to, key }, AbortSignal.timeout(SEND_MS));
    if (sent.is === 'not sent' || sent.is === 'unknown')
      throw new Error(`it could not be resolved by ${to} that Slack cannot be used: ${sent.because}`);
  }
  if (channel !== '' && told.called.length > 0) {
    const at = iso(parts.clock.now());
    const body = rowOf({ is: 'announce', notice: { shown: slackBackMessage(told, at), at }, channels: [channel] });
    await parts.store.accept([{ id: `announce:slack:${told.since}`, to: { is: 'stream', stream: NOTICES }, body }]);
  }
  await parts.store.setSetting(TOLD, null, null);
  parts.log('info', 'PagerDuty knows that Slack can be used again', { since: told.since });
}

/** These, and what stands in for them. */
function waysOf({ routes }: Paging, names: readonly string[]): readonly string[] {
  const all = new Set(names);
  for (const name of all) {
    const fallback = routes.find((one) => one.name === name)?.fallback ?? null;
    if (fallback !== null) all.add(fallback);
  }
  return [...all];
}

/** What waits for somebody who cannot see it, the most urgent first. */
async function unseen(parts: Parts): Promise<readonly Unseen[]> {
  const at = iso(parts.clock.now());
  const open = (await parts.store.streams({ open: true, limit: MOST })).filter((one) => one.summary.number !== null);
  const all: Unseen[] = [];
  for (const { stream, summary } of open) {
    const incident = await loadIncident(parts, stream);
    if (!needsChat(incident, at, parts.rules)) continue;
    const { rules, playbooks } = parts;
    const words = lockText({ stream, incident, rules, playbooks, killSwitch: null, at });
    const priority = summary.glance?.priority ?? 'P3';
    all.push({ name: `INC-${summary.number}`, priority, state: summary.state, words });
  }
  return all.toSorted((one, other) => one.priority.localeCompare(other.priority));
}
