import { expect, test } from 'vitest';
import { inject } from '../control.ts';
import { SimulatedPlatform } from '../platform.ts';
import type { Cluster } from '../state.ts';
import { workloadOf } from '../write.ts';
import { autoscalerView } from './autoscaler-view.ts';

const of = { namespace: 'ml-platform', name: 'model-server' };
const used = (cluster: Cluster): string | undefined => {
  const scaler = cluster.autoscalers.find((one) => one.workload === of.name);
  const workload = workloadOf(cluster, of);
  if (scaler === undefined || workload === null) throw new Error('no autoscaler');
  return autoscalerView(cluster, scaler, workload).metrics[0]?.current;
};

test('what an autoscaler uses is seen in a quiet region too; what it cannot see is unknown and never 0 %', () => {
  const platform = new SimulatedPlatform({ clock: { nowMs: () => Date.parse('2026-03-14T02:42:00Z') }, seed: 'test' });
  const cluster = (): Cluster => platform.region('eu-west-1').at(platform.now());
  expect(used(cluster())).toMatch(/^[1-9]\d?% of request$/);
  inject(platform, 'hpa-blind', 'eu-west-1');
  expect(used(cluster())).toBe('unknown');
  const scaler = cluster().autoscalers.find((one) => one.workload === of.name);
  // One that only shows its bounds measures nothing.
  cluster().autoscalers.splice(0, cluster().autoscalers.length, {
    namespace: of.namespace,
    name: 'bare',
    workload: of.name,
    min: scaler?.min ?? 1,
    max: scaler?.max ?? 1,
  });
  expect(used(cluster())).toBe('unknown');
});
