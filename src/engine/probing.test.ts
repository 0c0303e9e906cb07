import { describe, expect, test } from 'vitest';
import { Failure } from '../core/failure.ts';
import type { Platform } from '../core/ports/platform.ts';
import type { PlaceSeen, Probe, ProbeAnswer } from '../core/ports/probe.ts';
import { VirtualClock } from '../../test/crash/clock.ts';
import { Probing, seriesOf } from './probing.ts';
import type { ProbingOptions } from './probing.ts';

/** Public pages on a clock that only the test moves. */

const START = Date.parse('2026-03-02T04:10:00Z');
const service = { namespace: 'ml-platform', name: 'model-server' };
const pages = ['eu-west-1', 'us-east-1'].map((region) => ({
  service,
  region,
  url: `https://model-server.${region}.example.com/health`,
}));
const noMetrics = (): Promise<never> => Promise.reject(new Failure('timeout', 'no answer within 3 s'));

/** `answers`: per region, what its page gives now; a promise that never ends hangs. */
class Bench {
  readonly clock = new VirtualClock(START);
  readonly asked: string[] = [];
  readonly logs: string[] = [];
  readonly counted: string[] = [];
  answer: (region: string) => Promise<Pick<ProbeAnswer, 'status' | 'why'> & { readonly tookMs?: number }> = () =>
    Promise.resolve({ status: 200, why: null });
  instant: (region: string, query: string) => Promise<readonly { value: number }[]> = noMetrics;
  readonly probing: Probing;
  readonly #platform: Platform;

  constructor(more: Partial<ProbingOptions> = {}) {
    const probe: Probe = {
      get: async (url) => {
        const region = /model-server\.([^.]+)/.exec(url)?.[1] ?? '';
        this.asked.push(region);
        const at = new Date(this.clock.now()).toISOString();
        return { at, tookMs: 184, ...(await this.answer(region)) };
      },
    };
    this.probing = new Probing({
      probe,
      pages,
      intervalMs: 10_000,
      limitMs: 5_000,
      from: [],
      clock: this.clock.view({ state: 'running' }),
      log: (level, message) => void this.logs.push(`${level} ${message}`),
      metrics: {
        looked: () => undefined,
        acted: () => undefined,
        decided: () => undefined,
        judged: () => undefined,
        published: () => undefined,
        probed: (name, region, _tookMs, good) => void this.counted.push(`${name} ${region} ${good}`),
      },
      random: () => 0.5,
      ...more,
    });
    const read = (region: string): unknown => ({
      metrics: { instant: (query: string) => this.instant(region, query) },
    });
    this.#platform = this.probing.over({ read } as unknown as Platform);
    this.probing.start();
  }

  async pass(ms: number): Promise<void> {
    for (const end = this.clock.now() + ms; ;) {
      // What follows from a step takes no time, only turns.
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      if (this.clock.now() >= end) return;
      this.clock.to(Math.min(end, this.clock.next() ?? end));
    }
  }

  async seen(region: string, of = service): Promise<readonly PlaceSeen[]> {
    const { probes } = this.#platform.read(region, AbortSignal.timeout(1_000));
    return (await probes?.of(of)) ?? [];
  }
}

