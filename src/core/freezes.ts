/** Times in which nothing is changed, also by the clock on a wall somewhere. Pure: the moment is given. */

export type Freeze =
  /** Moments with an offset. */
  | (Common & { readonly is: 'between'; readonly from: string; readonly to: string })
  /** The wall clock of a zone: `2026-12-18T18:00` or `2026-12-18` (its first moment). */
  | (Common & { readonly is: 'dates'; readonly zone: string; readonly from: string; readonly to: string })
  /** On these days from `from` to `to` (`HH:MM`); where `to` is not later, until then on the next day. */
  | (Common & {
      readonly is: 'days';
      readonly zone: string;
      readonly days: readonly Day[];
      readonly from: string;
      readonly to: string;
    });
interface Common {
  readonly name: string;
  /** Empty: all. */
  readonly regions: readonly string[];
}

export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Day = (typeof DAYS)[number];
const DAY_MS = 86_400_000;
/** Windows that follow each other are one freeze to people: so many are looked through for its end. */
const CHAIN_MAX = 60;

export interface Frozen {
  readonly name: string;
  /** When it ends, in words: `2026-03-30 08:00 Europe/Berlin (06:00 UTC)`. */
  readonly until: string;
}

/** The freeze that holds in this region at this moment (ISO 8601); null: none. */
export function frozenAt(freezes: readonly Freeze[], region: string, at: string): Frozen | null {
  const here = freezes.filter((one) => one.regions.length === 0 || one.regions.includes(region));
  const first = holding(here, Date.parse(at));
  if (first === null) return null;
  let last = first;
  for (let n = 0; n < CHAIN_MAX; n++) {
    const next = holding(here, last.endMs);
    if (next === null) break;
    last = next;
  }
  return { name: first.freeze.name, until: untilOf(last.freeze, last.endMs) };
}

interface Window {
  readonly freeze: Freeze;
  readonly endMs: number;
}

/** Of several the one that ends last. */
function holding(freezes: readonly Freeze[], nowMs: number): Window | null {
  let found: Window | null = null;
  for (const freeze of freezes) {
    for (const { fromMs, toMs } of windowsAround(freeze, nowMs))
      if (fromMs <= nowMs && nowMs < toMs && toMs > (found?.endMs ?? 0)) found = { freeze, endMs: toMs };
  }
  return found;
}

function windowsAround(freeze: Freeze, nowMs: number): readonly { readonly fromMs: number; readonly toMs: number }[] {
  switch (freeze.is) {
    case 'between':
      return [{ fromMs: Date.parse(freeze.from), toMs: Date.parse(freeze.to) }];
    case 'dates':
      return [
        {
          fromMs: momentOf(wallOf(freeze.from), freeze.zone, 'earlier'),
          toMs: momentOf(wallOf(freeze.to), freeze.zone, 'later'),
        },
      ];
    case 'days': {
      const [from, to] = [minutesOf(freeze.from), minutesOf(freeze.to)];
      const today = Math.floor(wallAt(nowMs, freeze.zone) / DAY_MS);
      // Yesterday's may still hold.
      return [today - 1, today]
        .filter((day) => freeze.days.includes(DAYS[(((day + 4) % 7) + 7) % 7] ?? 'sun'))
        .map((day) => ({
          fromMs: momentOf(day * DAY_MS + from * 60_000, freeze.zone, 'earlier'),
          toMs: momentOf((to > from ? day : day + 1) * DAY_MS + to * 60_000, freeze.zone, 'later'),
        }));
    }
  }
}

/** What a wall clock shows, as if it were UTC: milliseconds since 1970. */
function wallOf(text: string): number {
  return Date.parse(`${text.length === 10 ? `${text}T00:00` : text}Z`);
}
function minutesOf(text: string): number {
  const [hours, minutes] = text.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

/**
 * The moment at which the clocks of a zone show this. In the hour that a change to summer time leaves out no moment does, in the one that
 * the change back repeats two do: then the earlier or the later of the two readings, so that a freeze is rather too long than too short.
 */
function momentOf(wallMs: number, zone: string, which: 'earlier' | 'later'): number {
  const readings = [wallMs - DAY_MS, wallMs + DAY_MS].map((near) => wallMs - (wallAt(near, zone) - near));
  const shown = readings.filter((moment) => wallAt(moment, zone) === wallMs);
  const from = shown.length === 0 ? readings : shown;
  return which === 'earlier' ? Math.min(...from) : Math.max(...from);
}

const formats = new Map<string, Intl.DateTimeFormat>();
function wallAt(momentMs: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(momentMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((momentMs % 1000) + 1000) % 1000);
}

function untilOf(freeze: Freeze, endMs: number): string {
  if (freeze.is === 'between') return freeze.to;
  const wall = new Date(wallAt(endMs, freeze.zone)).toISOString();
  const utc = new Date(endMs).toISOString();
  const other = utc.slice(0, 10) === wall.slice(0, 10) ? utc.slice(11, 16) : utc.slice(0, 16).replace('T', ' ');
  return `${wall.slice(0, 16).replace('T', ' ')} ${freeze.zone} (${other} UTC)`;
}

/** Null: the zone is known here. */
export function unknownZone(zone: string): string | null {
  try {
    wallAt(0, zone);
    // Offsets are no zones: they know no summer time.
    return /^[+-]|^etc\//i.test(zone) ? `write a place such as Europe/Berlin, not an offset` : null;
  } catch {
    return `no such time zone is known`;
  }
}
