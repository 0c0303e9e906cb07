import type { Pod, PodRow } from '../../src/core/ports/kubernetes.ts';
import type { Read } from '../../src/core/ports/platform.ts';

/** A pod that is ready now. */
export interface Serving {
  readonly name: string;
  /** Unix seconds. */
  readonly madeS: number;
  /** Unix seconds since when it is ready. */
  readonly sinceS: number;
}

/** Rows do not say since when a pod is ready, and a thousand pods are not asked for one by one with each look: the youngest are. */
const asked = 5;

/** Ready pods that do not end. One that was not asked took as long as the slowest that was, and was ready no later than the last. */
export async function servingPods(read: Read, namespace: string, selector: string): Promise<readonly Serving[]> {
  const rows = await read.kubernetes.pods(namespace, selector);
  const serving = rows.filter(
    (one) => !one.terminating && one.readyContainers > 0 && one.readyContainers === one.containers,
  );
  const byAge = serving.toSorted((a, b) => madeS(b) - madeS(a));
  const close = await Promise.all(
    byAge.slice(0, asked).map(async (row) => {
      const pod = await read.kubernetes.pod({ namespace, name: row.name });
      const sinceS = pod === null || pod.uid !== row.uid ? null : readyS(pod);
      return sinceS === null ? [] : [{ name: row.name, madeS: madeS(row), sinceS }];
    }),
  );
  const youngest = close.flat();
  const slowestS = Math.max(0, ...youngest.map((one) => one.sinceS - one.madeS));
  const lastS = Math.max(0, ...youngest.map((one) => one.sinceS));
  const others = byAge.slice(asked).map((row): Serving => {
    const since = Math.min(madeS(row) + slowestS, lastS);
    return { name: row.name, madeS: madeS(row), sinceS: Math.max(madeS(row), since) };
  });
  return [...youngest, ...others];
}

const madeS = ({ createdAt }: Pick<PodRow, 'createdAt'>): number => Date.parse(createdAt) / 1000;

/** Null: not ready any more. */
function readyS({ conditions, createdAt }: Pod): number | null {
  const ready = conditions.find((one) => one.type === 'Ready' && one.status === 'True');
  return ready === undefined ? null : Date.parse(ready.since ?? createdAt) / 1000;
}
