import { kubectl } from '../targets/deployment.ts';
import { deployment } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { busyThread, rowsOf } from '../readings/top.ts';
import { anyHot, boundsOf } from './picture.ts';
import { cpu } from './use.ts';
import type { PodUse } from './use.ts';

/** What `top` shows inside the hottest container: one sample. Needs *look inside*, so it only ever adds detail. Null: no pod works hard, or the image has no `top`. */
export interface Inside {
  readonly pod: string;
  readonly container: string;
  /** The busiest first, at most five. 1 core is 100 % in `top`. */
  readonly processes: readonly { readonly name: string; readonly cores: number }[];
  /** All threads, and those that were busy in this sample (2 % of a core or more). */
  readonly threads: number;
  readonly busyThreads: number;
  /** Cores that the container sees: those of the node, unless it is pinned. Null: no `nproc` in the image. */
  readonly cores: number | null;
}

export const inside = onDeployment.reading('inside', {
  after: [deployment, cpu],
  withinMs: 10_000,
  byHand: (t) => `${kubectl(t)} exec deployment/${t.name} -- top -b -n 1`,
  read: async (read, t, seen): Promise<Inside | null> => {
    if (!anyHot(seen.deployment, seen.cpu)) return null;
    // What uses most of what was set aside for it: a sidecar may be hot though the model uses more.
    const over = ({ container, value }: PodUse): number => value / (boundsOf(seen.deployment, container).request ?? 1);
    const worth = seen.cpu.pods.filter((one) => !one.young && one.value >= 0.3).toSorted((a, b) => over(b) - over(a));
    const hottest = worth[0] ?? seen.cpu.pods[0];
    if (hottest === undefined) return null;
    const { pod, container } = hottest;
    const at = { namespace: t.namespace, name: pod };
    const [processes, threads, cores] = await Promise.all([
      read.kubernetes.exec(at, { container, argv: ['top', '-b', '-n', '1'] }),
      read.kubernetes.exec(at, { container, argv: ['top', '-b', '-H', '-n', '1'] }),
      read.kubernetes.exec(at, { container, argv: ['nproc'] }).catch(() => null),
    ]);
    if (processes.exitCode === 126) return null;
    const rows = rowsOf(processes.out);
    const all = rowsOf(threads.out);
    const count = Number(cores?.out[0]);
    return {
      pod,
      container,
      processes: rows.slice(0, 5),
      threads: all.length,
      busyThreads: all.filter((one) => one.cores >= busyThread).length,
      cores: cores === null || !(count > 0) ? null : count,
    };
  },
});
