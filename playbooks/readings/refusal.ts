import type { Deployment, Revision } from '../../src/core/ports/kubernetes.ts';
import { currentRevision } from './deployment.ts';

/** Why the API server will not have the ReplicaSet's pods. A Deployment's own dry run does not meet these: they act on pods. */
export type Refusal =
  | {
      readonly is: 'quota';
      readonly quota: string;
      readonly requested: string;
      readonly used: string;
      readonly limited: string;
    }
  | { readonly is: 'quota wants'; readonly quota: string; readonly what: string }
  | { readonly is: 'limit range'; readonly what: string }
  | { readonly is: 'pod security'; readonly level: string; readonly what: string }
  | { readonly is: 'webhook denies'; readonly webhook: string; readonly what: string }
  | { readonly is: 'webhook down'; readonly webhook: string; readonly what: string }
  | { readonly is: 'service account'; readonly name: string }
  | { readonly is: 'namespace goes'; readonly what: string }
  | { readonly is: 'other'; readonly what: string };

export interface Refused {
  readonly refusal: Refusal;
  readonly message: string;
  readonly since: string | null;
}

/** From the ReplicaSet's or the deployment's own condition, which outlives the events. Null: nothing is refused. */
export function refusedPods(of: Deployment, all: readonly Revision[]): Refused | null {
  const conditions = [...(currentRevision(of, all)?.conditions ?? []), ...of.conditions];
  const failing = conditions.find((one) => one.type === 'ReplicaFailure' && one.status === 'True');
  if (failing === undefined) return null;
  return { refusal: refusalIn(failing.message), message: failing.message, since: failing.since };
}

export function refusalIn(message: string): Refusal {
  const account =
    /service ?account "?(?:[^\s"/]+\/)?([^\s":]+)"? not found|error looking up service account [^\s/]+\/([^\s:]+)/.exec(
      message,
    );
  if (account !== null) return { is: 'service account', name: account[1] ?? account[2] ?? '' };
  const quota = /exceeded quota: ([^,]+), requested: (.+), used: (.+), limited: (.+)$/.exec(message);
  if (quota !== null) {
    const [, name = '', requested = '', used = '', limited = ''] = quota;
    return { is: 'quota', quota: name, requested, used, limited };
  }
  const wants = /failed quota: ([^:]+): (must specify .+)$/.exec(message);
  if (wants !== null) return { is: 'quota wants', quota: wants[1] ?? '', what: wants[2] ?? '' };
  const range =
    /((?:maximum|minimum|max) .+? (?:per (?:Container|Pod)|ratio per \w+) is [^,]+, but .+?)(?:, (?:maximum|minimum)|$)/.exec(
      message,
    );
  if (range !== null) return { is: 'limit range', what: range[1] ?? '' };
  const security = /violates PodSecurity "([^"]+)": (.+)$/.exec(message);
  if (security !== null) return { is: 'pod security', level: security[1] ?? '', what: security[2] ?? '' };
  const denies = /admission webhook "([^"]+)" denied the request:? ?([^]*)$/.exec(message);
  if (denies !== null) return { is: 'webhook denies', webhook: denies[1] ?? '', what: denies[2] ?? '' };
  const down = /failed calling webhook "([^"]+)":? ?([^]*)$/.exec(message);
  if (down !== null) return { is: 'webhook down', webhook: down[1] ?? '', what: down[2] ?? '' };
  if (message.includes('because it is being terminated')) return { is: 'namespace goes', what: message };
  return { is: 'other', what: message };
}
