import { temporaryOf } from '../incident/ledger.ts';
import type { Incident } from '../incident/state.ts';
import { join, say, user } from '../words.ts';
import type { Words } from '../words.ts';

/** What a thread has changed for a while and not taken back: "*Left:* autoscaler x: 4 to 36 replicas instead of 4 to 24, owner ‹a›". */
export function leftBehind(incident: Incident): Words | null {
  const left = temporaryOf(incident);
  if (left.length === 0) return null;
  const parts = left.map(
    (one) => say`${one.what} in ${one.region}${one.by === null ? null : say`, owner ${user(one.by)}`}`,
  );
  return say`*Left:* ${join(parts, ' · ')}`;
}
