import type { Region } from './control-plane.ts';
import { autoscalers, deployments, namespace } from './playbook-world.ts';

/** What the bot must say and do about the services of `faulty-services.ts`. */
export interface FaultStory {
  readonly name: string;
  readonly about: string;
  readonly alert: string;
  readonly cause: readonly RegExp[];
  readonly evidence: readonly RegExp[];
  readonly diff: RegExp;
  /** The button. */
  readonly approve: string;
  /** The thread once the fix was seen to work. */
  readonly done: RegExp;
  /** One request of the audit log: status, path, what was changed. */
  readonly writes: RegExp;
  /** A second fix that only the first makes possible. */
  readonly next?: { readonly approve: string; readonly done: RegExp; readonly writes: RegExp };
  readonly holds: (region: Region) => Promise<boolean>;
}
export interface TrapStory {
  readonly name: string;
  readonly about: string;
  readonly alert: string;
  readonly says: readonly [RegExp, ...RegExp[]];
  readonly never: readonly RegExp[];
}

interface Deployment {
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly image: string;
          readonly env?: readonly { readonly name: string; readonly value?: string }[];
          readonly resources: { readonly limits?: Readonly<Record<string, string>> };
        }[];
      };
    };
  };
  readonly status: { readonly availableReplicas?: number; readonly updatedReplicas?: number };
}
const live = (region: Region, name: string): Promise<Deployment> => region.admin.get(`${deployments}/${name}`);
const served = ({ spec, status }: Deployment): boolean =>
  status.availableReplicas === spec.replicas && status.updatedReplicas === spec.replicas;
const main = ({ spec }: Deployment): Deployment['spec']['template']['spec']['containers'][number] | undefined =>
  spec.template.spec.containers[0];

interface Pods {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly creationTimestamp: string };
    readonly spec: { readonly nodeName?: string };
  }[];
}
const podsOf = async (region: Region, name: string): Promise<Pods['items']> =>
  (await region.admin.get<Pods>(`/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${name}`)).items;

const patched = (path: string, what: string): RegExp => new RegExp(`^200 \\S*${path} ${what}$`);

