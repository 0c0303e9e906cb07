import type { Pods } from './pods.ts';
import type { Affected, Trouble } from './trouble.ts';

/** From this many on it is said how few were read in full: the others only look alike. */
const manyPods = 10;

/** "6 of 6 new pods"; "200 of 200 new pods (3 read in full)"; "at least 3 of 200 new pods" when those that were read differ. */
export function podsOf(a: Affected<Trouble>, pods: Pods): string {
  const few = a.exact && a.pods >= manyPods && a.read < a.pods ? ` (${a.read} read in full)` : '';
  return `${a.exact ? '' : 'at least '}${a.pods} of ${a.of} ${kindOf(pods)}${a.of === 1 ? 'pod' : 'pods'}${few}`;
}

/** Only beside older ones are they new. */
function kindOf(pods: Pods): string {
  return pods.old.total > 0 ? 'new ' : '';
}

export { plural } from '../../src/core/plural.ts';

/** "a, b and c". */
export function listed(all: readonly string[], last = 'and'): string {
  if (all.length < 2) return all[0] ?? '';
  return `${all.slice(0, -1).join(', ')} ${last} ${all.at(-1)}`;
}

/** Whole minutes (at least 0) from one moment to another. */
export function minutesBetween(from: string, to: string): number {
  return Math.max(0, Math.floor((Date.parse(to) - Date.parse(from)) / 60_000));
}

/** "26 min", "3 h", "2 d". */
export function span(minutes: number): string {
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`;
}

/** One line, at most so many characters; the middle goes, since messages say at their end what failed. */
export function brief(text: string, limit = 300): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= limit) return line;
  const head = Math.floor(limit / 3);
  return `${line.slice(0, head)}…${line.slice(line.length - (limit - head - 1))}`;
}

/** The node that a person means, in full or as messages name it; several of one short name are none. */
export function nodeCalled<N extends { readonly name: string }>(name: string, all: readonly N[]): N | undefined {
  const short = all.filter((one) => nodeName(one.name) === name);
  return all.find((one) => one.name === name) ?? (short.length === 1 ? short[0] : undefined);
}

/** The part that tells nodes apart: "ip-10-0-32-47" of "ip-10-0-32-47.eu-west-1.compute.internal". Commands have it in full. */
export function nodeName(name: string): string {
  return /^\d/.test(name) ? name : (name.split('.')[0] ?? name);
}
