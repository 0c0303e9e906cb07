import { seconds } from './state.ts';

/** Many alerts at once, as a region brings them that loses its nodes: of workloads that nobody else plays, beside those of the platform. */

export interface StormWanted {
  readonly region: string;
  readonly alerts: number;
  readonly workloads: number;
}

interface StormAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly expression: string;
  readonly startsAt: number;
}

/** The last of them comes so long after the first. */
const spreadMs = seconds(10);
const kinds = [
  ['KubeDeploymentReplicasMismatch', 'has fewer replicas than it wants'],
  ['KubePodNotReady', 'has pods that are not ready'],
  ['TargetDown', 'does not answer its scrapes'],
  ['HighErrorRate', 'fails more than 5 % of its requests'],
  ['KubeHpaMaxedOut', 'runs as many pods as its autoscaler may start'],
  ['KubePodCrashLooping', 'starts again and again'],
  ['HighLatency', 'answers slower than it may'],
] as const;

export class Storms {
  readonly #storms = new Map<string, StormWanted & { readonly at: number }>();

  begin(wanted: StormWanted, at: number): void {
    this.#storms.set(wanted.region, { ...wanted, at });
  }

  /** Null: everywhere. */
  end(region: string | null): void {
    if (region === null) this.#storms.clear();
    else this.#storms.delete(region);
  }

  /** What fires of it by now. */
  firing(region: string, now: number): readonly StormAlert[] {
    const storm = this.#storms.get(region);
    if (storm === undefined) return [];
    const { alerts, workloads, at } = storm;
    const due = Math.min(alerts, Math.floor((Math.max(0, now - at) / spreadMs) * alerts) + 1);
    return Array.from({ length: due }, (_, index) =>
      alertOf(region, index, workloads, at + (index * spreadMs) / alerts),
    );
  }
}

/** Workload by workload, then the next kind of alert; beyond the kinds the pods differ. */
function alertOf(region: string, index: number, workloads: number, startsAt: number): StormAlert {
  const round = Math.floor(index / workloads);
  const [alertname, what] = kinds[round % kinds.length] ?? kinds[0];
  const deployment = `svc-${String((index % workloads) + 1).padStart(2, '0')}`;
  const more = Math.floor(round / kinds.length);
  const labels = { alertname, region, namespace: 'ml-platform', deployment, severity: 'warning' };
  return {
    labels: more === 0 ? labels : { ...labels, instance: `${deployment}-${more}` },
    annotations: { summary: `${deployment} ${what}` },
    expression: `${alertname}{deployment="${deployment}"}`,
    startsAt: Math.round(startsAt),
  };
}
