import type { IncidentsWanted } from '../core/command/handling.ts';
import type { Message } from '../core/message.ts';
import type { StreamInfo } from '../core/ports/store.ts';
import {
  chosen,
  digestMessage,
  handoverMessage,
  homeMessage,
  incidentsMessage,
  pageOf,
} from '../core/render/incidents.ts';
import type { Links } from '../core/render/incidents.ts';
import { say, until, user } from '../core/words.ts';
import type { Words } from '../core/words.ts';
import { NOTICES } from './alert-rows.ts';
import { linkTo } from './facts.ts';
import { rowOf } from './inbox-row.ts';
import { withStop } from './kill-switch.ts';
import { withMaintenance } from './maintenance.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import type { Schedule } from './schedules.ts';

/** Lists of what is open, out of summaries: for who asks, for who comes on shift, for the channel and for a person's own page. */

const MOST_OPEN = 1_000;
const RECENT = 200;
/** Addresses are a nicety: what is not known by then is left out, and known the next time (ms). */
const LINKS_MS = 120;
const HOME_LINKS_MS = 1_200;
const ONCALL_MS = 1_000;
export const SHIFT_MS = 12 * 3_600_000;

export async function answerIncidents(parts: Parts, wanted: IncidentsWanted, by: string): Promise<Message> {
  const all = chosen(await openOnes(parts), wanted, by);
  const links = await linksOf(parts, pageOf(all, wanted.page).rows, LINKS_MS);
  return withAside(parts, incidentsMessage(all, wanted, links));
}

export async function answerHandover(parts: Parts, ms: number = SHIFT_MS): Promise<Message> {
  const since = iso(parts.clock.now() - ms);
  const [open, newest, temporary] = await Promise.all([
    openOnes(parts),
    parts.store.streams({ open: false, limit: RECENT }),
    parts.store.temporary(40),
  ]);
  const closed = newest.filter(({ summary }) => summary.number !== null && summary.updatedAt >= since);
  const silenced = newest.filter(({ summary }) => summary.silenced !== undefined);
  const links = await linksOf(parts, [...open.slice(0, 40), ...closed.slice(0, 10)], HOME_LINKS_MS);
  return withAside(parts, handoverMessage({ open, closed, temporary, silenced, ms }, links));
}

export async function answerHome(parts: Parts, by: string): Promise<Message> {
  const [open, newest, oncall] = await Promise.all([
    openOnes(parts),
    parts.store.streams({ open: false, limit: 50 }),
    oncallWords(parts),
  ]);
  const recent = newest.filter(({ summary }) => summary.number !== null).slice(0, 5);
  const led = open.filter(({ summary }) => summary.glance?.onIt === by);
  const waiting = open.filter(({ summary }) => (summary.glance?.until ?? null) !== null);
  const links = await linksOf(parts, [...new Set([...led, ...waiting, ...open])].slice(0, 40), HOME_LINKS_MS);
  return withAside(parts, homeMessage({ by, open, recent, oncall, at: iso(parts.clock.now()) }, links));
}

/** What holds for everything below it. */
async function withAside(parts: Parts, message: Message): Promise<Message> {
  return withStop(parts, await withMaintenance(parts, message));
}

async function openOnes(parts: Parts): Promise<readonly StreamInfo[]> {
  return parts.store.streams({ open: true, limit: MOST_OPEN });
}

async function linksOf(parts: Parts, rows: readonly StreamInfo[], ms: number): Promise<Links> {
  const links = new Map<string, string>();
  const stop = new AbortController();
  const all = Promise.allSettled(
    rows.map(async ({ stream }) => {
      const url = await linkTo(parts, stream);
      if (url !== null) links.set(stream, url);
    }),
  );
  await Promise.race([all, parts.clock.wait(ms, stop.signal)]);
  stop.abort();
  return new Map(links);
}

/** Null: not known, or nobody is paged here. */
async function oncallWords(parts: Parts): Promise<readonly Words[] | null> {
  const { paging = null } = parts;
  if (paging === null || paging.routes.length === 0) return null;
  try {
    const routes = paging.routes.map((one) => one.name);
    const answer = await paging.onCall(routes, AbortSignal.timeout(ONCALL_MS));
    if (answer.is === 'unknown') return null;
    return answer.value
      .filter((one) => one.level === 1)
      .slice(0, 10)
      .map(
        ({ who, until: ends, route }) =>
          say`${who.chatId === null ? who.name : user(who.chatId)}${ends === null ? null : say` until ${until(ends)}`} (${route})`,
      );
  } catch {
    return null;
  }
}

/** When something is posted by itself, each day. */
export interface Times {
  readonly channel: string;
  /** "07:00", in the zone. */
  readonly times: readonly string[];
  /** IANA name. */
  readonly zone: string;
}

/** What was missed by more than this is not news any more (ms). */
const LATE_MS = 3_600_000;

/** At shift change, and what is open in the channel: once per cluster, and once more after a start that missed it by less than an hour. */
export function postings(parts: Parts, handover: Times | null, digest: Times | null): readonly Schedule[] {
  return [
    ...daily(parts, 'handover', handover, async (ms) => answerHandover(parts, ms)),
    ...daily(parts, 'digest', digest, async () => {
      const open = await openOnes(parts);
      return digestMessage(open, await linksOf(parts, open.slice(0, 20), HOME_LINKS_MS));
    }),
  ];
}

function daily(
  parts: Parts,
  name: string,
  at: Times | null,
  message: (shiftMs: number) => Promise<Message | null>,
): readonly Schedule[] {
  if (at === null) return [];
  return at.times.map((time) => {
    const [hour = '0', minute = '0'] = time.split(':');
    return {
      name: `${name}/${time}`,
      cron: `${Number(minute)} ${Number(hour)} * * *`,
      zone: at.zone,
      missedMs: LATE_MS,
      run: async (now) => {
        const late = sinceMs(now, time, at.zone);
        if (late > LATE_MS) return;
        const slot = iso(Math.floor((Date.parse(now) - late) / 60_000) * 60_000);
        const shown = await message(shiftMs(at.times, time));
        if (shown === null) return;
        const body = rowOf({ is: 'announce', notice: { shown, at: slot }, channels: [at.channel] });
        await parts.store.accept([{ id: `announce:${name}:${slot}`, to: { is: 'stream', stream: NOTICES }, body }]);
      },
    };
  });
}

/** How long ago it was this time of the day there (ms). */
export function sinceMs(now: string, time: string, zone: string): number {
  const minute = minuteOf(time);
  const shown = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return ((minuteOf(shown.format(new Date(now))) - minute + DAY_MIN) % DAY_MIN) * 60_000;
}
const DAY_MIN = 24 * 60;

function minuteOf(time: string): number {
  const [hour = '0', minute = '0'] = time.split(':');
  return Number(hour) * 60 + Number(minute);
}

/** From the time before this one. */
export function shiftMs(times: readonly string[], time: string): number {
  const minute = minuteOf(time);
  const gaps = times.map((one) => (minute - minuteOf(one) + DAY_MIN) % DAY_MIN).filter((gap) => gap > 0);
  return Math.min(DAY_MIN, ...gaps) * 60_000;
}