export const faults: readonly FaultStory[] = [
  {
    name: 'classifier',
    about: 'MODEL_VERSION names a file that is not there',
    alert: 'HighErrorRate',
    cause: [
      /classifier: model file not found: classifier-v1\.1\.0\.safetensors · eu-west-1\* · P1/,
      /\*Users:\* get errors: errors 50 % \(limit 1\.0 %\)/,
      /`MODEL_VERSION` is v1\.1\.0 since [\d:]+, was v1\.0\.0\. All \d+ error lines in 10 min, in 4 of 4 pods read/,
      /50 % of [\d,]+ requests in 5 min fail \(500\)/,
    ],
    evidence: [/> FileNotFoundError: /, /\*Ruled out:\* .*broken GPU or driver/],
    diff: /- variable MODEL_VERSION: v1\.1\.0\n\+ variable MODEL_VERSION: v1\.0\.0/,
    approve: 'Approve set model version',
    done: /Set model version of classifier in eu-west-1\*: verified[^\n]*error ratio 50 % → 0 %/,
    writes: patched('/deployments/classifier', '/spec/template'),
    holds: async (region) => {
      const now = await live(region, 'classifier');
      return served(now) && main(now)?.env?.find((one) => one.name === 'MODEL_VERSION')?.value === 'v1.0.0';
    },
  },
  {
    name: 'detector',
    about: 'a GPU fell off the bus of one node',
    alert: 'HighErrorRate',
    cause: [
      /detector: GPU broken on gpu-2, XID 79 · eu-west-1\* · P1/,
      /pods on node `gpu-2`:? 60 % [^.]*fail, 0 % elsewhere/,
    ],
    evidence: [
      /> RuntimeError: CUDA error: uncorrectable ECC error/,
      /\*Not offered:\* replace pod, because the node gpu-2 is the cause, and the new pod could land on it again: cordon it first/,
    ],
    diff: /node gpu-2\n- unschedulable: false\n\+ unschedulable: true/,
    approve: 'Approve cordon node',
    done: /Cordon node of detector in eu-west-1\*: verified/,
    writes: patched('/nodes/gpu-2', '/spec/unschedulable'),
    next: {
      approve: 'Approve replace pod',
      done: /Replace pod of detector in eu-west-1\*: verified/,
      writes: /^201 \S*\/pods\/detector-\S+\/eviction/,
    },
    holds: async (region) => {
      const { spec } = await region.admin.get<{ spec: { unschedulable?: boolean } }>('/api/v1/nodes/gpu-2');
      return spec.unschedulable === true && (await podsOf(region, 'detector')).length >= 6;
    },
  },
  {
    name: 'summarizer',
    about: 'its CPU limit was lowered',
    alert: 'SlowInference',
    cause: [
      /summarizer: CPU throttled in 60 % of periods · eu-west-1\* · P1/,
      /\*Users:\* slower: p95 490 ms \(limit 200 ms\)/,
      /container serve is held back in 60 % of its CFS periods .* it uses (0\.\d+|1(\.\d+)?) of its limit of 1 core/,
    ],
    evidence: [/\*Latency:\* p50 400 ms, p95 490 ms .* 148 ms before/],
    diff: /- limits cpu: 1\n\+ limits cpu: 2/,
    approve: 'Approve set CPU',
    done: /Set CPU of summarizer in eu-west-1\*: verified[^\n]*p95 latency 490 ms → 1\d\d ms/,
    writes: patched('/deployments/summarizer', '/spec/template'),
    holds: async (region) => {
      const now = await live(region, 'summarizer');
      return served(now) && main(now)?.resources.limits?.['cpu'] === '2';
    },
  },
  {
    name: 'speech',
    about: 'more requests at once than workers',
    alert: 'SlowInference',
    cause: [
      /speech: requests queue for a worker · eu-west-1\* · P1/,
      /102 (requests )?\(34 for each of 3 pods; \d+ samples in 10 min\)/,
    ],
    evidence: [/\*Ruled out:\* .*too many threads · CPU throttling/],
    diff: /- replicas: 3\n\+ replicas: 5/,
    approve: 'Approve scale',
    done: /Scale of speech in eu-west-1\*: verified[^\n]*p95 latency 490 ms → 1\d\d ms/,
    writes: patched('/deployments/speech', '/spec/replicas'),
    holds: async (region) => {
      const now = await live(region, 'speech');
      return served(now) && now.spec.replicas === 5;
    },
  },
  {
    name: 'tokenizer',
    about: 'each request costs more since a release',
    alert: 'HighCPUUsage',
    cause: [
      /tokenizer: each request costs 2\.4 times the CPU · eu-west-1\* · P2/,
      /each request costs 95 ms of CPU, 2\.4 times the 40 ms before that; requests are as usual .* It began with v1\.1\.0/,
    ],
    evidence: [/\*CPU:\* 3 pods use 1\.9 cores each/, /\*Not known:\* which part of it/],
    diff: /- image of serve: \S+tokenizer:v1\.1\.0\n\+ image of serve: \S+tokenizer:v1\.0\.0/,
    approve: 'Approve rollback',
    done: /Rollback of tokenizer in eu-west-1\*: verified[^\n]*CPU per request 9\d ms → [34]\d ms/,
    writes: patched('/deployments/tokenizer', '/spec/template'),
    holds: async (region) => {
      const now = await live(region, 'tokenizer');
      return served(now) && main(now)?.image.endsWith(':v1.0.0') === true;
    },
  },
  {
    name: 'recommender',
    about: 'more requests, and an autoscaler at its maximum',
    alert: 'KubeHpaMaxedOut',
    cause: [
      /recommender: autoscaler at its maximum \(3\), wants more · eu-west-1\* · P2/,
      /CPU is at 9\d % of the request, it aims at 70 %\. Requests are at 63 a second \(30 a second before that, 2\.1 times\)/,
    ],
    evidence: [/\*Autoscaler:\* asks for 3 pods \(may ask for [^)]+\): at its maximum/],
    diff: /- max: 3\n\+ max: 6/,
    approve: 'Approve change bounds',
    done: /Change bounds of recommender in eu-west-1\*: verified[^\n]*CPU of request 9\d[^\n]* % → ([567]\d|8[0-4])/,
    writes: patched('/horizontalpodautoscalers/recommender', '/spec/maxReplicas'),
    holds: async (region) => {
      const { spec } = await region.admin.get<{ spec: { maxReplicas: number } }>(`${autoscalers}/recommender`);
      return spec.maxReplicas === 6 && (await live(region, 'recommender')).spec.replicas > 3;
    },
  },
  {
    name: 'ranker',
    about: 'memory grows since a release',
    alert: 'MemoryLeakSuspected',
    cause: [
      /ranker: memory grows 1 GiB\/h since v1\.1\.0, limit in \d to \d h · eu-west-1\* · P2/,
      /grows by 1 GiB an hour in 3 of 3 pods \(over \d h each\), since v1\.1\.0 came\. Resident now: 1[23](\.\d)? GiB of 16 GiB; .* v1\.0\.0 was flat over the 1\d h before: this points to a leak/,
    ],
    evidence: [/\*Resident memory of serve, 24 h/, /\*Not known:\* what holds it/],
    diff: /- image of serve: \S+ranker:v1\.1\.0\n\+ image of serve: \S+ranker:v1\.0\.0/,
    approve: 'Approve rollback',
    done: /Rollback of ranker in eu-west-1\*: verified/,
    writes: patched('/deployments/ranker', '/spec/template'),
    holds: async (region) => {
      const now = await live(region, 'ranker');
      return served(now) && main(now)?.image.endsWith(':v1.0.0') === true;
    },
  },
  {
    name: 'indexer',
    about: 'memory of a single pod grows',
    alert: 'MemoryLeakSuspected',
    cause: [
      /indexer: memory of 1 of 4 pods grows 1 GiB\/h · eu-west-1\* · P2/,
      /`indexer-\S+`: by 1 GiB an hour, over 9 h\. Now 1[23](\.\d)? GiB, at its limit of 16 GiB in (about )?\d[^.]* h\. The 3 others that were seen for as long do not grow/,
    ],
    evidence: [/\*Memory:\* resident 4 to 1[23](\.\d)? GiB of 16 GiB/],
    diff: /- pod indexer-\S+ on cpu-\w\nby eviction \(uid [0-9a-f-]+\); a disruption budget may refuse/,
    approve: 'Approve replace pod',
    done: /Replace pod of indexer in eu-west-1\*: verified/,
    writes: /^201 \S*\/pods\/indexer-\S+\/eviction/,
    holds: async (region) => {
      const pods = await podsOf(region, 'indexer');
      const young = pods.filter((one) => Date.now() - Date.parse(one.metadata.creationTimestamp) < 600_000);
      return pods.length === 4 && young.length === 1;
    },
  },
];

