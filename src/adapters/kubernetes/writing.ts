import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type { ObjectName, Rehearsal } from '../../core/ports/kubernetes.ts';
import type { ActOn, Attempt, Kind } from '../../core/ports/platform.ts';
import type { Connection, Request } from './connection.ts';
import { diffOf } from './diff.ts';
import { fenceAnnotation } from './deployment.ts';
import type { Groups } from './groups.ts';
import { metadata, type Metadata } from './objects.ts';

export const fieldManager = 'mlp-bot';
/** Writes lost to others who changed nothing that was approved (status, scale). The object is read anew for each. */
const maxTries = 6;

/** One object that may be changed, until `signal` ends it. */
export interface Target {
  readonly connection: Connection;
  readonly groups: Groups;
  readonly of: ActOn[Kind]['target'];
  readonly signal: AbortSignal;
}

export interface Seen {
  /** As the server gave it: fields that this version of the bot does not know are in it too. */
  readonly raw: Readonly<Record<string, unknown>>;
  readonly metadata: Metadata;
  readonly fence: string | null;
}

export interface Operation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** What a kind of object must say to be changed by one conditional patch that also sets the fence. */
export interface Patched<To, When> {
  /** Where the object is; without `verb`. Throws a Failure when the cluster does not know the kind. */
  readonly at: (target: Target) => Promise<Omit<Request, 'verb'>>;
  /** "deployment", for sentences. */
  readonly noun: string;
  /** What to write, after everything that was approved has been compared: Failure `conflict` where it does not hold. */
  readonly operations: (
    target: Target,
    seen: Seen,
    to: To,
    when: When,
  ) => Promise<readonly Operation[] | 'already so'> | readonly Operation[] | 'already so';
  /** Environment variables whose values the approved change itself names: they are shown in its rehearsal. */
  readonly shown?: (to: To) => readonly string[];
}

const anObject = z
  .record(z.string(), z.unknown())
  .transform((raw) => ({ raw, read: z.object({ metadata }).safeParse(raw) }))
  .refine(({ read }) => read.success);

export async function look<To, When>(kind: Patched<To, When>, target: Target): Promise<Seen> {
  const { raw, read } = await target.connection.json(anObject, { ...(await kind.at(target)), verb: 'get' });
  if (!read.success) throw new Failure('unreadable', `${nameOf(kind, target)}: the answer has no metadata`);
  return { raw, metadata: read.data.metadata, fence: read.data.metadata.annotations[fenceAnnotation] ?? null };
}

/** Reads, compares, writes under the version that was read; again where somebody else wrote what does not matter. */
export async function change<To, When>(
  kind: Patched<To, When>,
  target: Target,
  attempt: Attempt,
  to: To,
  when: When,
): Promise<void> {
  let fenceThen: string | null | undefined = attempt.expects;
  for (let tries = 1; ; tries += 1) {
    const seen = await look(kind, target);
    // A fence that moved since the target was read is a successor's: it asked that this attempt change nothing.
    if (fenceThen !== undefined && seen.fence !== fenceThen)
      throw conflict(
        kind,
        target,
        `another attempt has taken over (${fenceAnnotation} is now ${seen.fence ?? 'absent'})`,
      );
    fenceThen = seen.fence;
    const operations = await kind.operations(target, seen, to, when);
    if (operations === 'already so') return;
    const limitMs = leftMs(attempt, nameOf(kind, target));
    const send = { ...jsonPatch(fenced(seen, operations, attempt.fence)), limitMs };
    try {
      await target.connection.text({ ...(await kind.at(target)), verb: 'patch', query: { fieldManager }, send });
      return;
    } catch (error) {
      // 409: not done. Every status update bumps the version, so one is no conflict yet; what was approved decides that, above.
      if (!(error instanceof Failure) || error.kind !== 'conflict' || tries >= maxTries) throw error;
    }
  }
}

