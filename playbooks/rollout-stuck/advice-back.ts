import { say } from '../../src/core/words.ts';
import { currentRevision, deployment, revisions } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { pods, samples } from '../readings/pods.ts';
import type { Pods, Sample } from '../readings/pods.ts';
import { troubleOf } from '../readings/trouble.ts';
import type { Trouble } from '../readings/trouble.ts';
import { kubectl } from '../targets/deployment.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';

const { advice } = onDeployment;

const atOnce = 5;

const waiting = (all: readonly Sample[], kinds: readonly Trouble['is'][]): readonly Sample[] =>
  all.filter(({ pod }) => kinds.some((kind) => troubleOf(pod)?.is === kind)).slice(0, atOnce);

/** A new pod starts without the back-off of the one that it replaces. Pods that serve are not among them. Only some are read in full, so only some are named: that stands above. */
export function tryAtOnce(
  t: DeploymentTarget,
  seen: { readonly samples: readonly Sample[]; readonly pods: Pods },
  kinds: readonly Trouble['is'][],
): readonly string[] {
  const named = waiting(seen.samples, kinds);
  const groups = new Set(named.map((one) => one.group));
  const count = [...groups].reduce((sum, at) => sum + (seen.pods.fresh.groups[at]?.pods ?? 0), 0);
  const names = named.length === 0 ? '<POD>' : named.map(({ pod }) => pod.name).join(' ');
  return [
    ...(count > named.length ? [`# ${named.length} of the ${count} that wait; the others likewise:`] : []),
    `${kubectl(t)} delete pod ${names}`,
  ];
}

const back = ['pull', 'config', 'ends', 'not created'] as const;

export const wait = advice({
  when: ['config-back', 'image-back'],
  needs: [deployment, samples, pods],
  say: (t, seen) => ({
    fix: say`wait: nothing to approve or to change. To have them try at once, delete the waiting pods (they serve nobody)`,
    steps: [...tryAtOnce(t, seen, back), `${kubectl(t)} rollout status deployment/${t.name} --timeout=5m`],
  }),
});

/** Users are hurt and the pods are well: what the bot cannot see is in the logs, and in what the release changed. */
export const suspect = advice({
  when: ['users-hurt'],
  needs: [deployment, revisions],
  say: (t, seen) => {
    const { selector } = seen.deployment;
    const current = currentRevision(seen.deployment, seen.revisions);
    const by = /^[\w./=-]+$/.test(selector) ? selector : `'${selector}'`;
    return {
      fix: say`see in the logs what fails, and since when; compare with what the newest version changed`,
      steps: [
        `${kubectl(t)} logs -l ${by} --prefix --since=10m --tail=50`,
        `${kubectl(t)} rollout history deployment/${t.name}${current === null ? '' : ` --revision=${current.number}`}`,
      ],
    };
  },
});
