import { Failure } from '../../src/core/failure.ts';
import type { Question, Series, Window } from '../../src/core/ports/metrics.ts';
import { promqlByHand } from '../../src/core/promql.ts';
import { deployment } from '../readings/deployment.ts';
import { hours, median, minutes, valuesOf } from '../readings/measures.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import type { Row } from '../readings/pod-rows.ts';
import { kubectl } from '../targets/deployment.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';

/** What the pods use over two hours, and how they stand now: each pod by the median of its last ten minutes, so that a short spike is none. */
export interface Use {
  /** Lines of the hottest pods and containers, hottest first; at most `kept`. */
  readonly series: readonly Series[];
  /** How many lines there are, those of pods that are gone included. */
  readonly of: number;
  /** One line for each container, summed over all pods that there were: what the service as a whole used. */
  readonly total: readonly Series[];
  /** Each pod that is there now and each of its containers, hottest first; at most `keptPods`. Young: still warming up. */
  readonly pods: readonly PodUse[];
  /** Of pods that are old enough to judge by; over all of them. */
  readonly containers: readonly ContainerUse[];
  /** Pods that are too young to judge by. */
  readonly young: number;
  /** Pods were added so shortly before that the numbers are still those without them. */
  readonly settling: boolean;
  readonly note: string | null;
}
export interface PodUse {
  readonly pod: string;
  readonly container: string;
  readonly value: number;
  readonly young: boolean;
}
export interface ContainerUse {
  readonly container: string;
  readonly pods: number;
  readonly median: number;
  readonly highest: number;
}

const kept = 40;
const keptPods = 60;
/** The last so many minutes are "now". */
export const nowMinutes = 10;
/** Younger pods compile, load and fill their caches. */
export const youngMinutes = 15;
const fewestPoints = 3;

export const over: Window = { forMs: hours(2), stepMs: minutes(2) };
/** Thousands of pods are read at fewer moments: each of them is a rate over minutes anyway. */
const overFor = (pods: number): Window => ({ ...over, stepMs: minutes(pods > 1000 ? 10 : pods > 300 ? 5 : 2) });
export const of = ({ namespace, name }: DeploymentTarget) => ({ namespace, name });

