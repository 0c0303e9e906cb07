import type { Region } from './control-plane.ts';
import type { NodeSpec } from './kubelet.ts';
import { deployment } from './manifests.ts';
import { autoscalers, deployments, namespace, type Workload } from './playbook-world.ts';
import type { Model } from './service-model.ts';
import { until } from './until.ts';

/** Healthy services, a change command for each, and what people look at. */

export const nodes: readonly NodeSpec[] = ['node-a', 'node-b', 'node-c', 'node-d'].map((name) => ({
  name,
  cpu: '64',
  memory: '256Gi',
}));

const model: Model = { levels: () => ({ cpu: 0.4, rss: 3 * 2 ** 30, requests: 25, latency: 0.12 }) };

const service = (name: string, more: Omit<Partial<Workload>, 'deployment' | 'model'> = {}): Workload => ({
  deployment: {
    name,
    image: `registry.example/ml/${name}:v1.0.0`,
    replicas: 3,
    container: {
      env: [{ name: 'BATCH_SIZE', value: '8' }],
      resources: { requests: { cpu: '1', memory: '4Gi' }, limits: { cpu: '2', memory: '8Gi' } },
    },
    pod: { terminationGracePeriodSeconds: 1 },
    strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
  },
  model,
  ...more,
});

const released = (name: string): NonNullable<Workload['change']> => ({
  minutesAgo: 40,
  patch: {
    spec: { template: { spec: { containers: [{ name: 'serve', image: `registry.example/ml/${name}:v1.1.0` }] } } },
  },
});

export const workloads: readonly Workload[] = [
  service('gateway'),
  service('catalog', { change: released('catalog') }),
  service('search'),
  service('billing', { autoscaler: { min: 3, max: 6, target: 70 } }),
  service('upload'),
  service('resize'),
  service('export'),
  service('notify'),
];

export interface ChangeStory {
  readonly name: string;
  readonly command: (region: Region) => Promise<string> | string;
  /** What is filled into the form that opens. */
  readonly form?: Readonly<Record<string, string>>;
  /** In the root's title. */
  readonly title: string;
  readonly shows: readonly RegExp[];
  readonly approve: string;
  readonly holds: (region: Region, since: Date) => Promise<boolean>;
  /** It is taken back by a click. */
  readonly undo?: { readonly shows: RegExp; readonly holds: (region: Region) => Promise<boolean> };
}

interface Deployment {
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
      readonly spec: {
        readonly containers: readonly {
          readonly image: string;
          readonly env: readonly { readonly name: string; readonly value: string }[];
          readonly resources: { readonly limits: Readonly<Record<string, string>> };
        }[];
      };
    };
  };
  readonly status: { readonly readyReplicas?: number };
}
const live = (region: Region, name: string): Promise<Deployment> => region.admin.get(`${deployments}/${name}`);
const main = async (region: Region, name: string) => (await live(region, name)).spec.template.spec.containers[0];

