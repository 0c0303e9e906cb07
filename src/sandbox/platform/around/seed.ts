import type { CustomKind } from '../../../core/ports/kubernetes.ts';
import { uidOf } from '../random.ts';
import type { Cluster, Template } from '../state.ts';
import { container, probe, program, template } from '../template.ts';
import type { CustomItem, Other } from './model.ts';

/** What stands around the deployments of each region when all is well. */
export function seedAround(cluster: Cluster, namespace: string, at: number): void {
  seedOthers(cluster, namespace, at);
  seedNetwork(cluster, namespace);
  const { claims, values } = cluster.around;
  const zone = `${cluster.region}a`;
  for (const [name, storageClass, size] of [
    ['model-cache', 'efs', '500Gi'],
    ['data-postgres-0', 'gp3', '200Gi'],
  ] as const) {
    const zones = storageClass === 'efs' ? [] : [zone];
    const modes = [storageClass === 'efs' ? 'ReadWriteMany' : 'ReadWriteOnce'];
    const volume = `pvc-${uidOf(cluster.seed, cluster.region, 'volume', name)}`;
    claims.push({ namespace, name, phase: 'Bound', storageClass, volume, size, modes, zones });
  }
  values.set(`${namespace}/model-server-config`, {
    'model-name': 'ranker-large',
    'batch-size': '8',
    'config.yaml': 'max_queue: 256\nbatch_delay_ms: 5\n',
  });
  seedCustom(cluster, namespace);
}

function seedOthers(cluster: Cluster, namespace: string, at: number): void {
  const registry = `111122223333.dkr.ecr.${cluster.region}.amazonaws.com`;
  const put = (kind: Other['kind'], space: string, name: string, of: Template, replicas: number): void => {
    for (const { image } of of.containers) {
      cluster.images.set(image, { pull: 'ok', pullSeconds: 2, program: program({ warmSeconds: 3 }) });
    }
    const uid = uidOf(cluster.seed, cluster.region, kind, space, name);
    cluster.around.others.push({
      kind,
      namespace: space,
      name,
      uid,
      createdAt: at,
      replicas,
      template: of,
      partition: null,
      failed: 0,
    });
  };
  const small = (name: string, image: string, cpu: string, memory: string, pool: string | null): Template =>
    template(
      [
        container(name, `${registry}/${image}`, {
          requests: { cpu, memory },
          limits: { memory },
          readiness: probe('tcp :5432', { periodSeconds: 5 }),
        }),
      ],
      {
        labels: { app: name },
        nodeSelector: pool === null ? {} : { 'mlp/pool': pool },
        tolerations: [{ key: 'nvidia.com/gpu', value: '', effect: '' }],
      },
    );
  put('StatefulSet', namespace, 'postgres', small('postgres', 'postgres:16.9', '500m', '1Gi', 'general'), 1);
  put(
    'DaemonSet',
    'monitoring',
    'node-exporter',
    small('node-exporter', 'node-exporter:v1.9.1', '50m', '64Mi', null),
    0,
  );
  put(
    'DaemonSet',
    'monitoring',
    'dcgm-exporter',
    small('dcgm-exporter', 'dcgm-exporter:4.2.3-4.1.3', '50m', '128Mi', 'gpu'),
    0,
  );
  for (const night of ['29405280', '29406720']) {
    put(
      'Job',
      namespace,
      `feature-backfill-${night}`,
      small('backfill', 'feature-backfill:v1.4.0', '1', '2Gi', 'general'),
      1,
    );
  }
}

function seedNetwork(cluster: Cluster, namespace: string): void {
  const { services, budgets, policies } = cluster.around;
  const put = (name: string, type: 'ClusterIP' | 'LoadBalancer', headless: boolean, port: number): void => {
    const ingress = type === 'LoadBalancer' ? [`${name}-${cluster.region}.elb.amazonaws.com`] : [];
    const ports = [{ name: 'http', port: type === 'LoadBalancer' ? 443 : port, target: String(port) }];
    services.push({ namespace, name, type, headless, selector: { app: name }, ports, ingress });
  };
  put('model-server', 'ClusterIP', false, 8080);
  put('api-gateway', 'LoadBalancer', false, 8080);
  put('feature-store', 'ClusterIP', false, 8080);
  put('replication-service', 'ClusterIP', false, 8080);
  put('postgres', 'ClusterIP', true, 5432);
  budgets.push(
    { namespace, name: 'model-server', labels: { app: 'model-server' }, minAvailable: '75%' },
    { namespace, name: 'api-gateway', labels: { app: 'api-gateway' }, minAvailable: '2' },
    { namespace, name: 'postgres', labels: { app: 'postgres' }, minAvailable: '1' },
  );
  policies.push({
    namespace,
    name: 'model-server',
    selector: 'app=model-server',
    types: ['Ingress'],
    ingress: ['from pods app=api-gateway to :8080', 'from namespace monitoring to :8080'],
    egress: [],
  });
}

function seedCustom(cluster: Cluster, namespace: string): void {
  const put = (kind: CustomKind, space: string, name: string, spec: Record<string, unknown>): void => {
    const items = cluster.around.custom.get(kind) ?? [];
    const uid = uidOf(cluster.seed, cluster.region, kind, space, name);
    const item: CustomItem = {
      namespace: space,
      name,
      uid,
      labels: { app: name },
      spec,
      madeAt: cluster.now,
      holders: [{ manager: 'argocd-controller', at: cluster.now, fields: Object.keys(spec).toSorted() }],
      fence: null,
      resourceVersion: cluster.resourceVersion,
    };
    cluster.around.custom.set(kind, [...items, item]);
  };
  for (const name of ['model-server', 'api-gateway']) {
    put('ServiceMonitor', namespace, name, {
      endpoints: [{ port: 'http', path: '/metrics', interval: '15s' }],
      selector: { matchLabels: { app: name } },
    });
  }
  put('PrometheusRule', namespace, 'service-health', { groups: [{ name: 'service-health', rules: [] }] });
  put('ScaledObject', namespace, 'api-gateway', {
    scaleTargetRef: { name: 'api-gateway' },
    minReplicaCount: 3,
    maxReplicaCount: 9,
    triggers: [{ type: 'cpu', metricType: 'Utilization', metadata: { value: '70' } }],
  });
  for (const name of ['model-server', 'api-gateway', 'feature-store', 'replication-service']) {
    put('Application', 'argocd', name, {
      source: { repoURL: 'https://git.example.com/ml/platform.git', path: `apps/${name}`, targetRevision: 'main' },
      destination: { namespace },
      syncPolicy: name === 'api-gateway' ? { automated: { selfHeal: true } } : {},
    });
  }
}
