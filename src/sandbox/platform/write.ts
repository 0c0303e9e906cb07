import { Failure } from '../../core/failure.ts';
import type { DeploymentChange, DeploymentExpectation, ObjectName, Rehearsal } from '../../core/ports/kubernetes.ts';
import { takes } from './holders.ts';
import { touch } from './records.ts';
import type { Cluster, Template, Workload } from './state.ts';
import { diffOf, digestOf, merged, partsChanged, withContainer, withValues } from './template.ts';

/** What a conditional write is made from, as a GET would give it. */
export interface Seen {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly fence: string | null;
  readonly paused: boolean;
  readonly templateDigest: string;
  readonly restartedAt: string | null;
  readonly replicas: number;
  /** The values that the plan was made from are so. */
  readonly holdsValues: boolean;
  /** The template is what the change makes of it; true where no change is asked about. */
  readonly isThere: boolean;
}

export function workloadOf(cluster: Cluster, of: ObjectName): Workload | null {
  return cluster.workloads.find((one) => one.namespace === of.namespace && one.name === of.name) ?? null;
}

function there(cluster: Cluster, of: ObjectName): Workload {
  const found = workloadOf(cluster, of);
  if (found === null) throw new Failure('not found', `deployments.apps "${of.name}" not found`);
  return found;
}

export function seen(
  cluster: Cluster,
  of: ObjectName,
  to: DeploymentChange = {},
  values: DeploymentExpectation['values'] = {},
): Seen {
  const found = there(cluster, of);
  return {
    uid: found.uid,
    resourceVersion: String(found.resourceVersion),
    generation: found.generation,
    fence: found.fence,
    paused: found.paused,
    templateDigest: digestOf(found.template),
    restartedAt: found.template.restartedAt,
    replicas: found.replicas,
    holdsValues: digestOf(partsWanted(found.template, values)) === digestOf(found.template),
    isThere: digestOf(partsWanted(found.template, to)) === digestOf(found.template),
  };
}

/** Resources and plain variables of one named container. Failure `invalid` when there is no such container. */
function partsWanted(of: Template, to: DeploymentChange): Template {
  let out = of;
  for (const name of [to.resources?.container, to.env?.container]) {
    if (name === undefined || of.containers.some((one) => one.name === name)) continue;
    throw new Failure('invalid', `there is no container ${name}`);
  }
  if (to.resources !== undefined) {
    const { container, requests, limits } = to.resources;
    out = withContainer(out, container, (one) => ({
      ...one,
      requests: merged(one.requests, requests),
      limits: merged(one.limits, limits),
    }));
  }
  if (to.env !== undefined) out = withValues(out, to.env.container, to.env.set);
  return out;
}

/** The template that a change asks for. Failure `conflict` when the ReplicaSet is gone or runs something else than was approved. */
function wantedTemplate(workload: Workload, to: DeploymentChange): Template {
  let template = workload.template;
  if (to.template !== undefined) {
    const { replicaSet, digest } = to.template;
    const set = workload.sets.find((one) => one.uid === replicaSet);
    if (set === undefined) throw new Failure('conflict', `the ReplicaSet ${replicaSet} is no longer there`);
    if (set.digest !== digest)
      throw new Failure('conflict', `the ReplicaSet ${set.name} no longer holds what was planned`);
    template = set.template;
  }
  if (to.restartedAt !== undefined && template.restartedAt !== to.restartedAt) {
    template = { ...template, restartedAt: to.restartedAt };
  }
  return partsWanted(template, to);
}

/** Why the expectation does not hold; null when it does. */
export function broken(now: Seen, when: DeploymentExpectation): string | null {
  if (now.uid !== when.uid) return 'the deployment was deleted and made again';
  if (when.templateDigest !== null && now.templateDigest !== when.templateDigest) return 'its pod template was changed';
  if (!now.holdsValues) return 'its values are not those that the plan was made from';
  if (now.paused !== when.paused) return now.paused ? 'it was paused' : 'it was resumed';
  if (when.replicas !== undefined && now.replicas !== when.replicas) {
    return `it was scaled to ${now.replicas} meanwhile`;
  }
  return null;
}

