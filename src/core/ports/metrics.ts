/** What a metrics store (Prometheus) can be asked. Types only; bound to one region by the engine. */

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** Null stands for NaN (no traffic to divide by); infinities are left out as text in `note`. */
  readonly value: number | null;
}

export interface MetricsRead {
  /** Instant query. An empty list is *no data*, which is neither zero nor healthy. Throws a Failure. */
  instant(query: string): Promise<readonly Sample[]>;
}
