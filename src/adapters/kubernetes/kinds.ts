import type { ActOn, Attempt, Kind } from '../../core/ports/platform.ts';
import * as bounds from './bounds-change.ts';
import { deployment } from './deployment-change.ts';
import { node } from './node-change.ts';
import { evict, rehearseEviction } from './pod-eviction.ts';
import { change, fence, fenceOf, rehearse, type Patched, type Target } from './writing.ts';

/** What one kind of object needs to be changed. */
export interface Changing<K extends Kind> {
  readonly act: (target: Target, attempt: Attempt) => ActOn[K]['act'];
  readonly rehearse: (target: Target) => ActOn[K]['rehearse'];
  readonly fence: (target: Target, token: string) => Promise<void>;
  readonly fenceOf: (target: Target) => Promise<string | null>;
}

/** The one place to add a kind: how it is patched under a fence, and what its verb is called. */
export const kinds: { readonly [K in Kind]: Changing<K> } = {
  deployment: patched(deployment, (run) => ({ change: run })),
  autoscaler: patched(bounds.autoscaler, (run) => ({ change: run })),
  'scaled object': patched(bounds.scaledObject, (run) => ({ change: run })),
  node: patched(node, (run) => ({ schedulable: run })),
  // Its uid is its fence: whoever comes second finds it gone.
  pod: {
    act: (target, attempt) => ({ evict: (when) => evict(target, attempt, when) }),
    rehearse: (target) => ({ rehearse: (when) => rehearseEviction(target, when) }),
    fence: () => Promise.resolve(),
    fenceOf: () => Promise.resolve(null),
  },
};

function patched<To, When, A>(
  kind: Patched<To, When>,
  verb: (run: (to: To, when: When) => Promise<void>) => A,
): {
  readonly act: (target: Target, attempt: Attempt) => A;
  readonly rehearse: (target: Target) => { readonly rehearse: (to: To, when: When) => ReturnType<typeof rehearse> };
  readonly fence: (target: Target, token: string) => Promise<void>;
  readonly fenceOf: (target: Target) => Promise<string | null>;
} {
  return {
    act: (target, attempt) => verb((to, when) => change(kind, target, attempt, to, when)),
    rehearse: (target) => ({ rehearse: (to, when) => rehearse(kind, target, to, when) }),
    fence: (target, token) => fence(kind, target, token),
    fenceOf: (target) => fenceOf(kind, target),
  };
}
