import { binary } from './need.ts';
import { answers, freePort, startPeer } from './process.ts';

/** A TCP proxy in front of a peer, healthy until told otherwise. Each call replaces what was wrong before. */
export interface Proxy {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  readonly port: number;
  /** Answers come this much later. */
  latency(ms: number): Promise<void>;
  /** Connections are taken and nothing ever comes back, until `heal()`. */
  hang(): Promise<void>;
  /** Connections are cut with a TCP reset as soon as something is sent. */
  reset(): Promise<void>;
  /** Answers end after so many bytes: the connection is closed in the middle. */
  cut(bytes: number): Promise<void>;
  bandwidth(kilobytesPerSecond: number): Promise<void>;
  /** Nothing listens any more: connection refused. */
  down(): Promise<void>;
  heal(): Promise<void>;
}

export interface Toxiproxy {
  /** `to` is `host:port` or a url (whose host and port count). */
  proxy(options: { readonly to: string; readonly latencyMs?: number }): Promise<Proxy>;
  stop(): Promise<void>;
}

/** A real toxiproxy: latency, hangs, resets and cuts between the bot and any peer. */
export async function startToxiproxy(): Promise<Toxiproxy> {
  const port = await freePort();
  const api = `http://127.0.0.1:${port}`;
  const server = await startPeer({
    name: 'toxiproxy',
    command: binary('toxiproxy', 'toxiproxy'),
    args: ['-host=127.0.0.1', `-port=${port}`],
    env: { LOG_LEVEL: 'error' },
    isReady: () => answers(`${api}/version`),
  });
  let count = 0;
  return {
    proxy: async ({ to, latencyMs }) => {
      count += 1;
      const proxy = await makeProxy(api, `proxy-${count}`, await freePort(), to);
      if (latencyMs !== undefined) await proxy.latency(latencyMs);
      return proxy;
    },
    stop: () => server.stop(),
  };
}

async function makeProxy(api: string, name: string, port: number, to: string): Promise<Proxy> {
  const upstream = to.includes('://') ? new URL(to).host : to;
  await call('POST', `${api}/proxies`, { name, listen: `127.0.0.1:${port}`, upstream, enabled: true });
  const own = `${api}/proxies/${name}`;
  const heal = async (): Promise<void> => {
    const { toxics } = await call<{ toxics: readonly { name: string }[] }>('GET', own);
    for (const toxic of toxics) await call('DELETE', `${own}/toxics/${toxic.name}`);
    await call('POST', own, { enabled: true });
  };
  const only = async (type: string, attributes: object, streams: readonly string[] = ['downstream']): Promise<void> => {
    await heal();
    for (const stream of streams) {
      await call('POST', `${own}/toxics`, { name: `${type}-${stream}`, type, stream, attributes });
    }
  };
  return {
    address: `127.0.0.1:${port}`,
    port,
    latency: (ms) => only('latency', { latency: ms }),
    // Both ways: a peer that got the request would answer and close, and the client would see that.
    hang: () => only('timeout', { timeout: 0 }, ['upstream', 'downstream']),
    reset: () => only('reset_peer', { timeout: 0 }),
    cut: (bytes) => only('limit_data', { bytes }),
    bandwidth: (rate) => only('bandwidth', { rate }),
    down: async () => {
      await call('POST', own, { enabled: false });
    },
    heal,
  };
}

async function call<T>(method: string, url: string, body?: object): Promise<T> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(5000),
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`toxiproxy answered ${response.status} to ${method} ${url}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
