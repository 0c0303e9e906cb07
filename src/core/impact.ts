import type { OpenReading, Outcome } from './contract.ts';
import { harmWords, harmsOf, unmeasured } from './harm.ts';
import type { Sample } from './ports/metrics.ts';
import { probedWords, servedBy, servedShort, servedWords } from './probed.ts';
import type { Probed } from './probed.ts';
import { say } from './words.ts';
import type { Words } from './words.ts';
import { plural } from './plural.ts';

/** Are users hurt, by how much, of how many samples: computed in every run, before anything else. Pure. */

/** Where a service's health is to be read, from the config. Queries hold no placeholders by now. */
export interface HealthQueries {
  /** PromQL: number of requests in the window. Null: not configured. */
  readonly requests: string | null;
  /** PromQL: failed ÷ all in the window, 0 to 1. */
  readonly errors: string | null;
  /** PromQL: p95 in seconds in the window. */
  readonly latency: string | null;
  readonly limits: { readonly errorRatio: number; readonly latencySeconds: number };
  /** Fewer requests than this in the window say nothing about errors or latency. */
  readonly minRequests: number;
  /** The window of the queries, for people: "5 min". */
  readonly window: string;
}

export interface Readiness {
  readonly ready: number;
  readonly wanted: number;
}

export type Level =
  | 'none' // measured, enough traffic, within the limits
  | 'hurt' // over a limit
  | 'too little traffic'
  | 'not known';

export interface Impact {
  readonly level: Level;
  readonly requests: number | null;
  readonly errorRatio: number | null;
  readonly latencySeconds: number | null;
  readonly limits: HealthQueries['limits'] | null;
  readonly window: string;
  readonly readiness: Readiness | null;
  /** What could not be read, each with why. */
  readonly unknown: readonly string[];
  /** What its public health page said. Absent: none is configured. */
  readonly probed?: Probed;
}

/** The one reading that looks at no system inside the region: it answers where everything else is silent. */
export const PROBED = 'impact/probed';

/** The readings that every run makes beside the playbook's own. Their ids start with `impact/`. `publicUrl`: of its health page; null: none. */
export function impactLook(
  health: HealthQueries | null,
  target: { region: string; namespace: string; name: string },
  publicUrl: string | null = null,
): readonly OpenReading[] {
  return [...inside(health, target), ...(publicUrl === null ? [] : [outside(target, publicUrl)])];
}

function outside(target: { namespace: string; name: string }, publicUrl: string): OpenReading {
  const { pathname } = new URL(publicUrl);
  return {
    id: PROBED,
    after: [],
    withinMs: 5_000,
    byHand: `curl -sS --max-time 5 -o /dev/null -w '%{http_code} %{time_total}\\n' '${publicUrl}'`,
    read: ({ probes }): Promise<Probed> =>
      (probes?.of(target) ?? Promise.resolve([])).then((places) => ({ page: pathname, places })),
  };
}

function inside(
  health: HealthQueries | null,
  target: { region: string; namespace: string; name: string },
): readonly OpenReading[] {
  const readings: OpenReading[] = [
    {
      id: 'impact/ready',
      after: [],
      withinMs: 5_000,
      byHand: `kubectl --context=${target.region} -n ${target.namespace} get deployment ${target.name}`,
      read: (read) =>
        read.kubernetes
          .deployment(target)
          .then((found) => (found === null ? null : { ready: found.replicas.ready, wanted: found.replicas.wanted })),
    },
  ];
  if (health === null) return target.name === '' ? [] : readings;
  for (const [id, query] of [
    ['impact/requests', health.requests],
    ['impact/errors', health.errors],
    ['impact/latency', health.latency],
  ] as const) {
    if (query === null) continue;
    readings.push({
      id,
      after: [],
      withinMs: 5_000,
      byHand: `promtool query instant <PROMETHEUS of ${target.region}> '${query}'`,
      read: (read) => read.metrics.instant(query).then(one),
    });
  }
  return target.name === '' ? readings.slice(1) : readings;
}

