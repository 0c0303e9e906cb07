import { Failure } from '../../core/failure.ts';
import type {
  DeploymentAct,
  DeploymentChange,
  DeploymentExpectation,
  DeploymentRehearse,
  Rehearsal,
} from '../../core/ports/kubernetes.ts';
import type { Attempt } from '../../core/ports/platform.ts';
import { path, type Request } from './connection.ts';
import { fenceAnnotation } from './deployment.ts';
import { diffOf } from './diff.ts';
import type { Target } from './kinds.ts';
import * as objects from './objects.ts';
import { replicaSets } from './read.ts';
import { digestOf, isRecord, restartedAt, withoutHash, type RawTemplate } from './template.ts';

const fieldManager = 'mlp-bot';
/** Writes lost to others who changed nothing that was approved (status, scale). The object is read anew for each. */
const maxTries = 6;

interface Seen {
  /** As the server gave it: fields that this version of the bot does not know are in it too. */
  readonly raw: unknown;
  readonly object: objects.ApiDeployment;
  readonly fence: string | null;
}

interface Operation {
  readonly op: 'add' | 'replace';
  readonly path: string;
  readonly value: unknown;
}

export function deploymentAct(target: Target, attempt: Attempt): DeploymentAct {
  return { change: (to, when) => change(target, attempt, to, when) };
}

export function deploymentRehearse(target: Target): DeploymentRehearse {
  return { rehearse: (to, when) => rehearse(target, to, when) };
}

/** Sets the fence and nothing else. The same token twice is the same, so it may be tried again. */
export async function fence({ connection, of: { namespace, name }, signal }: Target, token: string): Promise<void> {
  const body = JSON.stringify({ metadata: { annotations: { [fenceAnnotation]: token } } });
  await connection.text({
    ...patching(namespace, name, signal),
    query: { fieldManager },
    send: { type: 'application/merge-patch+json', body, retry: true },
  });
}

export async function fenceOf(target: Target): Promise<string | null> {
  try {
    return (await look(target)).fence;
  } catch (error) {
    if (error instanceof Failure && error.kind === 'not found') return null;
    throw error;
  }
}

async function change(
  target: Target,
  attempt: Attempt,
  to: DeploymentChange,
  when: DeploymentExpectation,
): Promise<void> {
  let fenceThen: string | null | undefined = attempt.expects;
  for (let tries = 1; ; tries += 1) {
    const seen = await look(target);
    // A fence that moved since the target was read is a successor's: it asked that this attempt change nothing.
    if (fenceThen !== undefined && seen.fence !== fenceThen) {
      throw conflict(target, `another attempt has taken over (${fenceAnnotation} is now ${seen.fence ?? 'absent'})`);
    }
    fenceThen = seen.fence;
    const template = await wanted(target, seen, to, when);
    if (template === 'already so') return;
    const operations = operationsFor(seen, template, to, attempt.fence);
    const leftMs = Date.parse(attempt.notAfter) - Date.now();
    if (!(leftMs > 0))
      throw new Failure(
        'timeout',
        `${nameOf(target)}: not sent, the time for this attempt ended at ${attempt.notAfter}`,
      );
    try {
      await target.connection.text({
        ...patching(target.of.namespace, target.of.name, target.signal),
        query: { fieldManager },
        send: jsonPatch(operations, leftMs),
      });
      return;
    } catch (error) {
      // 409: not done. Every status update bumps the version, so one is no conflict yet; what was approved decides that, above.
      if (!(error instanceof Failure) || error.kind !== 'conflict' || tries >= maxTries) throw error;
    }
  }
}

async function rehearse(target: Target, to: DeploymentChange, when: DeploymentExpectation): Promise<Rehearsal> {
  for (let tries = 1; ; tries += 1) {
    const seen = await look(target);
    const template = await wanted(target, seen, to, when);
    if (template === 'already so') return { is: 'diff', lines: [] };
    const operations = operationsFor(seen, template, to, 'rehearsal');
    const { namespace, name } = target.of;
    try {
      const query = { fieldManager, dryRun: 'All' };
      const body = await target.connection.text({
        ...patching(namespace, name, target.signal),
        query,
        send: { ...jsonPatch(operations), retry: true },
      });
      return { is: 'diff', lines: diffOf(seen.raw, JSON.parse(body)) };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.kind === 'conflict' && tries < maxTries) continue;
      return refusalOf(error);
    }
  }
}

/** Only what the server decided about the write; anything else stays a Failure. */
function refusalOf(failure: Failure): Rehearsal {
  if (failure.kind !== 'invalid' && failure.kind !== 'forbidden') throw failure;
  const because = failure.message;
  // A webhook with side effects cannot take part in a dry run (400); the write itself may still work.
  if (/does not support dry ?run/i.test(because)) return { is: 'no preview', because };
  return { is: 'refused', because };
}

