import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { until } from '../peers/until.ts';
import { failure } from './cluster.ts';
import { answer, fakeApi, status, type FakeApi, type Handler } from './fake-api.ts';

/** What no exec server does on demand: exit codes of a container runtime, floods, hangs, refusals. The words are those of Kubernetes 1.36. */

const of = { namespace: 'ml-platform', name: 'model-server-1' };
const program = { container: 'serve', argv: ['df', '-h'] };
const soon = (): AbortSignal => AbortSignal.timeout(10_000);
let closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

interface Asked {
  url: string;
  protocols: string;
  authorization: string;
}

async function serve(
  onOpen: (socket: WebSocket) => void,
  options: { readonly limitMs?: number; readonly why?: Handler } = {},
): Promise<{ readonly api: FakeApi; readonly asked: Asked[]; readonly connections: () => Promise<number> }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => options.why?.(request, response, request.url ?? '', ''));
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (all) => [...all][0] ?? false });
  server.on('upgrade', (request, socket, head) => {
    const { authorization = '', 'sec-websocket-protocol': protocols = '' } = request.headers;
    asked.push({ url: request.url ?? '', protocols, authorization });
    if (options.why !== undefined) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, onOpen);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const api = await fakeApi((_, response) => answer(response, 500, ''), {
    server: `http://127.0.0.1:${port}`,
    limitMs: options.limitMs ?? 2000,
  });
  closing.push(
    () => api.close(),
    () => {
      for (const one of sockets.clients) one.terminate();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  );
  const connections = promisify(server.getConnections.bind(server));
  return { api, asked, connections };
}

const send = (socket: WebSocket, stream: number, text: string | Buffer): void =>
  socket.send(Buffer.concat([Buffer.from([stream]), Buffer.from(text)]));
const done = (socket: WebSocket, result: object): void => {
  send(socket, 3, JSON.stringify(result));
  socket.close();
};
const exited = (code: number): object => ({
  status: 'Failure',
  message: `command terminated with non-zero exit code: exit status ${code}`,
  reason: 'NonZeroExitCode',
  details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
});

describe('a program that ran', () => {
  test('exit code, both streams, in pieces, without secrets or colours; asked for word by word', async () => {
    const { api, asked } = await serve((socket) => {
      send(socket, 1, '');
      send(socket, 1, 'Filesystem  Si');
      send(socket, 2, 'df: /mnt: password=hunter2\n');
      send(socket, 1, 'ze\n\u001B[31m/dev/vda\u001B[0m 10G\n');
      done(socket, exited(1));
    });
    expect(await api.region.read(soon()).exec(of, program)).toEqual({
      exitCode: 1,
      out: ['Filesystem  Size', '/dev/vda 10G'],
      err: ['df: /mnt: password=[redacted: password]'],
      cut: false,
    });
    const [{ url, protocols, authorization } = { url: '', protocols: '', authorization: '' }] = asked;
    const { pathname, searchParams } = new URL(url, 'http://x');
    expect(pathname).toBe('/api/v1/namespaces/ml-platform/pods/model-server-1/exec');
    expect(searchParams.getAll('command')).toEqual(['df', '-h']);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      container: 'serve',
      stdin: 'false',
      stdout: 'true',
      stderr: 'true',
      tty: 'false',
    });
    expect(protocols).toBe('v5.channel.k8s.io, v4.channel.k8s.io');
    expect(authorization).toBe('Bearer the-token-of-the-bot');
  });

  test('its connection is closed afterwards, also when it never ended', async () => {
    const none = async (count: () => Promise<number>): Promise<true | undefined> =>
      (await count()) === 0 ? true : undefined;
    const { api, connections } = await serve((socket) => done(socket, { status: 'Success' }));
    await api.region.read(soon()).exec(of, program);
    expect(await until('it is closed', () => none(connections), { withinMs: 2000 })).toBe(true);
    const hanging = await serve(() => {}, { limitMs: 200 });
    await failure(hanging.api.region.read(soon()).exec(of, program));
    expect(await until('it is closed', () => none(hanging.connections), { withinMs: 5000 })).toBe(true);
  });

  test('a flood is cut, and its exit code is still heard', async () => {
    const { api } = await serve((socket) => {
      for (let at = 0; at < 200; at += 1) send(socket, 1, `${'x'.repeat(1023)}\n`);
      done(socket, { status: 'Success' });
    });
    const ran = await api.region.read(soon()).exec(of, program);
    expect(ran).toMatchObject({ exitCode: 0, cut: true });
    expect(ran.out.join('\n').length).toBeLessThanOrEqual(64 * 1024);
    expect(ran.out.length).toBeGreaterThan(60);
  });
});

