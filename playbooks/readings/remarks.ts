import { clock, say, since } from '../../src/core/words.ts';
import type { Deployment, Revision } from '../../src/core/ports/kubernetes.ts';
import { autoscaler, currentRevision, deployment, isWell, revisions } from './deployment.ts';
import { onDeployment } from './on.ts';
import { pods, samples } from './pods.ts';
import { tagOf } from './pull.ts';
import { plural } from './wording.ts';
import { changeWords, lastStep, newestChange, standing, stepWords } from './steps.ts';

/** Lines about a Deployment that every playbook about one may say. */

const { remark } = onDeployment;

/** What changed, when, by whom, beside what ran before. */
export const changed = remark('Change', {
  needs: [deployment, revisions, samples],
  say: (_t, seen) => changeWords(seen),
  newest: (_t, seen) => newestChange(seen.deployment, seen.revisions),
});

/** A ReplicaSet that was gone back to is older than the change to it. */
function cameAt(of: Deployment, current: Revision | null): string | null {
  return (
    [current?.createdAt, of.templateChangedBy?.at]
      .filter((one) => typeof one === 'string')
      .toSorted()
      .at(-1) ?? null
  );
}

const RECENT_MS = 24 * 60 * 60_000;

/** A version that came in the last day and runs on all pods: no fault, and the first suspect when users fare worse. */
export const released = remark('Release', {
  needs: [deployment, revisions],
  newest: (_t, { deployment: of, revisions: all }) => {
    const current = currentRevision(of, all);
    const step = current === null ? null : lastStep(of, all, current);
    return step === null ? null : { mark: of.templateDigest, words: stepWords(of, step), parts: step.parts };
  },
  say: (_t, { deployment: of, revisions: all }, now) => {
    const progressing = of.conditions.find((one) => one.type === 'Progressing');
    const done = progressing?.updatedAt ?? progressing?.since ?? null;
    const current = currentRevision(of, all);
    const at = cameAt(of, current);
    if (current === null || at === null || done === null || progressing?.reason !== 'NewReplicaSetAvailable')
      return null;
    if (!isWell(of) || Date.parse(now) - Date.parse(at) > RECENT_MS) return null;
    const step = lastStep(of, all, current);
    return step === null ? null : say`${stepWords(of, { ...step, at })}, on all pods since ${clock(done)}`;
  },
});

/** Healthy and still going on are no faults, but worth a line. */
export const rollout = remark('Rollout', {
  needs: [deployment, pods],
  newest: (_t, seen) => standing(seen.deployment),
  beside: (_t, { deployment: of }) => {
    const version = tagOf(of.template.containers[0]?.image ?? '');
    if (version === '' || of.replicas.wanted === 0) return null;
    return isWell(of) ? `on ${version}` : `partly on ${version}`;
  },
  say: (_t, seen) => {
    const of = seen.deployment;
    const { wanted, updated, available } = of.replicas;
    const progressing = of.conditions.find((one) => one.type === 'Progressing');
    const when = progressing?.updatedAt ?? progressing?.since ?? null;
    const version = tagOf(of.template.containers[0]?.image ?? '');
    if (isWell(of)) {
      return wanted === 0
        ? say`complete at 0 pods, as wanted`
        : say`complete, ${available} of ${wanted} on ${version}${when === null ? '' : say` since ${since(when)}`}`;
    }
    if (progressing?.reason === 'ProgressDeadlineExceeded') {
      return say`no progress for longer than its deadline of ${of.progressDeadlineSeconds} s${when === null ? '' : say`, which passed at ${since(when)}`}: ${updated} of ${wanted} updated, ${available} available`;
    }
    if (of.paused) return say`paused at ${updated} of ${wanted} updated, ${available} available`;
    if (progressing?.reason === 'NewReplicaSetAvailable') {
      return say`was complete${when === null ? '' : say` at ${since(when)}`}; now ${available} of ${wanted} available`;
    }
    return say`going on: ${updated} of ${wanted} updated, ${available} available${when === null ? '' : say`, last progress ${since(when)}`}`;
  },
});

export const podCounts = remark('Pods', {
  needs: [pods],
  say: (_t, seen) => {
    const { fresh, old, other } = seen.pods;
    const restarts = [...fresh.groups, ...old.groups].reduce((sum, one) => sum + one.restarts, 0);
    const ending = fresh.terminating + old.terminating;
    const parts = [
      `${fresh.ready} of ${fresh.total} ${old.total > 0 ? 'new ' : ''}ready`,
      old.total > 0 ? `${old.ready} of ${old.total} old ready` : '',
      ending > 0 ? `${ending} terminating` : '',
      fresh.leftovers + old.leftovers > 0 ? plural(fresh.leftovers + old.leftovers, 'leftover') : '',
      other.total > 0 ? `${other.total} not of this deployment` : '',
      plural(restarts, 'restart'),
    ];
    return say`${parts.filter((part) => part !== '').join(', ')}`;
  },
});

/** Trouble of a version that had been running: what was made anew since, and when. */
export const whyNow = remark('Why now', {
  needs: [deployment, pods],
  say: (_t, seen) => {
    const progressing = seen.deployment.conditions.find((one) => one.type === 'Progressing');
    const done = progressing?.updatedAt ?? progressing?.since ?? null;
    if (progressing?.reason !== 'NewReplicaSetAvailable' || done === null) return null;
    const made = seen.pods.fresh.groups.filter((one) => !one.ready && one.oldestAt > done);
    const count = made.reduce((sum, one) => sum + one.pods, 0);
    const first = made.map((one) => one.oldestAt).toSorted()[0];
    if (first === undefined) return null;
    return say`no rollout since ${since(done)}. ${plural(count, 'pod')} ${count === 1 ? 'was' : 'were'} made anew from ${clock(first)} on and did not get ready`;
  },
});

export const scaling = remark('Autoscaler', {
  needs: [autoscaler],
  say: (_t, seen) => {
    if (seen.autoscaler === null) return null;
    // Its own count of pods holds those of a rollout's surge: what it asks for is what it wants.
    const { min, max, desired } = seen.autoscaler;
    return say`asks for ${plural(desired, 'pod')} (may ask for ${min} to ${max})${desired >= max ? ': at its maximum' : ''}`;
  },
});
