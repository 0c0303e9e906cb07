import { z } from 'zod';
import { say } from '../../src/core/words.ts';
import { autoscaler, deployment } from '../readings/deployment.ts';
import { facts } from '../readings/facts.ts';
import { freeRoom } from '../readings/free-room.ts';
import { onDeployment } from '../readings/on.ts';
import { limitRanges, quotas } from '../readings/room.ts';
import { plural } from '../readings/wording.ts';
import { barred } from './barred.ts';
import { editDeadlineMs, editing } from './edit.ts';
import type { EditPlan } from './edit.ts';
import { goalOf, goalText } from './goal.ts';
import type { GoalFor } from './goal.ts';
import { morePods, placesUnder } from './preflight.ts';
import { around, scaling } from './reach.ts';
import { stateOf } from './state.ts';

/** More than so many times the present pods is rarely what was meant. */
const mostTimes = 3;

const asked = z.object({ replicas: z.int().min(0).max(1_000) });

/** More by a half, at least one: enough to be felt, not so much that it hides the cause. */
const step = 1.5;

/** The replica count of a Deployment that nothing else scales. `goal`: what it is judged by, where a playbook offers it. */
export const scale = <const W extends string>(o: { readonly when: readonly W[]; readonly goal: GoalFor }) =>
  onDeployment.remedy('scale', {
    ...editing,
    title: 'Scale',
    when: o.when,
    needs: [deployment, autoscaler, quotas, limitRanges, freeRoom, facts],
    also: around,
    asks: { schema: asked, usage: '<replicas>' },
    plan: (t, seen, _at, want, beside) => {
      const now = seen.deployment;
      const from = now.replicas.wanted;
      // No further than there is room now: pods that wait for nodes help nobody, and who wants them can ask for them.
      const places = placesUnder(now.template, seen);
      const to = want?.replicas ?? from + Math.max(1, Math.min(Math.ceil(from * (step - 1)), places));
      if (to === from) return { no: `it has ${plural(from, 'replica')} already` };
      const owner = seen.autoscaler;
      if (owner !== null) {
        const where =
          owner.scaledObject === null ? `autoscaler ${owner.name}` : `ScaledObject ${owner.scaledObject} (KEDA)`;
        return {
          moot: true,
          no: `${where} owns the number and would set it back: change its bounds instead (${owner.min} to ${owner.max})`,
        };
      }
      if (now.paused && to > from)
        return { no: 'it is paused: new pods would be made, but of which version is not decided' };
      const bar = to > from ? barred(beside, t.namespace, now.templateDigest) : null;
      if (bar !== null) return { no: bar };
      const preflight = morePods(now, to - from, seen);
      if ('no' in preflight) return preflight;
      if (want !== null && to - from > places)
        return {
          no: `there is room for ${places} of the ${to - from} more pods now: ${from + places} replicas would fit`,
        };
      return {
        namespace: t.namespace,
        name: t.name,
        uid: now.uid,
        digest: now.templateDigest,
        paused: now.paused,
        strategy: stateOf(now, []).strategy,
        owner: now.owner,
        container: '',
        values: { replicas: { from: String(from), to: String(to) } },
        restarts: 0,
        ...scaling(now, to, beside, editDeadlineMs),
        caution: preflight.caution,
        recreates: false,
        goal: to > from ? goalOf(o.goal, seen.config, null) : null,
      };
    },
    label: 'scale',
    endsPods: shrinks,
    risk: (plan) =>
      shrinks(plan)
        ? to(plan) * 2 <= from(plan)
          ? 'high'
          : 'medium'
        : to(plan) > mostTimes * Math.max(1, from(plan))
          ? 'high'
          : plan.caution === ''
            ? 'low'
            : 'medium',
    says: (plan) =>
      say`scale from ${from(plan)} to ${plural(to(plan), 'replica')}${plan.caution === '' ? '' : `. Caution: ${plan.caution}`}${shrinks(plan) ? '. Fewer pods serve then' : ''}${goalText(plan.goal)}`,
  });

const from = (plan: EditPlan): number => Number(plan.values['replicas']?.from);
const to = (plan: EditPlan): number => Number(plan.values['replicas']?.to);
const shrinks = (plan: EditPlan): boolean => to(plan) < from(plan);
