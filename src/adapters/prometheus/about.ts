import { z } from 'zod';
import type { MetricAbout } from '../../core/ports/metrics.ts';
import type { Asked } from '../../core/promql.ts';
import { redact } from '../../core/redact.ts';

/** What exporters say of their metrics (`/api/v1/metadata`). Prometheus keeps it for the targets that it scrapes now. */

export const metadataShape = z.record(
  z.string(),
  z.array(
    z.object({
      type: z
        .enum(['counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset', 'unknown'])
        .catch('unknown'),
      help: z.string().default(''),
    }),
  ),
);

const parts = /_(?:bucket|sum|count)$/;

/** Under which names its family may be kept: in OpenMetrics a counter's is without `_total`, and a histogram's without its parts. */
function familiesOf(metric: string): readonly string[] {
  return [...new Set([metric, metric.replace(parts, ''), metric.replace(/_total$/, '')])];
}

type Type = MetricAbout['type'];

/** The types that the query makes sense for; null: any. */
function meant({ query, metric }: Asked): readonly Type[] | null {
  if (metric.endsWith('_bucket')) return ['histogram'];
  if (parts.test(metric)) return ['histogram', 'summary'];
  if (query.includes(`rate(${metric}{`)) return ['counter'];
  // Counts that are looked at as they are.
  return metric.endsWith('_total') ? null : ['gauge'];
}

/** Why the numbers may be none: the configured name is of another type than it is read as. Null: as it should be, or nobody says. */
function wrongType(asked: Asked, about: readonly MetricAbout[]): string | null {
  const fit = meant(asked);
  const known = about.filter((one) => one.type !== 'unknown');
  const [first] = known;
  if (fit === null || first === undefined || known.some((one) => fit.includes(one.type))) return null;
  return `its exporter says that ${asked.metric} is a ${first.type}, and it is read as a ${fit[0] ?? ''}: the name in the config may be wrong`;
}

/** What was said of the types of metrics, by metric; with when (Unix ms). */
export type Notes = Map<string, { readonly at: number; readonly note: string | null }>;

/** Types do not change by the minute. */
const keptMs = 10 * 60_000;

/** Only detail: what cannot be asked leaves the answer as it is. */
export async function typeNote(
  notes: Notes,
  now: number,
  asked: Asked,
  about: (metric: string) => Promise<readonly MetricAbout[]>,
): Promise<string | null> {
  const kept = notes.get(asked.metric);
  if (kept !== undefined && now - kept.at < keptMs) return kept.note;
  try {
    const note = wrongType(asked, await about(asked.metric));
    notes.set(asked.metric, { at: now, note });
    return note;
  } catch {
    return null;
  }
}

export async function aboutOf(
  metric: string,
  ask: (family: string) => Promise<z.output<typeof metadataShape>>,
): Promise<readonly MetricAbout[]> {
  for (const family of familiesOf(metric)) {
    const said = (await ask(family))[family] ?? [];
    if (said.length > 0) return said.map(({ type, help }) => ({ type, help: redact(help).slice(0, 400) }));
  }
  return [];
}
