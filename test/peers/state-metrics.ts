import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Region } from './control-plane-region.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
}
interface DeploymentObject {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly generation: number };
  readonly spec: { readonly replicas: number; readonly paused?: boolean };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly unavailableReplicas?: number;
    readonly conditions?: readonly Condition[];
  };
}

export interface Traffic {
  /** What callers send to each deployment. */
  readonly requestsPerSecond: number;
  /** Every answer takes this long. */
  readonly latencySeconds: number;
}

export interface StateMetrics {
  /** `host:port` to scrape. */
  readonly target: string;
  stop(): Promise<void>;
}

const buckets = [0.05, 0.1, 0.115, 0.125, 0.15, 0.2, 0.5, 1];

/**
 * What a Prometheus would scrape in a real cluster: the series of kube-state-metrics (v2) that alert rules use, from what the API server
 * says at each scrape, and the request metrics of the services. Callers are answered while a pod is ready, and get 503 while none is.
 */
export async function startStateMetrics(region: Region, namespace: string, traffic: Traffic): Promise<StateMetrics> {
  const counts = new Map<string, Counts>();
  let at = performance.now();
  const render = async (): Promise<string> => {
    const { items } = await region.admin.get<{ items: readonly DeploymentObject[] }>(
      `/apis/apps/v1/namespaces/${namespace}/deployments`,
    );
    const now = performance.now();
    const sent = ((now - at) / 1000) * traffic.requestsPerSecond;
    at = now;
    const lines: string[] = [];
    for (const one of items) {
      lines.push(...stateOf(one));
      const count = counts.get(one.metadata.name) ?? { served: 0, failed: 0 };
      count[(one.status.readyReplicas ?? 0) > 0 ? 'served' : 'failed'] += sent;
      counts.set(one.metadata.name, count);
      lines.push(...trafficOf(one.metadata.name, count, traffic));
    }
    return `${lines.join('\n')}\n`;
  };
  const server = createServer((_, response) => {
    void render().then(
      (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Counts {
  served: number;
  failed: number;
}

function stateOf({ metadata, spec, status }: DeploymentObject): readonly string[] {
  const labels = `namespace="${metadata.namespace}",deployment="${metadata.name}"`;
  const values = {
    spec_replicas: spec.replicas,
    spec_paused: spec.paused === true ? 1 : 0,
    metadata_generation: metadata.generation,
    status_observed_generation: status.observedGeneration ?? 0,
    status_replicas: status.replicas ?? 0,
    status_replicas_updated: status.updatedReplicas ?? 0,
    status_replicas_ready: status.readyReplicas ?? 0,
    status_replicas_available: status.availableReplicas ?? 0,
    status_replicas_unavailable: status.unavailableReplicas ?? 0,
  };
  const lines = Object.entries(values).map(([name, value]) => `kube_deployment_${name}{${labels}} ${value}`);
  for (const { type, status: is } of status.conditions ?? []) {
    for (const value of ['true', 'false', 'unknown']) {
      const holds = is.toLowerCase() === value ? 1 : 0;
      lines.push(`kube_deployment_status_condition{${labels},condition="${type}",status="${value}"} ${holds}`);
    }
  }
  return lines;
}

function trafficOf(service: string, { served, failed }: Counts, { latencySeconds }: Traffic): readonly string[] {
  const bucket = (le: string, count: number): string =>
    `http_request_duration_seconds_bucket{service="${service}",le="${le}"} ${count.toFixed(3)}`;
  return [
    `http_requests_total{service="${service}",code="200"} ${served.toFixed(3)}`,
    `http_requests_total{service="${service}",code="503"} ${failed.toFixed(3)}`,
    ...buckets.map((le) => bucket(String(le), latencySeconds <= le ? served : 0)),
    bucket('+Inf', served),
  ];
}
