import type { Chart, Line } from '../../src/core/chart.ts';
import { clock, plain, say } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { lineOf, memory, mib } from '../readings/memory.ts';
import type { Life, Memory } from '../readings/memory.ts';
import { onDeployment } from '../readings/on.ts';
import { beganAt } from './checks-trend.ts';
import { hoursText, rangeText, sized } from './amounts.ts';
import { blameOf } from './blame.ts';
import { lookedAt } from './leak.ts';
import type { Leak } from './leak.ts';
import { limitOf } from './level.ts';
import { podsOf } from './pods.ts';
import { growthOf } from './remedies.ts';
import { plural } from '../readings/wording.ts';

/** Three lines are told apart, the others show that they agree. */
const standOut = 3;

export const trendChart = onDeployment.chart({
  when: ['leak', 'slow-leak'],
  needs: lookedAt,
  draw: (_t, seen): Chart | null => {
    const growth = growthOf(seen);
    if (growth === null) return null;
    const blame = blameOf(growth, seen.memory, seen.revisions);
    const began = beganAt(growth, seen.memory, blame);
    const limit = growth.limitMib;
    const until =
      growth.untilLimit === null ? '' : `, the fullest reaches the limit in ${hoursText(growth.untilLimit)}`;
    const from = began === null ? '' : ` since ${plain(say`${clock(began)}`)}`;
    return {
      id: 'memory-trend',
      title: `Resident memory of ${growth.container}, 24 h`,
      unit: 'bytes',
      lines: [fitOf(growth), ...linesOf(seen.memory, growth)],
      limit: limit === null ? null : { value: limit * mib, label: `limit ${sized(limit)}` },
      marks:
        began === null ? [] : [{ at: Date.parse(began) / 1000, label: blame.is === 'revision' ? 'release' : 'begins' }],
      says: `Resident memory of ${growth.growing.length} of ${plural(growth.judged, 'pod')} grows by ${sized(growth.perHour)} an hour${from}, now ${rangeText(growth.least, growth.most)}${limit === null ? '' : `, limit ${sized(limit)}`}${until}`,
    };
  },
});

/** The straight line through a typical pod's values; of several lives, through the newest. */
function fitOf({ line, perHour, growing }: Leak): Line {
  const newest = growing[0]?.lives.at(-1);
  const from = Math.max(line.points[0]?.[0] ?? 0, newest?.fromS ?? 0);
  const [toS, to] = line.points.findLast(([, value]) => value !== null) ?? [0, 0];
  const at = (s: number): number => ((to ?? 0) - (perHour * (toS - s)) / 3600) * mib;
  return {
    name: 'fit',
    as: 'fit',
    points: [
      [from, at(from)],
      [toS, at(toS)],
    ],
  };
}

/** The fullest first; of each pod all its lives, with gaps where none ran. */
function linesOf(lines: Memory, growth: Leak): readonly Line[] {
  const pods = podsOf(lines).filter((one) => one.container === growth.container);
  return pods
    .toSorted((a, b) => (b.now ?? -1) - (a.now ?? -1))
    .map(({ pod, lives }, index) => ({
      name: pod.slice(-5),
      as: index < standOut ? 'line' : 'aside',
      points: lives.flatMap((life) => inBytes(life, lines.stepS)),
    }));
}

function inBytes(life: Life, stepS: number): Line['points'] {
  const points = lineOf({ ...life, warm: 0 }, stepS).points.map(
    ([at, value]) => [at, value === null ? null : value * mib] as const,
  );
  const last = points.at(-1)?.[0] ?? 0;
  return [...points, [last + stepS, null]];
}

/** What a person would rather see where nothing grows but something is full. */
export const levelChart = onDeployment.chart({
  when: ['oom-kills', 'child-killed', 'near-limit', 'memory-follows-requests', 'one-pod-grows', 'queue-grows'],
  needs: [memory, deployment],
  draw: (_t, seen): Chart | null => {
    const container = seen.deployment.template.containers[0]?.name ?? '';
    const limit = limitOf(seen.deployment.template, container);
    const pods = podsOf(seen.memory).filter((one) => one.container === container);
    const full = pods.toSorted((a, b) => (b.now ?? -1) - (a.now ?? -1));
    if (full.length === 0) return null;
    const now = full.flatMap((one) => one.now ?? []);
    return {
      id: 'memory-by-pod',
      title: `Resident memory of ${container}, 24 h`,
      unit: 'bytes',
      lines: full.map(({ pod, lives }, index) => ({
        name: pod.slice(-5),
        as: index < standOut ? 'line' : 'aside',
        points: lives.flatMap((life) => inBytes(life, seen.memory.stepS)),
      })),
      limit: limit === null ? null : { value: limit * mib, label: `limit ${sized(limit)}` },
      marks: [],
      says: `Resident memory of ${plural(now.length, 'pod')}, now ${rangeText(Math.min(...now), Math.max(...now))}${limit === null ? '' : `, limit ${sized(limit)}`}`,
    };
  },
});

export const charts = [trendChart, levelChart] as const;
