import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { prometheus, type Prometheus, type PrometheusOptions } from './prometheus.ts';

let server: Server | undefined;
let adapter: Prometheus | undefined;
afterEach(async () => {
  await adapter?.close();
  server?.closeAllConnections();
  server?.close();
});

const soon = (): AbortSignal => AbortSignal.timeout(10_000);

async function against(listener: RequestListener, more: Partial<PrometheusOptions> = {}): Promise<Prometheus> {
  const made = createServer(listener);
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const { port } = made.address() as AddressInfo;
  adapter = prometheus({ region: 'eu-west-1', url: `http://127.0.0.1:${port}/prom/`, limitMs: 2000, ...more });
  return adapter;
}

const says =
  (body: unknown, status = 200, headers: Record<string, string> = {}): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
const vector = (...result: readonly object[]): object => ({
  status: 'success',
  data: { resultType: 'vector', result },
});

async function failure(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it succeeded');
}

describe('answers', () => {
  test('a vector: labels and numbers; NaN and infinities are no numbers', async () => {
    const values = ['0.5', 'NaN', '+Inf', '-Inf', '1e-7'];
    const read = await against(
      says(vector(...values.map((value, index) => ({ metric: { n: String(index) }, value: [1, value] })))),
    );
    expect(await read.read(soon()).instant('x')).toEqual([
      { labels: { n: '0' }, value: 0.5 },
      { labels: { n: '1' }, value: null },
      { labels: { n: '2' }, value: null },
      { labels: { n: '3' }, value: null },
      { labels: { n: '4' }, value: 1e-7 },
    ]);
  });

  test('a scalar is one sample without labels; nothing found is an empty list', async () => {
    const scalar = await against(says({ status: 'success', data: { resultType: 'scalar', result: [1, '3'] } }));
    expect(await scalar.read(soon()).instant('scalar(x)')).toEqual([{ labels: {}, value: 3 }]);
    server?.close();
    const empty = await against(says(vector()));
    expect(await empty.read(soon()).instant('x')).toEqual([]);
  });

  test('the query goes in the body with its limit, and the credentials in the header', async () => {
    let seen = '';
    const listener: RequestListener = (request, response) => {
      request.on('data', (chunk: Buffer) => (seen += chunk.toString()));
      request.on('end', () => {
        seen = `${request.method} ${request.url} ${request.headers.authorization} ${seen}`;
        says(vector())(request, response);
      });
    };
    const bearer = await against(listener, { auth: { is: 'bearer', token: 'T' } });
    await bearer.read(soon()).instant('sum(rate(x[5m])) > 0');
    expect(seen).toBe('POST /prom/api/v1/query Bearer T query=sum%28rate%28x%5B5m%5D%29%29+%3E+0&timeout=2s');
    server?.close();
    seen = '';
    const basic = await against(listener, { auth: { is: 'basic', user: 'ada', password: 'p' } });
    await basic.read(soon()).instant('x');
    expect(seen).toContain('Basic YWRhOnA=');
  });

  test('hints of style are ignored, a warning makes the answer unreadable: it may be incomplete', async () => {
    const hinted = {
      ...vector(),
      warnings: ['PromQL info: metric might not be a counter, name does not end in _total'],
      infos: ['x'],
    };
    expect(await (await against(says(hinted))).read(soon()).instant('x')).toEqual([]);
    server?.close();
    const partial = await against(says({ ...vector(), warnings: ['remote read: no answer from store-2'] }));
    const thrown = await failure(partial.read(soon()).instant('x'));
    expect(thrown).toMatchObject({ kind: 'unreadable' });
    expect(thrown.message).toBe(
      'Prometheus of eu-west-1: the answer may be incomplete: remote read: no answer from store-2',
    );
  });
});

describe('refusals', () => {
  const told = (errorType: string, error: string): object => ({ status: 'error', errorType, error });
  test.each<[string, number, unknown, Failure['kind'], RegExp]>([
    [
      'a wrong query',
      400,
      told('bad_data', 'parse error: unexpected end of input'),
      'invalid',
      /bad_data: parse error/,
    ],
    [
      'one that takes too long',
      503,
      told('timeout', 'query timed out in expression evaluation'),
      'timeout',
      /timed out/,
    ],
    ['one that fails', 422, told('execution', 'many-to-many matching not allowed'), 'invalid', /many-to-many/],
    ['no credentials', 401, 'Unauthorized', 'unauthorised', /answered 401/],
    ['not allowed', 403, '<html>', 'forbidden', /answered 403/],
    ['a wrong address', 404, 'not found', 'not found', /answered 404/],
    ['a proxy in between', 502, '<html>bad gateway</html>', 'server error', /answered 502/],
    ['something else altogether', 200, '<html>login</html>', 'unreadable', /not one of its API/],
    ['a range', 200, { status: 'success', data: { resultType: 'matrix', result: [] } }, 'invalid', /gives a matrix/],
    ['histograms', 200, vector({ metric: {}, histogram: [1, {}] }), 'invalid', /histograms/],
  ])('%s', async (_, status, body, kind, sentence) => {
    const thrown = await failure((await against(says(body, status))).read(soon()).instant('x'));
    expect(thrown.kind).toBe(kind);
    expect(thrown.message).toMatch(sentence);
  });

  test('429 is waited for as asked, and the answer then counts', async () => {
    let calls = 0;
    const read = await against((request, response) => {
      calls += 1;
      if (calls === 1) says('slow down', 429, { 'retry-after': '1' })(request, response);
      else says(vector())(request, response);
    });
    const started = performance.now();
    expect(await read.read(soon()).instant('x')).toEqual([]);
    expect(performance.now() - started).toBeGreaterThanOrEqual(990);
  });

  test('a hang ends with the limit or with the caller; no connection is unreachable', async () => {
    const hanging = await against(() => {}, { limitMs: 200 });
    expect((await failure(hanging.read(soon()).instant('x'))).message).toBe(
      'Prometheus of eu-west-1: no answer within 200 ms',
    );
    expect((await failure(hanging.read(AbortSignal.timeout(30)).instant('x'))).message).toMatch(/caller's limit/);
    server?.closeAllConnections();
    server?.close();
    const gone = prometheus({ region: 'eu-west-1', url: 'http://127.0.0.1:64998' });
    expect(await failure(gone.read(soon()).instant('x'))).toMatchObject({
      kind: 'unreachable',
      message: 'Prometheus of eu-west-1: connection refused',
    });
    await gone.close();
  });
});
