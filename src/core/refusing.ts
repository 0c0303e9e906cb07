import type { Finding } from './diagnosis.ts';
import { inWordsOf } from './reading-name.ts';

/** What a cause forbids while it lasts: remedies by name, and, where ready pods cannot be replaced, whatever may end one. */

type Refuse = NonNullable<Finding['refuse']>;

/** Whether a cause that refuses this refuses the change. `endsPods` absent: it takes no pod away and restarts none. */
export function refuses(
  refuse: Finding['refuse'],
  change: { readonly remedy: string; readonly endsPods?: true },
): refuse is Refuse {
  return (
    refuse !== null &&
    (refuse.remedies.includes(change.remedy) || (refuse.endsPods === true && change.endsPods === true))
  );
}

export const harmText = ({ short }: Pick<Finding, 'short'>): string => `${short}: it would make things worse`;

/** For the line that says what is refused, in words that people know. */
export function refusedNames({ remedies, endsPods }: Refuse): readonly string[] {
  const named = remedies.map(inWordsOf);
  return endsPods === true ? [...new Set([...named, ...endingPods])] : named;
}

/** What may end a pod, as people name it; whether a plan does is said by the plan. */
const endingPods = [
  'restart',
  'scale',
  'lower bounds of an autoscaler',
  'replace pod',
  'set env, CPU, memory or GPU',
  'resume',
  'cordon or drain',
] as const;