/** One number, NaN told apart from no series at all; of several series none is *the* number. */
function one(samples: readonly Sample[]): { readonly value: number | null; readonly series: number } {
  return { value: samples.length === 1 ? (samples[0]?.value ?? null) : null, series: samples.length };
}

export function impactOf(health: HealthQueries | null, seen: Readonly<Record<string, Outcome<unknown>>>): Impact {
  const unknown: string[] = [];
  const noNumber: string[] = [];
  const number = (id: string, what: string): number | null => {
    const outcome = seen[id];
    if (outcome === undefined) return null;
    if (!outcome.known) {
      unknown.push(`${what} (${outcome.why})`);
      return null;
    }
    const { value, series } = outcome.value as { value: number | null; series: number };
    if (series === 0) unknown.push(`${what} (no data: no such series)`);
    else if (series > 1) unknown.push(`${what} (${series} series where the query should give one)`);
    else if (value === null) noNumber.push(`${what} (no number: nothing to divide by)`);
    return value;
  };
  const requests = number('impact/requests', 'request rate');
  const errorRatio = number('impact/errors', 'errors');
  const latencySeconds = number('impact/latency', 'latency');
  const ready = seen['impact/ready'];
  if (ready !== undefined && !ready.known) unknown.push(`pods ready (${ready.why})`);
  const readiness = ready?.known === true ? (ready.value as Readiness | null) : null;
  const probed = seen[PROBED];
  if (probed?.known === false) unknown.push(`public address (${probed.why})`);
  const level = levelOf(health, requests, errorRatio, latencySeconds);
  return {
    level,
    requests,
    errorRatio,
    latencySeconds,
    limits: health?.limits ?? null,
    window: health?.window ?? '',
    readiness,
    // Without traffic there is no ratio: that is said once, by the level.
    unknown: level === 'too little traffic' ? unknown : [...unknown, ...noNumber],
    ...(probed?.known === true ? { probed: probed.value as Probed } : {}),
  };
}

function levelOf(
  health: HealthQueries | null,
  requests: number | null,
  errors: number | null,
  latency: number | null,
): Level {
  if (health === null) return 'not known';
  if (requests !== null && requests < health.minRequests) return 'too little traffic';
  if (errors !== null && errors > health.limits.errorRatio) return 'hurt';
  if (latency !== null && latency > health.limits.latencySeconds) return 'hurt';
  // Of how many? A good ratio of nobody knows how many requests says nothing.
  if (health.requests !== null && requests === null) return 'not known';
  // One good number does not speak for the other.
  if ((health.errors !== null && errors === null) || (health.latency !== null && latency === null)) return 'not known';
  return health.errors === null && health.latency === null ? 'not known' : 'none';
}

/** Did users fare worse after than before? With too little traffic on either side the answer is "cannot tell". */
export function compareImpact(
  before: Impact,
  after: Impact,
): { readonly is: 'same' | 'cannot tell' } | { readonly is: 'worse'; readonly because: string } {
  if (after.level === 'too little traffic' || after.level === 'not known') return { is: 'cannot tell' };
  if (before.level === 'not known' || before.level === 'too little traffic') {
    return after.level === 'hurt' ? { is: 'cannot tell' } : { is: 'same' };
  }
  // It was counted before and cannot be counted now: of how many is this?
  if (before.requests !== null && after.requests === null) return { is: 'cannot tell' };
  const errors = worse(before.errorRatio, after.errorRatio, after.limits?.errorRatio ?? null);
  if (errors) return { is: 'worse', because: `errors ${percent(before.errorRatio)} → ${percent(after.errorRatio)}` };
  const latency = worse(before.latencySeconds, after.latencySeconds, after.limits?.latencySeconds ?? null);
  if (latency)
    return {
      is: 'worse',
      because: `p95 ${milliseconds(before.latencySeconds)} → ${milliseconds(after.latencySeconds)}`,
    };
  return { is: 'same' };
}

/** Worse is over the limit now and half as much again as before: a wobble is not a regression. */
function worse(before: number | null, after: number | null, limit: number | null): boolean {
  return before !== null && after !== null && limit !== null && after > limit && after > before * 1.5;
}

