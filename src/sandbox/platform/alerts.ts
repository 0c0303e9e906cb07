import { conditionOf } from './records.ts';
import { windowOf } from './traffic.ts';
import { minutes, type ActiveAlert, type Cluster } from './state.ts';
import { effectsOn, holds, type EffectAlert } from './telemetry/effects.ts';
import { instancesOf, runAt, servesAt } from './telemetry/load.ts';

/** The alert rules over the model: names, labels and waits of kubernetes-mixin, and two on request metrics. */
export const limits = { errorRatio: 0.01, p95Seconds: 0.2 };

type Rule = Pick<ActiveAlert, 'annotations' | 'expression' | 'forMs'> & {
  readonly labels: Readonly<Record<string, string>>;
};

/** Notes which rules are true, and since when. A silent Prometheus evaluates nothing, so its alerts end. */
export function evaluateAlerts(cluster: Cluster, at: number): void {
  const now = new Map<string, Rule>();
  if (cluster.metricsAnswer) {
    for (const rule of trueRules(cluster, at)) now.set(JSON.stringify(rule.labels), rule);
  }
  for (const key of cluster.alerts.keys()) if (!now.has(key)) cluster.alerts.delete(key);
  for (const [key, rule] of now) {
    if (!cluster.alerts.has(key)) cluster.alerts.set(key, { ...rule, since: at });
  }
}

/** Firing at `at`, with the moment at which each began to: after its wait. */
export function firingAt(cluster: Cluster, at: number): readonly (ActiveAlert & { readonly startsAt: number })[] {
  const out: (ActiveAlert & { readonly startsAt: number })[] = [];
  for (const alert of cluster.alerts.values()) {
    const startsAt = alert.since + alert.forMs;
    if (startsAt <= at) out.push({ ...alert, startsAt });
  }
  return out;
}

function* trueRules(cluster: Cluster, at: number): Generator<Rule> {
  const { region } = cluster;
  yield {
    labels: { alertname: 'Watchdog', region, severity: 'none' },
    annotations: {
      summary: 'An alert that should always be firing to certify that Alertmanager is working properly.',
      description: 'This is an alert meant to ensure that the entire alerting pipeline is functional.',
    },
    expression: 'vector(1)',
    forMs: 0,
  };
  yield* nodeRules(cluster);
  yield* deploymentRules(cluster);
  yield* podRules(cluster, at);
  yield* serviceRules(cluster, at);
  yield* effectRules(cluster, at);
}

const runbook = (name: string): string =>
  `https://runbooks.prometheus-operator.dev/runbooks/kubernetes/${name.toLowerCase()}`;

function* nodeRules(cluster: Cluster): Generator<Rule> {
  for (const { name: node, ready } of cluster.nodes) {
    if (ready === 'True') continue;
    yield {
      labels: {
        alertname: 'KubeNodeNotReady',
        region: cluster.region,
        job: 'kube-state-metrics',
        node,
        severity: 'warning',
      },
      annotations: {
        summary: 'Node is not ready.',
        description: `${node} has been unready for more than 15 minutes on cluster ${cluster.region}.`,
        runbook_url: runbook('KubeNodeNotReady'),
      },
      expression: 'kube_node_status_condition{job="kube-state-metrics",condition="Ready",status="true"} == 0',
      forMs: minutes(15),
    };
  }
}

function* deploymentRules(cluster: Cluster): Generator<Rule> {
  for (const workload of cluster.workloads) {
    const { namespace, name: deployment, conditions, replicas, status, generation, observedGeneration } = workload;
    const labels = { region: cluster.region, job: 'kube-state-metrics', namespace, deployment, severity: 'warning' };
    if (conditionOf(conditions, 'Progressing')?.status === 'False') {
      yield {
        labels: { alertname: 'KubeDeploymentRolloutStuck', ...labels },
        annotations: {
          summary: 'Deployment rollout is not progressing.',
          description: `Rollout of deployment ${namespace}/${deployment} is not progressing for longer than 15 minutes on cluster ${cluster.region}.`,
          runbook_url: runbook('KubeDeploymentRolloutStuck'),
        },
        expression:
          'kube_deployment_status_condition{condition="Progressing",status="false",job="kube-state-metrics"} != 0',
        forMs: minutes(15),
      };
    }
    if (observedGeneration < generation) {
      yield {
        labels: { alertname: 'KubeDeploymentGenerationMismatch', ...labels },
        annotations: {
          summary: 'Deployment generation mismatch due to possible roll-back.',
          description: `Deployment generation for ${namespace}/${deployment} does not match, this indicates that the Deployment has failed but has not been rolled back on cluster ${cluster.region}.`,
          runbook_url: runbook('KubeDeploymentGenerationMismatch'),
        },
        expression:
          'kube_deployment_status_observed_generation{job="kube-state-metrics"} != kube_deployment_metadata_generation{job="kube-state-metrics"}',
        forMs: minutes(15),
      };
    }
    if (status.available !== replicas) {
      yield {
        labels: { alertname: 'KubeDeploymentReplicasMismatch', ...labels },
        annotations: {
          summary: 'Deployment has not matched the expected number of replicas.',
          description: `Deployment ${namespace}/${deployment} has not matched the expected number of replicas for longer than 15 minutes on cluster ${cluster.region}.`,
          runbook_url: runbook('KubeDeploymentReplicasMismatch'),
        },
        expression:
          'kube_deployment_spec_replicas{job="kube-state-metrics"} > kube_deployment_status_replicas_available{job="kube-state-metrics"}',
        forMs: minutes(15),
      };
    }
  }
}

