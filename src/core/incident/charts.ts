import type { Chart } from '../chart.ts';
import type { RegionDiagnosis } from '../diagnosis.ts';
import type { Event } from './events.ts';
import type { Incident } from './state.ts';

/** Charts of what was found: kept and shown once for each cause in a region, not with every look. */
export interface Charted {
  readonly region: string;
  /** The cause that they were drawn for. */
  readonly check: string;
  readonly at: string;
  readonly charts: readonly Chart[];
}

/** A person looks at a few. */
const MOST = 3;

/** The diagnosis as it is stored: with its charts where its first cause is new here, else without. */
export function withNewCharts(
  { charts: known }: Pick<Incident, 'charts'>,
  diagnosis: RegionDiagnosis,
): RegionDiagnosis {
  const { charts = [], ...rest } = diagnosis;
  const cause = rest.findings[0]?.check;
  const isNew = cause !== undefined && !known.some((one) => one.region === rest.region && one.check === cause);
  return isNew && charts.length > 0 ? { ...rest, charts: charts.slice(0, MOST) } : rest;
}

/** The fold beside the fold. */
export function charted(state: Incident, event: Event, at: string): Incident {
  if (event.is === 'reopened') return event.because.endsWith('fires again') ? { ...state, charts: [] } : state;
  if (event.is !== 'looked' || event.elsewhere !== undefined) return state;
  const { region, findings, charts = [] } = event.diagnosis;
  const check = findings[0]?.check;
  if (check === undefined || charts.length === 0) return state;
  if (state.charts.some((one) => one.region === region && one.check === check)) return state;
  return { ...state, charts: [...state.charts, { region, check, at, charts }] };
}
