import type { Claim, StorageClass } from '../../src/core/ports/kubernetes.ts';
import { kubectl } from '../targets/deployment.ts';
import { deployment } from './deployment.ts';
import { onDeployment } from './on.ts';
import { listed } from './wording.ts';

/** A claim that its pods need and that no volume is bound to. */
export interface Waiting {
  readonly claim: string;
  /** `no such class`, `no default class`: nobody will ever make its volume. `when first used`: its volume is made once its pod is placed, which is no fault. */
  readonly because:
    | { readonly is: 'no such class'; readonly name: string; readonly there: readonly string[] }
    | { readonly is: 'no default class'; readonly there: readonly string[] }
    | { readonly is: 'when first used' | 'not made yet'; readonly name: string; readonly provisioner: string }
    | { readonly is: 'lost' };
}

/** Claims of its template that wait. Storage classes are only looked at where one does. */
export const volumes = onDeployment.reading('volumes', {
  after: [deployment],
  byHand: (t) => `${kubectl(t)} get pvc,storageclass`,
  read: async (read, t, seen): Promise<readonly Waiting[]> => {
    const { kubernetes } = read;
    const named = new Set(
      seen.deployment.template.volumes.filter((one) => one.from === 'claim').map((one) => one.source),
    );
    if (named.size === 0) return [];
    const mine = (await kubernetes.claims(t.namespace)).filter((one) => named.has(one.name) && one.phase !== 'Bound');
    return mine.length === 0 ? [] : waitingFor(mine, await kubernetes.storageClasses());
  },
});

export function waitingFor(claims: readonly Claim[], classes: readonly StorageClass[]): readonly Waiting[] {
  const there = classes.map((one) => one.name);
  return claims.map((claim): Waiting => {
    const { name: of, storageClass: name, phase } = claim;
    if (phase === 'Lost') return { claim: of, because: { is: 'lost' } };
    // Where the server found a default, it has written it into the claim.
    if (name === '') return { claim: of, because: { is: 'no default class', there } };
    const found = classes.find((one) => one.name === name);
    if (found === undefined) return { claim: of, because: { is: 'no such class', name, there } };
    const is = found.binds === 'when first used' ? 'when first used' : 'not made yet';
    return { claim: of, because: { is, name, provisioner: found.provisioner } };
  });
}

/** "claim models waits for the storage class fast, which does not exist (there is gp3)". */
export function waitingText({ claim, because }: Waiting): string {
  switch (because.is) {
    case 'lost':
      return `claim ${claim} has lost its volume`;
    case 'no such class':
      return `claim ${claim} waits for the storage class ${because.name}, which does not exist (${thereText(because.there)})`;
    case 'no default class':
      return `claim ${claim} names no storage class, and none was given to it by default (${thereText(because.there)})`;
    case 'when first used':
      return `claim ${claim} gets its volume when its pod is placed (class ${because.name}): that it is Pending is no cause`;
    case 'not made yet':
      return `claim ${claim} is Pending: ${because.provisioner} (class ${because.name}) has made no volume for it`;
  }
}

const thereText = (all: readonly string[]): string =>
  all.length === 0 ? 'there is none' : `there ${all.length === 1 ? 'is' : 'are'} ${listed(all.slice(0, 4))}`;
