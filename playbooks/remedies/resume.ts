import { say } from '../../src/core/words.ts';
import { currentRevision, deployment, revisions } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { pods, samples } from '../readings/pods.ts';
import { tagOf } from '../readings/pull.ts';
import { troubleOf } from '../readings/trouble.ts';
import { backAlso, reachOf } from './back-reach.ts';
import { changeDeadlineMs, changePlan, changing } from './change.ts';
import { stateOf } from './state.ts';

const none = { total: 0, ready: 0, terminating: 0, leftovers: 0, groups: [] };

/** `kubectl rollout resume`: goes on with the newest template where it stopped. */
export const resume = <const W extends string>(o: { readonly when: readonly W[] }) =>
  onDeployment.remedy('resume', {
    title: 'Resume the rollout',
    acts: 'deployment',
    when: o.when,
    needs: [deployment, revisions, samples],
    also: [...backAlso, pods],
    schema: changePlan,
    plan: (t, seen, _at, _asked, also) => {
      const now = seen.deployment;
      if (!now.paused) return { no: 'it is not paused' };
      if (seen.samples.some(({ pod }) => troubleOf(pod) !== null)) {
        return { no: 'the new pods do not get ready: more of them would not either' };
      }
      const current = currentRevision(now, seen.revisions);
      const end = {
        replicaSet: current?.uid ?? '',
        replicaSetName: current?.name ?? '',
        digest: now.templateDigest,
        version: tagOf(now.template.containers[0]?.image ?? ''),
      };
      const { wanted, ready } = now.replicas;
      const made = current?.replicas.wanted ?? 0;
      const start = Math.max(0, wanted - made);
      const fresh = also.pods.known ? also.pods.value.fresh : none;
      const on = { namespace: t.namespace, now, fresh, start, deadlineMs: changeDeadlineMs };
      const moved = reachOf(on, now, also);
      if ('no' in moved) return moved;
      return {
        namespace: t.namespace,
        name: t.name,
        uid: now.uid,
        from: end,
        to: end,
        worked: (current?.replicas.available ?? 0) > 0 ? ('available now' as const) : ('not known' as const),
        caution: moved.caution,
        unchecked: [],
        paused: { from: true, to: false },
        strategy: stateOf(now, []).strategy,
        lines: [],
        pods: { remove: 0, start, keep: ready },
        owner: now.owner,
        ...moved.reach,
      };
    },
    label: 'resume',
    says: (plan) =>
      plan.paused.to
        ? say`pause the rollout of ${plan.to.version} again`
        : say`resume the rollout of ${plan.to.version}. ${plan.pods.start} of its pods are still to come${
            plan.worked === 'not known' ? `; none of them runs yet` : ''
          }`,
    ...changing,
    // What resumes has not been seen whole, so it is no return to something known.
    knownGood: () => false,
  });
