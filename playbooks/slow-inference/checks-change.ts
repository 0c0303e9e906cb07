import type { Answer, CheckOf } from '../../src/core/contract.ts';
import type { Deployment, Revision } from '../../src/core/ports/kubernetes.ts';
import { clock, say } from '../../src/core/words.ts';
import { currentRevision, deployment, revisions } from '../readings/deployment.ts';
import { answerOf, evidenceOf } from '../readings/explaining.ts';
import { facts } from '../readings/facts.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { stepsSince, stepWords } from '../readings/steps.ts';
import type { Step } from '../readings/steps.ts';
import { minutesBetween } from '../readings/wording.ts';
import { candidates } from '../remedies/ladder.ts';
import { kubectl } from '../targets/deployment.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';
import { coldMinutes, duration, ifSlow, isCold, judge, p95Text, sinceOf } from './judge.ts';
import { latency, p95ByPod } from './latency.ts';

const { check } = onDeployment;

/** Minutes from a change until it shows: a rollout takes its time, and the numbers are of five minutes. */
const showsWithin = 25;
/** The numbers are of the minutes before them. */
const early = 3;

/** The newest change of its pods' template, with what ran before; null: nothing else is kept, or it is the same code. */
export function newestStep(of: Deployment, all: readonly Revision[]): (Step & { readonly at: string }) | null {
  const current = currentRevision(of, all);
  if (current === null) return null;
  const before = all
    .filter((one) => one.number < current.number)
    .toSorted((a, b) => a.number - b.number)
    .at(-1);
  if (before === undefined || !candidates(of, all).includes(before)) return null;
  const step = stepsSince(of, all, before).at(-1);
  // A ReplicaSet that was gone back to is older than the change to it.
  const at = [current.createdAt, of.templateChangedBy?.at]
    .filter((one) => typeof one === 'string')
    .toSorted()
    .at(-1);
  return step === undefined || at === undefined ? null : { ...step, at };
}

/** Not slow but starting: said, since users notice, and over by itself. */
export const coldPods = check('cold-pods', {
  severity: 'warning',
  ask: 'Are the slow pods older than their warm-up?',
  rulesOut: 'pods that warm up',
  needs: [latency, facts, podRows],
  also: [p95ByPod],
  find: (seen, also, { t, at }): Answer => {
    const judged = judge(seen, also, at);
    if (judged.is === 'not known') return { unsure: judged.why };
    if (judged.is !== 'cold') return 'clear';
    return {
      found: say`slow are only ${judged.pods} of ${judged.of} pods, which started less than ${coldMinutes} min ago: they warm up, the older ones are as fast as they should be. Nothing to do but wait`,
      short: judged.pods === 1 ? '1 new pod warms up' : `${judged.pods} new pods warm up`,
      since: judged.since,
      passing: true,
      byHand: `${kubectl(t)} get pods -o wide`,
    };
  },
});

export const sinceChange = check('since-change', {
  severity: 'critical',
  ask: 'Was it as slow before the newest change?',
  rulesOut: 'a change of the deployment',
  needs: [latency, facts, podRows, deployment, revisions],
  also: [p95ByPod],
  find: (seen, also, { t, at }): Answer =>
    ifSlow(seen, also, at, (slow) => {
      const step = newestStep(seen.deployment, seen.revisions);
      if (step === null) return 'clear';
      const age = minutesBetween(step.at, at);
      if (slow.since === null || !slow.begun) {
        return age > 120 ? 'clear' : { unsure: 'since when requests are slow is not known' };
      }
      const shows = (Date.parse(slow.since) - Date.parse(step.at)) / 60_000;
      if (shows < -early || shows > showsWithin) return 'clear';
      if (seen['pod rows'].rows.every((one) => isCold(one, at))) {
        return { unsure: allYoung };
      }
      return {
        found: say`slower since ${stepWords(seen.deployment, { ...step, at: step.at })}: p95 ${duration(slow.usual)} → ${duration(slow.p95)}, over the limit of ${duration(slow.limit)} from ${clock(slow.since)} on. Nothing else that I look at explains it: that points to the change, and proves nothing`,
        short: 'slower since the last change',
        since: slow.since,
        notKnown: say`what in the change costs the time`,
        byHand: `${kubectl(t)} rollout history deployment/${t.name}`,
      };
    }),
});

type Known = CheckOf<DeploymentTarget, string, string>;

/** Slow, and none of these causes fits. */
export const unexplained = (causes: readonly Known[]) => {
  const own = check('unexplained', {
    severity: 'critical',
    ask: 'Are requests as fast as they should be, or is it known why not?',
    rulesOut: 'slow requests',
    needs: [latency, facts, podRows],
    also: [p95ByPod],
    find: (seen, also, on): Answer =>
      ifSlow(seen, also, on.at, (slow) => {
        if (seen['pod rows'].rows.every((one) => isCold(one, on.at))) return { unsure: allYoung };
        const all = evidenceOf(seen, also);
        const open = causes.filter((one) => isUnsure(answerOf(one, all, on))).length;
        const usual = slow.usual === null || !slow.begun ? '' : `, usually ${duration(slow.usual)}`;
        return {
          found: say`requests are slow, ${p95Text(slow)}${usual}. ${open === 0 ? 'None of the causes that I know fits' : `Of the causes that I know none was found, and ${open} could not be told`}`,
          short: `p95 ${slow.atLeast ? 'at least ' : ''}${duration(slow.p95)}, cause not known`,
          ...sinceOf(slow),
          notKnown: say`why: a profile or a trace of a slow request would tell`,
          byHand: `${kubectl(on.t)} logs deployment/${on.t.name} --since=10m --tail=100`,
        };
      }),
  });
  return {
    ...own,
    also: [...new Set([...own.also, ...causes.flatMap((one) => [...one.needs, ...one.also])])] as typeof own.also,
  };
};

const isUnsure = (answer: Answer): boolean => answer !== 'clear' && 'unsure' in answer;
const allYoung = `all pods are younger than ${coldMinutes} min and may still warm up`;
