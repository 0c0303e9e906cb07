import { afterAll, beforeAll, expect, test } from 'vitest';
import { prometheus, type Prometheus } from '../../src/adapters/prometheus/prometheus.ts';
import type { Answered, Question, Series } from '../../src/core/ports/metrics.ts';
import { MetricNames } from '../../src/core/promql.ts';
import { need } from '../peers/need.ts';
import { startPrometheus, type Prometheus as Peer } from '../peers/prometheus.ts';

const of = { namespace: 'ml', name: 'model-server' };
const pod = 'model-server-7c9d8b6f5d-x7x2k';
const minute = 60;

/** Two hours of one sample a minute, as the exporters would have left them. */
function history(endS: number): string {
  const lines: string[] = [];
  const family = (
    name: string,
    type: 'counter' | 'gauge',
    all: readonly (readonly [string, (m: number) => number])[],
  ) => {
    lines.push(`# TYPE ${name.replace(/_total$/, '')} ${type}`);
    for (const [labels, at] of all) {
      for (let m = 0; m <= 120; m += 1) lines.push(`${name}{${labels}} ${at(m)} ${endS - (120 - m) * minute}`);
    }
  };
  const its = `region="eu",job="cadvisor",namespace="ml",pod="${pod}",container="server",id="/a"`;
  const others = `region="eu",job="cadvisor",namespace="ml",pod="model-server-x7x2k",container="server",id="/b"`;
  const far = its.replace('region="eu"', 'region="us"');
  family('container_cpu_usage_seconds_total', 'counter', [
    [its, (m) => m * 90],
    [its.replace('server",id', 'POD",id'), (m) => m * 1],
    [others, (m) => m * 600],
    [far, (m) => m * 240],
  ]);
  family('container_cpu_cfs_periods_total', 'counter', [[its, (m) => m * 600]]);
  family('container_cpu_cfs_throttled_periods_total', 'counter', [[its, (m) => m * 150]]);
  family('container_memory_rss', 'gauge', [[its, (m) => 1e9 + m * 1e6]]);
  family('DCGM_FI_DEV_FB_USED', 'gauge', [
    [`region="eu",job="dcgm",namespace="ml",pod="${pod}",gpu="0"`, () => 30_000],
  ]);
  family('DCGM_FI_DEV_FB_FREE', 'gauge', [
    [`region="eu",job="dcgm",namespace="ml",pod="${pod}",gpu="0"`, () => 10_000],
  ]);
  family('kube_deployment_spec_replicas', 'gauge', [['region="eu",namespace="ml",deployment="model-server"', () => 6]]);
  const requests = `region="eu",job="app",namespace="ml",pod="${pod}"`;
  family('http_requests_total', 'counter', [
    [`${requests},status="200"`, (m) => m * 6000],
    [`${requests},status="429"`, (m) => m * 60],
  ]);
  family('http_request_duration_seconds_bucket', 'counter', [
    [`${requests},le="0.1"`, (m) => m * 50],
    [`${requests},le="0.2"`, (m) => m * 100],
    [`${requests},le="+Inf"`, (m) => m * 100],
  ]);
  family('node_cpu_seconds_total', 'counter', [
    ['region="eu",instance="gpu-1",mode="idle",cpu="0"', (m) => m * 15],
    ['region="eu",instance="gpu-1",mode="idle",cpu="1"', (m) => m * 15],
  ]);
  return `${lines.join('\n')}\n# EOF\n`;
}

