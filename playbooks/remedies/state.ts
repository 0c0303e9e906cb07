import { z } from 'zod';
import type { Json } from '../../src/core/json.ts';
import type { Differs, Verdict } from '../../src/core/contract.ts';
import type { Deployment, Owner, Revision } from '../../src/core/ports/kubernetes.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { plural } from '../readings/wording.ts';

/** What a change of a Deployment is planned on and judged by. */
export interface DeploymentState {
  readonly there: boolean;
  readonly uid: string;
  /** The controller has seen the newest spec: only then do the counts speak of it. */
  readonly observed: boolean;
  readonly templateDigest: string;
  readonly restartedAt: string | null;
  readonly paused: boolean;
  readonly strategy: string;
  readonly owner: Owner;
  readonly wanted: number;
  readonly total: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
  /** Fewest pods that the strategy itself lets be available meanwhile. */
  readonly floor: number;
  /** The uids of the ReplicaSets with their template's digest, as far as the plan names them. */
  readonly revisions: Readonly<Record<string, string>>;
}

const gone: DeploymentState = {
  there: false,
  uid: '',
  observed: false,
  templateDigest: '',
  restartedAt: null,
  paused: false,
  strategy: '',
  owner: { kind: 'none', name: '', reverts: 'no' },
  wanted: 0,
  total: 0,
  updated: 0,
  ready: 0,
  available: 0,
  floor: 0,
  revisions: {},
};

/** Null when the revision is not there any more. */
export async function observeDeployment(
  read: Read,
  of: { readonly namespace: string; readonly name: string },
  named: readonly string[],
): Promise<DeploymentState> {
  const asked = { namespace: of.namespace, name: of.name };
  const [found, all] = await Promise.all([
    read.kubernetes.deployment(asked),
    named.length === 0 ? Promise.resolve([]) : read.kubernetes.revisions(asked),
  ]);
  return found === null
    ? gone
    : stateOf(
        found,
        all.filter((one) => named.includes(one.uid)),
      );
}

export function stateOf(found: Deployment, named: readonly Revision[]): DeploymentState {
  const { wanted, total, updated, ready, available } = found.replicas;
  const { type, maxSurge, maxUnavailable, unavailablePods } = found.strategy;
  return {
    there: true,
    uid: found.uid,
    observed: found.observedGeneration >= found.generation,
    templateDigest: found.templateDigest,
    restartedAt: found.template.restartedAt,
    paused: found.paused,
    strategy: type === 'Recreate' ? type : `${type} ${maxSurge}/${maxUnavailable}`,
    owner: found.owner,
    wanted,
    total,
    updated,
    ready,
    available,
    floor: type === 'Recreate' ? 0 : Math.max(0, wanted - unavailablePods),
    revisions: Object.fromEntries(named.map((one) => [one.uid, one.templateDigest])),
  };
}

/** What an approval is bound to: what the plan was made from, nothing that moves by itself. */
export function bindsOf(now: DeploymentState): Json {
  return {
    there: now.there,
    uid: now.uid,
    templateDigest: now.templateDigest,
    paused: now.paused,
    strategy: now.strategy,
    owner: { kind: now.owner.kind, name: now.owner.name, reverts: now.owner.reverts },
  };
}

/** Rolled out and steady; worse when fewer pods are available than before and than the strategy itself allows for. */
export function rolledOut(before: DeploymentState, now: DeploymentState, isTarget: boolean): Verdict {
  if (!now.there) return { is: 'no', because: 'the deployment does not exist any more' };
  if (!isTarget) return { is: 'no', because: 'somebody has changed the pod template since' };
  if (!now.observed) return { is: 'not yet', because: 'the controller has not seen the change yet' };
  const floor = Math.min(before.available, now.floor);
  if (now.available < floor) {
    return {
      is: 'worse',
      because: `${now.available} of ${plural(now.wanted, 'pod')} available, ${before.available} before`,
    };
  }
  return isOut(now) ? { is: 'yes' } : { is: 'not yet', because: progressOf(now) };
}

/** All of its pods are those that are wanted, and can serve. */
export const isOut = ({ wanted, updated, available, total }: DeploymentState): boolean =>
  updated === wanted && available === wanted && total === wanted;

/** A rollout that goes on, and is not stuck: another change in the middle of it would mix with whoever made it. Null: none does. */
export function underWay(now: Deployment): string | null {
  const { wanted, updated, total } = now.replicas;
  const stuck = now.conditions.some((one) => one.type === 'Progressing' && one.status === 'False');
  const unseen = now.observedGeneration < now.generation;
  if (stuck || now.paused || (!unseen && updated >= wanted && total <= wanted)) return null;
  const by = now.templateChangedBy === null ? '' : `, begun by ${now.templateChangedBy.manager}`;
  return `a rollout is going on (${updated} of ${plural(wanted, 'pod')} updated${by}): another change would mix with it`;
}

export function progressOf(now: DeploymentState): string {
  if (!now.there) return 'the deployment does not exist';
  return `${now.updated} of ${now.wanted} updated, ${now.available} available`;
}

export const ownerSchema: z.ZodType<Owner> = z.object({
  kind: z.enum(['none', 'argo-cd', 'flux-kustomization', 'flux-helm', 'helm', 'flagger', 'controller']),
  name: z.string(),
  reverts: z.enum(['at once', 'at its next interval', 'at its next deploy', 'no', 'not known']),
});

const ownerName: Readonly<Record<Owner['kind'], string>> = {
  none: '',
  'argo-cd': 'Argo CD',
  'flux-kustomization': 'Flux',
  'flux-helm': 'Flux (Helm)',
  helm: 'Helm',
  flagger: 'Flagger',
  controller: 'the operator',
};

export function nameOfOwner(owner: Owner): string {
  return `${ownerName[owner.kind]}${owner.name === '' ? '' : ` (${owner.name})`}`;
}

/** Where what an owner deploys is declared; null: nobody owns it, so nothing is known to. */
export function sourceOf(owner: Owner): Differs['source'] | null {
  switch (owner.kind) {
    case 'argo-cd':
    case 'flux-kustomization':
      return 'Git';
    case 'flux-helm':
    case 'helm':
      return 'the Helm chart';
    case 'flagger':
    case 'controller':
      return 'its source';
    case 'none':
      return null;
  }
}

/** What the owner will do to a live edit. Null: nobody owns it. */
export function afterwards(owner: Owner, edit: string): Words | null {
  const who = nameOfOwner(owner);
  if (owner.kind === 'none') return null;
  switch (owner.reverts) {
    case 'at once':
      return say`${who} undoes ${edit} at once (self-heal): change it at the source too, or pause the sync first`;
    case 'at its next interval':
      return say`${who} undoes ${edit} at its next interval: change it at the source too`;
    case 'at its next deploy':
      return say`${who} leaves ${edit} until its next deploy; then the source decides again`;
    case 'no':
      return owner.kind === 'argo-cd'
        ? say`${who} leaves ${edit} (self-heal is off); a new commit or a manual sync brings the source's state back`
        : say`${who} leaves ${edit}`;
    case 'not known':
      return say`${who} owns it and may undo ${edit}; I could not see its settings`;
  }
}

/** How so many pods are started anew: a single one is neither "all at once" nor "a few at a time". */
export function inTurn(pods: number, recreates: boolean): string {
  const one = pods === 1;
  if (recreates) return `${one ? '' : ', all at once'} (strategy Recreate): none serves meanwhile`;
  return one ? '' : ', a few at a time';
}
