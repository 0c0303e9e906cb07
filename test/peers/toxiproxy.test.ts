import { afterAll, beforeAll, expect, it } from 'vitest';
import { need } from './need.ts';
import { serveMetrics } from './prometheus.ts';
import { startToxiproxy, type Proxy, type Toxiproxy } from './toxiproxy.ts';

need('toxiproxy')('a real toxiproxy', { timeout: 15_000 }, () => {
  let toxiproxy: Toxiproxy;
  let proxy: Proxy;
  let upstream: Awaited<ReturnType<typeof serveMetrics>>;

  beforeAll(async () => {
    upstream = await serveMetrics(() => 'x'.repeat(1000));
    toxiproxy = await startToxiproxy();
    proxy = await toxiproxy.proxy({ to: upstream.target });
  }, 20_000);
  afterAll(async () => {
    await toxiproxy?.stop();
    await upstream?.stop();
  });

  const get = async (): Promise<{ bytes: number; ms: number }> => {
    const began = performance.now();
    const init = { signal: AbortSignal.timeout(1000), headers: { connection: 'close' } };
    const response = await fetch(`http://${proxy.address}/`, init);
    return { bytes: (await response.arrayBuffer()).byteLength, ms: performance.now() - began };
  };

  it('passes what it gets', async () => {
    expect((await get()).bytes).toBe(1000);
  });

  it('delays, hangs, resets, cuts and goes down, each until it is healed', async () => {
    await proxy.latency(300);
    expect((await get()).ms).toBeGreaterThan(290);
    await proxy.hang();
    await expect(get()).rejects.toThrow('timeout');
    await proxy.reset();
    await expect(get()).rejects.toThrow('fetch failed');
    await proxy.cut(200);
    await expect(get()).rejects.toThrow('terminated');
    await proxy.down();
    await expect(get()).rejects.toThrow('fetch failed');
    await proxy.heal();
    expect((await get()).bytes).toBe(1000);
  });
});
