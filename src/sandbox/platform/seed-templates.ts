import { container, probe, program, template } from './template.ts';
import type { Template } from './state.ts';

/** What the healthy platform runs. */

export const registryOf = (region: string): string => `111122223333.dkr.ecr.${region}.amazonaws.com`;
export const imageOf = (region: string, name: string, tag: string): string => `${registryOf(region)}/${name}:${tag}`;

export function modelServer(region: string, tag: string): Template {
  const serving = container('model-server', imageOf(region, 'model-server', tag), {
    requests: { cpu: '4', memory: '12Gi', 'nvidia.com/gpu': '1' },
    limits: { memory: '16Gi', 'nvidia.com/gpu': '1' },
    readiness: probe('GET :8080/health'),
    liveness: probe('GET :8080/live'),
    startup: probe('GET :8080/live', { periodSeconds: 5, failureThreshold: 60 }),
    env: [
      { is: 'value', variable: 'LOG_LEVEL' },
      { is: 'value', variable: 'MODEL_VERSION' },
      { is: 'value', variable: 'BATCH_SIZE' },
      { is: 'value', variable: 'OMP_NUM_THREADS' },
      { is: 'config map', variable: 'MODEL_NAME', name: 'model-server-config', key: 'model-name', optional: false },
      {
        is: 'secret',
        variable: 'FEATURE_STORE_PASSWORD',
        name: 'feature-store-credentials',
        key: 'password',
        optional: true,
      },
    ],
  });
  const fetching = container('fetch-model', imageOf(region, 'model-fetcher', 'v1.8.0'), {
    requests: { cpu: '500m', memory: '1Gi' },
    limits: { memory: '2Gi' },
  });
  return template([serving], {
    initContainers: [fetching],
    serviceAccount: 'model-server',
    // Long generations may finish; a server that listens to SIGTERM is gone in seconds all the same.
    graceSeconds: 3600,
    labels: { app: 'model-server' },
    values: {
      'model-server': { LOG_LEVEL: 'info', MODEL_VERSION: 'v1.0.0', BATCH_SIZE: '8', OMP_NUM_THREADS: '4' },
    },
    nodeSelector: { 'mlp/pool': 'gpu' },
    tolerations: [{ key: 'nvidia.com/gpu', value: '', effect: '' }],
    volumes: [{ name: 'config', from: 'config map', source: 'model-server-config', optional: false }],
  });
}

export function plainService(region: string, name: string, tag: string): Template {
  const serving = container(name, imageOf(region, name, tag), {
    requests: { cpu: '500m', memory: '512Mi' },
    limits: { memory: '1Gi' },
    readiness: probe('GET :8080/health'),
    liveness: probe('GET :8080/live', { initialDelaySeconds: 30 }),
  });
  return template([serving], { labels: { app: name }, nodeSelector: { 'mlp/pool': 'general' } });
}

export function servingProgram(): ReturnType<typeof program> {
  return program({
    warmSeconds: 12,
    needs: [
      {
        kind: 'Secret',
        name: 'feature-store-credentials',
        key: 'password',
        complains: [
          'Traceback (most recent call last):',
          '  File "/app/serve.py", line 41, in <module>',
          "    password = os.environ['FEATURE_STORE_PASSWORD']",
          "KeyError: 'FEATURE_STORE_PASSWORD'",
        ],
      },
    ],
  });
}

export const fetchingProgram = (): ReturnType<typeof program> =>
  program({
    warmSeconds: 0,
    ends: { afterSeconds: 6, exitCode: 0, signal: 0, reason: 'Completed' },
    lines: ['model checksum ok'],
  });
