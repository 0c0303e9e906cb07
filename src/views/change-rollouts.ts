import type { Deployment, Revision } from '../core/ports/kubernetes.ts';
import { near } from './change-scale.ts';
import type { Change } from './change-scale.ts';
import { short } from './show.ts';
import { differences } from './template.ts';

/** Oldest first: each against the one before it. A ReplicaSet that is used again keeps the time of its making: then the last write says when. Pure. */
export function rolloutsOf(
  deployment: Deployment,
  sets: readonly Revision[],
  from: string,
): readonly (Change & { readonly current: boolean })[] {
  const byNumber = sets.toSorted((a, b) => a.number - b.number);
  return byNumber.flatMap((one, index) => {
    const before = byNumber[index - 1];
    const current = one.templateDigest === deployment.templateDigest && index === byNumber.length - 1;
    const isOld = byNumber.slice(0, index).some((other) => other.createdAt > one.createdAt);
    const by = current ? deployment.templateChangedBy : null;
    const at = isOld && by !== null ? by.at : one.createdAt;
    if (at < from && !current) return [];
    const isMade = one.number === 1 && near(one.createdAt, deployment.createdAt);
    const what =
      before === undefined
        ? [isMade ? 'the deployment was made' : 'first that is kept']
        : differences(before.template, one.template);
    const kept = what.length === 0 ? 'a part that I do not show (labels, annotations, security)' : what.join(', ');
    const cause = one.changeCause === null ? '' : `, "${short(one.changeCause, 80)}"`;
    const again = isOld
      ? ` (its ReplicaSet is of ${one.createdAt.slice(0, 16).replace('T', ' ')} UTC: used again)`
      : '';
    return [{ at, what: `rollout, revision ${one.number}: ${kept}${again}${cause}`, who: by?.manager ?? '', current }];
  });
}
