import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ContainerStatus, Pod } from './kube-types.ts';
import { handOver } from './kwok.ts';

interface Chunk {
  readonly at: Date;
  readonly bytes: Buffer;
}

/** What containers wrote, by container id; of each container the current and the previous run are kept. */
export class LogStore {
  readonly #runs = new Map<string, Chunk[]>();
  readonly #idsOf = new Map<string, string[]>();

  begin(containerId: string, owner: readonly [podUid: string, container: string], text: string | Buffer): void {
    const key = owner.join('/');
    const ids = [...(this.#idsOf.get(key) ?? []), containerId];
    for (const id of ids.slice(0, -2)) this.#runs.delete(id);
    this.#idsOf.set(key, ids.slice(-2));
    const bytes = Buffer.from(text.length > 0 ? text : 'listening on :8080\n');
    this.#runs.set(containerId, [{ at: new Date(), bytes }]);
  }

  append(containerId: string, text: string | Buffer): void {
    this.#runs.get(containerId)?.push({ at: new Date(), bytes: Buffer.from(text) });
  }

  tail(containerId: string, bytes: number): string {
    const all = Buffer.concat((this.#runs.get(containerId) ?? []).map((chunk) => chunk.bytes));
    return all.subarray(-bytes).toString();
  }

  /** The lines of a run as the kubelet sends them. Throws when nothing is kept of it. */
  read(containerId: string, options: URLSearchParams): Buffer {
    const chunks = this.#runs.get(containerId);
    if (chunks === undefined) throw new Error(`unable to retrieve container logs for ${containerId}`);
    const sinceMs = since(options);
    let lines = chunks.flatMap(({ at, bytes }) =>
      at.getTime() < sinceMs ? [] : split(bytes).map((line) => ({ at, line })),
    );
    const tailLines = options.get('tailLines');
    if (tailLines !== null) lines = Number(tailLines) === 0 ? [] : lines.slice(-Number(tailLines));
    const hasTimes = options.get('timestamps') === 'true';
    const text = Buffer.concat(
      lines.flatMap(({ at, line }) =>
        hasTimes ? [Buffer.from(`${at.toISOString().replace('Z', '000000Z')} `), line] : [line],
      ),
    );
    const limit = options.get('limitBytes');
    return limit === null ? text : text.subarray(0, Number(limit));
  }
}

function since(options: URLSearchParams): number {
  const seconds = options.get('sinceSeconds');
  if (seconds !== null) return Date.now() - Number(seconds) * 1000;
  const time = options.get('sinceTime');
  return time === null ? -Infinity : Date.parse(time);
}

function split(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let from = 0;
  while (from < bytes.length) {
    const end = bytes.indexOf(10, from);
    const to = end < 0 ? bytes.length : end + 1;
    lines.push(bytes.subarray(from, to));
    from = to;
  }
  return lines;
}

/**
 * Serves a kubelet's `/containerLogs/<namespace>/<pod>/<container>`, which the API server asks for `kubectl logs`; statuses and
 * sentences are those of validateContainerLogStatus and getContainerLogs (v1.36). `follow` ends where the log ends now.
 * Gives what stops it.
 */
export async function serveLogs(options: {
  readonly tls: { readonly cert: string; readonly key: string };
  readonly port: number;
  readonly logs: LogStore;
  readonly findPod: (namespace: string, name: string) => Pod | undefined;
  readonly statuses: (pod: Pod) => readonly ContainerStatus[];
  /** Where exec is served; left out: nowhere. */
  readonly execPort?: number | undefined;
}): Promise<() => Promise<void>> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'https://kubelet');
    const [, verb, namespace = '', name = '', container = ''] = url.pathname.split('/').map(decodeURIComponent);
    const say = (status: number, text: string): void =>
      void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
    if (verb !== 'containerLogs') return say(404, '404 page not found\n');
    const pod = options.findPod(namespace, name);
    if (pod === undefined) return say(404, `pod "${name}" does not exist\n`);
    const specs = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
    if (!specs.some((one) => one.name === container))
      return say(404, `container "${container}" not found in pod "${name}"\n`);
    const found = whichRun(name, container, options.statuses(pod), url.searchParams.get('previous') === 'true');
    if ('refusal' in found) return say(400, found.refusal);
    response.writeHead(200, { 'content-type': 'text/plain' }).end(options.logs.read(found.id, url.searchParams));
  };
  const server = createServer({ cert: options.tls.cert, key: options.tls.key }, (request, response) => {
    try {
      answer(request, response);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (request, socket, head) => {
    upgraded.add(socket);
    socket.on('close', () => upgraded.delete(socket));
    if (options.execPort === undefined) socket.destroy();
    else handOver(connect(options.execPort, '127.0.0.1'), request, socket, head);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return async () => {
    for (const socket of upgraded) socket.destroy(); // closeAllConnections knows them no more
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}

type Which = { readonly id: string } | { readonly refusal: string };

function whichRun(pod: string, container: string, statuses: readonly ContainerStatus[], isPrevious: boolean): Which {
  const status = statuses.find((one) => one.name === container);
  const what = `container "${container}" in pod "${pod}"`;
  if (status === undefined) return { refusal: `${what} is not available` };
  const { state, lastState } = status;
  const last = 'terminated' in lastState ? lastState.terminated.containerID : '';
  if (isPrevious) return last === '' ? { refusal: `previous terminated ${what} not found` } : { id: last };
  if ('running' in state) return { id: status.containerID ?? '' };
  if ('terminated' in state) return { id: state.terminated.containerID };
  if (last !== '') return { id: last };
  switch (state.waiting.reason) {
    case 'ErrImagePull':
      return { refusal: `${what} is waiting to start: image can't be pulled` };
    case 'ImagePullBackOff':
      return { refusal: `${what} is waiting to start: trying and failing to pull image` };
    default:
      return { refusal: `${what} is waiting to start: ${state.waiting.reason}` };
  }
}
