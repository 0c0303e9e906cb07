import { afterEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/adapters/kubernetes/template.ts';
import type { DeploymentChange, Rehearsal } from '../../src/core/ports/kubernetes.ts';
import type { Failure } from '../../src/core/failure.ts';
import { failure } from './cluster.ts';
import { answer, fakeApi, status, type FakeApi, type Handler } from './fake-api.ts';

const target = { namespace: 'ml-platform', name: 'model-server' };
const soon = (): AbortSignal => AbortSignal.timeout(10_000);
let api: FakeApi | undefined;

async function serve(handler: Handler, options: Parameters<typeof fakeApi>[1] = {}): Promise<FakeApi> {
  api = await fakeApi(handler, options);
  return api;
}

afterEach(async () => {
  await api?.close();
  api = undefined;
});

const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'main', image: 'a:1' }] } };
const object = {
  metadata: { name: 'model-server', namespace: 'ml-platform', uid: 'u1', resourceVersion: '7' },
  spec: { replicas: 1, paused: true, selector: { matchLabels: { app: 'x' } }, template },
};
const when = { uid: 'u1', templateDigest: digestOf(template), paused: true };

describe('what a server says to a rehearsal', () => {
  test.each<[string, number, string, string]>([
    ['no preview', 400, 'admission webhook "quota.acme" does not support dry run', 'does not support dry run'],
    ['refused', 422, 'Deployment.apps "model-server" is invalid: spec.replicas', 'is invalid'],
    ['refused', 403, 'admission webhook "freeze" denied the request: not on Fridays', 'not on Fridays'],
  ])('%s for %i', async (is, code, message, because) => {
    const { region, asked } = await serve((request, response) => {
      if (request.method === 'PATCH') answer(response, code, status(code, message));
      else answer(response, 200, object);
    });
    const said = await region.rehearse('deployment', target, soon()).rehearse({ paused: false }, when);
    expect(said).toEqual({ is, because: expect.stringContaining(because) });
    expect(asked.at(-1)).toContain('dryRun=All');
  });
});

describe('a dry run that a webhook with side effects refuses is no refusal of the write: no preview, and why', () => {
  const message = 'admission webhook "quota.acme" does not support dry run';
  const of = (spec: object): object => ({ metadata: object.metadata, spec });
  const bounds = { uid: 'u1', min: 1, max: 6 };
  const pod = { ...of({ nodeName: 'n', containers: [] }), status: {} };
  const version = { groups: [{ name: 'keda.sh', preferredVersion: { version: 'v1alpha1' } }] };
  const values = { container: 'main', requests: {}, limits: { cpu: '2', memory: '2Gi', 'nvidia.com/gpu': '1' } };
  const kinds: readonly [string, object, (region: FakeApi['region']) => Promise<Rehearsal>][] = [
    ['rollback and resume', object, (r) => deployed(r, { paused: false })],
    ['restart', object, (r) => deployed(r, { restartedAt: '2026-01-01T00:00:00Z' })],
    ['scale', object, (r) => deployed(r, { replicas: 3 })],
    ['set CPU, memory, GPU', object, (r) => deployed(r, { resources: values })],
    ['set env', object, (r) => deployed(r, { env: { container: 'main', set: { MODEL_VERSION: 'v2' } } })],
    [
      'bounds of an autoscaler',
      of({ minReplicas: 1, maxReplicas: 6 }),
      (r) => r.rehearse('autoscaler', target, soon()).rehearse({ min: 1, max: 9 }, bounds),
    ],
    [
      'bounds of a ScaledObject',
      of({ minReplicaCount: 1, maxReplicaCount: 6 }),
      (r) => r.rehearse('scaled object', target, soon()).rehearse({ min: 1, max: 9 }, bounds),
    ],
    ['replace pod', pod, (r) => r.rehearse('pod', target, soon()).rehearse({ uid: 'u1' })],
    [
      'cordon',
      of({}),
      (r) =>
        r.rehearse('node', { namespace: '', name: 'n' }, soon()).rehearse(false, { uid: 'u1', unschedulable: false }),
    ],
  ];
  const deployed = (region: FakeApi['region'], to: DeploymentChange): Promise<Rehearsal> =>
    region.rehearse('deployment', target, soon()).rehearse(to, when);

  test.each(kinds)('%s', async (_, raw, rehearse) => {
    const { region, asked } = await serve((request, response, path) => {
      if (request.method !== 'GET') answer(response, 400, status(400, message, 'BadRequest'));
      else answer(response, 200, path.split('?')[0] === '/apis' ? version : raw);
    });
    expect(await rehearse(region)).toEqual({ is: 'no preview', because: expect.stringContaining(message) as string });
    expect(asked.at(-1)).toContain('dryRun=All');
  });
});

