import { kubectl } from '../targets/deployment.ts';
import { onDeployment } from './on.ts';
import { podRows } from './pod-rows.ts';

/** Containers that ended and were started again: how the last one ended, of the pods that were started again most often. */
export interface EndedContainers {
  readonly ends: readonly {
    readonly pod: string;
    readonly container: string;
    readonly restarts: number;
    /** "OOMKilled", "Error". */
    readonly reason: string;
    readonly exitCode: number;
    readonly startedAt: string | null;
    readonly finishedAt: string;
  }[];
  /** Pods that were started again at all, read or not, of so many, and how often altogether. */
  readonly pods: number;
  readonly restarts: number;
  readonly of: number;
}

const atMost = 8;

export const endedContainers = onDeployment.reading('ended containers', {
  after: [podRows],
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} get pods -o wide`,
  read: async (read, t, seen): Promise<EndedContainers> => {
    const again = seen['pod rows'].rows.filter((one) => one.restarts > 0);
    const worst = again.toSorted((a, b) => b.restarts - a.restarts || a.name.localeCompare(b.name)).slice(0, atMost);
    const found = await Promise.all(
      worst.map((one) => read.kubernetes.pod({ namespace: t.namespace, name: one.name })),
    );
    const ends = found.flatMap((pod) =>
      (pod?.containers ?? []).flatMap(({ name, restarts, state, last }) => {
        const end = state.is === 'terminated' ? state : last;
        if (pod === null || end?.is !== 'terminated' || end.finishedAt === null) return [];
        const { reason, exitCode, startedAt, finishedAt } = end;
        return [{ pod: pod.name, container: name, restarts, reason, exitCode, startedAt, finishedAt }];
      }),
    );
    const restarts = again.reduce((sum, one) => sum + one.restarts, 0);
    return { ends, pods: again.length, restarts, of: seen['pod rows'].of };
  },
});
