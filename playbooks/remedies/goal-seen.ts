import type { Question, Series, Window } from '../../src/core/ports/metrics.ts';
import type { Deployment } from '../../src/core/ports/kubernetes.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { median, newest, present } from '../readings/measures.ts';
import { quantity } from '../readings/quantity.ts';
import type { Goal, Measured } from './goal.ts';
import { servingPods } from './serving.ts';
import type { Serving } from './serving.ts';

/** As observed with each look; `value` null: could not be read, `why` says so. */
export interface GoalSeen {
  readonly value: number | null;
  /** Requests in the window, in five minutes where there is none; null where the measure has none. */
  readonly requests: number | null;
  readonly enough: number;
  /** Seconds since its youngest pod was made; null: not known. */
  readonly youngestS: number | null;
  readonly why: string;
  /** What rates are taken over, seconds; 0: numbers are of the moment. Absent in states of older versions. */
  readonly windowS?: number;
  /** Pods that the value is taken from, where it is one of single pods. */
  readonly pods?: number;
  /** ISO 8601: until then the numbers tell too much of the time before its pods served. Absent: they are theirs. */
  readonly countsFrom?: string;
}

interface Name {
  readonly namespace: string;
  readonly name: string;
}

const minuteS = 60;
const leastWindowS = 300;

/** What one look has brought. */
interface Look {
  readonly asked: readonly Series[];
  readonly requests: readonly Series[];
  readonly found: Deployment | null;
  readonly pods: readonly Serving[];
  readonly windowS: number;
  /** Unix seconds, by the clock of the metrics: a look has none of its own. */
  readonly nowS: number;
}

