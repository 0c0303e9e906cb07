import type { Answer, CheckOf } from '../../src/core/contract.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';

type Known = CheckOf<DeploymentTarget, string, string>;

/**
 * Checks that judge by numbers over a window: for a while after a fix that was seen to help they show the harm of before, and would offer
 * another fix for it. Those named in `byNow` go by what is there now (a node, a pod, a condition) and are asked as ever.
 */
export function byNumbers<const C extends readonly Known[]>(checks: C, byNow: readonly C[number]['id'][]): C {
  const wrapped = checks.map((one): Known => {
    if (byNow.includes(one.id)) return one;
    return { ...one, find: (seen, beside, on) => marked(one.find(seen, beside, on)) };
  });
  // The same checks, so that playbooks can still name them.
  return wrapped as unknown as C;
}

const marked = (answer: Answer): Answer =>
  answer === 'clear' || 'unsure' in answer ? answer : { ...answer, byNumbers: true };