interface Pods {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly creationTimestamp: string };
    readonly status: {
      readonly containerStatuses?: readonly { readonly state?: { readonly waiting?: { readonly reason?: string } } }[];
    };
  }[];
}
export async function podsOf(region: Region, name: string): Promise<Pods['items']> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${name}`;
  return (await region.admin.get<Pods>(path)).items;
}
const firstPod = async (region: Region, name: string): Promise<string> =>
  (await podsOf(region, name))[0]?.metadata.name ?? '';
const isCordoned = async (region: Region): Promise<boolean> =>
  (await region.admin.get<{ spec: { unschedulable?: boolean } }>('/api/v1/nodes/node-d')).spec.unschedulable === true;
const made =
  (since: Date) =>
  (one: Pods['items'][number]): boolean =>
    Date.parse(one.metadata.creationTimestamp) >= since.getTime();
const bounds = async (region: Region): Promise<string> => {
  const { spec } = await region.admin.get<{ spec: { minReplicas: number; maxReplicas: number } }>(
    `${autoscalers}/billing`,
  );
  return `${spec.minReplicas} to ${spec.maxReplicas}`;
};
const value = 'New value (4, 500m, 16Gi, v3 …)';

export interface LookStory {
  readonly typed: string;
  readonly done: RegExp;
  readonly says: readonly RegExp[];
}
const look = (typed: string, done: RegExp, ...says: readonly RegExp[]): LookStory => ({ typed, done, says });

export const changes: readonly ChangeStory[] = [
  {
    name: 'restart',
    command: () => '/mlp restart gateway eu',
    title: 'restart gateway · eu-west-1',
    shows: [/\*Now:\* 3 of 3 ready, .*nothing wrong found/],
    approve: 'Approve restart',
    holds: async (region, since) => (await podsOf(region, 'gateway')).every(made(since)),
  },
  {
    name: 'rollback to 1',
    command: () => '/mlp rollback catalog eu to 1',
    title: 'catalog to revision 1 · eu-west-1',
    shows: [/- image of serve: \S+catalog:v1\.1\.0\n\+ image of serve: \S+catalog:v1\.0\.0/],
    approve: 'Approve rollback',
    holds: async (region) => (await main(region, 'catalog'))?.image.endsWith('v1.0.0') === true,
  },
  {
    name: 'scale',
    command: () => '/mlp scale search eu 5',
    title: 'scale search to 5 · eu-west-1',
    shows: [/- replicas: 3\n\+ replicas: 5/],
    approve: 'Approve scale',
    holds: async (region) => (await live(region, 'search')).spec.replicas === 5,
    undo: {
      shows: /- replicas: 5\n\+ replicas: 3/,
      holds: async (region) => (await live(region, 'search')).spec.replicas === 3,
    },
  },
  {
    name: 'bounds',
    command: () => '/mlp bounds billing eu 3 9',
    title: 'set the autoscaler of billing',
    shows: [/- max: 6\n\+ max: 9/],
    approve: 'Approve change bounds',
    holds: async (region) => (await bounds(region)) === '3 to 9',
  },
  {
    name: 'a variable, by the form',
    command: () => '/mlp set upload eu',
    form: { What: 'Variable BATCH_SIZE', [value]: '4' },
    title: 'set BATCH_SIZE of upload to 4',
    shows: [/- variable BATCH_SIZE: 8\n\+ variable BATCH_SIZE: 4/],
    approve: 'Approve set batch size',
    holds: async (region) => (await main(region, 'upload'))?.env[0]?.value === '4',
  },
  {
    name: 'CPU, by the form',
    command: () => '/mlp set resize eu',
    form: { What: 'CPU limit', [value]: '4' },
    title: 'set CPU of resize to 4',
    shows: [/- limits cpu: 2\n\+ limits cpu: 4/],
    approve: 'Approve set CPU',
    holds: async (region) => (await main(region, 'resize'))?.resources.limits['cpu'] === '4',
    undo: {
      shows: /- limits cpu: 4\n\+ limits cpu: 2/,
      holds: async (region) => (await main(region, 'resize'))?.resources.limits['cpu'] === '2',
    },
  },
  {
    name: 'memory, by the form',
    command: () => '/mlp set export eu',
    form: { What: 'Memory limit', [value]: '16Gi' },
    title: 'set memory of export to 16Gi',
    shows: [/- limits memory: 8Gi\n\+ limits memory: 16Gi/],
    approve: 'Approve set memory',
    holds: async (region) => (await main(region, 'export'))?.resources.limits['memory'] === '16Gi',
  },
  {
    name: 'replace a pod',
    command: async (region) => `/mlp replace ${await firstPod(region, 'notify')} eu`,
    title: 'replace pod notify',
    shows: [/by eviction \(uid [0-9a-f-]+\); a disruption budget may refuse/],
    approve: 'Approve replace pod',
    holds: async (region, since) => {
      const pods = await podsOf(region, 'notify');
      return pods.length === 3 && pods.filter(made(since)).length === 1;
    },
  },
  {
    name: 'cordon',
    command: () => '/mlp cordon node-d eu',
    title: 'cordon node-d',
    shows: [/node node-d\n- unschedulable: false\n\+ unschedulable: true/],
    approve: 'Approve cordon node',
    holds: isCordoned,
  },
];

/** Asked for when all of these are done. */
export const uncordon: ChangeStory = {
  name: 'uncordon',
  command: () => '/mlp uncordon node-d eu',
  title: 'uncordon node-d',
  shows: [/node node-d\n- unschedulable: true\n\+ unschedulable: false/],
  approve: 'Approve uncordon node',
  holds: async (region) => !(await isCordoned(region)),
};

/** Its secret is gone: what its ready pods hold in memory no new pod gets. */
export const vault = 'vault';
const secret = { name: 'feature-store-credentials', key: 'password' };

export async function loseSecret(region: Region): Promise<void> {
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  await region.admin.post(secrets, { metadata: { name: secret.name }, stringData: { [secret.key]: 'hush' } });
  const env = [{ name: 'FEATURE_STORE_PASSWORD', valueFrom: { secretKeyRef: secret } }];
  const image = 'registry.example/ml/vault:v1.0.0';
  await region.admin.post(deployments, deployment({ name: vault, namespace, image, replicas: 3, container: { env } }));
  const ready = async (): Promise<number> => (await live(region, vault)).status.readyReplicas ?? 0;
  await until('every pod of vault is ready', async () => ((await ready()) === 3 ? true : undefined));
  await region.admin.delete(`${secrets}/${secret.name}`);
  await region.admin.delete(`/api/v1/namespaces/${namespace}/pods/${await firstPod(region, vault)}`);
  const waits = async (): Promise<boolean> =>
    (await podsOf(region, vault)).some(
      ({ status }) => status.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError',
    );
  await until('a pod of vault misses the secret', async () => ((await waits()) ? true : undefined));
}

const refused = (typed: string, title: string, because: RegExp): LookStory => {
  const no = `only Noah Berg sees\\): ${title} in eu-west-1: not done, because `;
  return look(`/mlp ${typed}`, new RegExp(no), new RegExp(`${no}${because.source}`));
};
/** What is refused before anybody is asked; only the asker sees it. */
export const refusals: readonly LookStory[] = [
  refused('restart vault eu', 'Restart vault', /secret feature-store-credentials missing: it would make things worse/),
  refused(
    'scale vault eu 2',
    'Scale vault to 2',
    /secret feature-store-credentials missing: it would make things worse/,
  ),
  refused('uncordon node-a eu', 'Uncordon node-a', /node-a takes pods already/),
  refused('cordon node-z eu', 'Cordon node-z', /there is no node .?node-z/),
];

export const looks: readonly LookStory[] = [
  look('/mlp pods gateway', /gateway · pods/, /eu-west-1\*: 3 of 3 ready/, /us-east-1\*: 2 of 2 ready/),
  look('/mlp events gateway eu', /gateway · events/, /Killing|ScalingReplicaSet|Started|SuccessfulCreate/),
  look('/mlp top resize eu', /resize · top/, /POD +CPU +OF REQUEST +OF LIMIT +MEMORY/, /400m|0\.4/),
  look('/mlp describe upload eu', /eu-west-1\*: 3 of 3 ready/, /\*Container:\* \S*upload:v1\.0\.0 .*limits/),
  look('/mlp logs search eu grep status=200', /search · logs/, /\d of \d+ pods read/, /status=200/),
  look('/mlp changes catalog 1h', /catalog · changes/, /image catalog:v1\.[01]\.0 → catalog:v1\.[01]\.0/, /us-east-1/),
  look('/mlp compare us eu gateway', /differen/, /replicas +2 of 2 ready +3 of 3 ready/, /\*Equal:\*/),
  look('/mlp watch search eu 10m', /I watch \*search\* in eu-west-1 until/),
];