/** Never throws: a metric that is away must not stop the look at the pods. */
export async function observeGoal(read: Read, of: Name, goal: Goal | null): Promise<GoalSeen | null> {
  if (goal === null || !('measure' in goal)) return null;
  const enough = read.service({ namespace: of.namespace, name: of.name }).minRequests;
  try {
    const look = await lookAt(read, { namespace: of.namespace, name: of.name }, goal.measure);
    const rate = valueOf(look.requests);
    const overS = look.windowS || leastWindowS;
    const madeS = Math.max(...look.pods.map((one) => one.madeS));
    return {
      requests: rate === null ? null : Math.round(rate * overS),
      // The config's number is of five minutes.
      enough: Math.ceil((enough * overS) / 300),
      youngestS: Number.isFinite(madeS) && look.nowS > 0 ? Math.max(0, Math.round(look.nowS - madeS)) : null,
      windowS: look.windowS,
      ...judged(look, goal),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { value: null, requests: null, enough, youngestS: null, why };
  }
}

async function lookAt(read: Read, of: Name, measure: Measured['measure']): Promise<Look> {
  const windowS = ((await read.metrics.rateWindowMs?.()) ?? leastWindowS * 1000) / 1000;
  const stepS = windowS === 0 ? minuteS : Math.min(minuteS, windowS);
  const over = { forMs: Math.ceil(Math.max(windowS, leastWindowS) / stepS) * stepS * 1000, stepMs: stepS * 1000 };
  const found = read.kubernetes.deployment(of);
  const [asked, requests, deployment, pods] = await Promise.all([
    seriesOf(read, questionOf(of, measure), over),
    seriesOf(read, { ask: 'requests', of, by: 'all' }, over),
    found,
    found.then((one) => (one === null ? [] : servingPods(read, of.namespace, one.selector))),
  ]);
  const nowS = Math.max(0, ...[...asked, ...requests].map((one) => one.points.at(-1)?.[0] ?? 0));
  return { asked, requests, found: deployment, pods, windowS, nowS };
}

async function seriesOf(read: Read, question: Question, over: Window): Promise<readonly Series[]> {
  const answer = await read.metrics.series(question, over);
  return answer.is === 'series' ? answer.series : [];
}

function questionOf(of: Name, measure: Measured['measure']): Question {
  switch (measure) {
    case 'p95 latency':
      return { ask: 'latency', quantile: 0.95, of, by: 'all' };
    case 'error ratio':
      return { ask: 'errors', of, by: 'all' };
    case 'CPU per pod':
    case 'CPU of request':
    case 'CPU of container':
    case 'CPU per request':
      return { ask: 'cpu', of };
    case 'memory of limit':
      return { ask: 'memory rss', of };
    case 'throttling':
      return { ask: 'cpu throttled', of };
  }
}

const noData = 'no data';
type Judged = Pick<GoalSeen, 'value' | 'why' | 'pods' | 'countsFrom'>;

function judged(look: Look, goal: Measured): Judged {
  switch (goal.measure) {
    case 'p95 latency':
      return ofAll(look, valueOf(look.asked));
    case 'error ratio':
      return ofAll(look, failingOf(look.asked, look.requests));
    case 'CPU per pod':
      return ofPods(look, look.asked, highest);
    case 'throttling': {
      const seen = ofPods(look, look.asked, highest);
      // Only a limit throttles: without one there is no such metric.
      const isFree = look.found?.template.containers.every((one) => one.limits['cpu'] === undefined) === true;
      return isFree && seen.why === noData ? ofAll(look, 0) : seen;
    }
    case 'memory of limit': {
      const shares = look.asked.flatMap((line) => {
        const container = look.found?.template.containers.find((one) => one.name === line.labels['container']);
        const limit = quantity(container?.limits['memory'] ?? '') ?? 0;
        return limit === 0
          ? []
          : [
              {
                ...line,
                points: line.points.map(([at, value]) => [at, value === null ? null : value / limit] as const),
              },
            ];
      });
      return ofPods(look, shares, highest);
    }
    case 'CPU of container': {
      // A container that is not there any more uses nothing: it came with the version that was taken back.
      const isThere = look.found?.template.containers.some((one) => one.name === goal.container) === true;
      if (look.found !== null && !isThere) return ofAll(look, 0);
      return ofPods(look, ofContainer(look, goal.container), (values) => median(values) ?? 0);
    }
    case 'CPU per request': {
      const rate = valueOf(look.requests);
      if (rate === null || rate <= 0) return { value: null, why: 'no requests' };
      const of = ofPods(look, ofContainer(look, mainOf(look)?.name), (values) => mean(values) * look.pods.length);
      return of.value === null ? of : { ...of, value: of.value / rate };
    }
    case 'CPU of request': {
      const main = mainOf(look);
      const request = quantity(main?.requests['cpu'] ?? main?.limits['cpu'] ?? '');
      if (request === null || request <= 0) return { value: null, why: 'its first container asks for no CPU' };
      return ofPods(look, ofContainer(look, main?.name), (values) => (median(values) ?? 0) / request);
    }
  }
}

const valueOf = (all: readonly Series[]): number | null => present(all).flatMap((one) => newest(one) ?? [])[0] ?? null;
const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
const mainOf = ({ found }: Look) => found?.template.containers[0];
const ofContainer = ({ asked }: Look, name: string | undefined): readonly Series[] =>
  asked.filter((one) => one.labels['container'] === name);
const highest = (values: readonly number[]): number => Math.max(...values);

/** A line of failures ends with the pods that failed: at the newest moment of the requests it then counts nothing. */
function failingOf(errors: readonly Series[], requests: readonly Series[]): number | null {
  const last = requests[0]?.points.findLast(([, value]) => value !== null);
  if (last === undefined || last[1] === null || last[1] === 0) return null;
  const failed = errors.flatMap(({ points }) => points.findLast(([at]) => at === last[0])?.[1] ?? []);
  return failed.reduce((sum, one) => sum + one, 0) / last[1];
}

/** Of all requests together: what was answered before the last pod was ready is not what the pods of now do. */
function ofAll({ pods, windowS, nowS }: Look, value: number | null): Judged {
  const seen = { value, why: value === null ? noData : '' };
  const fromS = Math.max(...pods.map((one) => one.sinceS)) + windowS;
  return value !== null && pods.length > 0 && fromS > nowS ? { ...seen, countsFrom: moment(fromS) } : seen;
}

/**
 * Of pods that are there now and have served for the whole window. Prometheus' rate() divides what a younger pod has used by the whole
 * window all the same (promql/functions.go, extrapolatedRate): after one minute of five it is a fifth of the truth. And the line of a pod
 * that has gone sinks for as long. At least half of the pods must have served for so long.
 */
function ofPods(
  { pods, windowS }: Look,
  lines: readonly Series[],
  take: (values: readonly number[]) => number,
): Judged {
  const atS = Math.max(0, ...lines.map((one) => one.points.at(-1)?.[0] ?? 0));
  const numbers = present(lines).flatMap((one) => {
    const pod = pods.find(({ name }) => name === one.labels['pod']);
    const value = newest(one);
    // A line begins with its pod's second scrape.
    return pod === undefined || value === null
      ? []
      : [{ pod: pod.name, value, fromS: Math.max(pod.sinceS, one.points[0]?.[0] ?? atS) }];
  });
  if (numbers.length === 0) return { value: null, why: noData };
  const counted = numbers.filter((one) => one.fromS + windowS <= atS);
  const many = new Set(counted.map((one) => one.pod)).size;
  const needed = Math.ceil(pods.length / 2);
  if (many >= needed) return { value: take(counted.map((one) => one.value)), why: '', pods: many };
  const few = many === 0 ? 'none of its pods' : `only ${many} of its ${pods.length} pods`;
  const why = `${few} had served for ${spanText(windowS)}`;
  const begins = [...Map.groupBy(numbers, (one) => one.pod).values()].map((of) =>
    Math.max(...of.map((one) => one.fromS)),
  );
  const fromS = begins.toSorted((a, b) => a - b)[needed - 1];
  return { value: null, why, ...(fromS === undefined ? {} : { countsFrom: moment(fromS + windowS) }) };
}

/** Times are said in whole minutes. */
const moment = (atS: number): string => new Date(Math.ceil(atS / minuteS) * minuteS * 1000).toISOString();

/** What its requests were counted over. */
export const countedOver = ({ windowS = 0 }: GoalSeen): string => spanText(windowS || leastWindowS);

/** "5 min", "30 s". */
export const spanText = (seconds: number): string => (seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`);
