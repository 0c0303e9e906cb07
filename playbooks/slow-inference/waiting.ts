import type { Measured } from '../readings/measures.ts';
import { mean, valuesOf } from '../readings/measures.ts';
import type { Row } from '../readings/pod-rows.ts';

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
    words: `${Math.round(now).toLocaleString('en-GB')} requests (${each >= 10 ? Math.round(each) : Math.round(each * 10) / 10} for each of ${ready} pods; ${values.length} samples in ${minutes} min)`,
  };
}
