import type { Allowed, Right } from '../../core/ports/kubernetes.ts';
import { redact } from '../../core/redact.ts';
import { partsOf } from '../../core/rights.ts';
import { review } from './around-objects.ts';
import type { Reading } from './reading.ts';

const api = '/apis/authorization.k8s.io/v1';

/**
 * What the authorizer says of us (a SelfSubjectAccessReview, which everybody may ask), or of somebody else (a SubjectAccessReview, for
 * which the right to create those is needed; it asks only, unlike impersonation, which would let us act as them).
 */
export async function mayI(on: Reading, right: Right, as?: string): Promise<Allowed> {
  const kind = as === undefined ? 'SelfSubjectAccessReview' : 'SubjectAccessReview';
  const plural = `${kind.toLowerCase()}s`;
  const { resource, group, subresource } = partsOf(right.resource);
  const resourceAttributes = {
    verb: right.verb,
    group,
    resource,
    ...(subresource === '' ? {} : { subresource }),
    ...(right.namespace === undefined ? {} : { namespace: right.namespace }),
    ...(right.name === undefined ? {} : { name: right.name }),
  };
  const who = as === undefined ? {} : { user: as, groups: groupsOf(as) };
  const body = { apiVersion: 'authorization.k8s.io/v1', kind, spec: { resourceAttributes, ...who } };
  const { status } = await on.connection.json(review, {
    verb: 'create',
    resource: `${plural}.authorization.k8s.io`,
    path: `${api}/${plural}`,
    signal: on.signal,
    send: { method: 'POST', type: 'application/json', body: JSON.stringify(body), retry: true },
  });
  return { allowed: status.allowed, because: redact(status.reason || status.evaluationError) };
}

/** Those that the server itself would give; a person's groups come from the identity provider and are not known here. */
function groupsOf(user: string): readonly string[] {
  const namespace = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user)?.[1];
  const everybody = 'system:authenticated';
  return namespace === undefined
    ? [everybody]
    : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, everybody];
}
