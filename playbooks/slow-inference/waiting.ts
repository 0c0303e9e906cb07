import type { Measured } from '../readings/measures.ts';
import { mean, valuesOf } from '../readings/measures.ts';
import type { Row } from '../readings/pod-rows.ts';
import { duration } from './judge.ts';
import type { Slow } from './judge.ts';
import type { Latency } from './latency.ts';
import { plural } from '../readings/wording.ts';

/** Requests that wait for a worker: not once, but in all of the last samples. */
export interface Waiting {
  /** The fewest in any of the last samples, for each pod that serves. */
  readonly perPod: number;
  /** "408 requests (34 for each of 12 pods; 6 samples in 10 min)". */
  readonly words: string;
}

const minutes = 10;
const fewestSamples = 3;

/** Null: too few samples, or nobody serves. */
export function waitingOf(queue: Measured, rows: readonly Row[], at: string): Waiting | null {
  const [line] = queue.series;
  const ready = rows.filter((one) => one.ready).length;
  const values = line === undefined ? [] : valuesOf(line, { at, minutes });
  const now = mean(values);
  if (now === null || values.length < fewestSamples || ready === 0) return null;
  const each = now / ready;
  return {
    perPod: Math.min(...values) / ready,
    words: `${Math.round(now).toLocaleString('en-GB')} requests (${each >= 10 ? Math.round(each) : Math.round(each * 10) / 10} for each of ${plural(ready, 'pod')}; ${values.length} samples in ${minutes} min)`,
  };
}

/** Little's law: so many that wait, of so many that are served in a second, wait so long each (seconds). Null: the rate is not known. */
export function waitOf(queue: Measured, latency: Latency, at: string): number | null {
  const [line] = queue.series;
  const now = line === undefined ? null : mean(valuesOf(line, { at, minutes }));
  const rate =
    latency.from === 'histogram' && latency.requests !== null
      ? mean(valuesOf(latency.requests, { at, minutes }))
      : null;
  return now === null || rate === null || rate <= 0 ? null : now / rate;
}

/** ", about 1.3 s each at 28 a second"; with what does not fit where the latency is far below it: then it is measured after the wait. */
export function waitText(queue: Measured, latency: Latency, slow: Slow, at: string): string {
  const wait = waitOf(queue, latency, at);
  if (wait === null) return '';
  const apart =
    wait > slow.p95 * 2 && !slow.atLeast
      ? `, more than the p95 shows: that is measured after the wait, or the queue counts what is no request`
      : '';
  return `, some ${duration(wait)} each at the rate at which requests are served${apart}`;
}
