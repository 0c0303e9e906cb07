import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { LocalSlack } from './local-slack.ts';
import type { LocalSlackOptions } from './local-slack.ts';

export { LocalSlack };
export type { LocalSlackOptions };

/** Starts an in-memory Slack that speaks the real protocol. See `LocalSlackOptions` for where it listens. */
export async function startLocalSlack(options: LocalSlackOptions = {}): Promise<LocalSlack> {
  const slack = new LocalSlack(options);
  if (options.port === null) return slack;
  const server = await listen(slack, options.port ?? 0);
  slack.listensOn(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return slack;
}

async function listen(slack: LocalSlack, port: number): Promise<Server> {
  const server = createServer((req: IncomingMessage, res: ServerResponse) => {
    if (!slack.handle(req, res)) res.writeHead(404).end('Not found');
  });
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!slack.upgrade(req, socket, head)) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
