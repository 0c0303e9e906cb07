import {
  onCallAt,
  type Account,
  type Agent,
  type Alert,
  type Incident,
  type LogEntry,
  type Policy,
  type Service,
  type Urgency,
} from './model.ts';

/** What happens in the account: events become incidents, incidents tell people, people act. */

export interface EventIn {
  readonly action: 'trigger' | 'acknowledge' | 'resolve';
  readonly service: string;
  readonly key: string;
  readonly summary: string;
  readonly severity: string;
  readonly event: unknown;
}

/** Something that a webhook tells. `data` is made by who sends it. */
export interface Happened {
  readonly type: string;
  readonly incident: Incident;
  readonly agent: Agent | null;
  readonly more: Readonly<Record<string, unknown>>;
}

export interface HappenOptions {
  readonly account: Account;
  readonly now: () => number;
  /** So long after an incident its people are told. */
  readonly notifyMs: number;
  readonly onHappened: (what: Happened) => void;
}

let serial = 0;
/** As theirs look: P or Q and letters and digits. */
export const newId = (): string =>
  `Q${(serial += 1).toString(36).toUpperCase().padStart(5, '0')}${Math.floor(Math.random() * 36 ** 6)
    .toString(36)
    .toUpperCase()
    .padStart(6, '0')}`;

