import { Failure } from '../../core/failure.ts';
import type { DeploymentChange, DeploymentExpectation } from '../../core/ports/kubernetes.ts';
import * as objects from './objects.ts';
import { getting } from './reading.ts';
import { replicaSets } from './replica-sets.ts';
import { digestOf, withoutHash, type RawTemplate } from './template.ts';
import { templateAfter } from './template-change.ts';
import { conflict, mustBe, nameOf, type Operation, type Patched, type Seen, type Target } from './writing.ts';

const api = '/apis/apps/v1';

/**
 * A Deployment, always by a patch of itself, its replica count too: the scale subresource would be a smaller right, but it cannot carry the
 * fence, and without that nobody could tell whether a write whose answer was lost will still arrive.
 */
export const deployment: Patched<DeploymentChange, DeploymentExpectation> = {
  noun: 'deployment',
  at: ({ of, signal }) => Promise.resolve(getting({ signal }, api, 'deployments.apps', of)),
  operations,
  shown: ({ env }) => Object.keys(env?.set ?? {}),
};

async function operations(
  target: Target,
  seen: Seen,
  to: DeploymentChange,
  when: DeploymentExpectation,
): Promise<readonly Operation[] | 'already so'> {
  const read = objects.deployment.safeParse(seen.raw);
  if (!read.success) throw new Failure('unreadable', `${nameOf(deployment, target)}: the answer is not as expected`);
  const { spec } = read.data;
  mustBe(deployment, target, seen, when.uid);
  const digest = digestOf(spec.template);
  const base = to.template === undefined || to.template.digest === digest ? spec.template : null;
  const isPaused = to.paused === undefined || to.paused === spec.paused;
  const isScaled = to.replicas === undefined || to.replicas === spec.replicas;
  if (base !== null && isPaused && isScaled && digestOf(templateAfter(base, to)) === digest) return 'already so';
  if (when.templateDigest !== null && digest !== when.templateDigest)
    throw conflict(deployment, target, 'its pod template is not the one that the plan was made from');
  // Values hold when writing them would change nothing.
  if (when.values !== undefined && digestOf(templateAfter(spec.template, when.values)) !== digest)
    throw conflict(deployment, target, 'its values are not those that the plan was made from');
  if (spec.paused !== when.paused)
    throw conflict(deployment, target, spec.paused ? 'it was paused meanwhile' : 'it was resumed meanwhile');
  if (when.replicas !== undefined && spec.replicas !== when.replicas)
    throw conflict(deployment, target, `it was scaled meanwhile (to ${spec.replicas}, from ${when.replicas})`);
  const template = templateAfter(base ?? (await approved(target, read.data, to.template)), to);
  const wanted: Operation[] = [];
  if (digestOf(template) !== digest) wanted.push({ op: 'replace', path: '/spec/template', value: template });
  // "add" also replaces; `paused: false` is not written by the server, so there may be nothing to replace.
  if (!isPaused) wanted.push({ op: 'add', path: '/spec/paused', value: to.paused });
  if (!isScaled) wanted.push({ op: 'add', path: '/spec/replicas', value: to.replicas });
  return wanted;
}

/** The pod template of the approved ReplicaSet, if that still holds it. */
async function approved(
  target: Target,
  of: objects.ApiDeployment,
  template: DeploymentChange['template'],
): Promise<RawTemplate> {
  if (template === undefined) return of.spec.template;
  const sets = await replicaSets(target.connection, of, target.signal);
  const found = sets.find(({ metadata }) => metadata.uid === template.replicaSet);
  if (found === undefined)
    throw conflict(deployment, target, `its ReplicaSet with the uid ${template.replicaSet} is gone`);
  if (digestOf(found.spec.template) !== template.digest)
    throw conflict(deployment, target, `its ReplicaSet ${found.metadata.name} does not hold the approved pod template`);
  return withoutHash(found.spec.template);
}
