import type { Cluster } from '../state.ts';
import { endEffects } from './strained.ts';
import type { Fault } from './fault.ts';
import type { Effect } from '../telemetry/effects.ts';

/** What keeps a person, and the bot, from seeing: nothing is wrong with the service, and nothing can be called healthy. */
function blind(
  id: string,
  title: string,
  about: string,
  run: (cluster: Cluster, at: number) => void,
  heal: (cluster: Cluster, at: number) => void,
): Fault {
  return {
    id,
    title,
    group: 'Around it',
    about,
    cause: null,
    playbook: 'slow-inference',
    trap: true,
    alert: null,
    rollback: 'nothing to roll back',
    minutesAgo: 10,
    inject: run,
    heal: { title: 'Make it visible again', run: heal },
  };
}

/** An effect of the whole region. */
const silencing =
  (fault: string, effect: Effect) =>
  (cluster: Cluster, at: number): void =>
    void cluster.effects.push({ fault, effect, where: {}, alert: null, since: at, until: null });

const ending =
  (fault: string) =>
  (cluster: Cluster, at: number): void =>
    endEffects(cluster, fault, at);

const rights = ['create pods/exec', 'get services/proxy'];

export const blindFaults: readonly Fault[] = [
  blind(
    'gpu-exporter-down',
    'The GPU exporter is down',
    'dcgm-exporter does not answer: nobody can say how busy the GPUs are',
    silencing('gpu-exporter-down', { is: 'exporter down', job: 'dcgm-exporter' }),
    ending('gpu-exporter-down'),
  ),
  blind(
    'no-gpu-exporter',
    'There is no GPU exporter',
    'Nobody ever exported a GPU metric here',
    silencing('no-gpu-exporter', { is: 'no exporter', job: 'dcgm-exporter' }),
    ending('no-gpu-exporter'),
  ),
  blind(
    'no-metrics-server',
    'There is no metrics server',
    'kubectl top answers nothing: metrics.k8s.io is not there',
    (cluster) => void (cluster.around.metricsServer = false),
    (cluster) => void (cluster.around.metricsServer = true),
  ),
  blind(
    'no-look-inside',
    'The bot may not look inside',
    'pods/exec and the service proxy are forbidden, as the default is',
    (cluster) => {
      for (const right of rights) cluster.around.denied.add(right);
    },
    (cluster) => {
      for (const right of rights) cluster.around.denied.delete(right);
    },
  ),
  blind(
    'no-traffic',
    'No traffic at all',
    'Not one request: ratios are NaN, which is neither zero nor healthy',
    silencing('no-traffic', { is: 'requests', factor: 0, why: 'none' }),
    ending('no-traffic'),
  ),
];
