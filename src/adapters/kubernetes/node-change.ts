import { z } from 'zod';
import type { NodeExpectation } from '../../core/ports/kubernetes.ts';
import { flag } from './fields.ts';
import { getting } from './reading.ts';
import { conflict, mustBe, type Patched } from './writing.ts';

const schema = z.object({ spec: z.object({ unschedulable: flag }).prefault({}) });

/** A node: whether new pods may be placed on it. Pods that are there stay. */
export const node: Patched<boolean, NodeExpectation> = {
  noun: 'node',
  at: ({ of: { name }, signal }) => Promise.resolve(getting({ signal }, '/api/v1', 'nodes', { namespace: '', name })),
  operations: (target, seen, schedulable, when) => {
    const { unschedulable } = schema.parse(seen.raw).spec;
    mustBe(node, target, seen, when.uid);
    if (unschedulable === !schedulable) return 'already so';
    if (unschedulable !== when.unschedulable)
      throw conflict(node, target, unschedulable ? 'it was cordoned meanwhile' : 'it was uncordoned meanwhile');
    return [{ op: 'add', path: '/spec/unschedulable', value: !schedulable }];
  },
};
