import { z } from 'zod';
import type { MaintenanceWanted } from '../core/command/maintenance.ts';
import { whyOf } from '../core/failure.ts';
import { announcementOf } from '../core/incident/maintained.ts';
import type { Maintenance } from '../core/incident/maintained.ts';
import type { Message } from '../core/message.ts';
import { mayPutAside } from '../core/policy.ts';
import type { Answer } from '../core/ports/intake.ts';
import type { Incoming, StreamInfo } from '../core/ports/store.ts';
import { redact } from '../core/redact.ts';
import { sentence } from '../core/render/help.ts';
import { begunMessage, maintenanceLines, maintenanceMessage, overMessage } from '../core/render/maintenance.ts';
import { NOTICES } from './alert-rows.ts';
import type { Asker } from './asked.ts';
import { linkTo, whoIs } from './facts.ts';
import { rowOf } from './inbox-row.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import type { Schedule } from './schedules.ts';

/** Maintenance of regions, kept in the store: every decision about an incident asks what is on, so that it begins and ends everywhere at once. */

const SETTING = 'maintenance';
/** Two people at the same moment must not undo each other. */
const LEASE_MS = 10_000;
const MOST_OPEN = 500;
/** An announcement is due as long as it is news (ms). */
const NEWS_MS = 24 * 3_600_000;

/** So long after it began is that looked after (ms). */
const AGAIN_MS = 15 * 60_000;

const Kept = z.array(
  z.object({
    region: z.string(),
    until: z.string(),
    by: z.string(),
    at: z.string(),
    reason: z.string(),
    channels: z.array(z.string()),
  }),
);

/** Also those whose time is over and that nobody has announced yet. */
async function kept({ store }: Pick<Parts, 'store'>): Promise<readonly Maintenance[]> {
  return Kept.catch([]).parse(await store.setting(SETTING));
}

/** What is on now. Not readable means none: people are rather called once too often. */
export async function maintained(parts: Pick<Parts, 'store' | 'clock' | 'log'>): Promise<readonly Maintenance[]> {
  try {
    const now = iso(parts.clock.now());
    return (await kept(parts)).filter((one) => one.until > now);
  } catch (error) {
    parts.log('warn', 'maintenance not readable: treated as none', { err: whyOf(error) });
    return [];
  }
}

export async function withMaintenance(parts: Parts, message: Message): Promise<Message> {
  const lines = maintenanceLines(await maintained(parts));
  return lines.length === 0 ? message : { ...message, blocks: [{ is: 'lines', lines }, ...message.blocks] };
}

/** `channels`: all that the bot posts in. */
export async function answerMaintenance(
  parts: Parts,
  wanted: MaintenanceWanted,
  asker: Asker,
  channels: readonly string[],
): Promise<Answer> {
  return { is: 'said', message: await answerTo(parts, wanted, asker, channels) };
}

async function answerTo(
  parts: Parts,
  wanted: MaintenanceWanted,
  asker: Asker,
  channels: readonly string[],
): Promise<Message> {
  if (wanted.does === 'list') return maintenanceMessage(await maintained(parts));
  const no = mayPutAside(parts.rules.policy, 'low', await whoIs(parts, asker.by, true));
  if (no !== null) return sentence(`Not done: ${no}. Maintenance needs somebody who may approve low risk.`);
  const claim = await parts.store.claim(SETTING, parts.owner, LEASE_MS);
  if (claim === null) return sentence('Not done: somebody else changes maintenance at this moment. Try again.');
  try {
    return await (wanted.does === 'begin' ? begin(parts, wanted, asker, channels) : end(parts, wanted.region, asker));
  } finally {
    await parts.store.release(claim);
  }
}

