import type { Revision } from '../../src/core/ports/kubernetes.ts';
import { currentRevision } from '../readings/deployment.ts';
import type { EndedContainers } from '../readings/ended-containers.ts';
import { newest } from '../readings/measures.ts';
import type { Measured } from '../readings/measures.ts';
import type { Odd } from '../readings/odd-pod.ts';
import { jumpOf } from '../readings/trend.ts';
import { minutesBetween } from '../readings/wording.ts';
import type { Evidence } from './evidence.ts';
import type { Harm } from './harm.ts';

/** Signs beside the pods' own words: each from one measure, with its own moment. */

/** Errors of the hardware or its driver, not of the program that ran on it: NVIDIA's "XID Errors", 13, 31, 43 and 45 are the program's. */
const ofTheProgram = new Set([13, 31, 43, 45]);

export interface Xid {
  readonly number: number;
  readonly pods: number;
  readonly gpus: readonly string[];
}

/** Where one pod or node stands out it must be that one's: the driver keeps its last error for days. */
export function xidOf(seen: Evidence, odd: Odd | null): Xid | null {
  const all = seen['GPU errors (XID)'];
  if (!all.known || odd === null) return null;
  const rows = seen['pod rows'].known ? seen['pod rows'].value.rows : [];
  const there = new Set(rows.filter((one) => one.node === odd.nodeName).map((one) => one.name));
  const bad = all.value.series.flatMap((one) => {
    const number = newest(one) ?? 0;
    const pod = one.labels['pod'] ?? '';
    return there.has(pod) && number > 0 && !ofTheProgram.has(number)
      ? [{ number, pod, gpu: one.labels['gpu'] ?? '' }]
      : [];
  });
  const [first] = bad;
  return first === undefined
    ? null
    : {
        number: first.number,
        pods: new Set(bad.map((one) => one.pod)).size,
        gpus: [...new Set(bad.map((one) => one.gpu))].filter((one) => one !== '').toSorted(),
      };
}

const longer = 1.3;

export function inputsOf(seen: Evidence): { readonly times: number; readonly at: string } | null {
  const size = seen['input size'];
  const [line] = size.known ? size.value.series : [];
  const jump = line === undefined ? null : jumpOf(line);
  if (jump === null || jump.before <= 0 || jump.after < jump.before * longer) return null;
  return { times: jump.after / jump.before, at: new Date(jump.at * 1000).toISOString() };
}

export function endsOf(seen: Evidence, at: string): EndedContainers['ends'] {
  const ended = seen['ended containers'];
  return ended.known ? ended.value.ends.filter((one) => minutesBetween(one.finishedAt, at) < 60) : [];
}

/** How long before errors and after them pods may go for the two to be one story. */
const aroundS = 150;

export function drainsOf(seen: Evidence, harm: Harm): readonly number[] {
  const ready = seen['pods ready over time'];
  if (!ready.known || (harm.is !== 'bad' && harm.is !== 'fine')) return [];
  const falls = fallsOf(ready.value);
  return harm.episodes.flatMap(({ from, to }) => {
    const fall = falls.find((one) => one >= from - aroundS && one <= to + aroundS);
    return fall === undefined ? [] : [fall];
  });
}

function fallsOf({ series }: Measured): readonly number[] {
  const [line] = series;
  if (line === undefined) return [];
  return line.points.flatMap(([at, value], index) => {
    const before = line.points[index - 1]?.[1] ?? null;
    return value !== null && before !== null && value < before ? [at] : [];
  });
}

/** A change of the template is near when the errors began within this time of it. */
const beforeMs = 3 * 60_000;
const afterMs = 30 * 60_000;

export function changeOf(seen: Evidence, harm: Harm): Revision | null {
  if (!seen.deployment.known || !seen.revisions.known || harm.is !== 'bad' || harm.since === null) return null;
  const current = currentRevision(seen.deployment.value, seen.revisions.value);
  const isNewest = current !== null && seen.revisions.value.every((one) => one.createdAt <= current.createdAt);
  if (!isNewest || seen.revisions.value.length < 2) return null;
  const after = Date.parse(harm.since) - Date.parse(current.createdAt);
  return after >= -beforeMs && after <= afterMs ? current : null;
}
