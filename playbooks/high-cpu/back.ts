import type { Deployment, Revision } from '../../src/core/ports/kubernetes.ts';
import type { Series } from '../../src/core/ports/metrics.ts';
import { say } from '../../src/core/words.ts';
import { currentRevision } from '../readings/deployment.ts';
import { loweredOf } from '../readings/limit-before.ts';
import { onDeployment } from '../readings/on.ts';
import { jumpOf } from '../readings/trend.ts';
import { backAlso } from '../remedies/back-reach.ts';
import { changePlan, changing, doubts, podMoves } from '../remedies/change.ts';
import { goalText } from '../remedies/goal.ts';
import type { Goal } from '../remedies/goal.ts';
import { candidates } from '../remedies/ladder.ts';
import { planBack, rollbackNeeds } from '../remedies/rollback.ts';
import { cameWith } from './blame.ts';
import { costOf } from './picture.ts';
import { totalOf } from './checks-limit.ts';
import { traffic } from './traffic.ts';
import type { Traffic } from './traffic.ts';
import { cpu } from './use.ts';
import type { Use } from './use.ts';

/** Going back is for what came with a version, by the numbers: not for what rose before or long after it. */
export const rollbackByCpu = <const W extends string>(o: { readonly when: readonly W[] }) =>
  onDeployment.remedy('rollback', {
    title: 'Roll back',
    acts: 'deployment',
    when: o.when,
    needs: [...rollbackNeeds, cpu, traffic],
    also: backAlso,
    schema: changePlan,
    plan: (t, seen, at, _asked, also) => {
      if (seen.deployment.paused) return { no: 'it is paused: see resume and roll back' };
      const current = currentRevision(seen.deployment, seen.revisions);
      if (candidates(seen.deployment, seen.revisions).length === 0) return { no: 'no other revision is kept' };
      const all = beginnings(seen);
      const blamed = all
        .map(({ since, goal }) => ({ goal, by: cameWith(seen.deployment, seen.revisions, since) }))
        .find(({ by }) => by !== null);
      if (blamed === undefined || blamed.by === null) {
        const [first] = all;
        return {
          no:
            first === undefined
              ? 'when it began is not known, so no version can be blamed'
              : `it began at ${hour(first.since)}, and this version came at ${hour(current?.createdAt ?? '')}: going back would not undo it`,
        };
      }
      const plan = planBack(t, seen, at, { blamed: blamed.by, also });
      return 'no' in plan ? plan : { ...plan, goal: blamed.goal };
    },
    label: 'rollback',
    says: (plan) =>
      say`roll back to ${plan.to.version}. ${podMoves(plan)}${doubts(plan)}${goalText(plan.goal ?? null)}`,
    ...changing,
  });

const hour = (at: string): string => `${at.slice(11, 16)} UTC`;

interface Beginning {
  readonly since: string;
  /** What was bad since then, and what it was before. */
  readonly goal: Goal;
  /** By what factor it rose; Infinity: there was none of it before. */
  readonly by: number;
}

/** As before, with a fifth of leeway: as much more is what makes it a beginning. */
const leeway = 1.2;
/** Cores: a container that uses less is as good as not there. */
const idle = 0.05;

/** When something began to use more: the cost of a request, the service as a whole, a container beside it; or its limit was changed. */
function beginnings(seen: {
  readonly cpu: Use;
  readonly traffic: Traffic;
  readonly deployment: Deployment;
  readonly revisions: readonly Revision[];
}): readonly Beginning[] {
  const main = seen.deployment.template.containers[0]?.name ?? '';
  const cost = seen.traffic.served ? [costOf(totalOf(seen.cpu, main), seen.traffic.requests)] : [];
  const lowered = loweredOf(seen.deployment, seen.revisions, main);
  const whole = cost[0]?.points[0]?.[0] ?? seen.cpu.total[0]?.points[0]?.[0];
  const pods = Math.max(1, seen.deployment.replicas.ready);
  const risen = [
    ...cost.flatMap((line) => begunIn(line, whole, (before) => ({ measure: 'CPU per request', below: before }))),
    ...seen.cpu.total.flatMap((line) =>
      begunIn(line, whole, (before) => {
        const { container = main } = line.labels;
        return { measure: 'CPU of container', container, below: Math.max(idle, before / pods) };
      }),
    ),
  ];
  // Throttled is what a lower limit made it: how much it uses says nothing of that.
  const most = risen.toSorted((a, b) => (a.by === b.by ? 0 : b.by - a.by));
  return lowered === null ? most : [{ since: lowered.at, goal: unthrottled, by: Infinity }, ...most];
}

export const unthrottled: Goal = { measure: 'throttling', below: 0.1 };

const at = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** A container that was not there before has a line that begins later. `goal`: of the highest that is as before. */
function begunIn(line: Series, whole: number | undefined, goal: (below: number) => Goal): readonly Beginning[] {
  const jump = jumpOf(line);
  if (jump !== null && jump.after >= jump.before * leeway)
    return [{ since: at(jump.at), goal: goal(jump.before * leeway), by: jump.after / jump.before }];
  const began = line.points[0]?.[0];
  return began !== undefined && whole !== undefined && began > whole + 300
    ? [{ since: at(began), goal: goal(0), by: Infinity }]
    : [];
}
