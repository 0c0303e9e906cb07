import { afterAll, beforeAll, expect, test } from 'vitest';
import { clustersOf } from '../../src/adapters/kubernetes/regions.ts';
import { prometheus } from '../../src/adapters/prometheus/prometheus.ts';
import { tableOf } from '../../src/core/doctor/show.ts';
import type { Platform } from '../../src/core/ports/platform.ts';
import { DEFAULT_NAMES } from '../../src/core/promql.ts';
import { examine } from '../../src/engine/doctor/examine.ts';
import { kubernetesProbes } from '../../src/engine/doctor/kubernetes.ts';
import { metricsProbes } from '../../src/engine/doctor/metrics.ts';
import type { DoctorParts } from '../../src/engine/doctor/parts.ts';
import { systemClock } from '../../src/engine/parts.ts';
import { Cluster, name as region, namespace } from '../kubernetes/cluster.ts';
import { need } from '../peers/need.ts';
import { startPrometheus } from '../peers/prometheus.ts';
import { noConfig, noMetrics } from '../ports/without.ts';

/** The doctor's looks at a region, on a real API server and a real Prometheus. */

const config: DoctorParts['config'] = {
  regions: [{ name: region, prometheus: true, receivers: ['mlp-bot'] }],
  namespaces: [namespace],
  services: [{ namespace, name: 'served' }],
  metrics: DEFAULT_NAMES,
  health: () => [],
  channels: [],
  groups: [],
  skewMs: 5_000,
};

need('control-plane')('a real API server', { timeout: 60_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start();
    await cluster.deployed('served');
  }, 120_000);
  afterAll(() => cluster.stop());

  async function told(user: string, aheadMs = 0): Promise<string> {
    const { at, ...changing } = clustersOf(new Map([[region, cluster.as(user)]]));
    const platform: Platform = {
      ...changing,
      read: (where, signal) => ({ kubernetes: at(where).read(signal), metrics: noMetrics(), service: noConfig }),
    };
    const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
    const parts = { platform, config, clock } as unknown as DoctorParts;
    return tableOf(await examine(kubernetesProbes(parts), systemClock)).join('\n');
  }

  test('who may read, and change one thing', async () => {
    const out = await told('roller');
    expect(out).toMatch(/^ok +eu-west-1: may read ml-platform +all \d+ rights of deploy\/read\.yaml$/m);
    expect(out).toMatch(/^ok +eu-west-1: may read the cluster +all \d+ rights of deploy\/read-cluster\.yaml$/m);
    expect(out).toMatch(
      /^ok +eu-west-1: may look inside ml-platform +nothing, as it is until deploy\/look-inside\.yaml/m,
    );
    // One right stands for all that patch deployments.
    expect(out).toMatch(
      /^warn +eu-west-1: remedies in ml-platform +rollback, resume, restart, scale, .*; not autoscaler-bounds \(patch horizontalpodautoscalers\.autoscaling\), /m,
    );
    expect(out).toMatch(/^ok +eu-west-1: served +1 of 1 pods ready$/m);
    expect(out).toMatch(/^ok +eu-west-1: clock +agrees with mine to /m);
  });

  test('who may nothing, and a clock of ours that is a minute ahead', async () => {
    const out = await told('nobody', 60_000);
    expect(out).toMatch(/^ok +eu-west-1: Kubernetes +answers$/m);
    expect(out).toMatch(/^BAD +eu-west-1: may read ml-platform +0 of \d+ rights; not: one pod \(get pods\), /m);
    expect(out).toMatch(
      /→ kubectl apply -f deploy\/read\.yaml there, or add: \{apiGroups: \[""\], resources: \["pods"\], verbs: \["get"\]\}/,
    );
    expect(out).toMatch(
      /^BAD +eu-west-1: clock +at least 5\d\.\d s behind mine, more than timing\.skewMs \(5\.0 s\)$/m,
    );
  });
});

need('prometheus')('a real Prometheus', { timeout: 60_000 }, () => {
  test('which metrics are there, which have other labels, and whose are missing', async () => {
    const now = Math.floor(Date.now() / 1000);
    const pod = 'namespace="ml-platform",pod="served-7c9d8b6f5d-x7x2k",container="serve"';
    const lines = [
      `container_cpu_usage_seconds_total{${pod},region="eu-west-1"} 1 ${now}`,
      // Scraped without the pod's labels.
      `container_memory_rss{instance="10.0.0.1:10250",region="eu-west-1"} 1 ${now}`,
      `kube_deployment_spec_replicas{namespace="ml-platform",deployment="served",region="us-east-1"} 1 ${now}`,
      `node_cpu_seconds_total{instance="node-1:9100",region="eu-west-1"} 1 ${now}`,
    ];
    const peer = await startPrometheus({ backfill: `${lines.join('\n')}\n# EOF\n` });
    const adapter = prometheus({ region, url: peer.url, regionLabel: 'region' });
    const platform = { read: (_: string, signal: AbortSignal) => ({ metrics: adapter.read(signal) }) };
    const parts = { platform, config: { ...config, services: [] }, clock: systemClock } as unknown as DoctorParts;
    const out = tableOf(await examine(metricsProbes(parts), systemClock)).join('\n');
    await adapter.close();
    await peer.stop();
    expect(out).toMatch(/^ok +eu-west-1: Prometheus +3\.16\.0, answers in \d+ ms$/m);
    expect(out).toMatch(/^ok +eu-west-1: Prometheus: metrics +1 of 20 are there$/m);
    expect(out).toMatch(
      /^warn +eu-west-1: Prometheus: metric container_memory_rss +there \(1 series\), but without the labels namespace, pod, container\n +→ relabel it .*metrics\.memoryRss$/m,
    );
    expect(out).toMatch(
      /^warn +eu-west-1: Prometheus: metric node_cpu_seconds_total +there \(1 series\), but without the labels node\n/m,
    );
    // Another region has it: here it is not there.
    expect(out).toMatch(
      /^warn +eu-west-1: Prometheus: metrics of kube-state-metrics +not there: .*kube_deployment_spec_replicas/m,
    );
  });
});
