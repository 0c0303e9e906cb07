import type { RegionDiagnosis } from '../diagnosis.ts';
import { isGrave } from '../harm.ts';
import type { Incident } from '../incident/state.ts';
import { darkRegions } from './phase.ts';

/** P1: users are hurt and something is broken, or badly. P2: users are slower, something is broken, or a region cannot be seen. P3: the rest. */
export function priorityOf(incident: Incident): 'P1' | 'P2' | 'P3' {
  const all = Object.values(incident.worst);
  const critical = (d: RegionDiagnosis): boolean => d.findings.some((f) => f.severity === 'critical');
  const hurt = (d: RegionDiagnosis): boolean => d.impact.level === 'hurt';
  if (all.some((d) => hurt(d) && (critical(d) || isGrave(d.impact)))) return 'P1';
  // Whether users fare well where nothing answers is not known: that waits for nobody's morning.
  return all.some((d) => critical(d) || hurt(d)) || darkRegions(incident).length > 0 ? 'P2' : 'P3';
}
