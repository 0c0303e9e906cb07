import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { kubernetesRegions } from '../../src/adapters/kubernetes/regions.ts';
import type { Failure } from '../../src/core/failure.ts';
import { failure } from './cluster.ts';
import { answer, fakeApi, status, type FakeApi, type Handler } from './fake-api.ts';

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

const pods = {
  metadata: {},
  columnDefinitions: ['Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP', 'Node'].map((name) => ({ name })),
  rows: [],
};
const row = (name: string): object => ({
  cells: [name, '0/1', 'CrashLoopBackOff', '5 (3m ago)', '1h', '10.0.0.1', 'node-1'],
  object: { metadata: { name, uid: name } },
});

describe('each refusal is a kind of its own, in a sentence', () => {
  const cases: readonly (readonly [number, string, Failure['kind'], RegExp])[] = [
    [
      401,
      'Unauthorized',
      'unauthorised',
      /list pods in ml-platform \(eu-west-1\): the API server does not accept our credentials/,
    ],
    [
      403,
      'pods is forbidden: User "bot" cannot list resource "pods" in API group "" in the namespace "ml-platform"',
      'forbidden',
      /the bot lacks the right "list pods in namespace ml-platform"/,
    ],
    [
      403,
      'admission webhook "freeze" denied the request: not on Fridays',
      'forbidden',
      /\): admission webhook "freeze" denied/,
    ],
    [404, 'the server could not find the requested resource', 'not found', /could not find/],
    [409, 'the object has been modified', 'conflict', /has been modified/],
    [400, 'unable to parse the selector', 'invalid', /unable to parse/],
    [422, 'spec is invalid', 'invalid', /spec is invalid/],
    [500, 'etcdserver: leader changed', 'server error', /answered 500: etcdserver/],
    [504, 'request did not complete within the allotted timeout', 'timeout', /answered 504/],
  ];
  test.each(cases)('%i %s', async (code, message, kind, sentence) => {
    const { region } = await serve((_, response) => answer(response, code, status(code, message)));
    const thrown = await failure(region.read(soon()).pods('ml-platform', 'app=x'));
    expect(thrown.kind).toBe(kind);
    expect(thrown.message).toMatch(sentence);
    expect(thrown.maybeDone).toBe(false);
  });

  test('a page of a proxy in between is not shown, and secrets in a message are not', async () => {
    const { region } = await serve((_, response) => answer(response, 502, '<html><body>Bad Gateway</body></html>'));
    expect((await failure(region.read(soon()).nodes())).message).toBe(
      'list nodes (eu-west-1): the API server answered 502: the API server answered 502',
    );
    await api?.close();
    const leaky = await serve((_, response) =>
      answer(response, 400, status(400, 'cannot dial postgres://ada:hunter2@db/x')),
    );
    expect((await failure(leaky.region.read(soon()).nodes())).message).not.toContain('hunter2');
  });

  test('an answer of another shape is unreadable, and its body is not repeated', async () => {
    const { region } = await serve((_, response) => answer(response, 200, '{"items": "hunter2"}'));
    const thrown = await failure(region.read(soon()).nodes());
    expect(thrown.kind).toBe('unreadable');
    expect(thrown.message).toContain('at items');
    expect(thrown.message).not.toContain('hunter2');
  });
});

