import type { Incident } from './state.ts';

/**
 * Regions that people work on, on purpose and for a time. What fires there is stored and looked at as ever; nobody is called for it and the
 * channel is not written to, unless it is P0: a person who works on a region does not mean that its users may be left without anybody.
 */

export interface Maintenance {
  readonly region: string;
  /** ISO 8601. */
  readonly until: string;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
  /** Where it was announced: what is kept quiet is told there, below the announcement. */
  readonly channels: readonly string[];
}

export interface Maintained {
  /** Of its own regions, as far as it is open. */
  readonly maintenance: readonly Maintenance[];
  /** It opened within one, so it has a line below the announcement with this key in place of a message; `on`: still so. */
  readonly hush: { readonly under: string; readonly on: boolean } | null;
}
export const UNMAINTAINED: Maintained = { maintenance: [], hush: null };

export type MaintenanceEvent = { readonly is: 'maintenance' } & Maintained;

/** The inbox row that announces one: the same however often it is stored. */
export function announcementOf({ region, at }: Pick<Maintenance, 'region' | 'at'>): string {
  return `announce:maintenance:${region}:${at}`;
}

/** Where it has its fault; before it has one, where it looks. */
export function placesOf({ worst, subject }: Incident): readonly string[] {
  const seen = Object.keys(worst);
  if (seen.length > 0) return seen;
  return subject.focus === null ? subject.regions : [subject.focus];
}

/** Until when each of its regions is in maintenance; null: one of them is not. */
export function coveredUntil(state: Incident): string | null {
  const all = placesOf(state).map((place) => state.maintenance.find((one) => one.region === place)?.until ?? null);
  if (all.length === 0 || all.includes(null)) return null;
  return all.flatMap((one) => one ?? []).toSorted()[0] ?? null;
}

/** When the next of them ends by itself. */
export function maintenanceEndsAt({ maintenance, closed }: Incident): string | null {
  if (closed !== null) return null;
  return maintenance.map((one) => one.until).toSorted()[0] ?? null;
}
