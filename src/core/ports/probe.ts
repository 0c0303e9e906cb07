/** A service's public health page, asked as its users would. Types only. */
export interface Probed {
  /** ISO 8601. */
  readonly at: string;
  /** HTTP status; null: no answer, see `why`. */
  readonly status: number | null;
  /** To the end of the headers (ms). */
  readonly tookMs: number;
  /** Why it does not count as an answer; null: it is one (2xx). */
  readonly why: string | null;
}

export interface Probe {
  /** One GET. Never throws: what goes wrong is its outcome. */
  get(url: string, limitMs: number): Promise<Probed>;
}
