import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import type { Region } from '../peers/control-plane.ts';
import { handOver } from '../peers/kwok.ts';

/** Stands before an API server and passes everything on; a write can be held back until something else has happened. */
export interface HoldingProxy {
  readonly server: string;
  /** Runs once when the next PATCH or eviction has arrived, before it is passed on. */
  beforeNextWrite(run: () => Promise<void>): void;
  close(): Promise<void>;
}

export async function startHoldingProxy(region: Region): Promise<HoldingProxy> {
  let before: (() => Promise<void>) | undefined;
  const target = new URL(region.server);
  const proxy = createServer({ cert: region.serving.cert, key: region.serving.key }, (incoming, outgoing) => {
    const run = incoming.method === 'PATCH' || incoming.url?.includes('/eviction') === true ? before : undefined;
    if (run !== undefined) before = undefined;
    const held = run === undefined ? Promise.resolve() : run();
    held.then(
      () => {
        const { method, headers, url: path } = incoming;
        const passed = request(
          { host: target.hostname, port: target.port, path, method, headers, ca: region.ca },
          (answer) => {
            outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(outgoing);
          },
        );
        passed.on('error', () => outgoing.destroy());
        incoming.pipe(passed);
      },
      () => outgoing.destroy(),
    );
  });
  const upgraded = new Set<Duplex>();
  proxy.on('upgrade', (incoming, socket, head) => {
    upgraded.add(socket);
    socket.on('close', () => upgraded.delete(socket));
    handOver(connect({ host: target.hostname, port: Number(target.port), ca: region.ca }), incoming, socket, head);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    server: `https://127.0.0.1:${port}`,
    beforeNextWrite: (run) => {
      before = run;
    },
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        for (const socket of upgraded) socket.destroy(); // closeAllConnections knows them no more
        proxy.closeAllConnections();
      }),
  };
}
