import { randomUUID } from 'node:crypto';
import type { ActOn, Kind, Platform } from '../core/ports/platform.ts';

/** The fence on a target tells which attempt of ours reached it last: the only trace of a write whose answer was lost and whose effect is gone. */

/** The fence that the target carries; null: none, or no target. Throws a Failure. */
export async function fenceOn<K extends Kind>(
  platform: Platform,
  kind: K,
  region: string,
  target: ActOn[K]['target'],
  signal: AbortSignal,
): Promise<string | null> {
  switch (kind) {
    case 'deployment':
      return (await platform.read(region, signal).kubernetes.deployment(target))?.fence ?? null;
  }
}

/** A new fence that still says that this attempt had arrived: whoever settles it after another crash must know it too. */
export function markOf(fence: string): string {
  return `${fence}~${randomUUID()}`;
}

export function isOf(fence: string, seen: string | null): boolean {
  return seen === fence || seen?.startsWith(`${fence}~`) === true;
}
