import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Passes TCP connections on and counts them. */
export interface CountingProxy {
  /** `https://127.0.0.1:<port>` */
  readonly server: string;
  /** Connections that were opened so far. */
  readonly opened: () => number;
  readonly close: () => Promise<void>;
}

export async function startCountingProxy(to: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(to);
  let opened = 0;
  const sockets = new Set<Socket>();
  const proxy = createServer((from) => {
    opened += 1;
    const onwards = connect({ host: hostname, port: Number(port) });
    for (const [one, other] of [
      [from, onwards],
      [onwards, from],
    ] as const) {
      sockets.add(one);
      one.on('close', () => sockets.delete(one) && other.destroy());
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port: own } = proxy.address() as AddressInfo;
  return {
    server: `https://127.0.0.1:${own}`,
    opened: () => opened,
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
