import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './process.ts';

export interface Balancer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Stands where a Kubernetes Service stands: one address for several replicas, connection by connection in turn; a replica that takes no
 * connection is passed over.
 */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const open = new Set<Socket>();
  let turn = 0;
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  const pass = (client: Socket, tries: number): void => {
    const port = ports[turn % ports.length] ?? 0;
    turn += 1;
    const upstream = connect(port, '127.0.0.1');
    keep(upstream);
    upstream.once('connect', () => client.pipe(upstream).pipe(client));
    upstream.once('error', () => {
      if (upstream.readyState !== 'open' && upstream.bytesWritten === 0 && tries < ports.length)
        pass(client, tries + 1);
      else client.destroy();
    });
    upstream.once('close', () => {
      if (upstream.bytesRead > 0 || upstream.bytesWritten > 0) client.destroy();
    });
  };
  const server = createServer((client) => {
    keep(client);
    pass(client, 1);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