async function look({ connection, of, signal }: Target): Promise<Seen> {
  const { namespace, name } = of;
  const asked = {
    verb: 'get',
    resource: 'deployments.apps',
    namespace,
    name,
    path: path('/apis/apps/v1/namespaces', namespace, 'deployments', name),
    signal,
  } as const;
  const { raw, object } = await connection.json(objects.rawDeployment, asked);
  return { raw, object, fence: object.metadata.annotations[fenceAnnotation] ?? null };
}

/** The template to write (null: it stays), after everything that was approved has been compared. */
async function wanted(
  target: Target,
  seen: Seen,
  to: DeploymentChange,
  when: DeploymentExpectation,
): Promise<RawTemplate | null | 'already so'> {
  const { metadata, spec } = seen.object;
  if (metadata.uid !== when.uid)
    throw conflict(target, `it was deleted and made again (uid ${metadata.uid}, not ${when.uid})`);
  const digest = digestOf(spec.template);
  const isPaused = to.paused === undefined || to.paused === spec.paused;
  const isTemplate = to.template === undefined || to.template.digest === digest;
  const isRestarted = to.restartedAt === undefined || to.restartedAt === restartOf(spec.template);
  if (isPaused && isTemplate && isRestarted) return 'already so';
  if (digest !== when.templateDigest)
    throw conflict(target, 'its pod template is not the one that the plan was made from');
  if (spec.paused !== when.paused)
    throw conflict(target, spec.paused ? 'it was paused meanwhile' : 'it was resumed meanwhile');
  const template = isTemplate ? null : await templateOf(target, seen, to);
  return isRestarted ? template : restarted(template ?? spec.template, to.restartedAt ?? '');
}

async function templateOf(target: Target, { object }: Seen, to: DeploymentChange): Promise<RawTemplate | null> {
  if (to.template === undefined) return null;
  const { replicaSet, digest } = to.template;
  const sets = await replicaSets(target.connection, object, target.signal);
  const found = sets.find(({ metadata }) => metadata.uid === replicaSet);
  if (found === undefined) throw conflict(target, `its ReplicaSet with the uid ${replicaSet} is gone`);
  if (digestOf(found.spec.template) !== digest)
    throw conflict(target, `its ReplicaSet ${found.metadata.name} does not hold the approved pod template`);
  return withoutHash(found.spec.template);
}

function annotationsOf(template: RawTemplate): Readonly<Record<string, unknown>> {
  const metadata = template['metadata'];
  return isRecord(metadata) && isRecord(metadata['annotations']) ? metadata['annotations'] : {};
}

function restartOf(template: RawTemplate): string | null {
  const at = annotationsOf(template)[restartedAt];
  return typeof at === 'string' ? at : null;
}

function restarted(template: RawTemplate, at: string): RawTemplate {
  const metadata = isRecord(template['metadata']) ? template['metadata'] : {};
  return { ...template, metadata: { ...metadata, annotations: { ...annotationsOf(template), [restartedAt]: at } } };
}

/** One JSON patch that can touch nothing but these fields, and none of them if anybody wrote since the look (409). */
function operationsFor(
  { object }: Seen,
  template: RawTemplate | null,
  to: DeploymentChange,
  token: string,
): readonly Operation[] {
  const { metadata, spec } = object;
  const operations: Operation[] = [
    { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
  ];
  if (template !== null) operations.push({ op: 'replace', path: '/spec/template', value: template });
  // "add" also replaces; `paused: false` is not written by the server, so there may be nothing to replace.
  if (to.paused !== undefined && to.paused !== spec.paused)
    operations.push({ op: 'add', path: '/spec/paused', value: to.paused });
  if (Object.keys(metadata.annotations).length === 0)
    operations.push({ op: 'add', path: '/metadata/annotations', value: {} });
  operations.push({ op: 'add', path: `/metadata/annotations/${fenceAnnotation.replaceAll('/', '~1')}`, value: token });
  return operations;
}

function jsonPatch(operations: readonly Operation[], limitMs?: number): NonNullable<Request['send']> {
  const type = 'application/json-patch+json';
  return { type, body: JSON.stringify(operations), retry: false, ...(limitMs === undefined ? {} : { limitMs }) };
}

function patching(namespace: string, name: string, signal: AbortSignal): Request {
  return {
    verb: 'patch',
    resource: 'deployments.apps',
    namespace,
    name,
    path: path('/apis/apps/v1/namespaces', namespace, 'deployments', name),
    signal,
  };
}

const nameOf = ({ connection, of }: Target): string =>
  `deployment ${of.name} in ${of.namespace} (${connection.region})`;

function conflict(target: Target, why: string): Failure {
  return new Failure('conflict', `${nameOf(target)}: ${why}`);
}
