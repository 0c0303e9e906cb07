import { say } from '../../src/core/words.ts';
import { currentRevision } from '../readings/deployment.ts';
import { freeRoom } from '../readings/free-room.ts';
import { memory, mib } from '../readings/memory.ts';
import type { Memory } from '../readings/memory.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { pods } from '../readings/pods.ts';
import { limitRanges, quotas } from '../readings/room.ts';
import { span } from '../readings/wording.ts';
import { backAlso, reachOf, roomAlso } from '../remedies/back-reach.ts';
import { goalText } from '../remedies/goal.ts';
import type { Goal } from '../remedies/goal.ts';
import { changePlan, changing, doubts, podMoves } from '../remedies/change.ts';
import type { Blamed } from '../remedies/ladder.ts';
import { otherTemplate } from '../remedies/preflight.ts';
import { planRestart, restartDeadlineMs, restarting } from '../remedies/restart.ts';
import { planBack, rollbackNeeds } from '../remedies/rollback.ts';
import type { Revision } from '../../src/core/ports/kubernetes.ts';
import type { ServiceFacts } from '../../src/core/ports/platform.ts';
import type { Beside } from '../remedies/set-resources.ts';
import { hoursText } from './amounts.ts';
import { blameOf } from './blame.ts';
import { lookedAt, verdictOf } from './leak.ts';
import type { Leak, Looked } from './leak.ts';
import { leastHours, urgentHours } from './pods.ts';

/** What helps against growth, and for how long. */

const trends = ['leak', 'slow-leak'] as const;

/** Pods that are ready say nothing of a trend, and no earlier than this is one judged. */
export const growthShows: Goal = { open: `whether memory still grows shows in about ${leastHours} h` };

/** As far below its limit as makes none of it a cause: see near-limit. */
export const room: Goal = { measure: 'memory of limit', below: 0.9 };

/** A higher limit is met later by what grows. */
export function untilHigherLimit(_config: ServiceFacts, { deployment, to, ...beside }: Beside): Goal {
  const { memory: lines, revisions, 'pod rows': rows } = beside;
  const growth =
    lines.known && revisions.known && rows.known
      ? growthOf({ memory: lines.value, revisions: revisions.value, 'pod rows': rows.value, deployment })
      : null;
  const { limitMib = null, fromStart = null, low = 0, high = 0 } = growth ?? {};
  if (to === null || limitMib === null || fromStart === null || high <= 0) return { buys: 'it still grows' };
  const more = to / mib - limitMib;
  const hours = {
    from: fromStart.from + more / high,
    to: fromStart.to === null || low <= 0 ? null : fromStart.to + more / low,
  };
  return { buys: `${hoursText(hours)} until the higher limit` };
}

/** That it does not follow the requests was asked by the check that found it. */
export function growthOf(seen: Looked): Leak | null {
  const verdict = verdictOf(seen);
  return verdict.is === 'leak' ? verdict.leak : null;
}

export const rollbackBefore = onDeployment.remedy('rollback', {
  title: 'Roll back',
  acts: 'deployment',
  when: trends,
  needs: [...rollbackNeeds, memory, podRows],
  also: backAlso,
  schema: changePlan,
  plan: (t, seen, at, _asked, also) => {
    if (seen.deployment.paused) return { no: 'it is paused: a rollback would wait until it is resumed' };
    const growth = growthOf(seen);
    if (growth === null) return { no: 'no growth was measured' };
    const blamed = blamedBy(growth, seen.memory, seen.revisions);
    if ('no' in blamed) return blamed;
    if (currentRevision(seen.deployment, seen.revisions)?.uid !== blamed.revision) {
      return { no: 'the version that it came with is not the present one any more' };
    }
    const plan = planBack(t, seen, at, { blamed, also });
    return 'no' in plan ? plan : { ...plan, goal: growthShows };
  },
  label: 'rollback',
  says: (plan) =>
    say`roll back to ${plan.to.version}. Its memory was flat. ${podMoves(plan)}; what has grown is freed as well${doubts(plan)}${goalText(plan.goal ?? null)}`,
  ...changing,
});

function blamedBy(growth: Leak, lines: Memory, all: readonly Revision[]): Blamed | { readonly no: string } {
  const blame = blameOf(growth, lines, all);
  switch (blame.is) {
    case 'revision':
      return { revision: blame.revision.uid, before: blame.before.uid };
    case 'every revision':
      return { no: 'the versions before grew as well: going back would not end it' };
    case 'no release':
      return { no: `the same pods were flat for ${span(Math.round(blame.hours * 60))} before: no release brought it` };
    case 'not known':
      return { no: `whether the version before grew as well is not known: ${blame.why}` };
  }
}

export const restartForTime = onDeployment.remedy('restart', {
  ...restarting,
  when: trends,
  needs: [...lookedAt, pods, quotas, limitRanges, freeRoom],
  also: roomAlso,
  plan: (t, seen, at, _asked, also) => {
    const now = seen.deployment;
    const ground = otherTemplate(now, now.template, seen);
    const { fresh } = seen.pods;
    const on = { namespace: t.namespace, now, fresh, start: now.replicas.wanted, deadlineMs: restartDeadlineMs };
    const plan = planRestart(t, now, at, 'no' in ground ? ground : reachOf(on, now, also));
    if ('no' in plan) return plan;
    const growth = growthOf(seen);
    const left = growth?.untilLimit ?? null;
    if (left !== null && left.from > urgentHours)
      return { no: `${hoursText(left)} are left until the limit: no hurry` };
    return { ...plan, goal: { buys: timeOf(growth) } };
  },
});

function timeOf(growth: Leak | null): string {
  const hours = growth?.fromStart ?? null;
  return hours === null ? 'memory grows again from its start' : `${hoursText(hours)} until the limit again`;
}
