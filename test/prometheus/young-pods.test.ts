import { afterAll, beforeAll, expect, test } from 'vitest';
import { prometheus, type Prometheus } from '../../src/adapters/prometheus/prometheus.ts';
import type { Goal } from '../../playbooks/remedies/goal.ts';
import { observeGoal } from '../../playbooks/remedies/goal-seen.ts';
import { need } from '../peers/need.ts';
import { startPrometheus, type Prometheus as Peer } from '../peers/prometheus.ts';
import { ago, at } from '../playbooks/objects.ts';
import { healthy, readerOf, type World } from '../playbooks/world.ts';

const agesMinutes = [1, 2, 3, 5, 7] as const;
const scrapesS = [15, 30] as const;
const namespace = 'ml-platform';
const of = (ageMinutes: number, everyS: number) => ({ namespace, name: `of-${ageMinutes}-min-every-${everyS}` });
const podOf = (ageMinutes: number, everyS: number): string => `${of(ageMinutes, everyS).name}-7c9d8b6f5-x7x2k`;
/** Its adapter asks for full minutes. */
const nowS = Date.parse(at) / 1000;

/** Each pod uses one core from its first second on, and is scraped seven seconds later for the first time. */
function history(): string {
  const lines = agesMinutes.flatMap((age) =>
    scrapesS.flatMap((everyS) => {
      const labels = `namespace="${namespace}",pod="${podOf(age, everyS)}",container="server"`;
      const count = Math.floor((age * 60 - 7) / everyS) + 1;
      return Array.from({ length: count }, (_, index) => {
        const usedS = 7 + index * everyS;
        return `container_cpu_usage_seconds_total{${labels}} ${usedS} ${nowS - age * 60 + usedS}`;
      });
    }),
  );
  return ['# TYPE container_cpu_usage_seconds_total gauge', ...lines, '# EOF', ''].join('\n');
}

/** A service with one such pod, which has been ready since they were made. */
function world(ageMinutes: number, everyS: number): World {
  const [one] = healthy().pods;
  const made = ago(ageMinutes);
  const conditions = one!.pod.conditions.map((c) => ({ ...c, since: made }));
  const name = podOf(ageMinutes, everyS);
  return {
    ...healthy(),
    pods: [{ row: { ...one!.row, name, createdAt: made }, pod: { ...one!.pod, name, createdAt: made, conditions } }],
  };
}

need('prometheus')('CPU of young pods on a real Prometheus', { timeout: 30_000 }, () => {
  let peer: Peer;
  let adapter: Prometheus;
  beforeAll(async () => {
    peer = await startPrometheus({ backfill: history() });
    adapter = prometheus({ region: 'eu-west-1', url: peer.url, limitMs: 2000, now: () => nowS * 1000 });
  }, 60_000);
  afterAll(async () => {
    await adapter.close();
    await peer.stop();
  });

  const cases = agesMinutes.flatMap((age) => scrapesS.map((everyS) => [age, everyS] as const));

  test.each(cases)('rate() of a pod of %i min that is scraped every %i s', async (age, everyS) => {
    const over = { forMs: 300_000, stepMs: 60_000 };
    const answer = await adapter.read(AbortSignal.timeout(5000)).series({ ask: 'cpu', of: of(age, everyS) }, over);
    const value = answer.is === 'series' ? answer.series[0]?.points.at(-1)?.[1] : null;
    // One core is what it uses: what is told is the part of the five minutes that it has been there.
    expect(value).toBeCloseTo(Math.min(1, age / 5), 1);
  });

  test.each(cases)('a verdict by a pod of %i min that is scraped every %i s', async (age, everyS) => {
    const goal: Goal = { measure: 'CPU per pod', below: 0.9 };
    const read = { ...readerOf(world(age, everyS)), metrics: adapter.read(AbortSignal.timeout(5000)) };
    const seen = await observeGoal(read, of(age, everyS), goal);
    const rounded = seen?.value == null ? null : Math.round(seen.value * 100) / 100;
    expect(rounded).toBe(age <= 5 ? null : 1);
  });
});
