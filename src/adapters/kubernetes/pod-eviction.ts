import { Failure } from '../../core/failure.ts';
import type { PodExpectation, Rehearsal } from '../../core/ports/kubernetes.ts';
import type { Attempt } from '../../core/ports/platform.ts';
import type { Request } from './connection.ts';
import { pod as schema } from './pod-objects.ts';
import { getting } from './reading.ts';
import { leftMs, nameOf, refusalOf, type Target } from './writing.ts';

/** Two may try at the same moment, and the disruption budget's own counting may get in between. */
const maxTries = 4;
const kind = { noun: 'pod' };

/** Takes the pod away that has this uid, once; a pod that is gone, leaving, or another by now, is done. */
export async function evict(target: Target, attempt: Attempt, when: PodExpectation): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    if ((await look(target, when)) === 'gone') return;
    const limitMs = leftMs(attempt, nameOf(kind, target));
    try {
      await send(target, when, {}, { retry: false, limitMs });
      return;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.kind === 'not found') return;
      // 409: its uid is another by now, or the budget was being counted; the next look tells.
      if (error.kind !== 'conflict' || tries >= maxTries) throw error;
    }
  }
}

export async function rehearseEviction(target: Target, when: PodExpectation): Promise<Rehearsal> {
  const found = await look(target, when);
  if (found === 'gone') return { is: 'diff', lines: [] };
  try {
    await send(target, when, { dryRun: 'All' }, { retry: true });
    return { is: 'diff', lines: [`- pod ${target.of.name}${found.node === '' ? '' : ` on ${found.node}`}`] };
  } catch (error) {
    if (error instanceof Failure) return refusalOf(error);
    throw error;
  }
}

async function look(
  { connection, of, signal }: Target,
  when: PodExpectation,
): Promise<'gone' | { readonly node: string }> {
  const found = await connection.jsonOrNull(schema, getting({ signal }, '/api/v1', 'pods', of));
  if (found === null || found.metadata.uid !== when.uid || found.metadata.deletionTimestamp !== null) return 'gone';
  return { node: found.spec.nodeName };
}

async function send(
  { connection, of, signal }: Target,
  { uid }: PodExpectation,
  query: NonNullable<Request['query']>,
  how: { readonly retry: boolean; readonly limitMs?: number },
): Promise<void> {
  const { namespace, name } = of;
  const metadata = { namespace, name };
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata, deleteOptions: { preconditions: { uid } } };
  const at = getting({ signal }, '/api/v1', 'pods', of);
  await connection.text({
    ...at,
    verb: 'create',
    resource: 'pods/eviction',
    path: `${at.path}/eviction`,
    query,
    send: { method: 'POST', type: 'application/json', body: JSON.stringify(body), ...how },
  });
}
