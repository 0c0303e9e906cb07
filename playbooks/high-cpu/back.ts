import type { Deployment, Revision } from '../../src/core/ports/kubernetes.ts';
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
export const rollbackByCpu = <const W extends string>(o: { readonly when: readonly W[]; readonly goal: Goal | null }) =>
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
      const blamed = all.map((one) => cameWith(seen.deployment, seen.revisions, one)).find((one) => one !== null);
      if (blamed === undefined) {
        const [first] = all;
        return {
          no:
            first === undefined
              ? 'when it began is not known, so no version can be blamed'
              : `it began at ${hour(first)}, and this version came at ${hour(current?.createdAt ?? '')}: going back would not undo it`,
        };
      }
      const plan = planBack(t, seen, at, { blamed, also });
      return 'no' in plan || o.goal === null ? plan : { ...plan, goal: o.goal };
    },
    label: 'rollback',
    says: (plan) =>
      say`roll back to ${plan.to.version}. ${podMoves(plan)}${doubts(plan)}${goalText(plan.goal ?? null)}`,
    ...changing,
  });

const hour = (at: string): string => `${at.slice(11, 16)} UTC`;

/** Moments at which something began to use more: the cost of a request, the service as a whole, a container beside it; or its limit was changed. */
function beginnings(seen: {
  readonly cpu: Use;
  readonly traffic: Traffic;
  readonly deployment: Deployment;
  readonly revisions: readonly Revision[];
}): readonly string[] {
  const main = seen.deployment.template.containers[0]?.name ?? '';
  const cost = seen.traffic.served ? [costOf(totalOf(seen.cpu, main), seen.traffic.requests)] : [];
  const lowered = loweredOf(seen.deployment, seen.revisions, main);
  const risen = [...cost, ...seen.cpu.total].flatMap((line) => {
    const jump = jumpOf(line);
    const began = line.points[0]?.[0];
    const whole = cost[0]?.points[0]?.[0] ?? seen.cpu.total[0]?.points[0]?.[0];
    if (jump !== null && jump.after >= jump.before * 1.2) return [new Date(jump.at * 1000).toISOString()];
    // A container that was not there before has a line that begins later.
    return began !== undefined && whole !== undefined && began > whole + 300
      ? [new Date(began * 1000).toISOString()]
      : [];
  });
  return lowered === null ? risen : [lowered.at, ...risen];
}
