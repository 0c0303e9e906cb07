import { setTimeout as sleep } from 'node:timers/promises';
import { playbooks } from '../playbooks/index.ts';

/** Figure → number. */
export type Figures = Readonly<Record<string, number>>;

export interface Group {
  readonly name: string;
  /** What `--json` and the table show of it: those with a target, and the ones that explain them. */
  readonly measure: () => Promise<Figures>;
}

type Bound = { readonly atMost: number } | { readonly atLeast: number } | { readonly below: number };
export interface Target {
  readonly bound: Bound;
  readonly what: string;
}

/** The figure of one playbook's readings: `diagnose_ratio_high_cpu`. */
export const ratioOf = (playbook: string): string => `diagnose_ratio_${playbook.replaceAll('-', '_')}`;

/** What must be reached. A figure that is not here only explains another. */
export const targets: Readonly<Record<string, Target>> = {
  diagnose_ratio: {
    bound: { atMost: 1.2 },
    what: 'diagnosis of three regions ÷ its slowest chain of readings, 100 ms away',
  },
  by_hand_ratio: { bound: { atLeast: 5 }, what: "the guide's kubectl commands one by one ÷ the bot's diagnosis" },
  first_post_ms: { bound: { below: 2_000 }, what: "the alert's POST to the message in the channel, worst" },
  ack_p99_ms: { bound: { below: 100 }, what: 'acknowledging commands and buttons while 20 diagnoses run' },
  rss_growth_mb: { bound: { atMost: 20 }, what: 'resident memory from run 50 to run 1,000' },
  heap_mb: { bound: { atMost: 70 }, what: 'heap in use after 1,000 runs' },
  rss_mb: { bound: { atMost: 200 }, what: 'resident memory after 1,000 runs, every adapter loaded' },
  start_ms: { bound: { below: 2_000 }, what: 'start of the process to /readyz, adapters loaded' },
  large_block_ms: {
    bound: { below: 50 },
    what: 'longest block of the event loop: a diagnosis with 5,000 pods in each of three regions',
  },
  large_block_cpu_ms: {
    bound: { below: 50 },
    what: "of the longest block, the thread's own CPU time: whatever else this machine does",
  },
  large_memory_mb: { bound: { below: 60 }, what: 'memory that this diagnosis adds at its highest' },
  ...Object.fromEntries(
    playbooks.map(({ id }): [string, Target] => [
      ratioOf(id),
      { bound: { atMost: 1.2 }, what: `readings of ${id} in three regions ÷ their slowest chain, 100 ms away` },
    ]),
  ),
  many_ratio: {
    bound: { atMost: 1.5 },
    what: '50 diagnoses at once ÷ the larger of one alone and 50 × its CPU time (bot, API servers) ÷ cores',
  },
  many_refused: { bound: { atMost: 0 }, what: 'of these 50, refused by limits of the bot' },
  connections_per_api_server: {
    bound: { atMost: 1 },
    what: 'connections that the bot opened to each, all these diagnoses',
  },
  hanging_ratio: {
    bound: { atMost: 1.2 },
    what: "the others' findings while one region of three hangs ÷ the same while all answer",
  },
  hanging_unknown_ms: {
    bound: { below: 12_000 },
    what: 'until the region that hangs is said to be unknown: its limit of 10 s',
  },
  slack_age_s: {
    bound: { below: 30 },
    what: 'oldest state that a message showed: 20 incidents move, Slack takes one message a second',
  },
  slack_approval_s: { bound: { below: 3 }, what: 'an approval wanted to the approval shown, meanwhile, worst' },
  slack_away_total_growth_mb: {
    bound: { atMost: 40 },
    what: 'held at the most in an hour without Slack, with a storm, above what was held before',
  },
  slack_away_growth_mb: {
    bound: { atMost: 5 },
    what: 'held in the second half of an hour without Slack above the first, after a full collection',
  },
  page_ms: {
    bound: { below: 2_000 },
    what: "a P0 alert's POST to PagerDuty's acceptance of both events, its region hanging, Slack well, refusing, hanging: worst",
  },
  storm_messages: { bound: { atMost: 5 }, what: 'new channel messages: 1,000 alerts of 60 workloads within 10 s' },
  storm_first_ms: { bound: { below: 2_000 }, what: 'first alert of that storm to the first message' },
  storm_final_right: { bound: { atLeast: 1 }, what: 'that message names the cause and all the alerts' },
  alerts_per_min: {
    bound: { atLeast: 10_000 },
    what: 'alerts accepted and durable, the generator on the same machine',
  },
  alerts_p99_ms: {
    bound: { below: 100 },
    what: 'of the 2xx at 10,000 alerts a minute, ten in each delivery; the worse store',
  },
  alerts_lost: { bound: { atMost: 0 }, what: 'of those that got a 2xx, not in the store' },
  alerts_killed_lost: { bound: { atMost: 0 }, what: 'the same with a SIGKILL every 10 s, what got no 2xx sent again' },
  alerts_killed_doubled: { bound: { atMost: 0 }, what: 'of these, counted twice or given to two incidents' },
  full_routing_ms: {
    bound: { below: 200 },
    what: 'one more alert to its 2xx: 100,000 in the store, 500 incidents open',
  },
  full_incidents_ms: { bound: { below: 200 }, what: '/mlp incidents to its answer in the local Slack, then' },
  full_home_ms: { bound: { below: 200 }, what: 'App Home opened to the page published, then' },
  full_healthz_worst_ms: { bound: { below: 200 }, what: 'slowest /healthz while these 100,000 were delivered' },
  full_growth_mb: { bound: { atMost: 40 }, what: 'resident memory from the start to then, after a full collection' },
  append_floor_ratio_sqlite: { bound: { atLeast: 0.5 }, what: 'durable appends ÷ bare one-row commits, SQLite' },
  append_floor_ratio_postgres: { bound: { atLeast: 0.5 }, what: 'durable appends ÷ bare one-row commits, PostgreSQL' },
};