async function begin(
  parts: Parts,
  { region, ms, reason: said }: Extract<MaintenanceWanted, { does: 'begin' }>,
  { by }: Asker,
  channels: readonly string[],
): Promise<Message> {
  const all = await kept(parts);
  const now = parts.clock.now();
  const reason = redact(said);
  const before = all.find((one) => one.region === region);
  const until = iso(now + ms);
  const one: Maintenance = { region, until, by, at: iso(now), reason, channels: [...new Set(channels)] };
  await parts.store.setSetting(SETTING, [...all.filter((each) => each !== before), one].map(asJson), {
    stream: '',
    who: by,
    what: `began maintenance of ${region} until ${until}`,
    digest: null,
    why: reason,
  });
  await announce(parts, one, announcementOf(one), begunMessage(one));
  const instead = before === undefined ? '' : ` It replaces the one until ${before.until.slice(11, 16)} UTC.`;
  return sentence(
    `${region} is in maintenance until ${until.slice(11, 16)} UTC on ${until.slice(0, 10)}: its alerts call nobody and get no message, unless it is P0.${instead} \`/mlp maintenance end ${region}\` ends it. The channel is told.`,
  );
}

async function end(parts: Parts, region: string, { by }: Asker): Promise<Message> {
  const one = (await kept(parts)).find((each) => each.region === region);
  if (one === undefined) return sentence(`${region} is not in maintenance.`);
  await over(parts, one, by);
  return sentence(`${region} is no longer in maintenance: people are called again. The channel is told.`);
}

/** Announced before it is forgotten, under a name of its own: who dies in between leaves it to the next, and it is said once. */
async function over(parts: Parts, one: Maintenance, by: string | null): Promise<void> {
  const at = iso(parts.clock.now());
  const open = (await parts.store.streams({ open: true, limit: MOST_OPEN })).filter(
    ({ summary }) => summary.regions.includes(one.region) && summary.glance !== undefined,
  );
  const links = await linksOf(parts, open.slice(0, 10));
  if (by !== null || Date.parse(at) - Date.parse(one.until) < NEWS_MS)
    await announce(parts, one, `${announcementOf(one)}:over`, overMessage(one, { by, at, open }, links), false);
  const left = (await kept(parts)).filter((each) => each.region !== one.region || each.at !== one.at);
  await parts.store.setSetting(SETTING, left.length === 0 ? null : left.map(asJson), {
    stream: '',
    who: by ?? 'mlp-bot',
    what: `ended maintenance of ${one.region}`,
    digest: null,
    why: by === null ? `its time was over at ${one.until}` : '/mlp maintenance end',
  });
  await refresh(parts, `${announcementOf(one)}:over`);
}

const asJson = (one: Maintenance) => ({ ...one, channels: [...one.channels] });

async function linksOf(parts: Parts, all: readonly StreamInfo[]): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(all.map(async ({ stream }) => [stream, await linkTo(parts, stream)] as const));
  return new Map(found.flatMap(([stream, url]) => (url === null ? [] : [[stream, url] as const])));
}

async function announce(
  parts: Parts,
  { channels }: Maintenance,
  id: string,
  shown: Message,
  andRefresh = true,
): Promise<void> {
  const body = rowOf({ is: 'announce', notice: { shown, at: iso(parts.clock.now()) }, channels });
  await parts.store.accept([{ id, to: { is: 'stream', stream: NOTICES }, body }]);
  if (andRefresh) await refresh(parts, id);
}

/** Every open incident looks at what is on now. */
async function refresh(parts: Parts, id: string): Promise<void> {
  const open = await parts.store.streams({ open: true, limit: MOST_OPEN });
  const rows = open.map(({ stream }): Incoming => {
    return { id: `refresh:${stream}:${id}`, to: { is: 'stream', stream }, body: rowOf({ is: 'refresh' }) };
  });
  if (rows.length > 0) await parts.store.accept(rows);
}

/**
 * What has run out is announced within a minute; each incident knows it by its own clock. What began is announced once more under the same
 * name, where the process died before it could.
 */
export function maintenanceOver(parts: Parts): Schedule {
  return {
    name: 'maintenance',
    cron: '* * * * *',
    missedMs: 90_000,
    run: async (at) => {
      for (const one of await kept(parts))
        if (one.until <= at) await over(parts, one, null);
        else if (Date.parse(at) - Date.parse(one.at) < AGAIN_MS)
          await announce(parts, one, announcementOf(one), begunMessage(one));
    },
  };
}
