import type { Answer } from '../../src/core/contract.ts';
import type { Series } from '../../src/core/ports/metrics.ts';
import { clock, code, say } from '../../src/core/words.ts';
import { promqlByHand } from '../../src/core/promql.ts';
import { median } from '../readings/measures.ts';
import type { Measured } from '../readings/measures.ts';
import { onDeployment } from '../readings/on.ts';
import { togetherness } from '../readings/trend.ts';
import { sized } from './amounts.ts';
import { lookedAt, verdictOf } from './leak.ts';
import type { Leak } from './leak.ts';
import { inFlight, queue } from './readings.ts';

/** Requests that pile up hold what they came with: the queue is the cause, and memory its shadow. */
interface Pile {
  readonly what: 'wait for a worker' | 'are being worked on';
  readonly before: number;
  readonly now: number;
  readonly rank: number;
  readonly series: Series;
}

/** Fewer than this per pod hold nothing worth a word. */
const leastPerPod = 5;
const timesMore = 3;
const goesWith = 0.8;

export const queueGrows = onDeployment.check('queue-grows', {
  severity: 'critical',
  ask: 'Do requests pile up in memory?',
  rulesOut: 'requests that pile up',
  needs: lookedAt,
  also: [queue, inFlight],
  find: (seen, also, { t }): Answer => {
    const verdict = verdictOf(seen);
    if (verdict.is !== 'leak') return 'clear';
    const { leak } = verdict;
    const waiting = also['queue of the day'];
    const open = also['in flight over the day'];
    if (!waiting.known && !open.known) return { unsure: `requests that wait: ${waiting.why}` };
    const pile =
      (waiting.known ? pileOf(waiting.value, 'wait for a worker', leak) : null) ??
      (open.known ? pileOf(open.value, 'are being worked on', leak) : null);
    if (pile === null) return 'clear';
    const from = new Date(leak.from * 1000).toISOString();
    return {
      found: say`requests pile up: ${Math.round(pile.now)} ${pile.what} in all pods, ${Math.round(pile.before)} at ${clock(from)}, and memory of container ${code(leak.container)} grows with them (rank correlation ${pile.rank.toFixed(2)}, ${sized(leak.perHour)} an hour in ${leak.growing.length} of ${leak.judged} pods). This points to a queue without a bound, not to a leak`,
      short: `requests pile up in memory, ${Math.round(pile.now)} ${pile.what.replace('for a worker', '').trim()}`,
      since: from,
      notKnown: say`why they are not answered in time`,
      byHand: promqlByHand({
        ask: pile.what === 'wait for a worker' ? 'queue' : 'in flight',
        of: { namespace: t.namespace, name: t.name },
        by: 'all',
      }),
    };
  },
});

function pileOf(measured: Measured, what: Pile['what'], leak: Leak): Pile | null {
  const [all] = measured.series;
  const to = leak.line.points.at(-1)?.[0] ?? 0;
  const series = { labels: {}, points: (all?.points ?? []).filter(([at]) => at >= leak.from && at <= to) };
  const values = series.points.flatMap(([, value]) => value ?? []);
  if (values.length < 9) return null;
  const [before, now] = [median(values.slice(0, 3)) ?? 0, median(values.slice(-3)) ?? 0];
  const rank = togetherness(leak.line, series) ?? 0;
  const piles = now >= leastPerPod * leak.judged && now >= timesMore * Math.max(before, 1) && rank >= goesWith;
  return piles ? { what, before, now, rank, series } : null;
}