describe('trying again', () => {
  test('429 is obeyed and repeated: Retry-After is waited for', async () => {
    let calls = 0;
    const { region } = await serve((_, response) => {
      calls += 1;
      if (calls === 1) answer(response, 429, status(429, 'too many'), { 'retry-after': '1' });
      else answer(response, 200, { items: [] });
    });
    const before = performance.now();
    expect(await region.read(soon()).nodes()).toEqual([]);
    expect(performance.now() - before).toBeGreaterThanOrEqual(990);
    expect(calls).toBe(2);
  });

  test('a Retry-After beyond the limit is passed on at once', async () => {
    const { region, asked } = await serve((_, response) =>
      answer(response, 429, status(429, 'too many'), { 'retry-after': '30' }),
    );
    const before = performance.now();
    const thrown = await failure(region.read(soon()).nodes());
    expect(thrown).toMatchObject({ kind: 'too many requests', retryAfterMs: 30_000 });
    expect(asked).toHaveLength(1);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test('503 that passes is not seen; 500 that stays is a server error after four tries', async () => {
    let calls = 0;
    const { region, asked } = await serve((_, response) => {
      calls += 1;
      if (calls === 1) answer(response, 503, status(503, 'starting'));
      else if (calls === 2) answer(response, 200, { items: [] });
      else answer(response, 500, status(500, 'broken'));
    });
    expect(await region.read(soon()).nodes()).toEqual([]);
    expect((await failure(region.read(soon()).nodes())).kind).toBe('server error');
    expect(asked).toHaveLength(6);
  });

  test('a connection that breaks off is tried once more', async () => {
    let calls = 0;
    const { region } = await serve((request, response) => {
      calls += 1;
      if (calls === 1) request.socket.destroy();
      else answer(response, 200, { items: [] });
    });
    expect(await region.read(soon()).nodes()).toEqual([]);
  });
});

describe('time limits', () => {
  test('a hang ends with the limit, with the caller, or before it begins', async () => {
    const { region } = await serve(() => {}, { limitMs: 300 });
    expect((await failure(region.read(soon()).nodes())).message).toBe(
      'list nodes (eu-west-1): no answer within 300 ms',
    );
    const caller = AbortSignal.timeout(50);
    expect(await failure(region.read(caller).nodes())).toMatchObject({
      kind: 'timeout',
      message: expect.stringContaining("before the caller's limit"),
    });
    expect((await failure(region.read(AbortSignal.abort()).nodes())).kind).toBe('timeout');
  });

  test('after a hang the next call opens a new connection', async () => {
    let calls = 0;
    const { region, connections } = await serve(
      (_, response) => {
        calls += 1;
        if (calls > 1) answer(response, 200, { items: [] });
      },
      { limitMs: 300 },
    );
    await failure(region.read(soon()).nodes());
    expect(await region.read(soon()).nodes()).toEqual([]);
    expect(connections()).toBe(2);
  });

  test('connections are kept, not one for each call', async () => {
    const { region, connections } = await serve((_, response) => answer(response, 200, { items: [] }));
    for (let call = 0; call < 20; call += 1) await region.read(soon()).nodes();
    expect(connections()).toBeLessThanOrEqual(2);
  });
});

describe('no connection', () => {
  test.each([
    ['https://127.0.0.1:64999', /connection refused/],
    ['https://no-such-host.invalid:6443', /name of the API server cannot be resolved/],
  ])('%s', async (server, sentence) => {
    const { region } = await serve(() => {}, { server });
    const thrown = await failure(region.read(soon()).nodes());
    expect(thrown.kind).toBe('unreachable');
    expect(thrown.message).toMatch(sentence);
  });

  test('outside of a cluster without a kubeconfig, what to set is said', async () => {
    const [region] = kubernetesRegions({ credentials: 'in cluster', regions: [{ name: 'us' }] }).values();
    const thrown = await failure(region?.read(soon()).nodes() ?? Promise.resolve());
    expect(thrown.message).toContain('set KUBECONFIG instead');
  });

  test('a context that is not in the kubeconfig is said, with those that are', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mlp-bot-context-'));
    writeFileSync(
      `${folder}/k`,
      JSON.stringify({ clusters: [], users: [], contexts: [{ name: 'eu', context: { cluster: 'c', user: 'u' } }] }),
    );
    const [region] = kubernetesRegions({
      credentials: { kubeconfigPath: `${folder}/k` },
      regions: [{ name: 'us' }],
    }).values();
    const thrown = await failure(region?.read(soon()).nodes() ?? Promise.resolve());
    expect(thrown.message).toMatch(/the context us of the kubeconfig .* is not there; the contexts are: eu/);
    rmSync(folder, { recursive: true });
  });
});

describe('lists in pages', () => {
  test('410 in the middle begins the list again, once', async () => {
    let isExpired = true;
    const { region, asked } = await serve((_, response, path) => {
      const from = new URL(path, 'http://x').searchParams.get('continue');
      if (from === null) return answer(response, 200, { ...pods, metadata: { continue: 'p2' }, rows: [row('a')] });
      if (isExpired) {
        isExpired = false;
        return answer(response, 410, status(410, 'The provided continue parameter is too old', 'Expired'));
      }
      return answer(response, 200, { ...pods, rows: [row('b')] });
    });
    const found = await region.read(soon()).pods('ml-platform', 'app=x');
    expect(found.map((one) => one.name)).toEqual(['a', 'b']);
    expect(found[0]).toMatchObject({
      restarts: 5,
      status: 'CrashLoopBackOff',
      node: 'node-1',
      readyContainers: 0,
      containers: 1,
    });
    expect(asked).toHaveLength(4);
    expect(asked[0]).toContain('limit=500');
  });

  test('410 again is a Failure', async () => {
    const { region } = await serve((_, response, path) => {
      if (path.includes('continue=')) answer(response, 410, status(410, 'too old', 'Expired'));
      else answer(response, 200, { ...pods, metadata: { continue: 'p2' }, rows: [row('a')] });
    });
    expect((await failure(region.read(soon()).pods('ml-platform', 'app=x'))).kind).toBe('gone');
  });
});