/** The same as a dry run. */
export async function rehearse<To, When>(
  kind: Patched<To, When>,
  target: Target,
  to: To,
  when: When,
): Promise<Rehearsal> {
  for (let tries = 1; ; tries += 1) {
    const seen = await look(kind, target);
    const operations = await kind.operations(target, seen, to, when);
    if (operations === 'already so') return { is: 'diff', lines: [] };
    const send = { ...jsonPatch(fenced(seen, operations, 'rehearsal')), retry: true };
    const query = { fieldManager, dryRun: 'All' };
    try {
      const body = await target.connection.text({ ...(await kind.at(target)), verb: 'patch', query, send });
      return { is: 'diff', lines: diffOf(seen.raw, JSON.parse(body), kind.shown?.(to) ?? []) };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.kind === 'conflict' && tries < maxTries) continue;
      return refusalOf(error);
    }
  }
}

/** Only what the server decided about the write; anything else stays a Failure. */
export function refusalOf(failure: Failure): Rehearsal {
  if (failure.kind !== 'invalid' && failure.kind !== 'forbidden' && failure.kind !== 'refused') throw failure;
  const because = failure.message;
  // A webhook with side effects cannot take part in a dry run (400); the write itself may still work.
  if (/does not support dry ?run/i.test(because)) return { is: 'no preview', because };
  return { is: 'refused', because };
}

/** Sets the fence and nothing else. The same token twice is the same, so it may be tried again. */
export async function fence<To, When>(kind: Patched<To, When>, target: Target, token: string): Promise<void> {
  const body = JSON.stringify({ metadata: { annotations: { [fenceAnnotation]: token } } });
  const send = { type: 'application/merge-patch+json', body, retry: true };
  await target.connection.text({ ...(await kind.at(target)), verb: 'patch', query: { fieldManager }, send });
}

/** Null: none, or no such object. */
export async function fenceOf<To, When>(kind: Patched<To, When>, target: Target): Promise<string | null> {
  try {
    return (await look(kind, target)).fence;
  } catch (error) {
    if (error instanceof Failure && error.kind === 'not found') return null;
    throw error;
  }
}

/** Milliseconds until nothing may be sent any more. */
export function leftMs({ notAfter }: Attempt, name: string): number {
  const left = Date.parse(notAfter) - Date.now();
  if (left > 0) return left;
  throw new Failure('timeout', `${name}: not sent, the time for this attempt ended at ${notAfter}`);
}

/** One JSON patch that can touch nothing but these fields and the fence, and none of them if anybody wrote since the look (409). */
function fenced({ metadata: now }: Seen, operations: readonly Operation[], token: string): readonly Operation[] {
  const isFirst = Object.keys(now.annotations).length === 0;
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: now.resourceVersion },
    ...operations,
    ...(isFirst ? [{ op: 'add', path: '/metadata/annotations', value: {} } as const] : []),
    { op: 'add', path: `/metadata/annotations/${fenceAnnotation.replaceAll('/', '~1')}`, value: token },
  ];
}

function jsonPatch(operations: readonly Operation[]): NonNullable<Request['send']> {
  return { type: 'application/json-patch+json', body: JSON.stringify(operations), retry: false };
}

export function nameOf({ noun }: { readonly noun: string }, { connection, of }: Target): string {
  const { namespace, name }: ObjectName = of;
  return `${noun} ${name}${namespace === '' ? '' : ` in ${namespace}`} (${connection.region})`;
}

export function conflict(kind: { readonly noun: string }, target: Target, why: string): Failure {
  return new Failure('conflict', `${nameOf(kind, target)}: ${why}`);
}

/** It must be the very object that the plan was made from, not another of its name. */
export function mustBe(kind: { readonly noun: string }, target: Target, seen: Seen, uid: string): void {
  if (seen.metadata.uid !== uid)
    throw conflict(kind, target, `it was deleted and made again (uid ${seen.metadata.uid}, not ${uid})`);
}
