import { createServer, request } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Region } from './control-plane-region.ts';

/**
 * Stands before an API server and passes everything on. A change of a pod template can be held on its way, whole: it arrives even when
 * its sender has died meanwhile, as a packet in the network would.
 */
export interface WriteGate {
  /** `https://127.0.0.1:<port>` */
  readonly server: string;
  /** Runs once, when the next change of a template (no rehearsal) is on its way; the change arrives when it resolves. */
  holdNext(run: () => Promise<void>): void;
  stop(): Promise<void>;
}

export async function startWriteGate(region: Region): Promise<WriteGate> {
  const target = new URL(region.server);
  let held: (() => Promise<void>) | null = null;

  const pass = (incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer): void => {
    const { method, headers, url: path } = incoming;
    const to = { host: target.hostname, port: target.port, ca: region.ca, path, method, headers };
    const passed = request(to, (answer) => {
      if (outgoing.destroyed) return void answer.resume();
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    passed.end(body);
  };
  const take = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const isChange = incoming.method === 'PATCH' && incoming.url?.includes('dryRun') !== true;
    if (isChange && held !== null && body.includes('/spec/template')) {
      const run = held;
      held = null;
      await run();
    }
    pass(incoming, outgoing, body);
  };
  const server = createServer({ cert: region.serving.cert, key: region.serving.key }, (incoming, outgoing) => {
    outgoing.on('error', () => {});
    take(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    holdNext: (run) => {
      held = run;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
