import type { Outcome } from '../../src/core/contract.ts';
import type { ServiceFacts } from '../../src/core/ports/platform.ts';
import { hours, mean, measure, median, minutes, summed, valuesOf } from '../readings/measures.ts';
import type { Measured } from '../readings/measures.ts';
import { listed } from '../readings/wording.ts';

/** Do requests fail, how many of how many, and since when: by the service's own counters, 5xx only. */

const over = { forMs: hours(3), stepMs: minutes(1) };

export const requests = measure(
  'requests',
  (t) => ({ ask: 'requests', of: { namespace: t.namespace, name: t.name }, by: 'all' }),
  over,
);
export const errors = measure(
  'errors',
  (t) => ({ ask: 'errors', of: { namespace: t.namespace, name: t.name }, by: 'all' }),
  over,
  'is an answer',
);
export const clientErrors = measure(
  'client errors',
  (t) => ({ ask: 'client errors', of: { namespace: t.namespace, name: t.name }, by: 'all' }),
  { forMs: minutes(15), stepMs: minutes(1) },
  'is an answer',
);

export type Harm =
  | { readonly is: 'unknown'; readonly why: string }
  /** Too few requests in five minutes to say anything. */
  | { readonly is: 'few'; readonly failed: number; readonly requests: number }
  | ({ readonly is: 'fine' } & Counted)
  | ({ readonly is: 'bad' } & Counted);
export interface Counted {
  /** Share of the requests of the last five minutes that failed, 0 to 1, and how many there were. */
  readonly ratio: number;
  readonly requests: number;
  readonly limit: number;
  /** Status codes with their share of the failures, most first. */
  readonly codes: readonly (readonly [code: string, share: number])[];
  /** When it went over the limit and stayed there (ISO 8601); null: it is not, or was for the whole three hours. */
  readonly since: string | null;
  /** Stretches over the limit in the last 90 minutes, the present one too: Unix seconds. */
  readonly episodes: readonly Episode[];
  /** They come again and again, and the next is due: at least two, the last no longer ago than half as long again as usual. */
  readonly recurs: boolean;
}
export interface Episode {
  readonly from: number;
  readonly to: number;
}

const window = 5;
const usualLimit = 0.01;
/** One quiet minute does not end it. */
const gapS = 180;

export function harmOf(config: ServiceFacts, asked: Outcome<Measured>, failing: Outcome<Measured>, at: string): Harm {
  if (!asked.known) return { is: 'unknown', why: asked.why };
  if (!failing.known) return { is: 'unknown', why: failing.why };
  const lines = failing.value.series;
  const all = summed(asked.value.series);
  const bad = summed(lines);
  const rate = mean(valuesOf(all, { at, minutes: window }));
  if (rate === null) return { is: 'unknown', why: 'requests: no newer number than five minutes' };
  const failed = mean(valuesOf(bad, { at, minutes: window })) ?? 0;
  const count = Math.round(rate * window * 60);
  if (count < config.minRequests) return { is: 'few', failed: Math.round(failed * window * 60), requests: count };
  const limit = config.limits?.errorRatio ?? usualLimit;
  const ratio = Math.min(1, failed / rate);
  const episodes = episodesOf(ratios(all, bad), limit);
  const last = episodes.at(-1);
  const newest = all.points.at(-1)?.[0] ?? 0;
  // The mean of five minutes stays high after it is over; the last two say whether it is.
  const latest =
    mean(
      ratios(all, bad)
        .slice(-2)
        .flatMap(([, value]) => value ?? []),
    ) ?? 0;
  const isBad = ratio >= limit && latest >= limit;
  const isNow = ratio >= limit && last !== undefined && newest - last.to <= gapS;
  const begins = all.points[0]?.[0] ?? 0;
  const recent = episodes.filter((one) => one.to > newest - 90 * 60);
  const counted: Counted = {
    ratio,
    requests: count,
    limit,
    codes: codesOf(lines, at),
    since: isNow && last.from - begins > gapS ? new Date(last.from * 1000).toISOString() : null,
    episodes: recent,
    recurs: recursBy(recent, newest),
  };
  return { is: isBad ? 'bad' : 'fine', ...counted };
}

/** Share that failed at each moment. */
export function ratios(
  all: { readonly points: readonly (readonly [number, number | null])[] },
  bad: { readonly points: readonly (readonly [number, number | null])[] },
): readonly (readonly [number, number | null])[] {
  const failed = new Map(bad.points);
  return all.points.map(([at, rate]) => [
    at,
    rate === null || rate === 0 ? null : Math.min(1, (failed.get(at) ?? 0) / rate),
  ]);
}

/** At least ten minutes are waited for the next. */
function recursBy(episodes: readonly Episode[], newest: number): boolean {
  const gaps = episodes.slice(1).map((one, index) => one.from - (episodes[index]?.from ?? 0));
  const usual = median(gaps);
  const last = episodes.at(-1);
  return usual !== null && last !== undefined && newest - last.to <= Math.max(600, usual * 1.5);
}

function episodesOf(points: readonly (readonly [number, number | null])[], limit: number): readonly Episode[] {
  const found: { from: number; to: number }[] = [];
  for (const [at, ratio] of points) {
    if (ratio === null || ratio < limit) continue;
    const last = found.at(-1);
    if (last !== undefined && at - last.to <= gapS) last.to = at;
    else found.push({ from: at, to: at });
  }
  return found;
}

function codesOf(lines: Measured['series'], at: string): Counted['codes'] {
  const sums = new Map<string, number>();
  for (const one of lines) {
    const code = one.labels['code'] ?? '';
    sums.set(code, (sums.get(code) ?? 0) + (mean(valuesOf(one, { at, minutes: window })) ?? 0));
  }
  const total = [...sums.values()].reduce((sum, one) => sum + one, 0);
  if (total === 0) return [];
  return [...sums]
    .map(([code, value]) => [code, value / total] as const)
    .filter(([code]) => code !== '')
    .toSorted((a, b) => b[1] - a[1]);
}

/** "Failed requests end in 500 and 503"; what could not be counted is said. */
export function failsWith(harm: Harm): string {
  if (harm.is === 'unknown')
    return `how many requests fail could not be read (${harm.why.replace(/^not found: /, '')})`;
  if (harm.is === 'few') return `${harm.failed} of ${harm.requests} requests in 5 min failed`;
  const codes = harm.codes.filter(([, share]) => share >= 0.1).map(([code]) => code);
  return codes.length === 0
    ? 'failed requests are counted without their status'
    : `failed requests end in ${listed(codes)}`;
}

/** "34 %", "7.1 %", "0.02 %". */
export function percent(share: number): string {
  const value = share * 100;
  const digits = value >= 10 ? 1 : value >= 1 ? 10 : 100;
  return `${Math.round(value * digits) / digits} %`;
}

/** "7.1 % of 27,310 requests in 5 min fail (500)", of what was counted. */
export function harmText(harm: Harm): string {
  if (harm.is === 'unknown' || harm.is === 'few') return failsWith(harm);
  const codes = harm.codes.filter(([, share]) => share >= 0.1).map(([code]) => code);
  const which = codes.length === 0 ? '' : ` (${codes.join(', ')})`;
  return `${percent(harm.ratio)} of ${harm.requests.toLocaleString('en-US')} requests in 5 min fail${which}`;
}
