import { createServer } from 'node:http';

/**
 * Loaded into a bot before its own code (`--import`): loads every adapter that the config does not ask for, and answers on a port of its
 * own with what the process needs before and after a full collection of garbage. Bytes. Needs `--expose-gc`.
 */
export interface Memory {
  readonly rssBefore: number;
  readonly rss: number;
  readonly heapUsed: number;
}

const port = process.env['BENCH_PROBE_PORT'];
if (port !== undefined) {
  await Promise.all([
    import('../src/adapters/kubernetes/regions.ts'),
    import('../src/adapters/prometheus/prometheus.ts'),
    import('../src/adapters/simulated/client.ts'),
    import('../src/adapters/kubernetes/library.ts').then(({ loadLibrary }) => loadLibrary()),
  ]);
  const collect = (globalThis as { gc?: () => void }).gc;
  const server = createServer((_, response) => {
    const rssBefore = process.memoryUsage.rss();
    // Twice: what a finaliser lets go of is found by the second.
    collect?.();
    setImmediate(() => {
      collect?.();
      const { rss, heapUsed } = process.memoryUsage();
      response.end(JSON.stringify({ rssBefore, rss, heapUsed } satisfies Memory));
    });
  });
  server.listen(Number(port), '127.0.0.1');
  server.unref();
}