describe('each page is asked over and over', () => {
  test('every page in its turn, the last thirty are kept, and only of what the config names', async () => {
    const bench = new Bench();
    expect(await bench.seen('eu-west-1')).toEqual([
      { is: 'not known', from: null, why: 'the first probe is under way' },
    ]);
    await bench.pass(60_000);
    expect(bench.asked.slice(0, 4)).toEqual(['eu-west-1', 'us-east-1', 'eu-west-1', 'us-east-1']);
    expect(await bench.seen('eu-west-1')).toMatchObject([
      { is: 'seen', good: 7, of: 7, since: '2026-03-02T04:10:00.000Z', failing: null },
    ]);
    await bench.pass(600_000);
    expect(await bench.seen('us-east-1')).toMatchObject([{ good: 30, of: 30 }]);
    expect(await bench.seen('ap-southeast-1')).toEqual([]);
    expect(await bench.seen('eu-west-1', { namespace: 'other', name: 'model-server' })).toEqual([]);
    expect(bench.counted[0]).toBe('model-server eu-west-1 true');
  });

  test('a page that hangs delays no other, and is not asked twice at once', async () => {
    const bench = new Bench();
    let release: (() => void) | null = null;
    bench.answer = (region) =>
      region === 'us-east-1'
        ? Promise.resolve({ status: 200, why: null })
        : new Promise((resolve) => {
            release = () => resolve({ status: null, why: 'no answer within 5000 ms' });
          });
    await bench.pass(60_000);
    expect(bench.asked.filter((one) => one === 'eu-west-1')).toHaveLength(1);
    expect(bench.asked.filter((one) => one === 'us-east-1').length).toBeGreaterThanOrEqual(6);
    expect(release).not.toBeNull();
  });

  test('many that hang leave some: at most sixteen at once', async () => {
    const many = Array.from({ length: 40 }, (_, n) => ({
      service,
      region: `r${n}`,
      url: `https://model-server.r${n}.example.com/health`,
    }));
    const bench = new Bench({ pages: many });
    bench.answer = () => new Promise(() => undefined);
    await bench.pass(60_000);
    expect(bench.asked).toHaveLength(16);
  });

  test('since when it fails is kept beyond what is remembered, said once in the log, and over with the first good answer', async () => {
    const bench = new Bench();
    await bench.pass(25_000);
    bench.answer = () => Promise.resolve({ status: 503, why: 'it answered 503' });
    await bench.pass(600_000);
    expect(await bench.seen('eu-west-1')).toMatchObject([
      { good: 0, of: 30, failing: { times: 60, since: '2026-03-02T04:10:30.000Z' } },
    ]);
    expect(bench.logs).toEqual(['warn a public page does not answer', 'warn a public page does not answer']);
    bench.answer = () => Promise.resolve({ status: 200, why: null });
    await bench.pass(10_000);
    expect(await bench.seen('eu-west-1')).toMatchObject([{ good: 1, of: 30, failing: null }]);
    expect(bench.logs).toContain('info a public page answers again');
  });

  test('an answer that came too late because this process was busy counts neither way', async () => {
    const bench = new Bench();
    bench.answer = () => Promise.resolve({ status: null, why: 'no answer within 5000 ms', tookMs: 9_000 });
    await bench.pass(100_000);
    expect(bench.logs).toEqual([]);
    bench.answer = () => Promise.resolve({ status: 200, why: null });
    await bench.pass(30_000);
    expect(await bench.seen('eu-west-1')).toMatchObject([{ good: 3, of: 3, failing: null }]);
  });

  test('what is old says nothing of now; after the stop nothing is asked', async () => {
    const bench = new Bench();
    await bench.pass(25_000);
    bench.probing.stop();
    const before = bench.asked.length;
    await bench.pass(600_000);
    expect(bench.asked).toHaveLength(before);
    expect(await bench.seen('eu-west-1')).toEqual([{ is: 'not known', from: null, why: 'no probe since 04:10 UTC' }]);
  });
});

describe('what an exporter elsewhere saw', () => {
  const from = [{ region: 'us-east-1', series: 'probe_success{job="blackbox",instance="$url"}' }];
  const told = (good: number, of: number, newest: number) => (_: string, query: string) =>
    Promise.resolve([
      { value: query.includes('sum_over_time') ? good : query.includes('count_over_time') ? of : newest },
    ]);
  async function place(instant: Bench['instant']): Promise<PlaceSeen | undefined> {
    const bench = new Bench({ from });
    bench.instant = instant;
    await bench.pass(1_000);
    return (await bench.seen('eu-west-1'))[1];
  }

  test('it is asked in its own region, about the page of the one that is dark', async () => {
    const queries: string[] = [];
    const got = await place((region, query) => {
      queries.push(`${region} ${query}`);
      return told(12, 12, 1)(region, query);
    });
    const series = 'probe_success{job="blackbox",instance="https://model-server.eu-west-1.example.com/health"}';
    expect(queries).toEqual([
      `us-east-1 sum(sum_over_time(${series}[180s]))`,
      `us-east-1 sum(count_over_time(${series}[180s]))`,
      `us-east-1 max(${series})`,
    ]);
    expect(got).toMatchObject({ is: 'seen', from: 'us-east-1', good: 12, of: 12, failing: null });
  });

  test('all of them failed; the newest alone did', async () => {
    expect(await place(told(0, 12, 0))).toMatchObject({ failing: { times: 12 } });
    expect(await place(told(11, 12, 0))).toMatchObject({ failing: { times: 1 } });
  });

  test('it holds no such series, or gives no answer: not known, and why; the own probes stay', async () => {
    expect(await place(() => Promise.resolve([]))).toMatchObject({
      is: 'not known',
      why: expect.stringMatching(/^no such series there: probe_success\{/) as unknown,
    });
    expect(await place(noMetrics)).toEqual({
      is: 'not known',
      from: 'us-east-1',
      why: 'timeout: no answer within 3 s',
    });
  });

  test('an address ends no string', () => {
    const page = { service, region: 'eu-west-1', url: 'https://x/"\\' };
    expect(seriesOf('up{a="$url",s="$service"}', page)).toBe('up{a="https://x/\\"\\\\",s="model-server"}');
  });
});
