import { afterAll, beforeAll, expect, test } from 'vitest';
import { prometheus, type Prometheus } from '../../src/adapters/prometheus/prometheus.ts';
import { Failure } from '../../src/core/failure.ts';
import { need } from '../peers/need.ts';
import { startPrometheus, type Prometheus as Peer } from '../peers/prometheus.ts';

const limit = (): AbortSignal => AbortSignal.timeout(10_000);

need('prometheus')('the Prometheus adapter on a real Prometheus', { timeout: 30_000 }, () => {
  let peer: Peer;
  let adapter: Prometheus;
  beforeAll(async () => {
    peer = await startPrometheus();
    adapter = prometheus({ region: 'eu-west-1', url: peer.url, limitMs: 2000 });
  }, 60_000);
  afterAll(async () => {
    await adapter.close();
    await peer.stop();
  });

  test('numbers, labels, NaN, scalars and no data', async () => {
    const read = adapter.read(limit());
    expect(await read.instant('label_replace(vector(3), "a", "b", "", "")')).toEqual([
      { labels: { a: 'b' }, value: 3 },
    ]);
    expect(await read.instant('vector(0) / vector(0)')).toEqual([{ labels: {}, value: null }]);
    expect(await read.instant('vector(1) / vector(0)')).toEqual([{ labels: {}, value: null }]);
    expect(await read.instant('1 + 1')).toEqual([{ labels: {}, value: 2 }]);
    expect(await read.instant('there_is_no_such_metric')).toEqual([]);
  });

  test('a rate of what is not called a counter is a hint, not a failure', async () => {
    expect(await adapter.read(limit()).instant('rate(there_is_no_gauge[1m])')).toEqual([]);
  });

  test('a wrong query is invalid, in its words', async () => {
    const error = await adapter
      .read(limit())
      .instant('sum(')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ kind: 'invalid', message: expect.stringContaining('parse error') });
  });

  test('a Prometheus that hangs: timeout, and it answers again afterwards', async () => {
    peer.pause();
    const error = await adapter
      .read(AbortSignal.timeout(500))
      .instant('vector(1)')
      .catch((thrown: unknown) => thrown);
    peer.resume();
    expect(error).toMatchObject({ kind: 'timeout' });
    expect(await adapter.read(limit()).instant('vector(1)')).toEqual([{ labels: {}, value: 1 }]);
  });
});
