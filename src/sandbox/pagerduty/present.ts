import { onCallAt, type Account, type Agent, type Incident, type LogEntry, type Policy } from './model.ts';
import type { Happened } from './happen.ts';

/** Things of the account as PagerDuty's REST API and its webhooks write them (github.com/PagerDuty/api-schema, `reference/REST`). */

type Json = Readonly<Record<string, unknown>>;

const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const PLACES = {
  user: 'users',
  service: 'services',
  escalation_policy: 'escalation_policies',
  schedule: 'schedules',
  incident: 'incidents',
} as const;

export function reference(account: Account, kind: keyof typeof PLACES, id: string): Json {
  const all: Record<keyof typeof PLACES, readonly { readonly id: string; readonly name: string }[]> = {
    user: account.users,
    service: account.services,
    escalation_policy: account.policies,
    schedule: account.schedules,
    incident: [],
  };
  return {
    id,
    type: `${kind}_reference`,
    summary: all[kind].find((one) => one.id === id)?.name ?? null,
    self: `https://api.pagerduty.com/${PLACES[kind]}/${id}`,
    html_url: `https://${account.subdomain}.pagerduty.com/${PLACES[kind]}/${id}`,
  };
}

export function userOf(account: Account, id: string): Json {
  const found = account.users.find((one) => one.id === id);
  return {
    ...reference(account, 'user', id),
    type: 'user',
    name: found?.name ?? id,
    email: found?.email ?? '',
    time_zone: 'Etc/UTC',
    role: 'user',
    invitation_sent: false,
  };
}

const agentOf = (account: Account, agent: Agent | null): Json | null =>
  agent === null ? null : reference(account, agent.is, agent.id);

/** "Incidents with child alerts do not have an incident key" (REST schema, `incident_key`). */
const incidentKey = null;
const priorityOf = (account: Account, name: string | null): Json | null =>
  name === null
    ? null
    : {
        id: `PRIO${name}`,
        type: 'priority_reference',
        summary: name,
        self: `https://api.pagerduty.com/priorities/PRIO${name}`,
        html_url: `https://${account.subdomain}.pagerduty.com/account/incident_priorities`,
      };

/** `include`: what `include[]` asked for. */
export function incidentOf(account: Account, incident: Incident, include: readonly string[]): Json {
  const person = (id: string, name: string): Json =>
    include.includes(name) ? userOf(account, id) : reference(account, 'user', id);
  const { id } = incident;
  return {
    id,
    type: 'incident',
    summary: `[#${incident.number}] ${incident.title}`,
    self: `https://api.pagerduty.com/incidents/${id}`,
    html_url: `https://${account.subdomain}.pagerduty.com/incidents/${id}`,
    incident_number: incident.number,
    title: incident.title,
    created_at: iso(incident.createdAt),
    updated_at: iso(incident.log.at(-1)?.at ?? incident.createdAt),
    status: incident.status,
    incident_key: incidentKey,
    service: reference(account, 'service', incident.service),
    assignments: incident.assigned.map((user) => ({
      at: iso(incident.createdAt),
      assignee: person(user, 'assignees'),
    })),
    acknowledgements: incident.acknowledged.map(({ user, at }) => ({
      at: iso(at),
      acknowledger: user === null ? reference(account, 'service', incident.service) : person(user, 'acknowledgers'),
    })),
    escalation_policy: reference(account, 'escalation_policy', incident.policy),
    teams: [],
    pending_actions: [],
    alert_counts: {
      all: incident.alerts.length,
      triggered: incident.alerts.filter((one) => one.status === 'triggered').length,
      resolved: incident.alerts.filter((one) => one.status === 'resolved').length,
    },
    priority: priorityOf(account, incident.priority),
    urgency: incident.urgency,
    resolve_reason: null,
    conference_bridge: null,
  };
}

export function logEntryOf(account: Account, incident: Incident, entry: LogEntry): Json {
  return {
    id: entry.id,
    type: entry.type,
    summary: entry.summary,
    self: `https://api.pagerduty.com/log_entries/${entry.id}`,
    html_url: null,
    created_at: iso(entry.at),
    agent: agentOf(account, entry.agent),
    channel: {
      type: entry.channel,
      ...(entry.told === null
        ? {}
        : { notification: { type: entry.told.how, address: entry.told.address, status: 'success' } }),
    },
    service: reference(account, 'service', incident.service),
    incident: { ...reference(account, 'incident', incident.id), summary: `[#${incident.number}] ${incident.title}` },
    teams: [],
    contexts: [],
    ...(entry.told === null ? {} : { user: reference(account, 'user', entry.told.user) }),
    ...(entry.assignees.length === 0 ? {} : { assignees: entry.assignees.map((id) => reference(account, 'user', id)) }),
  };
}

/** Every level of these policies, now. */
export function onCallsOf(
  account: Account,
  policies: readonly Policy[],
  include: readonly string[],
  now: number,
): readonly Json[] {
  return policies.flatMap((policy) =>
    policy.levels.flatMap((_, index) =>
      onCallAt(account, policy, index, now).map(({ user, schedule, until }) => ({
        escalation_policy: reference(account, 'escalation_policy', policy.id),
        escalation_level: index + 1,
        schedule: schedule === null ? null : reference(account, 'schedule', schedule.id),
        user: include.includes('users') ? userOf(account, user) : reference(account, 'user', user),
        start: schedule === null ? null : iso((until ?? 0) - schedule.shiftMs),
        end: until === null ? null : iso(until),
      })),
    ),
  );
}

/** A v3 webhook's payload (github.com/PagerDuty/developer-docs, `docs/webhooks/01-Overview.md`). */
export function deliveryOf(account: Account, id: string, { type, incident, agent, more }: Happened, now: number): Json {
  const kind =
    type === 'incident.annotated'
      ? 'incident_note'
      : type === 'incident.status_update_published'
        ? 'incident_status_update'
        : 'incident';
  return {
    event: {
      id,
      event_type: type,
      resource_type: 'incident',
      occurred_at: new Date(now).toISOString(),
      agent: agentOf(account, agent),
      client: agent?.is === 'service' ? { name: 'mlp-bot' } : null,
      data: dataOf(account, kind, incident, more),
    },
  };
}

function dataOf(account: Account, kind: string, incident: Incident, more: Happened['more']): Json {
  const of = { ...reference(account, 'incident', incident.id), summary: incident.title };
  if (kind === 'incident_note') {
    const { id, content } = more['note'] as { readonly id: string; readonly content: string };
    return { incident: of, id, content, trimmed: false, type: kind };
  }
  if (kind === 'incident_status_update') return { incident: of, ...more, trimmed: false, type: kind };
  const {
    incident_number: number,
    assignments: _a,
    acknowledgements: _b,
    summary: _c,
    ...rest
  } = incidentOf(account, incident, []);
  return {
    ...rest,
    number,
    assignees: incident.assigned.map((user) => reference(account, 'user', user)),
    incident_type: { name: 'incident_default' },
  };
}
