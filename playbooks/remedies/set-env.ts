import { z } from 'zod';
import type { Deployment } from '../../src/core/ports/kubernetes.ts';
import { say } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { facts, variables } from '../readings/facts.ts';
import type { Variables } from '../readings/facts.ts';
import { freeRoom } from '../readings/free-room.ts';
import { onDeployment } from '../readings/on.ts';
import { quantity } from '../readings/quantity.ts';
import { limitRanges, quotas } from '../readings/room.ts';
import { listed } from '../readings/wording.ts';
import { barred } from './barred.ts';
import { editDeadlineMs, editing, restartsText } from './edit.ts';
import type { EditPlan } from './edit.ts';
import { goalOf, goalText } from './goal.ts';
import type { GoalFor } from './goal.ts';
import { otherTemplate } from './preflight.ts';
import { around, replacing } from './reach.ts';
import { stateOf, underWay } from './state.ts';

/** Which of the variables that the config lists for a service. */
type Which = 'modelVersion' | 'batchSize' | 'threads';
const ids = { modelVersion: 'set-model-version', batchSize: 'set-batch-size', threads: 'set-threads' } as const;
const titles = { modelVersion: 'Set model version', batchSize: 'Set batch size', threads: 'Set threads' } as const;

/** Plain values only: nothing that could break out of a variable or hide in a preview. */
const value = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\w.:/@+-]+$/, 'a value has letters, digits and . : / @ + - _ only');
const asked = z.object({ value });

/**
 * One plain environment variable of the container that serves. `choose` gives the value where a playbook offers it: null when the evidence
 * names none, so that it is only done when a person asks for a value.
 */
function setVariable<const K extends Which, const W extends string>(
  which: K,
  o: {
    readonly when: readonly W[];
    readonly goal: GoalFor;
    /** `before`: what the revision before has; null: not set there, or not known. `cores`: those of the container, by its limit or else its request. */
    readonly choose: (now: string | null, before: string | null, cores: number | null) => string | null;
  },
) {
  return onDeployment.remedy(ids[which], {
    ...editing,
    title: titles[which],
    when: o.when,
    needs: [deployment, quotas, limitRanges, freeRoom, facts, variables],
    also: around,
    asks: { schema: asked, usage: '<value>' },
    plan: (t, seen, _at, want, beside) => {
      const now = seen.deployment;
      const name = seen.config.variables[which];
      const from = seen.variables.values[name] ?? null;
      const elsewhere = comesFromElsewhere(now, seen.variables, name);
      if (elsewhere !== null) return { no: elsewhere };
      const odd = want === null ? null : notCounted(which, name, want.value);
      if (odd !== null) return { no: odd };
      const before = seen.variables.before?.values[name] ?? null;
      const to = want?.value ?? o.choose(from, before, coresOf(now, seen.variables.container));
      if (to === null) return { no: `which value ${name} should have is not known: ask for one` };
      if (to === from) return { no: `${name} is ${to} already` };
      if (now.paused) return { no: 'it is paused: the change would wait until it is resumed' };
      const bar = underWay(now) ?? barred(beside, t.namespace, now.templateDigest);
      if (bar !== null) return { no: bar };
      const preflight = otherTemplate(now, now.template, seen);
      if ('no' in preflight) return preflight;
      return {
        namespace: t.namespace,
        name: t.name,
        uid: now.uid,
        digest: now.templateDigest,
        paused: now.paused,
        strategy: stateOf(now, []).strategy,
        owner: now.owner,
        container: seen.variables.container,
        values: { [`env.${name}`]: { from, to } },
        restarts: now.replicas.wanted,
        ...replacing(now, now.replicas.wanted, beside, editDeadlineMs, preflight),
        caution: preflight.caution,
        recreates: now.strategy.type === 'Recreate',
        goal: goalOf(o.goal, seen.config, null),
      };
    },
    label: titles[which].toLowerCase(),
    changes: ({ values, container }) =>
      Object.entries(values).flatMap(([path, { from, to }]) => [
        ...variable('-', path, container, from),
        ...variable('+', path, container, to),
      ]),
    risk: (plan) => (plan.recreates ? 'high' : 'medium'),
    says: (plan) => say`${changes(plan)}${restartsText(plan)}${goalText(plan.goal)}`,
  });
}

/** As the difference of two revisions says it. */
const variable = (sign: '-' | '+', path: string, container: string, value: string | null): readonly string[] =>
  value === null ? [] : [`${sign} variable ${path.replace(/^env\./, '')} of ${container}: ${value}`];

export const setModelVersion = <const W extends string>(o: Parameters<typeof setVariable<'modelVersion', W>>[1]) =>
  setVariable('modelVersion', o);
export const setBatchSize = <const W extends string>(o: Parameters<typeof setVariable<'batchSize', W>>[1]) =>
  setVariable('batchSize', o);
export const setThreads = <const W extends string>(o: Parameters<typeof setVariable<'threads', W>>[1]) =>
  setVariable('threads', o);

/** More than any machine has or any model takes: a slip of the key. */
const mostOf = { batchSize: 4_096, threads: 256 } as const;

/** A version may be called anything; what is counted is a whole number. */
function notCounted(which: Which, name: string, value: string): string | null {
  if (which === 'modelVersion') return null;
  const most = mostOf[which];
  return /^[1-9]\d*$/.test(value) && Number(value) <= most ? null : `${name} is a whole number from 1 to ${most}`;
}

function coresOf({ template }: Pick<Deployment, 'template'>, container: string): number | null {
  const of = template.containers.find((one) => one.name === container);
  return quantity(of?.limits['cpu'] ?? '') ?? quantity(of?.requests['cpu'] ?? '');
}

function comesFromElsewhere({ template }: Deployment, { container }: Variables, name: string): string | null {
  const found = template.containers
    .find((one) => one.name === container)
    ?.env.find((one) => one.variable === name && one.is !== 'value' && !one.is.startsWith('whole'));
  return found === undefined ? null : `${name} comes from a ${found.is}: change it there`;
}

/** "set BATCH_SIZE from 8 to 4 of container serve"; "take BATCH_SIZE (4) away from container serve". */
function changes({ values, container }: EditPlan): string {
  return listed(
    Object.entries(values).map(([path, { from, to }]) => {
      const name = path.replace(/^env\./, '');
      if (to === null) return `take ${name} (${from ?? 'not set'}) away from container ${container}`;
      return `set ${name} ${from === null ? `to ${to} (not set before)` : `from ${from} to ${to}`} of container ${container}`;
    }),
  );
}
