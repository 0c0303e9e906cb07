import type { Command, Facts } from './commands.ts';
import type { Event } from './events.ts';
import { announcementOf, coveredUntil, placesOf } from './maintained.ts';
import type { Maintained, Maintenance } from './maintained.ts';
import { urgency } from './paging.ts';
import type { Incident } from './state.ts';

/** An incident beside the maintenance of its region: what begins, what ends, what is kept quiet meanwhile. */

/** What the maintenance of this moment changes for an incident, after whatever else happened to it. */
export function maintenanceNews(before: Incident, after: Incident, command: Command, facts: Facts): readonly Event[] {
  if (after.openedAt === null) return [];
  const places = placesOf(after);
  const all = facts.maintenance ?? after.maintenance;
  const maintenance =
    after.closed === null ? all.filter((one) => places.includes(one.region) && one.until > facts.at) : [];
  const hush = hushOf(before, { ...after, maintenance }, command);
  if (same(after.maintenance, maintenance) && after.hush?.on === hush?.on) return [];
  return [{ is: 'maintenance', maintenance, hush }, ...told(after.maintenance, maintenance)];
}

function same(a: readonly Maintenance[], b: readonly Maintenance[]): boolean {
  return a.length === b.length && a.every((one, index) => one.region === b[index]?.region && one.at === b[index].at);
}

/** Quiet is only what nobody has seen yet: who asked, or has pressed something, is answered in a thread. */
function hushOf(before: Incident, after: Incident, command: Command): Maintained['hush'] {
  if (after.closed !== null) return after.hush;
  const [window] = after.maintenance;
  const covered = window !== undefined && coveredUntil(after) !== null && urgency(after) !== 'P0';
  const quiet = covered && window.channels.includes(after.channel) && !BY_PEOPLE.has(command.is);
  if (after.hush !== null) return after.hush.on && !quiet ? { ...after.hush, on: false } : after.hush;
  const opens = before.openedAt === null && after.by.is !== 'person';
  return quiet && opens ? { under: `notice/${announcementOf(window)}/${after.channel}`, on: true } : null;
}
const BY_PEOPLE: ReadonlySet<string> = new Set<Command['is']>(['ask', 'change', 'handle', 'press']);

function told(was: readonly Maintenance[], is: readonly Maintenance[]): readonly Event[] {
  const begun = is.filter((one) => !was.some((known) => known.region === one.region));
  const over = was.filter((one) => !is.some((now) => now.region === one.region));
  return [
    ...begun.map(({ region, until, by, reason }): Event => ({
      is: 'noted',
      who: by,
      what: `${region} is in maintenance until ${until.slice(11, 16)} UTC: ${reason}`,
    })),
    ...over.map(({ region }): Event => ({
      is: 'noted',
      who: 'mlp-bot',
      what: `It is no longer kept quiet for the maintenance of ${region}: people are called where it needs them`,
    })),
  ];
}