const wellSaid = (name: string): RegExp => new RegExp(`:white_circle: \\*${name} · eu-west-1: nothing wrong found\\*`);
const healthy = [/white_check_mark|everything is fine|healthy/i];

export const traps: readonly TrapStory[] = [
  {
    name: 'translator',
    about: 'one client sends rubbish',
    alert: 'HighErrorRate',
    says: [
      wellSaid('translator'),
      /\*Callers' errors:\* 30 % of the requests end in 4xx \(mostly 422\): the callers', not counted as failing/,
    ],
    never: healthy,
  },
  {
    name: 'vision',
    about: 'pods are cold after a scale-out',
    alert: 'SlowInference',
    says: [
      /vision: 2 new pods warm up · eu-west-1\* · P1 · INC-\d+ · watching/,
      /slow are only 2 of 5 pods, which started less than 15 min ago: they warm up.* Nothing to do but wait/,
    ],
    never: healthy,
  },
  {
    name: 'scorer',
    about: "at its autoscaler's target, by design",
    alert: 'HighCPUUsage',
    says: [
      wellSaid('scorer'),
      /\*CPU:\* 4 pods use 0\.86 cores each .* 86 % of the request of 1, which is the limit too/,
    ],
    never: healthy,
  },
  {
    name: 'embedder',
    about: 'a cache that levels off',
    alert: 'MemoryLeakSuspected',
    says: [wellSaid('embedder'), /\*Memory:\* resident (9\.9|10) GiB of 16 GiB .* level since: no trend/],
    never: healthy,
  },
];

/** Two of its pods stand on the broken node: with one of them replaced, users still get errors. */
export const half = {
  name: 'detector',
  alert: 'HighErrorRate',
  says: /\*Users:\* get errors: errors 1\d %[^]*\[Approve replace pod\]/,
  approve: 'Approve replace pod',
  writes: /^201 \S*\/pods\/detector-\S+\/eviction/,
} as const;
