import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Region } from './control-plane.ts';
import { until } from './until.ts';

/** What a metrics server would have measured of one pod's containers. */
export type UseOf = (pod: {
  readonly namespace: string;
  readonly name: string;
  readonly containers: readonly string[];
}) => Readonly<Record<string, { readonly cpu: string; readonly memory: string }>>;

export interface MetricsApi {
  /** Takes the API away again, as in a cluster without a metrics server. */
  stop(): Promise<void>;
}

const version = 'metrics.k8s.io/v1beta1';
const registrations = '/apis/apiregistration.k8s.io/v1/apiservices';
const name = 'v1beta1.metrics.k8s.io';

interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels?: Record<string, string> };
  readonly spec: { readonly containers: readonly { readonly name: string }[] };
  readonly status?: { readonly phase?: string };
}

/**
 * A played metrics server behind the real API server's aggregation: an APIService that points at a Service of type ExternalName. Paths,
 * rights and failures are the real ones, only the numbers are made up: those of `useOf` for running pods, 1,500m and 8Gi for nodes.
 */
export async function startMetricsApi(region: Region, useOf: UseOf): Promise<MetricsApi> {
  const answer = async (url: URL): Promise<object | undefined> => {
    const stamp = { timestamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z'), window: '20.5s' };
    if (url.pathname === `/apis/${version}`) return resources;
    if (url.pathname === `/apis/${version}/nodes`) {
      const { items } = await region.admin.get<{ items: readonly Pod[] }>('/api/v1/nodes');
      const usage = { cpu: '1500m', memory: '8Gi' };
      return listOf(
        'NodeMetricsList',
        items.map((one) => ({ metadata: { name: one.metadata.name }, ...stamp, usage })),
      );
    }
    const namespace = new RegExp(`^/apis/${version}/namespaces/([^/]+)/pods$`).exec(url.pathname)?.[1];
    if (namespace === undefined) return undefined;
    const labels = encodeURIComponent(url.searchParams.get('labelSelector') ?? '');
    const { items } = await region.admin.get<{ items: readonly Pod[] }>(
      `/api/v1/namespaces/${namespace}/pods?labelSelector=${labels}`,
    );
    const running = items.filter((one) => one.status?.phase === 'Running');
    return listOf(
      'PodMetricsList',
      running.map((one) => {
        const containers = one.spec.containers.map((container) => container.name);
        const used = useOf({ namespace, name: one.metadata.name, containers });
        const metadata = { name: one.metadata.name, namespace };
        return {
          metadata,
          ...stamp,
          containers: Object.entries(used).map(([called, usage]) => ({ name: called, usage })),
        };
      }),
    );
  };
  const server = createServer({ cert: region.serving.cert, key: region.serving.key }, (request, response) => {
    const send = (status: number, body: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    answer(new URL(request.url ?? '/', 'https://metrics')).then(
      (body) => (body === undefined ? send(404, {}) : send(200, body)),
      () => send(500, {}),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const service = { namespace: 'default', name: 'metrics-server' };
  const services = `/api/v1/namespaces/${service.namespace}/services`;
  await region.admin.post(services, {
    metadata: { name: service.name },
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
  });
  await region.admin.post(registrations, {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name },
    spec: {
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: { ...service, port },
    },
  });
  await until('the API server passes metrics.k8s.io on', () => region.admin.get(`/apis/${version}/nodes`));
  return {
    stop: async () => {
      await region.admin.delete(`${registrations}/${name}`);
      await region.admin.delete(`${services}/${service.name}`);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const listOf = (kind: string, items: readonly object[]): object => ({ kind, apiVersion: version, metadata: {}, items });

const resources = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: version,
  resources: [
    { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
    { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
  ],
};
