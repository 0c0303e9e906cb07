import type { RegionDiagnosis } from '../diagnosis.ts';
import { isGrave } from '../harm.ts';
import { servedBy } from '../probed.ts';
import type { Incident } from '../incident/state.ts';
import { darkRegions } from './phase.ts';

/** P0: a whole region is gone, and users are not known to be well. P1: users are hurt and something is broken, or badly, or a region cannot be seen and its public address does not answer. P2: users are slower, something is broken, or a region cannot be seen. P3: the rest. */
export type Priority = 'P0' | 'P1' | 'P2' | 'P3';

export function priorityOf(incident: Incident): Priority {
  if (incident.severity !== null) return incident.severity.is;
  if (isRegionGone(incident)) return 'P0';
  const all = Object.values(incident.worst);
  const critical = (d: RegionDiagnosis): boolean => d.findings.some((f) => f.severity === 'critical');
  const hurt = (d: RegionDiagnosis): boolean => d.impact.level === 'hurt';
  if (all.some((d) => hurt(d) && (critical(d) || isGrave(d.impact)))) return 'P1';
  const dark = darkRegions(incident);
  if (dark.some((region) => servedBy(incident.diagnoses[region]?.impact.probed) === 'no')) return 'P1';
  // Whether users fare well where nothing answers is not known: that waits for nobody's morning.
  return all.some((d) => critical(d) || hurt(d)) || dark.length > 0 ? 'P2' : 'P3';
}

/** How grave it was: a storm that is over has nothing left that tells, but its record. */
export function priorityAtWorst(incident: Incident): Priority {
  const { storm, record, unseen, severity } = incident;
  const now = priorityOf(incident);
  const was = storm === null ? undefined : record[storm.region];
  if (storm === null || severity !== null || was?.worst === undefined || was.worst === null) return now;
  const { impact } = was.worst;
  const gone = was.causes.some((one) => one.check === 'region-lost') || unseen.some((o) => o.region === storm.region);
  if (gone && impact.level !== 'none') return 'P0';
  const critical = was.causes.some((one) => one.severity === 'critical');
  const hurt = impact.level === 'hurt';
  const then: Priority = hurt && (critical || isGrave(impact)) ? 'P1' : hurt || critical ? 'P2' : 'P3';
  return then < now ? then : now;
}

/** Many alert at once, and the region has lost its nodes or gives no answer. */
function isRegionGone({ storm, diagnoses }: Incident): boolean {
  const here = storm === null ? undefined : diagnoses[storm.region];
  if (here === undefined || here.impact.level === 'none') return false;
  return here.dark || here.findings.some((one) => one.check === 'region-lost');
}