/** Equal by target: requests of one diagnosis do not grow with the pods, but for pages of lists. */
export const equal = ['k8s_requests_10', 'k8s_requests_1000'] as const;

export function isReached(name: string, figures: Figures): boolean | null {
  const value = figures[name];
  if (value === undefined) return null;
  const [ten, thousand] = equal.map((one) => figures[one]);
  if (name === equal[0] || name === equal[1])
    return ten === undefined || thousand === undefined ? null : ten === thousand;
  const bound = targets[name]?.bound;
  if (bound === undefined) return null;
  if ('atMost' in bound) return value <= bound.atMost;
  return 'atLeast' in bound ? value >= bound.atLeast : value < bound.below;
}

export function boundText(name: string): string {
  if (name === equal[0] || name === equal[1]) return 'equal';
  const bound = targets[name]?.bound;
  if (bound === undefined) return '';
  if ('atMost' in bound) return `≤ ${bound.atMost}`;
  return 'atLeast' in bound ? `≥ ${bound.atLeast}` : `< ${bound.below}`;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The worse of a figure's values: with no target, the larger. */
export function worse(name: string, values: readonly number[]): number {
  const bound = targets[name]?.bound;
  return bound !== undefined && 'atLeast' in bound ? Math.min(...values) : Math.max(...values);
}

/** How much of something is measured: an environment variable, which `--quick` sets too. */
export const sizeOf = (variable: string, usual: number): number => Number(process.env[variable] ?? usual);

/** Nearest rank; NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export const rounded = (value: number, digits = 0): number => Number(value.toFixed(digits));

/** Polls; throws when it does not come within `withinMs`. */
export async function waitFor<T>(what: string, check: () => Promise<T | undefined>, withinMs: number): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`${what} did not come within ${withinMs} ms`);
    await sleep(5);
  }
}
