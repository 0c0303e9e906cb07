import { Failure } from '../../src/core/failure.ts';
import type { Series, Window } from '../../src/core/ports/metrics.ts';
import { promqlByHand } from '../../src/core/promql.ts';
import { hours, minutes } from './measures.ts';
import { onDeployment } from './on.ts';
import { shapeOf } from './shape.ts';
import type { Shape } from './shape.ts';

/** Memory of each container instance over a day. One instance is one life: it begins anew with each restart, and lives are never added up across pods that come and go. */

export interface Life {
  readonly pod: string;
  readonly container: string;
  /** Of the pod's name: which revision it is of; '' where the name has none. */
  readonly hash: string;
  /** Unix seconds of the first value. */
  readonly fromS: number;
  /** MiB, one each step; null: a gap. */
  readonly mib: readonly (number | null)[];
  /** How many of the first values are of its start: what a server loads and compiles then is no trend. */
  readonly warm: number;
  /** After that. */
  readonly shape: Shape;
  readonly hours: number;
}

export interface Memory {
  readonly stepS: number;
  /** What was asked for, Unix seconds. A life whose first value is later began in it. */
  readonly fromS: number;
  readonly toS: number;
  /** Of the fullest pods first; of each pod its lives by age. */
  readonly lives: readonly Life[];
  readonly pods: number;
  /** How many of them are kept here. */
  readonly kept: number;
  /** Why the answer may be partial; null: nothing said so. */
  readonly note: string | null;
}

/** Enough to see a trend and its exceptions; hundreds would only swell the evidence. */
const mostPods = 30;
const mostLives = 120;
export const mib = 2 ** 20;
const warmUpS = 30 * 60;
/** MiB: a change below this is none. */
const leastChange = 96;

const reading = <const I extends string>(id: I, ask: 'memory rss' | 'memory working set', over: Window) =>
  onDeployment.reading(id, {
    withinMs: 10_000,
    byHand: (t) => promqlByHand({ ask, of: { namespace: t.namespace, name: t.name } }),
    read: async (read, t): Promise<Memory> => {
      const answer = await read.metrics.series({ ask, of: { namespace: t.namespace, name: t.name } }, over);
      if (answer.is !== 'series') throw new Failure('not found', `${answer.is}: ${answer.because}`);
      return memoryOf(answer.series, t.name, over, answer.note);
    },
  });

/** Resident memory of 24 hours. */
export const memory = reading('memory', 'memory rss', { forMs: hours(24), stepMs: minutes(15) });
/** The same with page cache and files in memory: what the limit is held against. */
export const workingSet = reading('working set', 'memory working set', { forMs: hours(24), stepMs: minutes(60) });

function memoryOf(all: readonly Series[], name: string, over: Window, note: string | null): Memory {
  const stepS = over.stepMs / 1000;
  const toS = Math.max(0, ...all.map((one) => one.points.at(-1)?.[0] ?? 0));
  const fromS = toS - over.forMs / 1000;
  const fullest = new Map<string, number>();
  for (const { labels, points } of all) {
    const [pod, value] = [labels['pod'] ?? '', points.findLast(([, one]) => one !== null)?.[1] ?? 0];
    fullest.set(pod, Math.max(fullest.get(pod) ?? 0, value));
  }
  const pods = [...fullest].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([pod]) => pod);
  const kept = sampled(pods, mostPods);
  const lives = kept.flatMap((pod) =>
    all
      .filter((one) => (one.labels['pod'] ?? '') === pod)
      .toSorted((a, b) => (a.points[0]?.[0] ?? 0) - (b.points[0]?.[0] ?? 0)),
  );
  return {
    stepS,
    fromS,
    toS,
    lives: lives.slice(0, mostLives).flatMap((one) => lifeOf(one, name, { stepS, fromS }) ?? []),
    pods: pods.length,
    kept: kept.length,
    note,
  };
}

/** The fullest ones say when a limit is met, the rest evenly whether all are alike. */
function sampled(pods: readonly string[], most: number): readonly string[] {
  if (pods.length <= most) return pods;
  const [first, rest] = [pods.slice(0, most / 2), pods.slice(most / 2)];
  const every = rest.length / (most - first.length);
  return [
    ...first,
    ...Array.from({ length: most - first.length }, (_, index) => rest[Math.floor(index * every)] ?? ''),
  ];
}

function lifeOf({ labels, points }: Series, name: string, over: Pick<Memory, 'stepS' | 'fromS'>): Life | null {
  const [first, last] = [points[0]?.[0], points.at(-1)?.[0]];
  if (first === undefined || last === undefined) return null;
  const { stepS } = over;
  const values: (number | null)[] = [];
  for (const [at, value] of points) {
    const place = Math.round((at - first) / stepS);
    while (values.length < place) values.push(null);
    values[place] = value === null ? null : Math.round(value / mib);
  }
  const pod = labels['pod'] ?? '';
  const rest = pod.startsWith(`${name}-`) ? pod.slice(name.length + 1) : '';
  // What was there before is warm already.
  const warm = first > over.fromS + 2 * stepS ? Math.min(values.length, Math.ceil(warmUpS / stepS)) : 0;
  const life = {
    pod,
    container: labels['container'] ?? '',
    hash: rest.split('-')[0] ?? '',
    fromS: first,
    mib: values,
    warm,
  };
  const shape = shapeOf(lineOf(life, stepS), leastChange);
  return { ...life, shape, hours: Math.max(0, (last - first - warm * stepS) / 3600) };
}

/** After its start, in MiB. */
export function lineOf(life: Pick<Life, 'pod' | 'fromS' | 'mib' | 'warm'>, stepS: number): Series {
  const points = life.mib.map((value, index) => [life.fromS + index * stepS, value] as const);
  return { labels: { pod: life.pod }, points: points.slice(life.warm) };
}
