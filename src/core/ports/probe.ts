import type { ObjectName } from './kubernetes-objects.ts';

/** A service's public health page, asked as its users would. Types only. */
export interface ProbeAnswer {
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
  get(url: string, limitMs: number): Promise<ProbeAnswer>;
}

/** What one place saw of a page lately. `from`: the region whose exporter asked it; null: where the bot runs. JSON. */
export type PlaceSeen =
  | {
      readonly is: 'seen';
      readonly from: string | null;
      readonly good: number;
      readonly of: number;
      /** Of the first one that is counted (ISO 8601). */
      readonly since: string;
      /** The newest; null: the exporter tells no more than whether. */
      readonly last: ProbeAnswer | null;
      /** The newest ones failed: at least how many in a row, since when (ISO 8601). Null: the newest is good. */
      readonly failing: { readonly times: number; readonly since: string } | null;
    }
  | { readonly is: 'not known'; readonly from: string | null; readonly why: string };

/** What the probes of this region's public pages saw. Bound to one region by the engine. */
export interface ProbesRead {
  /** From each place. Empty: no page of it is configured here. Never throws. */
  of(service: ObjectName): Promise<readonly PlaceSeen[]>;
}
