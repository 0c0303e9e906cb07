import type { Deployment, Revision } from '../../src/core/ports/kubernetes.ts';
import { currentRevision } from '../readings/deployment.ts';
import { candidates } from '../remedies/ladder.ts';

/** The pods of a version are made some minutes after it, one by one; the numbers are rates over minutes. */
const earlyMs = 5 * 60_000;
const lateMs = 30 * 60_000;

/** The revision that the trouble began with, and the one before it; null: nothing new came at that time, or when it began is not known. */
export function cameWith(
  of: Deployment,
  all: readonly Revision[],
  since: string | null,
): { readonly revision: string; readonly before: string } | null {
  const current = currentRevision(of, all);
  const before = candidates(of, all).findLast((one) => one.number < (current?.number ?? 0));
  if (current === null || before === undefined || since === null || before.createdAt > current.createdAt) return null;
  const lag = Date.parse(since) - Date.parse(current.createdAt);
  return lag >= -earlyMs && lag <= lateMs ? { revision: current.uid, before: before.uid } : null;
}
