import { harmWords } from '../harm.ts';
import { milliseconds } from '../impact.ts';
import type { RegionDiagnosis } from '../diagnosis.ts';
import type { Incident } from '../incident/state.ts';
import { servedBy } from '../probed.ts';
import type { Served } from '../probed.ts';
import type { Storm } from '../incident/storm.ts';
import { join, say } from '../words.ts';
import type { Words } from '../words.ts';
import { incidentName } from './handled.ts';
import { list } from './small.ts';

/** What a storm in one region does to the others: their users, and the load that moves to them against their room. */

function others({ diagnoses }: Incident, region: string): readonly RegionDiagnosis[] {
  return Object.values(diagnoses).filter((one) => one.region !== region);
}

/** Where numbers tell nothing of users, their public page may. */
const UNMEASURED: Readonly<Record<Served, string>> = {
  yes: 'probably served',
  no: 'probably not served',
  'in part': 'served from some places only',
  'not known': 'not known',
};

/** "no effect seen in us-east-1, not known in ap-southeast-1"; null: no other region was looked at. */
export function usersElsewhere(incident: Incident, region: string): string | null {
  const all = others(incident, region);
  const hurt = all
    .filter((one) => one.impact.level === 'hurt')
    .map((one) => `${harmWords(one.impact)} in ${one.region}`);
  const calm = all.filter((one) => one.impact.level === 'none').map((one) => one.region);
  const rest = all.filter((one) => one.impact.level !== 'hurt' && one.impact.level !== 'none');
  const told = Map.groupBy(rest, (one) => UNMEASURED[servedBy(one.impact.probed)]);
  const parts = [
    ...hurt,
    ...(calm.length === 0 ? [] : [`no effect seen in ${list(calm)}`]),
    ...[...told].map(([what, where]) => `${what} in ${list(where.map((one) => one.region))}`),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}

/** Its autoscaler has little left for what arrives. */
export function isStrained({ findings }: RegionDiagnosis): boolean {
  return findings.some((one) => one.check === 'takes-load');
}

/** The load that leaves this region arrives in the others: how much more they get, and what is left there. */
export function nextToBreak(incident: Incident, { region }: Storm): Words | null {
  const all = others(incident, region);
  const strained = all.filter(isStrained);
  const told = (strained.length > 0 ? strained : all).flatMap((one): readonly Words[] => {
    if (one.dark) return [say`${one.region}: not known, it gives no answer`];
    const load = one.remarks.find((each) => each.label === 'Load');
    return load === undefined
      ? []
      : [say`${one.region}, ${load.words}${latencyOf(one)}${threadOf(incident, one.region)}`];
  });
  if (told.length === 0) return null;
  return say`${strained.length > 0 ? say`*Next to break:*` : say`*Load elsewhere:*`} ${join(told, ' · ')}`;
}

/** How near its users are to the limit, where it is strained. */
function latencyOf(one: RegionDiagnosis): string {
  const { latencySeconds, limits } = one.impact;
  if (!isStrained(one) || latencySeconds === null || limits === null) return '';
  return `, p95 ${milliseconds(latencySeconds)} (limit ${milliseconds(limits.latencySeconds)})`;
}

function threadOf({ elsewhere, branched }: Incident, region: string): Words | null {
  const known = elsewhere[region];
  if (known !== undefined && known.number !== null) return say` → ${incidentName(known.number, known.link)}`;
  return branched.includes(region) ? say` → a thread of its own` : null;
}