need('prometheus')('questions to a real Prometheus with two hours of history', { timeout: 30_000 }, () => {
  let peer: Peer;
  let adapter: Prometheus;
  // On the grid of the widest steps, so that each question's newest point is at it.
  const endS = Math.floor(Date.now() / 1000 / (5 * minute)) * 5 * minute;
  let lateS = 0;
  const ask = (question: Question): Promise<Answered> =>
    adapter.read(AbortSignal.timeout(10_000)).series(question, { forMs: 60 * 60_000, stepMs: 5 * 60_000 });
  const seen = async (question: Question): Promise<readonly Series[]> => {
    const answer = await ask(question);
    if (answer.is !== 'series') throw new Error(`${answer.is}: ${answer.because}`);
    return answer.series;
  };
  const newest = (series: readonly Series[]): unknown => series.map((one) => [one.labels, one.points.at(-1)?.[1]]);

  beforeAll(async () => {
    peer = await startPrometheus({
      backfill: history(endS),
      scrape: [{ job: 'dcgm', targets: ['127.0.0.1:9'] }],
    });
    const names = MetricNames.parse({ codeLabel: 'status', nodeLabel: 'instance' });
    adapter = prometheus({
      region: 'eu',
      url: peer.url,
      names,
      regionLabel: 'region',
      now: () => (endS + lateS) * 1000,
    });
  }, 60_000);
  afterAll(async () => {
    await adapter.close();
    await peer.stop();
  });

  test('CPU of the pods of one Deployment in one region: no pause container, no pod of a like name', async () => {
    const series = await seen({ ask: 'cpu', of });
    expect(newest(series)).toEqual([[{ pod, container: 'server' }, expect.closeTo(1.5, 5)]]);
    expect(series[0]?.points).toHaveLength(13);
    expect(series[0]?.points.at(-1)?.[0]).toBe(endS);
  });

  test('asked a little later it has the same moments, so that answers can be joined', async () => {
    const moments = (all: readonly Series[]): unknown => all[0]?.points.map(([at]) => at);
    const before = moments(await seen({ ask: 'cpu', of }));
    lateS = 37;
    expect(moments(await seen({ ask: 'cpu', of }))).toEqual(before);
    lateS = 0;
  });

  test('throttling, memory per instance, GPU memory, replicas', async () => {
    expect(newest(await seen({ ask: 'cpu throttled', of }))).toEqual([
      [{ pod, container: 'server' }, expect.closeTo(0.25, 5)],
    ]);
    expect(newest(await seen({ ask: 'memory rss', of }))).toEqual([[{ pod, container: 'server', id: '/a' }, 1.12e9]]);
    expect(newest(await seen({ ask: 'gpu memory', of }))).toEqual([[{ pod, gpu: '0' }, 0.75]]);
    expect(newest(await seen({ ask: 'replicas wanted', of }))).toEqual([[{ deployment: 'model-server' }, 6]]);
  });

  test("a service's own: requests, failures by the config's code label, a quantile of the whole", async () => {
    expect(newest(await seen({ ask: 'requests', of, by: 'all' }))).toEqual([[{}, expect.closeTo(101, 5)]]);
    expect(newest(await seen({ ask: 'client errors', of, by: 'pod' }))).toEqual([
      [{ pod, code: '429' }, expect.closeTo(1, 5)],
    ]);
    expect(newest(await seen({ ask: 'latency', quantile: 0.95, of, by: 'all' }))).toEqual([
      [{}, expect.closeTo(0.19, 5)],
    ]);
  });

  test("nodes by the config's label", async () => {
    expect(newest(await seen({ ask: 'node cpu' }))).toEqual([[{ node: 'gpu-1' }, expect.closeTo(0.75, 5)]]);
  });

  test('no failures of a service with requests is zero; of one without, no data', async () => {
    expect(await ask({ ask: 'errors', of, by: 'pod' })).toEqual({ is: 'series', series: [], note: null });
    expect(await ask({ ask: 'errors', of: { namespace: 'ml', name: 'other' }, by: 'pod' })).toMatchObject({
      is: 'no data',
    });
  });

  test('an empty answer says why', async () => {
    expect(await ask({ ask: 'queue', of, by: 'pod' })).toMatchObject({
      is: 'no such metric',
      because: expect.stringContaining('http_requests_queued'),
    });
    // A target that never answered leaves nothing but its own failure.
    await expect
      .poll(() => ask({ ask: 'gpu memory', of: { namespace: 'ml', name: 'other' } }), { timeout: 10_000 })
      .toMatchObject({ is: 'target is down', because: expect.stringContaining('127.0.0.1:9') });
  });

  test('targets, rules, alerts, version', async () => {
    const read = adapter.read(AbortSignal.timeout(10_000));
    await expect
      .poll(() => read.targets(), { timeout: 10_000 })
      .toMatchObject([{ job: 'dcgm', up: false, error: expect.stringContaining('refused') }]);
    await peer.setRules([{ alert: 'Always', expr: 'vector(1) > 0', labels: { severity: 'page' } }]);
    await expect
      .poll(() => read.alerts(), { timeout: 10_000 })
      .toMatchObject([{ name: 'Always', state: 'firing', labels: { severity: 'page' } }]);
    expect(await read.rules()).toMatchObject([
      { name: 'Always', group: 'test', health: 'ok', state: 'firing', forS: 0 },
    ]);
    expect(await read.version()).toMatch(/^\d+\.\d+\.\d+/);
  });
});
