import type { AlertRule, FiringAlert, ScrapeTarget } from '../../../core/ports/metrics.ts';
import { ruleList } from '../alert-rules.ts';
import { iso, seconds, type Cluster } from '../state.ts';
import { holds } from './effects.ts';

/** What the region's Prometheus says of itself: whom it scrapes, its rules, what fires. */
export function answersOf(
  cluster: Cluster,
  now: number,
): {
  readonly targets: () => readonly ScrapeTarget[];
  readonly rules: () => readonly AlertRule[];
  readonly alerts: () => readonly FiringAlert[];
} {
  return {
    targets: () => targetsOf(cluster, now),
    rules: () => rulesOf(cluster, now),
    alerts: () => alertsOf(cluster, now),
  };
}

function targetsOf(cluster: Cluster, now: number): readonly ScrapeTarget[] {
  const lastScrapeAt = iso(now - seconds(9));
  const out: ScrapeTarget[] = [];
  const put = (job: string, instance: string, isUp: boolean, labels: Readonly<Record<string, string>> = {}): void => {
    const isDown =
      !isUp ||
      cluster.effects.some((one) => one.effect.is === 'exporter down' && one.effect.job === job && holds(one, now));
    const error = isDown ? `Get "http://${instance}/metrics": dial tcp ${instance}: connect: connection refused` : '';
    out.push({
      job,
      instance,
      up: !isDown,
      error,
      lastScrapeAt,
      labels: { job, instance, region: cluster.region, ...labels },
    });
  };
  const missing = (job: string): boolean =>
    cluster.effects.some((one) => one.effect.is === 'no exporter' && one.effect.job === job && holds(one, now));
  if (!missing('kube-state-metrics')) put('kube-state-metrics', 'kube-state-metrics.monitoring:8080', true);
  for (const node of cluster.nodes) {
    put('cadvisor', `${node.name}:10250`, node.reports, { node: node.name });
    if (!missing('node-exporter')) put('node-exporter', `${node.name}:9100`, node.reports, { node: node.name });
    if (node.labels['mlp/pool'] === 'gpu' && !missing('dcgm-exporter')) {
      put('dcgm-exporter', `${node.name}:9400`, node.reports, { node: node.name });
    }
  }
  for (const { name, workload } of cluster.services) {
    for (const pod of cluster.pods) {
      if (pod.workload !== workload || pod.phase !== 'Running' || pod.deletedAt !== null) continue;
      put(name, `${pod.name}:8080`, pod.readySince !== null, { pod: pod.name, namespace: pod.namespace });
    }
  }
  return out;
}

function alertsOf(cluster: Cluster, now: number): readonly FiringAlert[] {
  return [...cluster.alerts.values()].map((one) => ({
    name: one.labels['alertname'] ?? '',
    state: one.since + one.forMs <= now ? 'firing' : 'pending',
    since: iso(one.since),
    labels: one.labels,
  }));
}

function rulesOf(cluster: Cluster, now: number): readonly AlertRule[] {
  const alerts = alertsOf(cluster, now);
  return ruleList.map(({ group, name, expression, forMs, severity }) => {
    const own = alerts.filter((one) => one.name === name);
    return {
      group,
      name,
      query: expression,
      forS: forMs / 1000,
      health: 'ok',
      error: '',
      state: own.some((one) => one.state === 'firing') ? 'firing' : own.length > 0 ? 'pending' : 'inactive',
      labels: { severity },
    };
  });
}
