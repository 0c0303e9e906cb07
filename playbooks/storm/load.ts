import type { Answer } from '../../src/core/contract.ts';
import { say } from '../../src/core/words.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { hours, median, minutes, newest, valuesOf } from '../readings/measures.ts';
import { onNamespace } from '../readings/namespace.ts';
import { kubectl } from '../targets/deployment.ts';

/** What breaks next: load that moves to a region, against the room that is left there. */

export interface Load {
  readonly name: string;
  /** Requests per second now, and the usual before the last half hour; null: not counted. */
  readonly now: number | null;
  readonly before: number | null;
  readonly pods: { readonly current: number; readonly max: number; readonly desired: number } | null;
}

/** The largest are the ones that traffic moves to. */
const lookedAt = 5;
/** So much more is more than a wobble. */
const moved = 1.3;
/** From this share of its maximum on an autoscaler has little left. */
const nearMax = 0.85;

export const load = onNamespace.reading('load', {
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} get hpa`,
  read: async (read, t): Promise<readonly Load[]> => {
    const all = await read.kubernetes.deployments(t.namespace);
    const largest = all.toSorted((a, b) => b.wanted - a.wanted || a.name.localeCompare(b.name)).slice(0, lookedAt);
    return Promise.all(largest.map(async ({ name }) => loadOf(read, { namespace: t.namespace, name })));
  },
});

/** Not counted, or no autoscaler, is no news: what cannot be read of one must not hide the others. */
async function loadOf(read: Read, of: { readonly namespace: string; readonly name: string }): Promise<Load> {
  const [answer, scaler] = await Promise.all([
    read.metrics.series({ ask: 'requests', of, by: 'all' }, { forMs: hours(2), stepMs: minutes(5) }).catch(() => null),
    read.kubernetes.autoscaler(of).catch(() => null),
  ]);
  const series = answer?.is === 'series' ? answer.series[0] : undefined;
  const before = series === undefined ? [] : valuesOf({ ...series, points: series.points.slice(0, -6) });
  return {
    name: of.name,
    now: series === undefined ? null : newest(series),
    before: before.length < 3 ? null : median(before),
    pods: scaler === null ? null : { current: scaler.current, max: scaler.max, desired: scaler.desired },
  };
}

export const ratioOf = ({ now, before }: Load): number | null =>
  now === null || before === null || before <= 0 ? null : now / before;

export function loadText(one: Load): string {
  const ratio = ratioOf(one);
  const more =
    ratio === null
      ? 'requests not counted'
      : `requests ${ratio >= 1 ? '+' : '−'}${Math.round(Math.abs(ratio - 1) * 100)} %`;
  return `${one.name}: ${more}${one.pods === null ? ', no autoscaler' : `, ${one.pods.current} of at most ${one.pods.max} pods`}`;
}

/** Those that got clearly more, and have little or nothing left. */
function strained(all: readonly Load[]): readonly Load[] {
  return all.filter((one) => {
    const ratio = ratioOf(one);
    if (ratio === null || ratio < moved) return false;
    return one.pods !== null && Math.max(one.pods.current, one.pods.desired) >= one.pods.max * nearMax;
  });
}

export const takesLoad = onNamespace.check('takes-load', {
  severity: 'warning',
  ask: 'Is there room for the load that moves here?',
  rulesOut: 'too little room',
  needs: [load],
  find: (seen, _also, { t }): Answer => {
    const all = strained(seen.load);
    const [first] = all;
    if (first === undefined) {
      const counted = seen.load.some((one) => ratioOf(one) !== null);
      return counted || seen.load.length === 0 ? 'clear' : { unsure: 'no request is counted here' };
    }
    return {
      found: say`takes more than usual and has little room left: ${all.slice(0, 2).map(loadText).join('; ')}${all.length > 2 ? `; and ${all.length - 2} more` : ''} (against the two hours before the last half hour)`,
      short: `${first.name} near its limit`,
      byHand: `${kubectl(t)} get hpa`,
      handOver: { playbook: 'high-cpu', target: { namespace: t.namespace, name: first.name } },
    };
  },
});

/** For the line about what breaks next: the one with the least room, whatever it is. */
export const loadRemark = onNamespace.remark('Load', {
  needs: [load],
  say: (_t, seen) => {
    const counted = seen.load.filter((one) => ratioOf(one) !== null);
    const most = counted.toSorted((a, b) => (ratioOf(b) ?? 0) - (ratioOf(a) ?? 0))[0];
    return most === undefined ? null : say`${loadText(most)}`;
  },
});
