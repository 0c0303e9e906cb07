import { whyOf } from '../../src/core/failure.ts';
import type { ContainerStatus, Pod } from '../../src/core/ports/kubernetes.ts';
import { kubectl } from '../targets/deployment.ts';
import { onDeployment } from './on.ts';
import { samples } from './pods.ts';

export interface PodLog {
  readonly pod: string;
  readonly container: string;
  /** The instance before the present one: why it ended. */
  readonly previous: boolean;
  readonly lines: readonly string[];
  /** Why it could not be read; '' when it was. */
  readonly unread: string;
}

const tail = 20;

/** Last lines, current and previous, of at most two pods whose containers end or do not get ready. */
export const logs = onDeployment.reading('logs', {
  after: [samples],
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} logs deployment/${t.name} --all-containers --previous --tail=${tail}`,
  read: async (read, t, seen): Promise<readonly PodLog[]> => {
    const asked = seen.samples.flatMap(({ pod }) => logsWorthReading(pod)).slice(0, 4);
    const found = await Promise.all(
      asked.map(async ({ pod, container, previous }): Promise<PodLog> => {
        try {
          const log = await read.kubernetes.log({ namespace: t.namespace, name: pod }, { container, previous, tail });
          return { pod, container, previous, lines: log.lines.slice(-tail), unread: '' };
        } catch (error) {
          return { pod, container, previous, lines: [], unread: whyOf(error) };
        }
      }),
    );
    return found;
  },
});

function logsWorthReading(
  pod: Pod,
): readonly { readonly pod: string; readonly container: string; readonly previous: boolean }[] {
  const ended = [...pod.initContainers, ...pod.containers].find(hasEnded);
  if (ended !== undefined) {
    return [false, true]
      .filter((previous) => (previous ? ended.restarts > 0 : ended.state.is !== 'waiting'))
      .map((previous) => ({ pod: pod.name, container: ended.name, previous }));
  }
  const unready = pod.containers.find((one) => one.state.is === 'running' && !one.ready);
  return unready === undefined ? [] : [{ pod: pod.name, container: unready.name, previous: false }];
}

function hasEnded(status: ContainerStatus): boolean {
  if (status.ready) return false;
  const failed = (state: ContainerStatus['last']): boolean => state?.is === 'terminated' && state.exitCode !== 0;
  return failed(status.state) || status.last?.is === 'terminated' || status.restarts > 0;
}

/** Last lines of this container's last ended instance, or of the running one. Null: not read. */
export function linesOf(all: readonly PodLog[], pod: string, container: string): readonly string[] | null {
  const mine = all.filter((log) => log.pod === pod && log.container === container && log.unread === '');
  const best = mine.find((log) => log.previous && log.lines.length > 0) ?? mine.find((log) => log.lines.length > 0);
  return best?.lines ?? (mine.length > 0 ? [] : null);
}
