/** What a PagerDuty account holds, as far as paging goes. Moments are Unix milliseconds. */

export type Urgency = 'high' | 'low';
export type Status = 'triggered' | 'acknowledged' | 'resolved';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** How they are told, by urgency: `phone`, `sms`, `push`, `email`. Empty: not at all. */
  readonly tell: Readonly<Record<Urgency, readonly string[]>>;
}
export interface Schedule {
  readonly id: string;
  readonly name: string;
  /** They take turns of `shiftMs` from `from` on; empty: nobody is ever on call. */
  readonly users: readonly string[];
  readonly from: number;
  readonly shiftMs: number;
}
export interface Policy {
  readonly id: string;
  readonly name: string;
  /** After `delayMs` without an acknowledgement the next level is told. */
  readonly levels: readonly {
    readonly delayMs: number;
    readonly schedules: readonly string[];
    readonly users: readonly string[];
  }[];
}
export interface Service {
  readonly id: string;
  readonly name: string;
  readonly policy: string;
  /** 32 letters and digits: of its Events API v2 integration. */
  readonly routingKey: string;
  /** `by severity`: critical and error are high. */
  urgency: Urgency | 'by severity';
  disabled: boolean;
}
export interface Window {
  readonly id: string;
  readonly service: string;
  readonly from: number;
  to: number;
  readonly description: string;
}
/** A person, or the service through its integration. */
export type Agent = { readonly is: 'user'; readonly id: string } | { readonly is: 'service'; readonly id: string };

export interface LogEntry {
  readonly id: string;
  readonly type: string;
  readonly at: number;
  readonly agent: Agent | null;
  readonly summary: string;
  readonly channel: string;
  /** Who was told, and how. */
  readonly told: { readonly user: string; readonly how: string; readonly address: string } | null;
  readonly assignees: readonly string[];
}
export interface Note {
  readonly id: string;
  readonly by: string;
  readonly at: number;
  readonly content: string;
}
export interface Alert {
  readonly id: string;
  readonly key: string;
  status: 'triggered' | 'resolved';
  severity: string;
  summary: string;
  /** The newest event, as it was sent, without its routing key. */
  event: unknown;
  /** How many triggers came for it. */
  count: number;
}
export interface Incident {
  readonly id: string;
  readonly number: number;
  readonly createdAt: number;
  service: string;
  policy: string;
  title: string;
  status: Status;
  urgency: Urgency;
  priority: string | null;
  /** Index of the policy's level that has been told last. */
  level: number;
  assigned: string[];
  acknowledged: { readonly user: string | null; readonly at: number }[];
  readonly alerts: Alert[];
  readonly log: LogEntry[];
  readonly notes: Note[];
}

export interface Account {
  readonly subdomain: string;
  readonly token: string;
  readonly users: readonly User[];
  readonly schedules: Schedule[];
  readonly policies: readonly Policy[];
  readonly services: readonly Service[];
  readonly windows: Window[];
  readonly priorities: readonly string[];
}

/** Two services: `oncall` (the ML on-call, then the second in line) and `lead` (the Platform Lead). */
export function usualAccount(): Account {
  const tell = { high: ['push', 'phone'], low: ['email'] };
  return {
    subdomain: 'mlp-sandbox',
    token: 'y_NbAkKc66ryYTWUXYEu',
    users: [
      { id: 'PSANA01', name: 'Sana Okafor', email: 'sana@example.com', tell },
      { id: 'PJONAS1', name: 'Jonas Weber', email: 'jonas@example.com', tell },
      { id: 'PMEILIN', name: 'Mei-Lin Chen', email: 'mei-lin@example.com', tell },
    ],
    schedules: [
      { id: 'PSCHED1', name: 'ML on-call', users: ['PSANA01', 'PJONAS1'], from: 0, shiftMs: 7 * 86_400_000 },
      { id: 'PSCHED2', name: 'Second in line', users: ['PJONAS1', 'PSANA01'], from: 0, shiftMs: 7 * 86_400_000 },
    ],
    policies: [
      {
        id: 'PPOLML1',
        name: 'ML platform',
        levels: [
          { delayMs: 900_000, schedules: ['PSCHED1'], users: [] },
          { delayMs: 900_000, schedules: ['PSCHED2'], users: [] },
        ],
      },
      { id: 'PPOLLED', name: 'Platform Lead', levels: [{ delayMs: 900_000, schedules: [], users: ['PMEILIN'] }] },
    ],
    services: [
      {
        id: 'PSVCML1',
        name: 'ML platform',
        policy: 'PPOLML1',
        routingKey: 'a1b2c3d4e5f60718293a4b5c6d7e8f90',
        urgency: 'by severity',
        disabled: false,
      },
      {
        id: 'PSVCLED',
        name: 'Platform Lead',
        policy: 'PPOLLED',
        routingKey: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
        urgency: 'high',
        disabled: false,
      },
    ],
    windows: [],
    priorities: ['P1', 'P2', 'P3', 'P4', 'P5'],
  };
}

/** Who is on call at that level of a policy now. */
export function onCallAt(
  account: Account,
  policy: Policy,
  level: number,
  now: number,
): readonly { readonly user: string; readonly schedule: Schedule | null; readonly until: number | null }[] {
  const step = policy.levels[level];
  if (step === undefined) return [];
  const turns = step.schedules.flatMap((id) => {
    const schedule = account.schedules.find((one) => one.id === id);
    if (schedule === undefined || schedule.users.length === 0) return [];
    const shift = Math.floor((now - schedule.from) / schedule.shiftMs);
    const user = schedule.users[((shift % schedule.users.length) + schedule.users.length) % schedule.users.length];
    return user === undefined ? [] : [{ user, schedule, until: schedule.from + (shift + 1) * schedule.shiftMs }];
  });
  return [...turns, ...step.users.map((user) => ({ user, schedule: null, until: null }))];
}