export class Happenings {
  readonly incidents: Incident[] = [];
  /** Events that were accepted and came to nothing, with why. */
  readonly dropped: { readonly key: string; readonly why: string }[] = [];
  readonly options: HappenOptions;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: HappenOptions) {
    this.options = options;
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }

  statusOf(service: Service): 'active' | 'warning' | 'critical' | 'maintenance' | 'disabled' {
    const now = this.options.now();
    if (service.disabled) return 'disabled';
    const { windows } = this.options.account;
    if (windows.some((one) => one.service === service.id && one.from <= now && now < one.to)) return 'maintenance';
    const open = this.incidents.filter((one) => one.service === service.id && one.status !== 'resolved');
    if (open.some((one) => one.status === 'triggered')) return 'critical';
    return open.length > 0 ? 'warning' : 'active';
  }

  /** An event of the Events API, after their queue. */
  event(event: EventIn): void {
    const service = this.#service(event.service);
    const status = this.statusOf(service);
    const found = this.#openAlert(event);
    // https://support.pagerduty.com/docs/maintenance-windows: integrations are switched off, open incidents cannot be resolved by events.
    if (status === 'disabled' || status === 'maintenance') return this.#drop(event, status);
    const agent: Agent = { is: 'service', id: service.id };
    if (event.action === 'trigger')
      return found === null ? this.#open(event, service) : this.#again(found, event, agent);
    if (found === null) return this.#drop(event, 'no open alert with that key');
    if (event.action === 'acknowledge') this.acknowledge(found.incident, agent);
    else {
      found.alert.status = 'resolved';
      if (found.incident.alerts.every((one) => one.status === 'resolved')) this.resolve(found.incident, agent);
    }
  }

  acknowledge(incident: Incident, agent: Agent): void {
    if (incident.status === 'resolved') return;
    const user = agent.is === 'user' ? agent.id : null;
    if (incident.acknowledged.some((one) => one.user === user)) return;
    incident.status = 'acknowledged';
    incident.acknowledged.push({ user, at: this.options.now() });
    this.log(incident, 'acknowledge_log_entry', agent, `Acknowledged by ${this.nameOf(agent)}`);
    this.tell('incident.acknowledged', incident, agent);
  }

  resolve(incident: Incident, agent: Agent): void {
    if (incident.status === 'resolved') return;
    incident.status = 'resolved';
    incident.assigned = [];
    for (const alert of incident.alerts) alert.status = 'resolved';
    this.log(incident, 'resolve_log_entry', agent, `Resolved by ${this.nameOf(agent)}`);
    this.tell('incident.resolved', incident, agent);
  }

  nameOf(agent: Agent): string {
    const { users, services } = this.options.account;
    const all: readonly { readonly id: string; readonly name: string }[] = agent.is === 'user' ? users : services;
    return all.find((one) => one.id === agent.id)?.name ?? agent.id;
  }

  #open(event: EventIn, service: Service): void {
    const policy = this.policy(service.policy);
    const now = this.options.now();
    const level = policy.levels.findIndex((_, index) => onCallAt(this.options.account, policy, index, now).length > 0);
    // https://community.pagerduty.com/forum/t/1621: a gap in the schedule, and no incident triggers.
    if (level === -1) return this.#drop(event, 'nobody on call');
    const incident: Incident = {
      id: newId(),
      number: this.incidents.length + 1,
      createdAt: now,
      service: service.id,
      policy: policy.id,
      title: event.summary,
      status: 'triggered',
      urgency: urgencyOf(service, event.severity),
      priority: null,
      level,
      assigned: [],
      acknowledged: [],
      alerts: [
        {
          id: newId(),
          key: event.key,
          status: 'triggered',
          severity: event.severity,
          summary: event.summary,
          event: event.event,
          count: 1,
        },
      ],
      log: [],
      notes: [],
    };
    this.incidents.push(incident);
    const agent: Agent = { is: 'service', id: service.id };
    this.log(incident, 'trigger_log_entry', agent, 'Triggered through the API', 'api');
    this.assign(incident, level);
    this.log(incident, 'assign_log_entry', agent, `Assigned to ${this.names(incident.assigned)}`);
    this.tell('incident.triggered', incident, agent);
    this.notify(incident);
  }

  #again(
    { incident, alert }: { readonly incident: Incident; readonly alert: Alert },
    event: EventIn,
    agent: Agent,
  ): void {
    Object.assign(alert, {
      severity: event.severity,
      summary: event.summary,
      event: event.event,
      count: alert.count + 1,
    });
    this.log(incident, 'trigger_log_entry', agent, 'Triggered through the API', 'api');
  }

  #openAlert(event: EventIn): { readonly incident: Incident; readonly alert: Alert } | null {
    for (const incident of this.incidents) {
      if (incident.service !== event.service || incident.status === 'resolved') continue;
      const alert = incident.alerts.find((one) => one.key === event.key && one.status === 'triggered');
      if (alert !== undefined) return { incident, alert };
    }
    return null;
  }

  assign(incident: Incident, level: number): void {
    incident.level = level;
    const people = onCallAt(this.options.account, this.policy(incident.policy), level, this.options.now());
    incident.assigned = [...new Set(people.map((one) => one.user))];
  }

  /** Told unless somebody acknowledged it before. */
  notify(incident: Incident): void {
    const whom = [...incident.assigned];
    this.later(this.options.notifyMs, () => {
      if (incident.status !== 'triggered') return;
      for (const id of whom) {
        const user = this.options.account.users.find((one) => one.id === id);
        for (const how of user?.tell[incident.urgency] ?? []) {
          const address = how === 'email' ? (user?.email ?? '') : '+49 30 0000000';
          this.log(incident, 'notify_log_entry', null, `Notified ${user?.name ?? id} by ${how}`, 'auto', {
            user: id,
            how,
            address,
          });
        }
      }
    });
  }

  log(
    incident: Incident,
    type: string,
    agent: Agent | null,
    summary: string,
    channel = 'auto',
    told: LogEntry['told'] = null,
  ): void {
    const assignees = type === 'assign_log_entry' || type === 'escalate_log_entry' ? [...incident.assigned] : [];
    incident.log.push({ id: newId(), type, at: this.options.now(), agent, summary, channel, told, assignees });
  }

  tell(type: string, incident: Incident, agent: Agent | null, more: Happened['more'] = {}): void {
    this.options.onHappened({ type, incident: structuredClone(incident), agent, more });
  }

  #drop(event: EventIn, why: string): void {
    this.dropped.push({ key: event.key, why });
  }
  names(users: readonly string[]): string {
    return users.map((id) => this.nameOf({ is: 'user', id })).join(', ');
  }
  #service(id: string): Service {
    const found = this.options.account.services.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no service ${id}`);
    return found;
  }
  policy(id: string): Policy {
    const found = this.options.account.policies.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no escalation policy ${id}`);
    return found;
  }
}

function urgencyOf(service: Service, severity: string): Urgency {
  if (service.urgency !== 'by severity') return service.urgency;
  return severity === 'critical' || severity === 'error' ? 'high' : 'low';
}
