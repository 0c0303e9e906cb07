import { Failure } from '../../src/core/failure.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { kubectl } from '../targets/deployment.ts';
import { deployment } from './deployment.ts';
import { minutes, newest } from './measures.ts';
import { onDeployment } from './on.ts';

/** What each container uses now. Bytes and cores. */
export interface ContainerUse {
  /** Resident memory where the metrics store has it: the working set counts page cache that a lower limit would only drop. */
  readonly memoryBy: 'resident memory' | 'working set';
  readonly memory: readonly Used[];
  readonly cpu: readonly Used[];
}
interface Used {
  readonly container: string;
  readonly value: number;
}

/** For a change of limits: a limit below what is used kills, or throttles. */
export const containerUse = onDeployment.reading('container use', {
  after: [deployment],
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} top pods --containers`,
  read: (read, t, seen) => containerUseOf(read, t, seen.deployment.selector),
});

/** Throws what the metrics server answered, or *not found*, where neither it nor the metrics store has numbers. */
export async function containerUseOf(
  read: Read,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  selector: string,
): Promise<ContainerUse> {
  const [rss, top] = await Promise.allSettled([
    residentOf(read, { namespace, name }),
    read.kubernetes.podUse(namespace, selector),
  ]);
  const rows = top.status === 'fulfilled' ? top.value.flatMap((one) => one.containers) : [];
  const resident = rss.status === 'fulfilled' ? rss.value : [];
  if (resident.length === 0 && rows.length === 0) {
    if (top.status === 'rejected') throw top.reason;
    throw new Failure('not found', 'neither the metrics store nor the metrics server has numbers of its containers');
  }
  return {
    memoryBy: resident.length > 0 ? 'resident memory' : 'working set',
    memory:
      resident.length > 0 ? resident : rows.map(({ name: container, memoryBytes: value }) => ({ container, value })),
    cpu: rows.map(({ name: container, cores: value }) => ({ container, value })),
  };
}

async function residentOf(read: Read, { namespace, name }: { namespace: string; name: string }): Promise<Used[]> {
  const window = { forMs: minutes(5), stepMs: minutes(1) };
  const answer = await read.metrics.series({ ask: 'memory rss', of: { namespace, name } }, window);
  if (answer.is !== 'series') return [];
  const last = Math.max(0, ...answer.series.flatMap(({ points }) => points.at(-1)?.[0] ?? []));
  // A series that ended is of a container that is gone.
  return answer.series
    .filter(({ points }) => (points.at(-1)?.[0] ?? 0) === last)
    .flatMap((one) => {
      const value = newest(one);
      return value === null ? [] : [{ container: one.labels['container'] ?? '', value }];
    });
}
