import type { Container, Deployment, PodTemplate, Revision } from '../../src/core/ports/kubernetes.ts';
import { currentRevision } from './deployment.ts';
import { quantity } from './quantity.ts';

/** The CPU limit (cores) was higher, or not set, in the revision before; null: it was not lowered, or nothing before is kept. */
export function loweredOf(
  of: Deployment,
  all: readonly Revision[],
  container: string,
): { readonly from: number | null; readonly at: string } | null {
  const current = currentRevision(of, all);
  const before = all.findLast((one) => one.templateDigest !== of.templateDigest);
  if (current === null || before === undefined || before.createdAt > current.createdAt) return null;
  const now = limitIn(of.template, container);
  const then = limitIn(before.template, container);
  return now !== null && (then === null || then > now) ? { from: then, at: current.createdAt } : null;
}

function limitIn({ containers, initContainers }: PodTemplate, name: string): number | null {
  const found = ([...containers, ...initContainers] as readonly Container[]).find((one) => one.name === name);
  return quantity(found?.limits['cpu'] ?? '');
}
