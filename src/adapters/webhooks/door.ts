import { Failure, whyOf } from '../../core/failure.ts';
import type { Log } from '../../core/ports/log.ts';
import type { AlertIn } from '../../core/routing.ts';
import { MOST_ALERTS } from './salvage.ts';

/** What every webhook answers with, and the one way in. */

export interface Door {
  readonly log: Log;
  /** Counts one delivery by how it ended. */
  readonly count: (outcome: string) => void;
  /** Resolves when it is durable; throws a Failure. */
  readonly take: (alerts: readonly AlertIn[], note: string | null) => Promise<unknown>;
}

export function answer(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } });
}

/** Durable before the 2xx; 503 asks the sender to come again. */
export async function stored(door: Door, given: readonly AlertIn[], why: string | null): Promise<Response> {
  const alerts = given.slice(0, MOST_ALERTS);
  const more = given.length - alerts.length;
  const beyond = `${more} alerts of this delivery were left out: I take ${MOST_ALERTS} at once`;
  const note = more === 0 ? why : why === null ? beyond : `${why}; ${beyond}`;
  try {
    await door.take(alerts, note);
  } catch (error) {
    door.count('refused');
    door.log('error', 'alerts could not be stored: the sender is asked to retry', { err: whyOf(error) });
    const waitS = error instanceof Failure && error.retryAfterMs !== null ? Math.ceil(error.retryAfterMs / 1000) : 5;
    return answer(503, 'could not be stored: retry', { 'retry-after': String(waitS) });
  }
  if (note !== null) door.log('warn', 'a delivery was read in part', { note });
  door.count(note === null ? 'stored' : alerts.length === 0 ? 'unreadable' : 'stored in part');
  return answer(200, `stored ${alerts.length} alerts`);
}

export function refused(door: Door, status: 400 | 401 | 403 | 413 | 415, why: string): Response {
  door.count(status === 401 || status === 403 ? 'unauthorised' : 'unreadable');
  return answer(status, why);
}

/**
 * From a known sender, and nothing of it could be read: a 400 makes it drop the delivery, so it is said in the channel first. `what` names
 * the sender.
 */
export async function lost(door: Door, what: string, why: string): Promise<Response> {
  const said = await stored(door, [], `${what}: ${why}, so it was dropped`);
  return said.ok ? answer(400, why) : said;
}

/** Understood, and of no use to us: said by name, so that nobody wonders. */
export function ignored(door: Door, what: string): Response {
  door.count('ignored');
  return answer(200, `nothing to do: ${what}`);
}

export const unknownEncoding = 'this content-encoding is not understood: send it plain, or with gzip or deflate';