describe('a program that did not run', () => {
  test('is not in the image: exit code 126, with the words of the runtime', async () => {
    const message =
      'Internal error occurred: error executing command in container: failed to exec in container: exec: "df": executable file not found in $PATH: unknown';
    const { api } = await serve((socket) => done(socket, { status: 'Failure', reason: 'InternalError', message }));
    expect(await api.region.read(soon()).exec(of, program)).toEqual({
      exitCode: 126,
      out: [],
      err: [message],
      cut: false,
    });
  });

  test.each([
    [
      'the runtime failed',
      { status: 'Failure', message: 'container is paused' },
      'server error',
      'container is paused',
    ],
    ['a status of no known shape', { kind: 'Pod' }, 'server error', 'did not say why'],
  ] as const)('%s', async (_, result, kind, words) => {
    const { api } = await serve((socket) => done(socket, result));
    const thrown = await failure(api.region.read(soon()).exec(of, program));
    expect(thrown).toMatchObject({ kind, maybeDone: false });
    expect(thrown.message).toContain(words);
    expect(thrown.message).toMatch(/^create pods\/exec model-server-1 in ml-platform \(eu-west-1\): /);
  });

  test('the connection breaks off before the exit code', async () => {
    const { api } = await serve((socket) => {
      send(socket, 1, 'half');
      socket.terminate();
    });
    const thrown = await failure(api.region.read(soon()).exec(of, program));
    expect(thrown.message).toContain('the connection ended without an exit code');
  });

  test.each([
    [
      403,
      'pods "model-server-1" is forbidden: ',
      'forbidden',
      'the rule to add: {apiGroups: [""], resources: ["pods/exec"], verbs: ["create"]}',
    ],
    [400, 'container serve is not valid for pod model-server-1', 'invalid', 'is not valid'],
    [404, 'pods "model-server-1" not found', 'not found', 'not found'],
    [400, 'Upgrade request required', 'unreachable', 'no web socket to the container'],
  ] as const)('refused with %i %s: why is asked for', async (code, message, kind, words) => {
    const { api } = await serve(() => {}, { why: (_, response) => answer(response, code, status(code, message)) });
    const thrown = await failure(api.region.read(soon()).exec(of, program));
    expect(thrown.kind).toBe(kind);
    expect(thrown.message).toContain(words);
  });

  test('hangs: it ends with the limit, with the caller, or before it begins', async () => {
    const { api } = await serve((socket) => send(socket, 1, 'working …'), { limitMs: 300 });
    expect(await failure(api.region.read(soon()).exec(of, program))).toMatchObject({
      kind: 'timeout',
      maybeDone: false,
    });
    const brief = await serve(() => {});
    expect((await failure(brief.api.region.read(AbortSignal.timeout(200)).exec(of, program))).kind).toBe('timeout');
    expect((await failure(brief.api.region.read(AbortSignal.abort()).exec(of, program))).kind).toBe('timeout');
  });

  test('what is not on the list is never sent', async () => {
    const { api, asked } = await serve((socket) => done(socket, { status: 'Success' }));
    const thrown = await failure(api.region.read(soon()).exec(of, { container: 'serve', argv: ['sh', '-c', 'df'] }));
    expect(thrown.kind).toBe('invalid');
    expect(asked).toEqual([]);
  });
});
