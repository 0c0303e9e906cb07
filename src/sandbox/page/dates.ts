/** Slack's date tokens, in the viewer's own time zone. Pure but for the `Intl` of the browser. */
type Style = Intl.DateTimeFormatOptions;

const styles: Readonly<Record<string, Style>> = {
  date_num: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  date_short: { year: 'numeric', month: 'short', day: 'numeric' },
  date_long: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  time_secs: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
};

function local(atMs: number, style: Style, zone: string | undefined): string {
  return new Intl.DateTimeFormat('en-GB', zone === undefined ? style : { ...style, timeZone: zone }).format(atMs);
}

/** "{date_short} {time}" and the rest of Slack's tokens; an unknown token stays as it is. `zone` is an IANA name. */
export function formatDate(atMs: number, format: string, nowMs: number, zone?: string): string {
  return format.replaceAll(/\{(\w+)\}/g, (whole, token: string) => tokenText(token, atMs, nowMs, zone) ?? whole);
}

function tokenText(token: string, atMs: number, nowMs: number, zone: string | undefined): string | null {
  if (token === 'ago') return relative(atMs, nowMs);
  if (token === 'day_divider_pretty') return dayWord(atMs, nowMs, zone) ?? local(atMs, styles['date_long'] ?? {}, zone);
  const pretty = /^(date|date_short|date_long)_pretty$/.exec(token)?.[1];
  if (pretty !== undefined) return dayWord(atMs, nowMs, zone)?.toLowerCase() ?? local(atMs, styles[pretty] ?? {}, zone);
  const style = styles[token];
  if (style === undefined) return null;
  return token === 'date_num' ? local(atMs, style, zone).split('/').reverse().join('-') : local(atMs, style, zone);
}

function dayWord(atMs: number, nowMs: number, zone: string | undefined): string | null {
  const day = (ms: number): string => local(ms, styles['date_num'] ?? {}, zone);
  if (day(atMs) === day(nowMs)) return 'Today';
  if (day(atMs) === day(nowMs - 86_400_000)) return 'Yesterday';
  if (day(atMs) === day(nowMs + 86_400_000)) return 'Tomorrow';
  return null;
}

const units: readonly (readonly [number, string])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
];

/** "26 minutes ago", "in 30 minutes", "just now". */
export function relative(atMs: number, nowMs: number): string {
  if (Math.abs(nowMs - atMs) < 1000) return 'just now';
  return atMs > nowMs ? `in ${duration(atMs - nowMs)}` : `${duration(nowMs - atMs)} ago`;
}

/** "26 minutes", in the largest unit of which there is one. */
export function duration(ms: number): string {
  for (const [size, word] of units) {
    const count = Math.floor(ms / size);
    if (count >= 1) return `${count} ${word}${count === 1 ? '' : 's'}`;
  }
  return '0 seconds';
}

/** The same for narrow places: "26 min", "now". */
export function shortRelative(atMs: number, nowMs: number): string {
  const words = relative(atMs, nowMs);
  const [count = '', unit = ''] = words.split(' ');
  const short: Readonly<Record<string, string>> = { d: 'd', h: 'h', m: 'min', s: 's' };
  return words.endsWith('ago') ? `${count} ${short[unit[0] ?? ''] ?? unit}` : 'now';
}

/** How long a text with {ago} stays right. */
export function freshForMs(atMs: number, nowMs: number): number {
  return Math.abs(nowMs - atMs) < 60_000 ? 1000 : 10_000;
}

export function clockTime(atMs: number): string {
  return local(atMs, styles['time'] ?? {}, undefined);
}

export function fullTime(atMs: number): string {
  const utc = `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return `${local(atMs, { ...styles['date_long'], ...styles['time_secs'] }, undefined)} · ${utc}`;
}

export function dayOf(atMs: number, nowMs: number): string {
  return formatDate(atMs, '{day_divider_pretty}', nowMs);
}

/** Slack's ts as ms. */
export function tsMs(ts: string): number {
  return Number(ts) * 1000;
}
