import { fetchingProgram, imageOf } from '../seed-templates.ts';
import type { EnvFrom } from '../../../core/ports/kubernetes.ts';
import type { Cluster, Program, Template } from '../state.ts';
import { program, withContainer } from '../template.ts';
import { putObject } from '../write.ts';
import { failing, inNamespace, modelServer, pushImage, release, type Fault } from './fault.ts';

/** New pods that cannot get or start what they shall run. */
const pushed = { title: 'Push the tag to this region’s registry', run: pushImage } as const;

function pulling(
  id: string,
  title: string,
  about: string,
  pull: 'missing' | 'denied' | 'either' | 'no platform',
  cause: string,
): Fault {
  return {
    id,
    title,
    group: 'Image',
    about,
    cause,
    rollback: 'helps',
    minutesAgo: 26,
    inject: (cluster, at) => release(cluster, at, { pull }),
    heal: pull === 'denied' ? { title: 'Allow the nodes to pull', run: pushImage } : pushed,
  };
}

const exits = (exitCode: number, afterSeconds: number, reason: string, lines: readonly string[]): Program =>
  program({ ends: { afterSeconds, exitCode, signal: 0, reason }, lines });

const withEnv = (template: Template, env: EnvFrom): Template =>
  withContainer(template, modelServer, (one) => ({ ...one, env: [...one.env, env] }));

interface Missing {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly cause: string;
  readonly change: (template: Template) => Template;
  readonly repair: string;
  readonly make: (cluster: Cluster, at: number) => void;
}

function missing(of: Missing): Fault {
  const { id, title, about, cause, change, repair, make } = of;
  return {
    id,
    title,
    group: 'Start',
    about,
    cause,
    rollback: 'helps',
    minutesAgo: 26,
    inject: (cluster, at) => release(cluster, at, { change }),
    heal: { title: repair, run: make },
  };
}

const put =
  (kind: string, name: string, ...keys: readonly string[]) =>
  (cluster: Cluster, at: number): void => {
    putObject(cluster, inNamespace(kind, name), keys, at);
  };

export const imageFaults: readonly Fault[] = [
  pulling(
    'image-missing',
    'Image does not exist',
    'New pods in ImagePullBackOff: the registry has no such tag',
    'missing',
    'image-missing',
  ),
  pulling(
    'image-not-authorised',
    'Pull not authorised',
    'New pods in ImagePullBackOff: the registry answers 403',
    'denied',
    'image-not-authorised',
  ),
  pulling(
    'image-either',
    'Image missing or pull not authorised',
    'New pods in ImagePullBackOff: a registry that does not tell the two apart',
    'either',
    'image-missing-or-not-authorised',
  ),
  pulling(
    'image-architecture',
    'Image for another architecture',
    'New pods in ImagePullBackOff: no match for platform in manifest',
    'no platform',
    'image-architecture',
  ),
  {
    ...failing(
      'exec-format',
      'Binary for another architecture',
      'New pods in CrashLoopBackOff, exit 255, the log says "exec format error"',
      'wrong-architecture',
      exits(255, 0, 'Error', ['exec /usr/local/bin/serve: exec format error']),
    ),
    group: 'Image',
  },
];

const crashLines = [
  'INFO model-server starting',
  'INFO loading tokenizer',
  'Traceback (most recent call last):',
  '  File "/app/serve.py", line 88, in load_model',
  "    raise ValueError('tokenizer vocabulary has 32000 entries, model expects 32064')",
  'ValueError: tokenizer vocabulary has 32000 entries, model expects 32064',
];

