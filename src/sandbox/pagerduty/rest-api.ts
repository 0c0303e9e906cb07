import { addNote } from './acts.ts';
import type { Answer } from './faults.ts';
import type { Happenings } from './happen.ts';
import type { Incident } from './model.ts';
import { incidentOf, logEntryOf, onCallsOf, reference, userOf } from './present.ts';

/** The part of PagerDuty's REST API that is used here; codes and shapes of errors: developer-docs, `docs/REST-API/14-Errors.md`. */

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

const INCLUDES: Readonly<Record<string, readonly string[]>> = {
  incidents: [
    'acknowledgers',
    'agents',
    'assignees',
    'conference_bridge',
    'escalation_policies',
    'first_trigger_log_entries',
    'priorities',
    'services',
    'teams',
    'users',
  ],
  log_entries: ['incidents', 'services', 'channels', 'teams'],
  oncalls: ['escalation_policies', 'users', 'schedules'],
};
/** Query parameters that each list knows, beside `limit`, `offset`, `total`. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  incidents: [
    'date_range',
    'incident_key',
    'include[]',
    'service_ids[]',
    'since',
    'sort_by',
    'statuses[]',
    'team_ids[]',
    'time_zone',
    'until',
    'urgencies[]',
    'user_ids[]',
  ],
  log_entries: ['include[]', 'is_overview', 'since', 'time_zone', 'until'],
  alerts: ['alert_key', 'include[]', 'sort_by', 'statuses[]'],
  oncalls: [
    'earliest',
    'escalation_policy_ids[]',
    'include[]',
    'schedule_ids[]',
    'since',
    'time_zone',
    'until',
    'user_ids[]',
  ],
  maintenance_windows: ['filter', 'include[]', 'query', 'service_ids[]', 'team_ids[]'],
  one: ['include[]'],
};

export function rest(all: Happenings, request: Request): Answer {
  const { account } = all.options;
  if (request.headers['authorization'] !== `Token token=${account.token}`)
    return error(401, 2006, 'Authentication failed');
  const [, first = '', id = '', sub = ''] = request.path.split('/');
  const list = id === '' ? first : sub === '' ? 'one' : sub;
  const wrong = request.method === 'GET' ? queryErrors(list, request.query) : [];
  if (wrong.length > 0) return error(400, 2001, 'Invalid Input Provided', wrong);
  if (request.method === 'GET')
    return id === '' ? listed(all, first, request.query) : one(all, first, decodeURIComponent(id), sub, request.query);
  const incident = all.incidents.find((known) => known.id === id);
  if (request.method === 'POST' && first === 'incidents' && sub === 'notes')
    return incident === undefined ? notFound() : postNote(all, incident, request);
  return notFound();
}

function listed(all: Happenings, name: string, query: URLSearchParams): Answer {
  const { account, now } = all.options;
  switch (name) {
    case 'abilities':
      return { status: 200, body: { abilities: ['sso', 'urgencies'] } };
    case 'incidents':
      return page(
        query,
        name,
        incidentsFor(all, query).map((incident) => incidentOf(account, incident, query.getAll('include[]'))),
      );
    case 'oncalls': {
      const wanted = query.getAll('escalation_policy_ids[]');
      const policies = account.policies.filter((policy) => wanted.length === 0 || wanted.includes(policy.id));
      return page(query, name, onCallsOf(account, policies, query.getAll('include[]'), now()));
    }
    case 'maintenance_windows': {
      const services = query.getAll('service_ids[]');
      const found = account.windows.filter(
        (window) =>
          (services.length === 0 || services.includes(window.service)) &&
          (query.get('filter') !== 'ongoing' || (window.from <= now() && now() < window.to)),
      );
      return page(
        query,
        name,
        found.map((window) => ({
          id: window.id,
          type: 'maintenance_window',
          description: window.description,
          start_time: new Date(window.from).toISOString(),
          end_time: new Date(window.to).toISOString(),
          services: [reference(account, 'service', window.service)],
        })),
      );
    }
    default:
      return notFound();
  }
}

function one(all: Happenings, name: string, id: string, sub: string, query: URLSearchParams): Answer {
  const { account } = all.options;
  if (name === 'incidents') {
    const incident = all.incidents.find((known) => known.id === id);
    return incident === undefined ? notFound() : ofIncident(all, incident, sub, query);
  }
  if (sub !== '') return notFound();
  if (name === 'users')
    return account.users.some((user) => user.id === id) ? ok({ user: userOf(account, id) }) : notFound();
  if (name === 'escalation_policies')
    return account.policies.some((policy) => policy.id === id)
      ? ok({ escalation_policy: { ...reference(account, 'escalation_policy', id), type: 'escalation_policy' } })
      : notFound();
  const service = name === 'services' ? account.services.find((known) => known.id === id) : undefined;
  if (service === undefined) return notFound();
  return ok({
    service: {
      ...reference(account, 'service', id),
      type: 'service',
      name: service.name,
      status: all.statusOf(service),
      alert_creation: 'create_alerts_and_incidents',
      escalation_policy: reference(account, 'escalation_policy', service.policy),
    },
  });
}

function ofIncident(all: Happenings, incident: Incident, sub: string, query: URLSearchParams): Answer {
  const { account } = all.options;
  switch (sub) {
    case '':
      return ok({ incident: incidentOf(account, incident, query.getAll('include[]')) });
    case 'log_entries':
      // Newest first.
      return page(
        query,
        sub,
        incident.log.toReversed().map((entry) => logEntryOf(account, incident, entry)),
      );
    case 'alerts':
      return page(
        query,
        sub,
        incident.alerts.map(({ id, key, status, severity, summary }) => ({
          id,
          type: 'alert',
          summary,
          alert_key: key,
          status,
          severity,
          suppressed: false,
        })),
      );
    case 'notes':
      return ok({
        notes: incident.notes.map(({ id, by, at, content }) => ({
          id,
          content,
          created_at: new Date(at).toISOString(),
          user: reference(account, 'user', by),
        })),
      });
    default:
      return notFound();
  }
}

function postNote(all: Happenings, incident: Incident, { headers, body }: Request): Answer {
  const from = headers['from'];
  if (typeof from !== 'string' || from === '')
    return error(400, 2001, 'Invalid Input Provided', ['From header is missing']);
  const user = all.options.account.users.find((known) => known.email === from);
  if (user === undefined) return error(400, 1008, 'Requester User Not Found');
  let content: unknown;
  try {
    content = (JSON.parse(body.toString('utf8')) as { note?: { content?: unknown } } | null)?.note?.content;
  } catch {
    return error(400, 2001, 'Invalid Input Provided', ['JSON parse error']);
  }
  if (typeof content !== 'string' || content.trim() === '')
    return error(400, 2001, 'Invalid Input Provided', ['Content cannot be empty.']);
  const note = addNote(all, incident, user.id, content);
  return {
    status: 200,
    body: {
      note: {
        id: note.id,
        content,
        created_at: new Date(note.at).toISOString(),
        user: reference(all.options.account, 'user', user.id),
      },
    },
  };
}

function incidentsFor(all: Happenings, query: URLSearchParams): readonly Incident[] {
  const key = query.get('incident_key');
  const services = query.getAll('service_ids[]');
  const statuses = query.getAll('statuses[]');
  const found = all.incidents.filter(
    (incident) =>
      (key === null || incident.alerts.some((alert) => alert.key === key)) &&
      (services.length === 0 || services.includes(incident.service)) &&
      (statuses.length === 0 || statuses.includes(incident.status)),
  );
  return query.get('sort_by')?.endsWith(':desc') === true ? found.toReversed() : found;
}

function queryErrors(list: string, query: URLSearchParams): readonly string[] {
  const known = KNOWN[list] ?? [];
  const errors: string[] = [];
  for (const name of new Set(query.keys()))
    if (!known.includes(name) && !['limit', 'offset', 'total'].includes(name)) errors.push(`Unknown parameter ${name}`);
  const limit = Number(query.get('limit') ?? '25');
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) errors.push('Limit must be between 1 and 100');
  if (!/^\d+$/.test(query.get('offset') ?? '0')) errors.push('Offset must be a number');
  const includes = INCLUDES[list];
  if (includes !== undefined)
    for (const name of query.getAll('include[]')) if (!includes.includes(name)) errors.push(`Invalid include ${name}`);
  const sort = query.get('sort_by');
  if (sort !== null && !/^(incident_number|created_at|resolved_at|urgency):(asc|desc)$/.test(sort))
    errors.push('Invalid sort_by');
  return errors;
}

function page(query: URLSearchParams, name: string, rows: readonly unknown[]): Answer {
  const limit = Number(query.get('limit') ?? '25');
  const offset = Number(query.get('offset') ?? '0');
  const more = offset + limit < rows.length;
  return ok({ [name]: rows.slice(offset, offset + limit), limit, offset, total: null, more });
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const notFound = (): Answer => error(404, 2100, 'Not Found');
function error(status: number, code: number, message: string, errors?: readonly string[]): Answer {
  return { status, body: { error: { message, code, ...(errors === undefined ? {} : { errors }) } } };
}