export const cpu = onDeployment.reading('cpu', {
  after: [podRows],
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} top pods --containers`,
  read: async (read, t, seen): Promise<Use> => {
    const { series, note } = await asked(read, { ask: 'cpu', of: of(t) }, overFor(seen['pod rows'].of));
    return useOf(series, seen['pod rows'].rows, note);
  },
});

/** Share of the CFS periods in which a container was held back. Null: no container has a CPU limit, and only a limit throttles. */
export const throttling = onDeployment.reading('cpu throttled', {
  after: [deployment, podRows],
  withinMs: 8_000,
  byHand: (t) => promqlByHand({ ask: 'cpu throttled', of: of(t) }),
  read: async (read, t, seen): Promise<Use | null> => {
    const limited = seen.deployment.template.containers.some((one) => one.limits['cpu'] !== undefined);
    if (!limited) return null;
    const { series, note } = await asked(read, { ask: 'cpu throttled', of: of(t) }, overFor(seen['pod rows'].of));
    return useOf(series, seen['pod rows'].rows, note);
  },
});

type Asks = {
  readonly metrics: { readonly series: (question: Question, over: Window) => Promise<Answer> };
};
type Answer = Awaited<ReturnType<import('../../src/core/ports/metrics.ts').MetricsRead['series']>>;

async function asked(
  read: Asks,
  question: Question,
  window: Window,
): Promise<{ readonly series: readonly Series[]; readonly note: string | null }> {
  const answer = await read.metrics.series(question, window);
  if (answer.is !== 'series') throw new Failure('not found', `${answer.is}: ${answer.because}`);
  return { series: answer.series.map(shorter), note: answer.note };
}

/** What it was at least half of the time: of two in the middle the lower, so that a spike of half the time is none. */
export function lasting(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? null;
}

/** Five digits are enough for cores and shares. */
export function shorter({ labels, points }: Series): Series {
  return { labels, points: points.map(([at, value]) => [at, value === null ? null : Number(value.toPrecision(5))]) };
}

export function useOf(series: readonly Series[], rows: readonly Row[], note: string | null): Use {
  const lastS = Math.max(0, ...series.map((one) => one.points.at(-1)?.[0] ?? 0));
  const at = new Date(lastS * 1000).toISOString();
  const pods: PodUse[] = [];
  const window = windowOf(rows, lastS);
  const fewest = window < nowMinutes ? 1 : Math.min(fewestPoints, pointsIn(series));
  const byName = new Map(rows.map((row) => [row.name, row]));
  for (const one of series) {
    const row = byName.get(one.labels['pod'] ?? '');
    const values = valuesOf(one, { at, minutes: window < leastMinutes ? nowMinutes : window });
    const value = lasting(values);
    if (row === undefined || value === null) continue;
    const young = lastS * 1000 - Date.parse(row.createdAt) < minutes(youngMinutes);
    // Too few points of an old pod: it was not measured, so it is not judged.
    if (!young && values.length < fewest) continue;
    pods.push({ pod: row.name, container: one.labels['container'] ?? '', value, young });
  }
  pods.sort((a, b) => b.value - a.value);
  const rank = new Map(pods.map((one, index) => [`${one.pod}/${one.container}`, index]));
  const place = ({ labels }: Series): number => rank.get(`${labels['pod']}/${labels['container']}`) ?? Infinity;
  const names = [...new Set(series.map((one) => one.labels['container'] ?? ''))];
  return {
    series: series.toSorted((a, b) => place(a) - place(b)).slice(0, kept),
    of: series.length,
    total: names.map((container) => ({
      labels: { container },
      points: totalOf(series.filter(({ labels }) => (labels['container'] ?? '') === container)).points,
    })),
    pods: pods.slice(0, keptPods),
    containers: names.flatMap((container) => levelOf(container, pods)),
    settling: window < leastMinutes,
    young: new Set(pods.filter((one) => one.young).map((one) => one.pod)).size,
    note,
  };
}

/** Minutes that show how it is now: no longer than since a good part of the pods was added, as they take load off the others. */
function windowOf(rows: readonly Row[], lastS: number): number {
  const ages = rows.map((row) => (lastS * 1000 - Date.parse(row.createdAt)) / 60_000);
  const added = ages.filter((age) => age < nowMinutes);
  // Without older ones there is nothing that load was taken off.
  if (added.length < rows.length * goodPart || added.length === rows.length) return nowMinutes;
  return Math.max(0, Math.min(...added) - startMinutes);
}
const goodPart = 0.1;
const startMinutes = 1;
const leastMinutes = 3;

/** How many moments "now" holds at most. */
function pointsIn(series: readonly Series[]): number {
  const longest = series.reduce<Series['points']>(
    (most, { points }) => (points.length > most.length ? points : most),
    [],
  );
  const [a, b] = [longest.at(-2)?.[0], longest.at(-1)?.[0]];
  return a === undefined || b === undefined ? 1 : Math.floor((nowMinutes * 60) / (b - a)) + 1;
}

/** A pod that had not begun or had ended adds nothing at that moment. */
export function totalOf(series: readonly Series[]): Series {
  const sums = new Map<number, number>();
  for (const { points } of series) {
    for (const [at, value] of points) if (value !== null) sums.set(at, (sums.get(at) ?? 0) + value);
  }
  const points = [...sums].toSorted(([a], [b]) => a - b);
  return shorter({ labels: {}, points });
}

function levelOf(container: string, pods: readonly PodUse[]): readonly ContainerUse[] {
  const values = pods.filter((one) => one.container === container && !one.young).map((one) => one.value);
  const middle = median(values);
  return middle === null ? [] : [{ container, pods: values.length, median: middle, highest: Math.max(...values) }];
}