export function percent(ratio: number | null): string {
  if (ratio === null) return 'not known';
  const value = ratio * 100;
  return `${value === 0 ? '0' : value < 0.1 ? value.toFixed(2) : value < 10 ? value.toFixed(1) : value.toFixed(0)} %`;
}
export function milliseconds(seconds: number | null): string {
  return seconds === null
    ? 'not known'
    : seconds >= 10
      ? `${seconds.toFixed(1)} s`
      : seconds >= 1
        ? `${Number(seconds.toPrecision(3))} s`
        : `${Math.round(seconds * 1000)} ms`;
}

/** The sentence after "Users:". */
export function impactWords(impact: Impact): Words {
  const ready = readinessText(impact.readiness);
  const numbers = numbersText(impact);
  const missing = impact.unknown.length === 0 ? '' : `. Could not read: ${impact.unknown.join(', ')}`;
  const served = impact.level === 'not known' ? servedWords(impact.probed) : null;
  // Numbers say more than a page does; where they say little, or the page says otherwise, it is heard as well.
  const page = served === null && impact.probed !== undefined && speaks(impact) ? probedWords(impact.probed) : null;
  return say`${served ?? leadOf(impact)}${numbers === '' ? '' : `${served === null ? ': ' : '. '}${numbers}`}${ready === '' ? '' : `. ${ready}`}${page === null ? null : say`. ${page}`}${missing}`;
}

function speaks({ level, probed }: Impact): boolean {
  const served = servedBy(probed);
  return level === 'too little traffic' ? served !== 'not known' : served === 'no' || served === 'in part';
}

function leadOf(impact: Impact): string {
  switch (impact.level) {
    case 'none':
      return 'no effect seen';
    case 'hurt':
      return harmWords(impact);
    case 'too little traffic':
      return 'too little traffic to tell';
    case 'not known':
      return unmeasured(impact)
        ? 'could not be measured, no metrics are configured for this service'
        : 'not known whether they notice';
  }
}

/** Errors, latency and of how many requests, each beside its limit; what is over its limit first. Empty: nothing was measured. */
export function numbersText(impact: Impact): string {
  const { errorRatio, latencySeconds, limits, requests, window } = impact;
  const errors =
    errorRatio === null
      ? ''
      : `errors ${shareOf(errorRatio, requests)}${limit(percent(limits?.errorRatio ?? null), impact)}`;
  const latency =
    latencySeconds === null
      ? ''
      : `p95 ${milliseconds(latencySeconds)}${limit(milliseconds(limits?.latencySeconds ?? null), impact)}`;
  const harms = harmsOf(impact);
  const both = harms[0] === 'slower' ? [latency, errors] : [errors, latency];
  const samples = requests === null ? '' : `${plural(Math.round(requests), 'request')} in ${window}`;
  return [...both, samples].filter((part) => part !== '').join(', ');
}

/** Metrics are extrapolated: 0.02 % of 8 requests is a part of one, which nobody saw fail. */
function shareOf(ratio: number, requests: number | null): string {
  const isPart = requests !== null && ratio > 0 && ratio * requests < 0.5;
  return isPart ? 'of less than 1 request' : percent(ratio);
}

function limit(text: string, impact: Impact): string {
  return impact.limits === null ? '' : ` (limit ${text})`;
}

export function readinessText(readiness: Readiness | null): string {
  if (readiness === null) return '';
  const share = readiness.wanted === 0 ? '' : ` (${Math.round((100 * readiness.ready) / readiness.wanted)} %)`;
  return `${readiness.ready} of ${plural(readiness.wanted, 'pod')} ready${share}`;
}

/** For the lock screen. */
export function impactShort(impact: Impact): string {
  const gone = servedBy(impact.probed) === 'no' ? ' The public address gives no good answer.' : '';
  switch (impact.level) {
    case 'none':
      return gone === '' ? 'Users not affected.' : `No errors measured.${gone}`;
    case 'hurt':
      return `Users ${harmWords(impact)}.${gone}`;
    case 'too little traffic':
      return `Too little traffic to tell about users.${gone}`;
    case 'not known':
      return servedShort(impact.probed) ?? (unmeasured(impact) ? 'Users could not be measured.' : 'Users: not known.');
  }
}