describe('a write whose answer is lost', () => {
  const attempt = (): { fence: string; notAfter: string } => ({
    fence: 't1',
    notAfter: new Date(Date.now() + 60_000).toISOString(),
  });

  async function change(onPatch: Handler, limitMs = 500): Promise<{ thrown: Failure; patches: number }> {
    const { region, asked } = await serve(
      (request, response, path, body) => {
        if (request.method === 'PATCH') onPatch(request, response, path, body);
        else answer(response, 200, object);
      },
      { limitMs },
    );
    const thrown = await failure(region.act('deployment', target, attempt(), soon()).change({ paused: false }, when));
    return { thrown, patches: asked.filter((one) => one.startsWith('PATCH')).length };
  }

  test.each<[string, Handler, Failure['kind'], boolean]>([
    ['hangs', () => {}, 'timeout', true],
    ['breaks off', (request) => request.socket.destroy(), 'timeout', true],
    ['502 of something in between', (_, response) => answer(response, 502, 'bad gateway'), 'server error', true],
    [
      'a webhook that cannot be called',
      (_, response) => answer(response, 500, status(500, 'Internal error occurred: failed calling webhook "x"')),
      'server error',
      false,
    ],
    ['429', (_, response) => answer(response, 429, status(429, 'too many')), 'too many requests', false],
    ['403', (_, response) => answer(response, 403, status(403, 'no')), 'forbidden', false],
  ])('%s: sent once, and it says whether it may have happened', async (_, onPatch, kind, maybeDone) => {
    const { thrown, patches } = await change(onPatch);
    expect(thrown).toMatchObject({ kind, maybeDone });
    expect(patches).toBe(1);
  });

  test('409s without end are a conflict in the end', async () => {
    const { thrown, patches } = await change(
      (_, response) => answer(response, 409, status(409, 'the object has been modified')),
      2000,
    );
    expect(thrown).toMatchObject({ kind: 'conflict', maybeDone: false });
    expect(patches).toBe(6);
  });
});

describe('every kind of change whose answer is lost', () => {
  const node = { metadata: { name: 'n1', uid: 'u1', resourceVersion: '7' }, spec: {} };
  const scaler = { metadata: { name: 'a', uid: 'u1', resourceVersion: '7' }, spec: { minReplicas: 1, maxReplicas: 3 } };
  const scaled = { metadata: { name: 'a', uid: 'u1', resourceVersion: '7' }, spec: { maxReplicaCount: 3 } };
  const pod = {
    metadata: { name: 'p', namespace: 'ml-platform', uid: 'u1' },
    spec: { containers: [{ name: 'main' }] },
    status: { phase: 'Running' },
  };
  const groups = { groups: [{ name: 'keda.sh', preferredVersion: { version: 'v1alpha2' } }] };
  const soonest = (): { fence: string; notAfter: string } => ({
    fence: 't1',
    notAfter: new Date(Date.now() + 60_000).toISOString(),
  });
  const at = { namespace: 'ml-platform', name: 'a' };
  type Run = (region: FakeApi['region']) => Promise<void>;

  test.each<[string, string, Run]>([
    [
      'a node',
      'PATCH /api/v1/nodes/n1?fieldManager=mlp-bot',
      (region) =>
        region
          .act('node', { namespace: '', name: 'n1' }, soonest(), soon())
          .schedulable(false, { uid: 'u1', unschedulable: false }),
    ],
    [
      'an autoscaler',
      'PATCH /apis/autoscaling/v2/namespaces/ml-platform/horizontalpodautoscalers/a?fieldManager=mlp-bot',
      (region) =>
        region.act('autoscaler', at, soonest(), soon()).change({ min: 1, max: 5 }, { uid: 'u1', min: 1, max: 3 }),
    ],
    [
      'a ScaledObject, in the version that the server prefers',
      'PATCH /apis/keda.sh/v1alpha2/namespaces/ml-platform/scaledobjects/a?fieldManager=mlp-bot',
      (region) =>
        region.act('scaled object', at, soonest(), soon()).change({ min: 0, max: 5 }, { uid: 'u1', min: 0, max: 3 }),
    ],
    [
      'a pod',
      'POST /api/v1/namespaces/ml-platform/pods/a/eviction',
      (region) => region.act('pod', at, soonest(), soon()).evict({ uid: 'u1' }),
    ],
  ])('%s: sent once, and it may have happened', async (_, sent, run) => {
    const { region, asked } = await serve(
      (request, response, path) => {
        if (request.method !== 'GET') return; // hangs
        if (path === '/apis') return answer(response, 200, groups);
        const object = path.includes('/nodes/') ? node : path.includes('/pods/') ? pod : null;
        answer(response, 200, object ?? (path.includes('scaledobjects') ? scaled : scaler));
      },
      { limitMs: 300 },
    );
    expect(await failure(run(region))).toMatchObject({ kind: 'timeout', maybeDone: true });
    expect(asked.filter((one) => !one.startsWith('GET'))).toEqual([sent]);
  });

  test('an eviction that the budget forbids is refused, one that the server is too busy for is not', async () => {
    const said = (causes: object[]): object => ({
      ...status(429, "Cannot evict pod as it would violate the pod's disruption budget.", 'TooManyRequests'),
      details: { causes },
    });
    const budget = {
      reason: 'DisruptionBudget',
      message: 'The disruption budget model-server needs 2 healthy pods and has 2 currently',
    };
    let body = said([budget]);
    const { region } = await serve((request, response) =>
      request.method === 'GET' ? answer(response, 200, pod) : answer(response, 429, body),
    );
    const evict = (): Promise<void> => region.act('pod', at, soonest(), soon()).evict({ uid: 'u1' });
    const refused = await failure(evict());
    expect(refused).toMatchObject({ kind: 'refused', maybeDone: false });
    expect(refused.message).toContain(budget.message);
    expect(await region.rehearse('pod', at, soon()).rehearse({ uid: 'u1' })).toEqual({
      is: 'refused',
      because: expect.stringContaining(budget.message),
    });
    body = status(429, 'too many requests, please try again later', 'TooManyRequests');
    expect(await failure(evict())).toMatchObject({ kind: 'too many requests', maybeDone: false });
  });
});