function* podRules(cluster: Cluster, at: number): Generator<Rule> {
  for (const pod of cluster.pods) {
    const { namespace, name } = pod;
    const labels = { region: cluster.region, job: 'kube-state-metrics', namespace, pod: name, severity: 'warning' };
    // The rule looks at the last five minutes of the back-off, so short runs between two crashes do not end it.
    const looping = pod.containers.find((one) => one.step !== 'done' && one.backedOffUntil + minutes(5) > at);
    if (looping !== undefined && pod.deletedAt === null) {
      yield {
        labels: {
          alertname: 'KubePodCrashLooping',
          ...labels,
          container: looping.spec.name,
          reason: 'CrashLoopBackOff',
          uid: pod.uid,
        },
        annotations: {
          summary: 'Pod is crash looping.',
          description: `Pod ${namespace}/${name} (${looping.spec.name}) is in waiting state (reason: "CrashLoopBackOff") on cluster ${cluster.region}.`,
          runbook_url: runbook('KubePodCrashLooping'),
        },
        expression:
          'max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff",job="kube-state-metrics"}[5m]) >= 1',
        forMs: minutes(15),
      };
    }
    if (pod.phase === 'Pending' || pod.phase === 'Unknown' || pod.phase === 'Failed') {
      yield {
        labels: { alertname: 'KubePodNotReady', ...labels },
        annotations: {
          summary: 'Pod has been in a non-ready state for more than 15 minutes.',
          description: `Pod ${namespace}/${name} has been in a non-ready state for longer than 15 minutes on cluster ${cluster.region}.`,
          runbook_url: runbook('KubePodNotReady'),
        },
        expression:
          'sum by (namespace, pod, cluster) (kube_pod_status_phase{phase=~"Pending|Unknown|Failed",job="kube-state-metrics"}) > 0',
        forMs: minutes(15),
      };
    }
  }
}

function namespaceOf({ services, workloads }: Cluster, name: string): string {
  const workload = services.find((one) => one.name === name)?.workload;
  return workloads.find((one) => one.name === workload)?.namespace ?? '';
}

function* serviceRules(cluster: Cluster, at: number): Generator<Rule> {
  const { region } = cluster;
  for (const { name: service } of cluster.services) {
    const { errors, p95Seconds } = windowOf(cluster, service, at);
    if (errors !== null && errors > limits.errorRatio) {
      yield {
        labels: {
          alertname: 'HighErrorRate',
          region,
          namespace: namespaceOf(cluster, service),
          service,
          severity: 'critical',
        },
        annotations: {
          summary: 'Too many requests fail.',
          description: `More than 1 % of the requests to ${service} in ${region} have failed for 5 minutes.`,
        },
        expression: `service:errors:ratio5m > ${limits.errorRatio}`,
        forMs: minutes(5),
      };
    }
    if (p95Seconds !== null && p95Seconds > limits.p95Seconds) {
      yield {
        labels: {
          alertname: 'HighLatencyP95',
          region,
          namespace: namespaceOf(cluster, service),
          service,
          severity: 'warning',
        },
        annotations: {
          summary: 'Requests are slow.',
          description: `The p95 latency of ${service} in ${region} has been above 200 ms for 5 minutes.`,
        },
        expression: `service:latency_p95_seconds:5m > ${limits.p95Seconds}`,
        forMs: minutes(5),
      };
    }
  }
}

/** The rules that nothing but an effect makes true: each is so while one of its effects strains a pod that serves. */
export const effectTexts: Readonly<Record<EffectAlert, { readonly says: string; readonly expression: string }>> = {
  ModelInferenceErrors: {
    says: 'Inference requests fail more often than they should.',
    expression:
      'sum by (namespace, deployment) (rate(http_requests_total{code=~"5.."}[5m])) / sum by (namespace, deployment) (rate(http_requests_total[5m])) > 0.01',
  },
  SlowInference: {
    says: 'Inference requests take longer than they should.',
    expression:
      'histogram_quantile(0.95, sum by (namespace, deployment, le) (rate(http_request_duration_seconds_bucket[5m]))) > 0.2',
  },
  HighCPUUsage: {
    says: 'A container uses more than 85 % of the CPU that it asked for.',
    expression:
      'max by (namespace, deployment) (rate(container_cpu_usage_seconds_total[5m]) / on (pod, container) kube_pod_container_resource_requests{resource="cpu"}) > 0.85',
  },
  MemoryLeakSuspected: {
    says: 'The working set of a container has been growing for hours.',
    expression: 'max by (namespace, deployment) (deriv(container_memory_working_set_bytes[2h])) > 1e5',
  },
};

export const isOfEffect = (alertname: string): boolean => alertname in effectTexts;

/** A trend is one only after hours. */
const trendMs = minutes(360);

function* effectRules(cluster: Cluster, at: number): Generator<Rule> {
  const { region } = cluster;
  const alerting = cluster.effects.filter((one) => one.alert !== null && holds(one, at));
  if (alerting.length === 0) return;
  for (const { namespace, name: deployment } of cluster.workloads) {
    const names = new Set<EffectAlert>();
    const serving = instancesOf(cluster, deployment).filter((one) => servesAt(cluster, one, at));
    for (const of of serving) {
      const startedAt = runAt(of, at)?.startedAt ?? of.createdAt;
      for (const { alert, since } of effectsOn(cluster, of, at, { startedAt, ready: serving.length })) {
        if (alert === null || (alert === 'MemoryLeakSuspected' && at - since < trendMs)) continue;
        names.add(alert);
      }
    }
    for (const alertname of names) {
      const { says, expression } = effectTexts[alertname];
      const severity = alertname === 'ModelInferenceErrors' ? 'critical' : 'warning';
      yield {
        labels: { alertname, region, namespace, deployment, severity },
        annotations: { summary: says, description: `${says} ${namespace}/${deployment} in ${region}.` },
        expression,
        forMs: minutes(5),
      };
    }
  }
}
