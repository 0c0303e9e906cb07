import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prometheus, type Prometheus } from '../../src/adapters/prometheus/prometheus.ts';
import { Failure } from '../../src/core/failure.ts';
import { DEFAULT_NAMES } from '../../src/core/promql.ts';
import { need } from '../peers/need.ts';
import { until } from '../peers/until.ts';
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

  test('what exporters say of their metrics: a name of another type is told with its numbers', async () => {
    const families = [
      ['http_requests_total', 'gauge', ['http_requests_total{namespace="ml",pod="web-7c9d8b6f5d-x7x2k",code="200"} 7']],
      ['container_memory_rss', 'gauge', []],
      [
        'http_request_duration_seconds',
        'histogram',
        [
          'http_request_duration_seconds_bucket{le="+Inf"} 1',
          'http_request_duration_seconds_sum 1',
          'http_request_duration_seconds_count 1',
        ],
      ],
    ] as const;
    const page = families
      .map(([name, type, lines]) => [`# HELP ${name} What it is.`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n'))
      .join('');
    const exporter = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(page));
    await new Promise<void>((resolve) => exporter.listen(0, '127.0.0.1', resolve));
    const { port } = exporter.address() as AddressInfo;
    const own = await startPrometheus({ scrape: [{ job: 'app', targets: [`127.0.0.1:${port}`] }] });
    const with1s = { ...DEFAULT_NAMES, rateWindow: '10s' };
    const mine = prometheus({ region: 'eu-west-1', url: own.url, limitMs: 2000, names: with1s });
    try {
      const read = mine.read(limit());
      await until('it was scraped', async () =>
        (await read.about('http_requests_total')).length > 0 ? true : undefined,
      );
      expect(await read.about('http_requests_total')).toEqual([{ type: 'gauge', help: 'What it is.' }]);
      expect(await read.about('http_request_duration_seconds_bucket')).toEqual([
        { type: 'histogram', help: 'What it is.' },
      ]);
      expect(await read.about('nobody_exports_it')).toEqual([]);
      const told = await until('a rate of two scrapes', async () => {
        const answer = await read.series(
          { ask: 'requests', of: { namespace: 'ml', name: 'web' }, by: 'all' },
          { forMs: 1000, stepMs: 1000 },
        );
        return answer.is === 'series' ? answer : undefined;
      });
      expect(told.note).toBe(
        'its exporter says that http_requests_total is a gauge, and it is read as a counter: the name in the config may be wrong',
      );
    } finally {
      await mine.close();
      await own.stop();
      exporter.close();
    }
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