/** The server's part of a conditional write: refused when anybody wrote since `resourceVersion`. */
export function applyChange(
  cluster: Cluster,
  of: ObjectName,
  to: DeploymentChange,
  fence: string,
  resourceVersion: string,
  at: number,
): void {
  const workload = there(cluster, of);
  if (String(workload.resourceVersion) !== resourceVersion) {
    throw new Failure(
      'conflict',
      `Operation cannot be fulfilled on deployments.apps "${of.name}": the object has been modified; please apply your changes to the latest version and try again`,
    );
  }
  const template = wantedTemplate(workload, to);
  const hook = hookOn(cluster, of);
  if (hook?.sideEffects === false) throw new Failure('forbidden', hook.message);
  const changed = digestOf(template) !== digestOf(workload.template);
  if (changed) written(workload, template, 'mlp-bot', at);
  // The fence is an annotation, and a deployment's annotations count for its generation as its spec does.
  workload.generation += 1;
  workload.template = template;
  workload.paused = to.paused ?? workload.paused;
  if (to.replicas !== undefined && to.replicas !== workload.replicas) scaleTo(workload, to.replicas, 'mlp-bot', at);
  workload.fence = fence;
  touch(cluster, workload);
}

/** `at` null: through the scale subresource, which records no time. */
export function scaleTo(workload: Workload, replicas: number, manager: string, at: number | null): void {
  workload.replicas = replicas;
  workload.holders = takes(workload.holders, { manager, at, fields: ['replicas'] });
}

/** Managed fields: the parts that change now belong to this manager, and to nobody else. */
function written(workload: Workload, template: Template, manager: string, at: number): void {
  const parts = partsChanged(workload.template, template);
  const before = workload.owners.find((one) => one.manager === manager)?.parts ?? [];
  workload.changedBy = { manager, at };
  workload.holders = takes(workload.holders, { manager, at, fields: ['template'] });
  workload.owners = [
    ...workload.owners
      .filter((one) => one.manager !== manager)
      .map((one) => ({ ...one, parts: one.parts.filter((part) => !parts.includes(part)) }))
      .filter((one) => one.parts.length > 0),
    { manager, at, parts: [...new Set([...before, ...parts])].sort() },
  ];
}

/** Makes a config map, secret, service account or claim, or writes its keys. `id`: "Secret/<namespace>/<name>". */
export function putObject(cluster: Cluster, id: string, keys: readonly string[], at: number): void {
  const createdAt = cluster.objects.get(id)?.createdAt ?? at;
  cluster.objects.set(id, { keys, createdAt, changedAt: at });
}

export function applyFence(cluster: Cluster, of: ObjectName, token: string): void {
  const workload = there(cluster, of);
  if (workload.fence !== token) workload.generation += 1;
  workload.fence = token;
  touch(cluster, workload);
}

const hookOn = (cluster: Cluster, of: ObjectName): Cluster['webhooks'][number] | undefined =>
  cluster.webhooks.find((one) => one.on === 'deployments' && one.namespace === of.namespace && one.name === of.name);

/** The same write with `dryRun=All`: nothing is changed. */
export function rehearse(
  cluster: Cluster,
  of: ObjectName,
  to: DeploymentChange,
  when: DeploymentExpectation,
): Rehearsal {
  const workload = there(cluster, of);
  const why = broken(seen(cluster, of, {}, when.values), when);
  if (why !== null) throw new Failure('conflict', why);
  const template = wantedTemplate(workload, to);
  const hook = hookOn(cluster, of);
  if (hook?.sideEffects === true) {
    const because = `admission webhook "${hook.name}" does not support dry run`;
    return { is: 'no preview', because };
  }
  if (hook !== undefined) return { is: 'refused', because: hook.message };
  const lines = [...diffOf(workload.template, template, Object.keys(to.env?.set ?? {}))];
  if (to.paused !== undefined && to.paused !== workload.paused) {
    lines.push(`- paused: ${workload.paused}`, `+ paused: ${to.paused}`);
  }
  if (to.replicas !== undefined && to.replicas !== workload.replicas) {
    lines.push(`- replicas: ${workload.replicas}`, `+ replicas: ${to.replicas}`);
  }
  return { is: 'diff', lines };
}

/** A change of the template by somebody else: `argocd-controller`, `kubectl-set` … */
export function deployTemplate(
  cluster: Cluster,
  workload: Workload,
  template: Template,
  by: { readonly manager: string; readonly cause: string | null },
  at: number,
): void {
  if (digestOf(template) === digestOf(workload.template)) return;
  written(workload, template, by.manager, at);
  workload.template = template;
  workload.changeCause = by.cause;
  workload.generation += 1;
  touch(cluster, workload);
}
