import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Region } from './control-plane.ts';
import { binary } from './need.ts';
import { answers, freePort, removeFolder, startPeer, temporaryFolder } from './process.ts';

/** Runs programs for `exec`: on this machine, as the user of the test, with no container around them. */
export interface Kwok {
  readonly port: number;
  /** What it wrote last: for a failing test's message. */
  output(): string;
  stop(): Promise<void>;
}

/**
 * The part of a kubelet that `kubelet.ts` does not play: the server of exec, which is Kubernetes' own streaming code in kwok. It manages no
 * node; the played kubelet hands the API server's connections over to it (`execPort`).
 */
export async function startKwok(region: Region, kubeconfig: string): Promise<Kwok> {
  const folder = temporaryFolder('kwok');
  const port = await freePort();
  const config = join(folder, 'kwok.yaml');
  writeFileSync(config, [execHere, idle].join('---\n'));
  const kwok = await startPeer({
    name: `kwok of ${region.name}`,
    command: binary('control-plane', 'kwok'),
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--config=${config}`,
      '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
      '--node-ip=127.0.0.1',
      `--node-port=${port}`,
      `--server-address=127.0.0.1:${port}`,
    ],
    env: { HOME: folder, PATH: process.env['PATH'] ?? '' },
    isReady: () => answers(`http://127.0.0.1:${port}/healthz`),
  });
  return {
    port,
    output: () => kwok.output(),
    stop: async () => {
      await kwok.stop('SIGKILL');
      await removeFolder(folder);
    },
  };
}

const execHere = `apiVersion: kwok.x-k8s.io/v1alpha1
kind: ClusterExec
metadata: { name: here }
spec:
  execs:
    - local: { workDir: / }
`;

// It refuses to start without a stage; there is no node of its own to which this could happen.
const idle = `apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: { name: idle }
spec:
  resourceRef: { apiGroup: v1, kind: Pod }
  selector:
    matchExpressions:
      - { key: .metadata.deletionTimestamp, operator: Exists }
  next: { delete: true }
`;

/** Hands a connection that asks for another protocol over to another server, as it came. */
export function handOver(there: Duplex, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const headers: string[] = [];
  for (let at = 0; at < request.rawHeaders.length; at += 2)
    headers.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
  there.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
  there.write(head);
  socket.pipe(there).pipe(socket);
  there.on('error', () => socket.destroy());
  socket.on('error', () => there.destroy());
  socket.on('close', () => there.destroy());
}
