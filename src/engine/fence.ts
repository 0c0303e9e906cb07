import { randomUUID } from 'node:crypto';

/** The fence on a target tells which attempt of ours reached it last: the only trace of a write whose answer was lost and whose effect is gone. */

/** A new fence that still says that this attempt had arrived: whoever settles it after another crash must know it too. */
export function markOf(fence: string): string {
  return `${fence}~${randomUUID()}`;
}

export function isOf(fence: string, seen: string | null): boolean {
  return seen === fence || seen?.startsWith(`${fence}~`) === true;
}
