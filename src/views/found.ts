import type { Outcome } from '../core/contract.ts';
import { Failure, whyOf } from '../core/failure.ts';
import { ownerOf } from '../core/looking/parse.ts';
import type { Asked } from '../core/looking/view.ts';
import type { Deployment, Pod, Workload } from '../core/ports/kubernetes.ts';
import type { Read } from '../core/ports/platform.ts';

/** What a name stands for in a region: views take deployments, pods, and whatever else has pods. */

export type Target =
  | { readonly is: 'all'; readonly selector: '' }
  | { readonly is: 'deployment'; readonly selector: string; readonly deployment: Deployment }
  | {
      readonly is: 'other';
      readonly selector: string;
      readonly kind: Workload['kind'];
      readonly name: string;
      readonly workload: Workload;
    }
  | { readonly is: 'pod'; readonly selector: null; readonly pod: Pod };

const KINDS = ['StatefulSet', 'DaemonSet', 'Job'] as const;

/** Fails with *not found* where nothing has this name. */
export async function targetIn({ kubernetes }: Read, { namespace, name, pod }: Asked): Promise<Target> {
  if (pod !== null) {
    const found = await kubernetes.pod({ namespace, name: pod });
    if (found === null)
      throw new Failure(
        'not found',
        `there is no pod ${pod} in ${namespace}; \`pods ${ownerOf(pod)}\` shows those that there are`,
      );
    return { is: 'pod', selector: null, pod: found };
  }
  if (name === '') return { is: 'all', selector: '' };
  const deployment = await kubernetes.deployment({ namespace, name });
  if (deployment !== null) return { is: 'deployment', selector: deployment.selector, deployment };
  const [single, ...others] = await Promise.all([
    tried(kubernetes.pod({ namespace, name })),
    ...KINDS.map((kind) => tried(kubernetes.workloads(namespace, kind))),
  ]);
  if (single.known && single.value !== null) return { is: 'pod', selector: null, pod: single.value };
  for (const other of others) {
    const workload = other.known ? other.value.find((one) => one.name === name) : undefined;
    if (workload !== undefined)
      return { is: 'other', selector: workload.selector, kind: workload.kind, name, workload };
  }
  throw new Failure(
    'not found',
    `there is no deployment ${name} in ${namespace}, and nothing else of that name that has pods`,
  );
}

/** A part whose failure leaves the rest to be shown. */
export async function tried<T>(promise: Promise<T>): Promise<Outcome<T>> {
  try {
    return { known: true, value: await promise };
  } catch (error) {
    return { known: false, why: whyOf(error) };
  }
}

/** "could not see events: forbidden: …" of each that failed. */
export function untold(parts: Readonly<Record<string, Outcome<unknown>>>): readonly string[] {
  return Object.entries(parts).flatMap(([what, outcome]) => (outcome.known ? [] : [`${what} (${outcome.why})`]));
}
