import { z } from 'zod';
import type { Verdict } from '../../src/core/contract.ts';
import { say } from '../../src/core/words.ts';
import { deployment } from '../../playbooks/readings/deployment.ts';
import { onDeployment } from '../../playbooks/readings/on.ts';
import { bindsOf, observeDeployment, progressOf } from '../../playbooks/remedies/state.ts';
import type { DeploymentState } from '../../playbooks/remedies/state.ts';
import { kubectl } from '../../playbooks/targets/deployment.ts';

// What to look at.

/** The pods that do not serve, with the status that `kubectl get pods` prints. */
const unready = onDeployment.reading('unready pods', {
  after: [deployment],
  withinMs: 5_000,
  byHand: (t) => `${kubectl(t)} get pods`,
  read: async (read, t, seen) => {
    const rows = await read.kubernetes.pods(t.namespace, seen.deployment.selector);
    return rows
      .filter((row) => !row.terminating && row.readyContainers < row.containers)
      .map(({ name, status }) => ({ name, status }));
  },
});

// What to ask.

const tooFew = onDeployment.check('too-few', {
  severity: 'critical',
  ask: 'Has a rollout left fewer pods than its own strategy allows?',
  rulesOut: 'a rollout that takes too much',
  needs: [deployment],
  also: [unready],
  find: (seen, also) => {
    const { replicas, strategy, paused } = seen.deployment;
    const floor = replicas.wanted - strategy.unavailablePods;
    if (paused || replicas.updated === replicas.wanted || replicas.available >= floor) return 'clear';
    const pods = also['unready pods'];
    return {
      found: say`${replicas.available} of ${replicas.wanted} pods are available in the middle of a rollout; its strategy promises ${floor}`,
      short: `${replicas.available} of ${replicas.wanted} pods available`,
      quotes: pods.known ? pods.value.slice(0, 3).map((pod) => `${pod.name} ${pod.status}`) : [],
    };
  },
});

// What to do.

const pausePlan = z.object({
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  templateDigest: z.string(),
  to: z.boolean(),
});
type PausePlan = z.infer<typeof pausePlan>;

const expectation = (plan: PausePlan) => ({
  uid: plan.uid,
  templateDigest: plan.templateDigest,
  paused: !plan.to,
});
const isTarget = (plan: PausePlan, now: DeploymentState) => now.uid === plan.uid && now.paused === plan.to;

const pause = onDeployment.remedy('pause', {
  title: 'Pause the rollout',
  acts: 'deployment',
  when: ['too-few'],
  needs: [deployment],
  schema: pausePlan,
  plan: (t, seen) => {
    const { uid, templateDigest, paused } = seen.deployment;
    if (paused) return { no: 'it is paused already' };
    return { namespace: t.namespace, name: t.name, uid, templateDigest, to: true };
  },
  target: (plan) => ({ namespace: plan.namespace, name: plan.name }),
  label: 'pause',
  risk: () => 'low',
  says: (plan) => say`${plan.to ? 'pause the rollout: pods stay as they are' : 'let the rollout go on'}`,
  after: (plan) => (plan.to ? say`it stays paused until somebody resumes it or rolls back` : null),
  preview: (plan) => [
    `deployment ${plan.namespace}/${plan.name}`,
    `- paused: ${!plan.to}`,
    `+ paused: ${plan.to}`,
    '+ annotation mlp-bot/fence: a new value with each attempt',
  ],
  knownGood: () => false,
  settleMs: 30_000,
  deadlineMs: 2 * 60_000,
  observe: (read, plan) => observeDeployment(read, plan, []),
  binds: bindsOf,
  fits: (plan, now: DeploymentState): Verdict => {
    if (now.uid !== plan.uid) return { is: 'no', because: 'the deployment was deleted or made anew since' };
    if (now.templateDigest !== plan.templateDigest) return { is: 'no', because: 'its pod template was changed since' };
    if (now.paused === plan.to) return { is: 'no', because: `it is ${plan.to ? 'paused' : 'going on'} already` };
    return { is: 'yes' };
  },
  holds: isTarget,
  rehearse: (rehearse, plan) => rehearse.rehearse({ paused: plan.to }, expectation(plan)),
  execute: (act, plan) => act.change({ paused: plan.to }, expectation(plan)),
  verify: (plan, before, now): Verdict => {
    if (!isTarget(plan, now)) return { is: 'no', because: 'somebody has changed that since' };
    if (now.available < before.available) {
      return { is: 'worse', because: `${now.available} pods available, ${before.available} before` };
    }
    return now.observed ? { is: 'yes' } : { is: 'not yet', because: 'the controller has not seen it yet' };
  },
  progress: (_plan, now) => progressOf(now),
  undo: (plan) => ({ ...plan, to: !plan.to }),
});

const byHand = onDeployment.advice({
  when: ['too-few'],
  needs: [unready],
  say: (t) => ({
    fix: say`find out why the new pods do not serve before the rollout goes on`,
    steps: [`${kubectl(t)} describe pod <POD>`, `${kubectl(t)} logs <POD> --tail=100`],
  }),
});

export const rolloutHurts = onDeployment.playbook({
  id: 'rollout-hurts',
  title: 'rollout takes too many pods',
  guide: 'Deployment Failures › Rolling Deployment Stuck',
  about: 'A rollout that leaves fewer pods than its strategy promises, and how to hold it.',
  alerts: ['DeploymentBelowFloor'],
  symptoms: ['too few pods', 'rollout takes pods away'],
  look: [deployment, unready],
  checks: [tooFew],
  remedies: [pause],
  advice: [byHand],
});