export const startFaults: readonly Fault[] = [
  failing(
    'crash-loop',
    'Crash loop',
    'New pods in CrashLoopBackOff, exit 1 after 8 s, with a traceback',
    'crash-loop',
    exits(1, 8, 'Error', crashLines),
  ),
  failing(
    'oom-at-start',
    'Out of memory at start',
    'New pods in CrashLoopBackOff, OOMKilled (137) while loading weights',
    'oom',
    exits(137, 14, 'OOMKilled', ['INFO model-server starting', 'INFO loading weights into host memory']),
  ),
  failing(
    'command-missing',
    'Command is not in the image',
    'New pods in CrashLoopBackOff, StartError (128): executable file not found in $PATH',
    'command',
    program({
      cannotStart: {
        exitCode: 128,
        message:
          'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "serve-v2": executable file not found in $PATH: unknown',
      },
    }),
  ),
  failing(
    'command-not-found',
    'Start script calls what is not there',
    'New pods in CrashLoopBackOff, exit 127 from the shell',
    'crash-loop',
    exits(127, 0, 'Error', ['/app/start.sh: line 3: serve-v2: not found']),
  ),
  missing({
    id: 'config-map-missing',
    title: 'Config map missing',
    about: 'New pods in CreateContainerConfigError: configmap "model-limits" not found',
    cause: 'config-missing',
    change: (template) =>
      withEnv(template, {
        is: 'config map',
        variable: 'MAX_BATCH',
        name: 'model-limits',
        key: 'max-batch',
        optional: false,
      }),
    repair: 'Create the config map',
    make: put('ConfigMap', 'model-limits', 'max-batch'),
  }),
  missing({
    id: 'secret-missing',
    title: 'Secret missing (environment)',
    about: 'New pods in CreateContainerConfigError: secret "vector-db" not found',
    cause: 'config-missing',
    change: (template) =>
      withEnv(template, {
        is: 'secret',
        variable: 'VECTOR_DB_PASSWORD',
        name: 'vector-db',
        key: 'password',
        optional: false,
      }),
    repair: 'Create the secret',
    make: put('Secret', 'vector-db', 'password'),
  }),
  missing({
    id: 'secret-missing-volume',
    title: 'Secret missing (volume)',
    about: 'New pods in Init:0/1, never started; events say FailedMount: secret "serving-tls" not found',
    cause: 'config-missing',
    change: (template) => ({
      ...template,
      volumes: [...template.volumes, { name: 'tls', from: 'secret', source: 'serving-tls', optional: false }],
    }),
    repair: 'Create the secret',
    make: put('Secret', 'serving-tls', 'tls.crt', 'tls.key'),
  }),
  missing({
    id: 'key-missing',
    title: 'Key missing in a secret',
    about: "New pods in CreateContainerConfigError: couldn't find key token in Secret",
    cause: 'config-missing',
    change: (template) =>
      withEnv(template, {
        is: 'secret',
        variable: 'FEATURE_STORE_TOKEN',
        name: 'feature-store-credentials',
        key: 'token',
        optional: false,
      }),
    repair: 'Add the key to the secret',
    make: put('Secret', 'feature-store-credentials', 'username', 'password', 'token'),
  }),
  {
    id: 'init-container-failing',
    title: 'Init container fails',
    group: 'Start',
    about: 'New pods in Init:CrashLoopBackOff: fetch-model exits 1, no such key in the bucket',
    cause: 'init-container',
    rollback: 'helps',
    minutesAgo: 26,
    inject(cluster, at) {
      const image = imageOf(cluster.region, 'model-fetcher', 'v1.9.0');
      const ends = { afterSeconds: 3, exitCode: 1, signal: 0, reason: 'Error' };
      const lines = [
        `fetching s3://ml-models-${cluster.region}/models/model-v2.4.1.safetensors`,
        'An error occurred (404) when calling the HeadObject operation: Key "models/model-v2.4.1.safetensors" does not exist',
      ];
      cluster.images.set(image, { pull: 'ok', pullSeconds: 3, program: program({ ends, lines }) });
      release(cluster, at, {
        change: (template) => ({
          ...template,
          initContainers: template.initContainers.map((one) => ({ ...one, image })),
        }),
      });
    },
    heal: {
      title: 'Upload the model',
      run(cluster) {
        const image = imageOf(cluster.region, 'model-fetcher', 'v1.9.0');
        cluster.images.set(image, { pull: 'ok', pullSeconds: 3, program: fetchingProgram() });
      },
    },
  },
];
