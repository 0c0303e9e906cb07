import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { simulatedPlatform } from './client.ts';

/** Servers that misbehave: the good one is held by test/ports. */
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

type Answer = (method: string) => string | null;

async function server(answer: Answer, status = 200): Promise<string> {
  const made = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      const { method } = JSON.parse(text) as { method: string };
      const body = answer(method);
      response.statusCode = status;
      if (body !== null) response.end(body);
    });
  });
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        made.close(() => resolve());
        made.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
}

const of = { namespace: 'ml-platform', name: 'model-server' };
const seen = {
  uid: 'u',
  resourceVersion: '7',
  fence: null,
  paused: false,
  templateDigest: 'old',
  restartedAt: null,
  replicas: 12,
  holdsValues: true,
  isThere: true,
};
const result = (value: unknown): string => JSON.stringify({ jsonrpc: '2.0', id: 1, result: value });
const refusal = (kind: string): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32000, message: 'no', data: { kind, message: 'no', maybeDone: false, retryAfterMs: null } },
  });

const made = (url: string): ReturnType<typeof simulatedPlatform> =>
  simulatedPlatform({ url, regions: ['eu-west-1'], limitMs: 150 });
const read = (url: string): Promise<unknown> =>
  made(url).read('eu-west-1', new AbortController().signal).kubernetes.deployment(of);

function change(url: string, notAfterMs = 60_000): Promise<void> {
  const attempt = { fence: 'mine', notAfter: new Date(Date.now() + notAfterMs).toISOString() };
  const act = made(url).act('deployment', 'eu-west-1', of, attempt, new AbortController().signal);
  return act.change({ paused: true }, { uid: 'u', templateDigest: 'old', paused: false });
}

async function failure(promise: Promise<unknown>): Promise<Failure> {
  const caught: unknown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(caught instanceof Failure)) throw new Error('expected a Failure');
  return caught;
}

test('no answer is a timeout, after the limit', async () => {
  expect(await failure(read(await server(() => null)))).toMatchObject({ kind: 'timeout', maybeDone: false });
});

test('nobody there is unreachable; answers that make no sense are unreadable; 500 is a server error', async () => {
  expect(await failure(read('http://127.0.0.1:1'))).toMatchObject({ kind: 'unreachable' });
  expect(await failure(read(await server(() => '<html>')))).toMatchObject({ kind: 'unreadable' });
  expect(await failure(read(await server(() => '{"hello":1}')))).toMatchObject({ kind: 'unreadable' });
  expect(await failure(read(await server(() => '', 500)))).toMatchObject({ kind: 'server error' });
});

test('a failure travels with its kind', async () => {
  expect(await failure(read(await server(() => refusal('forbidden'))))).toMatchObject({
    kind: 'forbidden',
    message: 'no',
  });
});

test('a write whose answer never comes may have been carried out; a look that hangs has not written', async () => {
  const lost = await server((method) => (method === 'deployment.see' ? result(seen) : null));
  expect(await failure(change(lost))).toMatchObject({ kind: 'timeout', maybeDone: true });
  expect(await failure(change(await server(() => null)))).toMatchObject({ kind: 'timeout', maybeDone: false });
});

test('what is under way at notAfter is given up', async () => {
  const lost = await server((method) => (method === 'deployment.see' ? result(seen) : null));
  const before = Date.now();
  expect(await failure(change(lost, 60))).toMatchObject({ kind: 'timeout', maybeDone: true });
  expect(Date.now() - before).toBeLessThan(140);
});

test('conflicts by status updates alone are tried again, but not for ever', async () => {
  let writes = 0;
  const busy = await server((method) => {
    if (method === 'deployment.see') return result(seen);
    writes += 1;
    return refusal('conflict');
  });
  expect(await failure(change(busy))).toMatchObject({ kind: 'conflict' });
  expect(writes).toBe(5);
});

test('no further try once another attempt has set the fence', async () => {
  let looks = 0;
  let writes = 0;
  const fenced = await server((method) => {
    if (method === 'deployment.see') {
      looks += 1;
      return result({ ...seen, fence: looks > 1 ? 'successor' : null });
    }
    writes += 1;
    return refusal('conflict');
  });
  expect(await failure(change(fenced))).toMatchObject({
    kind: 'conflict',
    message: 'another attempt has fenced this one off',
  });
  expect(writes).toBe(1);
});

test('logs arrive without control characters', async () => {
  const colourful = await server(() => result({ lines: ['\u001b[31mred\u0007 text\tkept'], cut: false }));
  const log = await made(colourful)
    .read('eu-west-1', new AbortController().signal)
    .kubernetes.log(of, { container: 'main', previous: false, tail: 5 });
  expect(log.lines).toEqual(['[31mred text\tkept']);
});
