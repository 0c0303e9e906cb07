import type { MetricsRead, Sample } from '../../core/ports/metrics.ts';

type Wanted = Parameters<NonNullable<MetricsRead['present']>>[0];
type Found = Awaited<ReturnType<NonNullable<MetricsRead['present']>>>;

/** One query for all names, and one for each set of labels: never one for each name. */
export async function presence(
  wanted: Wanted,
  region: { readonly label: string; readonly value: string } | null,
  instant: (query: string) => Promise<readonly Sample[]>,
): Promise<Found> {
  const of = region === null ? '' : `,${region.label}=${JSON.stringify(region.value)}`;
  const counted = async (
    metrics: readonly string[],
    labels: readonly string[],
  ): Promise<ReadonlyMap<string, number>> => {
    const names = [...new Set(metrics)].join('|');
    const having = labels.map((one) => `,${one}!=""`).join('');
    const found = await instant(`count by (__name__) ({__name__=~"${names}"${of}${having}})`);
    return new Map(found.map(({ labels: { __name__: name = '' }, value }) => [name, value ?? 0]));
  };
  const sets = Map.groupBy(wanted, (one) => one.labels.join(','));
  const [all, ...some] = await Promise.all([
    counted(
      wanted.map((one) => one.metric),
      [],
    ),
    ...[...sets.values()].map((same) =>
      counted(
        same.map((one) => one.metric),
        same[0]?.labels ?? [],
      ),
    ),
  ]);
  const labelled = new Map([...sets.keys()].map((key, index) => [key, some[index]]));
  return wanted.map(({ metric, labels }) => ({
    metric,
    series: all.get(metric) ?? 0,
    labelled: labelled.get(labels.join(','))?.get(metric) ?? 0,
  }));
}
