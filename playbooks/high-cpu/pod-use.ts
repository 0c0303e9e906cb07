import { deployment } from '../readings/deployment.ts';
import { median } from '../readings/measures.ts';
import { onDeployment } from '../readings/on.ts';
import { kubectl } from '../targets/deployment.ts';
import { of } from './use.ts';

/** `kubectl top`, of the container that serves: one sample, looked at only where the metrics store has nothing of its pods. Null: it has. */
export const podUse = onDeployment.reading('pod use', {
  after: [deployment],
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} top pods --containers --sort-by=cpu`,
  read: async (
    read,
    t,
    seen,
  ): Promise<{ readonly pods: number; readonly median: number; readonly highest: number } | null> => {
    const { namespace, name } = t;
    const short = { forMs: 5 * 60_000, stepMs: 60_000 };
    const known = await read.metrics.series({ ask: 'cpu', of: of({ ...t, namespace, name }) }, short).catch(() => null);
    if (known?.is === 'series') return null;
    const main = seen.deployment.template.containers[0]?.name ?? '';
    const all = await read.kubernetes.podUse(namespace, seen.deployment.selector);
    const values = all.flatMap((one) => one.containers.filter((two) => two.name === main).map((two) => two.cores));
    return { pods: values.length, median: median(values) ?? 0, highest: Math.max(0, ...values) };
  },
});
