import type { Answer, Notification, PagedIncident, PagedPerson, Reached, WhyNobody } from '../../core/ports/paging.ts';
import type { Api, Route } from './paging.ts';
import { onCall } from './people.ts';
import { Alerts, Incidents, LogEntries, MaintenanceWindows, Service, type Incident, type User } from './replies.ts';

/** Reading an incident back: an accepted event is not a page. */

const maxPages = 3;
const pageSize = 100;

/** The newest incident of that key. Asked by `incident_key`, which also finds incidents by the key of an alert in them. */
export async function newest(
  api: Api,
  route: Route,
  key: string,
  signal: AbortSignal | undefined,
): Promise<Answer<Incident | null>> {
  const answer = await api.get(
    '/incidents',
    {
      incident_key: key,
      ...(route.service === null ? {} : { 'service_ids[]': [route.service] }),
      'include[]': ['assignees', 'acknowledgers'],
      date_range: 'all',
      sort_by: 'created_at:desc',
      limit: '1',
    },
    Incidents,
    signal,
  );
  return answer.is === 'unknown' ? answer : { is: 'read', value: answer.value.incidents[0] ?? null };
}

export function incidentOf(incident: Incident, person: (user: User) => PagedPerson): PagedIncident {
  return {
    id: incident.id,
    number: incident.incident_number,
    link: incident.html_url,
    title: incident.title,
    status: incident.status,
    urgency: incident.urgency,
    priority: incident.priority?.summary ?? incident.priority?.name ?? null,
    service: incident.service.summary ?? incident.service.id,
    createdAt: incident.created_at,
    assigned: incident.assignments.map((one) => person(one.assignee)),
    acknowledgedBy: incident.acknowledgements.map((one) => person(one.acknowledger)),
    acknowledgedAt: momentOf(incident.acknowledgements.at(-1)?.at),
  };
}

/** With their offset in it; as UTC. */
function momentOf(at: string | null | undefined): string | null {
  const ms = at == null ? Number.NaN : Date.parse(at);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

export async function reached(
  api: Api,
  route: Route,
  key: string,
  signal: AbortSignal | undefined,
): Promise<Answer<Reached>> {
  const found = await newest(api, route, key, signal);
  if (found.is === 'unknown') return found;
  if (found.value === null) return withoutIncident(api, route, signal);
  const told = await notifications(api, found.value.id, signal);
  if (told.is === 'unknown') return told;
  const incident = incidentOf(found.value, api.person);
  if (told.value.length > 0) {
    // Their log only refers to people; the incident has their addresses.
    const known = new Map([...incident.assigned, ...incident.acknowledgedBy].map((one) => [one.id, one]));
    const whom = told.value.map((one) => ({ ...one, who: known.get(one.who.id) ?? one.who }));
    return { is: 'read', value: { is: 'notified', incident, whom } };
  }
  const nobody = (why: WhyNobody, because: string): Answer<Reached> => ({
    is: 'read',
    value: { is: 'nobody', why, because, incident },
  });
  if (incident.status === 'resolved') return nobody('resolved before', 'it was resolved before anybody was told');
  if (incident.status === 'acknowledged') {
    const names = incident.acknowledgedBy.map((one) => one.name).join(', ');
    return nobody(
      'acknowledged before',
      names === '' ? 'it is acknowledged already' : `${names} acknowledged it already`,
    );
  }
  if (incident.urgency === 'low')
    return nobody('low urgency', `${incident.service} gives it low urgency, so no phone rings`);
  if (incident.assigned.length === 0) return nobody('nobody on call', 'it is assigned to nobody');
  const names = incident.assigned.map((one) => one.name).join(', ');
  return { is: 'read', value: { is: 'not yet', because: `assigned to ${names}, not told yet`, incident } };
}

/** The event was accepted, and there is no incident: the service says why, or it is still on its way. */
async function withoutIncident(api: Api, route: Route, signal: AbortSignal | undefined): Promise<Answer<Reached>> {
  const nobody = (why: WhyNobody, because: string): Answer<Reached> => ({
    is: 'read',
    value: { is: 'nobody', why, because, incident: null },
  });
  if (route.service !== null) {
    const answer = await api.get(`/services/${encodeURIComponent(route.service)}`, {}, Service, signal);
    if (answer.is === 'unknown') return answer;
    const { service } = answer.value;
    const name = service.name ?? service.summary ?? service.id;
    if (service.status === 'disabled') return nobody('service disabled', `the service ${name} is disabled there`);
    if (service.status === 'maintenance')
      return nobody(
        'maintenance window',
        `the service ${name} is in maintenance${await windowOf(api, service.id, signal)}`,
      );
  }
  const now = await onCall(api, [route], signal);
  if (now.is === 'unknown') return now;
  if (now.value.length === 0 && (route.policy !== null || route.service !== null))
    return nobody('nobody on call', 'nobody is on call there');
  return { is: 'read', value: { is: 'not yet', because: 'no incident has come of it yet', incident: null } };
}

/** Only for the sentence: without an answer it is shorter. */
async function windowOf(api: Api, service: string, signal: AbortSignal | undefined): Promise<string> {
  const answer = await api.get(
    '/maintenance_windows',
    { 'service_ids[]': [service], filter: 'ongoing', limit: '1' },
    MaintenanceWindows,
    signal,
  );
  const [window] = answer.is === 'read' ? answer.value.maintenance_windows : [];
  if (window === undefined) return '';
  const why = window.description == null || window.description === '' ? '' : ` (${window.description.slice(0, 100)})`;
  return ` until ${window.end_time}${why}`;
}

/** Their log, newest first, says who was told and how; oldest first here. One whose delivery failed does not count. */
async function notifications(
  api: Api,
  incidentId: string,
  signal: AbortSignal | undefined,
): Promise<Answer<readonly Notification[]>> {
  const all: Notification[] = [];
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await api.get(
      `/incidents/${encodeURIComponent(incidentId)}/log_entries`,
      { is_overview: 'false', 'include[]': ['channels'], limit: String(pageSize), offset: String(page * pageSize) },
      LogEntries,
      signal,
    );
    if (answer.is === 'unknown') return answer;
    for (const { type, user, channel, created_at } of answer.value.log_entries) {
      if (type !== 'notify_log_entry' || user == null) continue;
      const status = channel?.notification?.status ?? 'success';
      if (/fail|error|undeliver|bounce/i.test(status)) continue;
      all.push({ who: api.person(user), how: channel?.notification?.type ?? 'not told how', at: created_at });
    }
    if (answer.value.more !== true) break;
  }
  return { is: 'read', value: all.toReversed().toSorted((a, b) => a.at.localeCompare(b.at)) };
}

export async function keysOf(
  api: Api,
  incidentId: string,
  signal: AbortSignal | undefined,
): Promise<Answer<readonly string[]>> {
  const path = `/incidents/${encodeURIComponent(incidentId)}/alerts`;
  const answer = await api.get(path, { limit: String(pageSize), sort_by: 'created_at:asc' }, Alerts, signal);
  if (answer.is === 'unknown') return answer;
  return { is: 'read', value: answer.value.alerts.flatMap((one) => (one.alert_key == null ? [] : [one.alert_key])) };
}
