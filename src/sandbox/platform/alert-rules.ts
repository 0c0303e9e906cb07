import { effectTexts, limits } from './alerts.ts';
import { minutes } from './state.ts';

/** All rules, as the metrics store lists them. */
export const ruleList: readonly {
  readonly group: string;
  readonly name: string;
  readonly expression: string;
  readonly forMs: number;
  readonly severity: string;
}[] = [
  ...(
    [
      ['KubeNodeNotReady', 'kube_node_status_condition{condition="Ready",status="true"} == 0'],
      ['KubeDeploymentRolloutStuck', 'kube_deployment_status_condition{condition="Progressing",status="false"} != 0'],
      [
        'KubeDeploymentGenerationMismatch',
        'kube_deployment_status_observed_generation != kube_deployment_metadata_generation',
      ],
      ['KubeDeploymentReplicasMismatch', 'kube_deployment_spec_replicas > kube_deployment_status_replicas_available'],
      [
        'KubePodCrashLooping',
        'max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[5m]) >= 1',
      ],
      ['KubePodNotReady', 'sum by (namespace, pod) (kube_pod_status_phase{phase=~"Pending|Unknown|Failed"}) > 0'],
    ] as const
  ).map(([name, expression]) => ({
    group: 'kubernetes-apps',
    name,
    expression,
    forMs: minutes(15),
    severity: 'warning',
  })),
  {
    group: 'service-health',
    name: 'HighErrorRate',
    expression: `service:errors:ratio5m > ${limits.errorRatio}`,
    forMs: minutes(5),
    severity: 'critical',
  },
  {
    group: 'service-health',
    name: 'HighLatencyP95',
    expression: `service:latency_p95_seconds:5m > ${limits.p95Seconds}`,
    forMs: minutes(5),
    severity: 'warning',
  },
  ...Object.entries(effectTexts).map(([name, { expression }]) => ({
    group: 'inference',
    name,
    expression,
    forMs: minutes(5),
    severity: name === 'ModelInferenceErrors' ? 'critical' : 'warning',
  })),
];
