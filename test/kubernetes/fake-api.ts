import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubernetesRegions, type KubernetesRegion } from '../../src/adapters/kubernetes/regions.ts';

/** For tests: answers that no real API server gives on demand. */
export interface FakeApi {
  readonly region: KubernetesRegion;
  /** `METHOD path?query`, in the order of arrival. */
  readonly asked: readonly string[];
  /** Connections that were opened. */
  readonly connections: () => number;
  close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse, path: string, body: string) => void;

export async function fakeApi(
  handler: Handler,
  options: { readonly limitMs?: number; readonly server?: string } = {},
): Promise<FakeApi> {
  const asked: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(`${request.method} ${path}`);
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => handler(request, response, path, body));
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'mlp-bot-fake-api-'));
  const kubeconfigPath = join(folder, 'kubeconfig');
  const cluster = { server: options.server ?? `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
  const kubeconfig = {
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user: { token: 'the-token-of-the-bot' } }],
    contexts: [{ name: 'eu', context: { cluster: 'c', user: 'u' } }],
  };
  writeFileSync(kubeconfigPath, JSON.stringify(kubeconfig), { mode: 0o600 });
  const regions = kubernetesRegions({
    credentials: { kubeconfigPath },
    regions: [{ name: 'eu-west-1', context: 'eu' }],
    limitMs: options.limitMs ?? 2000,
  });
  const region = regions.get('eu-west-1');
  if (region === undefined) throw new Error('no region');
  return {
    region,
    asked,
    connections: () => connections,
    close: async () => {
      await region.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

export const status = (code: number, message: string, reason = ''): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  message,
  reason,
  code,
});
