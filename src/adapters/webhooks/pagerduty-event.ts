import { z } from 'zod';
import type { PagedBy, PagedChange, PagedEvent, PagedPerson } from '../../core/ports/paging.ts';
import { redact } from '../../core/redact.ts';

/**
 * A v3 webhook of PagerDuty and what it means (github.com/PagerDuty/developer-docs, `docs/webhooks/01-Overview.md` and
 * `20-Early-Access-Webhooks.md`). Texts are untrusted: cut, without control characters, secrets taken out.
 */

const maxText = 4_000;
const maxTitle = 300;

const text = z.string().max(200_000);
const id = z.string().min(1).max(200);
/** Sometimes a whole object, sometimes only an id and a type. */
const Reference = z.object({ id, type: text.nullish(), summary: text.nullish(), html_url: text.nullish() });
type Reference = z.infer<typeof Reference>;

export const Delivery = z.object({
  event: z.object({
    id,
    event_type: z.string().min(1).max(200),
    occurred_at: z.iso.datetime({ offset: true }),
    agent: Reference.nullish(),
    data: z.unknown(),
  }),
});
export type Delivery = z.infer<typeof Delivery>;

const Incident = z.object({
  id,
  html_url: text.nullish(),
  title: text.nullish(),
  incident_key: text.nullish(),
  urgency: z.enum(['high', 'low']).nullish(),
  assignees: z.array(Reference).nullish(),
  escalation_policy: Reference.nullish(),
  priority: Reference.nullish(),
  service: Reference.nullish(),
  resolve_reason: z.object({ type: text.nullish(), incident: Reference.nullish() }).nullish(),
});
const Note = z.object({ incident: Reference, id, content: text, trimmed: z.boolean().nullish() });
const StatusUpdate = z.object({ incident: Reference, message: text, trimmed: z.boolean().nullish() });
const Responder = z.object({
  incident: Reference,
  user: Reference.nullish(),
  escalation_policy: Reference.nullish(),
  message: text.nullish(),
  state: text.nullish(),
});

/** Types of which nothing follows here, by name. */
export const IGNORED: ReadonlySet<string> = new Set([
  'incident.action_invocation.created',
  'incident.action_invocation.terminated',
  'incident.action_invocation.updated',
  'incident.conference_bridge.updated',
  'incident.custom_field_values.updated',
  'incident.incident_type.changed',
  'incident.role.assigned',
  'incident.task.completed',
  'incident.task.created',
  'incident.task.updated',
  'incident.title_updated',
  'incident.urgency_updated',
  'incident.workflow.completed',
  'incident.workflow.started',
  'pagey.ping',
  'service.created',
  'service.custom_field_values.updated',
  'service.deleted',
  'service.updated',
]);

type Read = { readonly incident: PagedEvent['incident']; readonly what: PagedChange };
type Person = (reference: Reference) => PagedPerson;

/** How each type that means something is read. */
export const READ: Readonly<Record<string, (data: unknown, person: Person) => Read | null>> = {
  'incident.triggered': ofIncident(({ urgency, assignees }, person) => ({
    does: 'triggered',
    urgency: urgency ?? 'high',
    assigned: (assignees ?? []).map(person),
  })),
  'incident.acknowledged': ofIncident(() => ({ does: 'acknowledged' })),
  'incident.unacknowledged': ofIncident(() => ({ does: 'unacknowledged' })),
  'incident.reopened': ofIncident(() => ({ does: 'reopened' })),
  'incident.resolved': ofIncident(({ resolve_reason: reason }) => ({
    does: 'resolved',
    mergedInto: reason?.type === 'merge_resolve_reason' ? (reason.incident?.id ?? null) : null,
  })),
  'incident.reassigned': handed('reassigned'),
  'incident.delegated': handed('delegated'),
  'incident.escalated': handed('escalated'),
  'incident.priority_updated': ofIncident(({ priority }) => ({
    does: 'priority updated',
    priority: priority == null ? null : clean(priority.summary ?? priority.id, maxTitle),
  })),
  'incident.service_updated': ofIncident(({ service }) => ({
    does: 'moved',
    service: clean(service?.summary ?? service?.id ?? '', maxTitle),
  })),
  'incident.annotated': (data) => {
    const note = Note.safeParse(data).data;
    if (note === undefined) return null;
    const what = { does: 'note added', note: note.id, text: clean(note.content, maxText) } as const;
    return { incident: referred(note.incident), what: { ...what, trimmed: isTrimmed(note.trimmed, note.content) } };
  },
  'incident.status_update_published': (data) => {
    const update = StatusUpdate.safeParse(data).data;
    if (update === undefined) return null;
    const what = { does: 'status update', text: clean(update.message, maxText) } as const;
    return {
      incident: referred(update.incident),
      what: { ...what, trimmed: isTrimmed(update.trimmed, update.message) },
    };
  },
  'incident.responder.added': responder,
  'incident.responder.replied': responder,
};

/** Null: this type was to be read, and its data could not be. `chatIds`: by PagerDuty id. */
export function eventOf({ event }: Delivery, chatIds: Readonly<Record<string, string>>): PagedEvent | null {
  const person: Person = ({ id: who, summary }) => ({
    id: who,
    name: clean(summary ?? who, maxTitle),
    email: null,
    chatId: chatIds[who] ?? null,
  });
  const read = READ[event.event_type]?.(event.data, person) ?? null;
  if (read === null) return null;
  const at = new Date(event.occurred_at).toISOString();
  return { is: 'paged-event', id: event.id, at, by: byOf(event.agent ?? null, person), ...read };
}

function byOf(agent: Reference | null, person: Person): PagedBy {
  if (agent === null) return { is: 'nobody named' };
  const type = agent.type ?? '';
  if (type === 'user_reference' || type === 'user') return { is: 'person', who: person(agent) };
  return { is: 'machine', name: clean(agent.summary ?? (type === '' ? agent.id : type), maxTitle) };
}

type IncidentData = z.infer<typeof Incident>;

function ofIncident(
  meaning: (data: IncidentData, person: Person) => PagedChange,
): (data: unknown, person: Person) => Read | null {
  return (data, person) => {
    const incident = Incident.safeParse(data).data;
    if (incident === undefined) return null;
    const { id: which, incident_key: key, title, html_url: link } = incident;
    return {
      incident: { id: which, key: key ?? null, title: clean(title ?? '', maxTitle), link: linkOf(link) },
      what: meaning(incident, person),
    };
  };
}

function handed(does: 'reassigned' | 'delegated' | 'escalated'): (data: unknown, person: Person) => Read | null {
  return ofIncident(({ assignees, escalation_policy: policy }, person) => ({
    does,
    to: (assignees ?? []).map(person),
    policy: clean(policy?.summary ?? '', maxTitle),
  }));
}

function responder(data: unknown): Read | null {
  const read = Responder.safeParse(data).data;
  if (read === undefined) return null;
  const whom = read.user ?? read.escalation_policy;
  const state =
    read.state === 'accepted' || read.state === 'joined'
      ? 'accepted'
      : read.state === 'declined'
        ? 'declined'
        : 'asked';
  return {
    incident: referred(read.incident),
    what: {
      does: 'responder',
      whom: clean(whom?.summary ?? whom?.id ?? '', maxTitle),
      state,
      message: clean(read.message ?? '', maxText),
    },
  };
}

function referred({ id: which, summary, html_url: link }: Reference): PagedEvent['incident'] {
  return { id: which, key: null, title: clean(summary ?? '', maxTitle), link: linkOf(link) };
}

const linkOf = (url: string | null | undefined): string | null =>
  url != null && url.length <= 500 && /^https:\/\/[\w.-]+\/[\w/.?=&%#-]*$/.test(url) ? url : null;

const isTrimmed = (theirs: boolean | null | undefined, content: string): boolean =>
  theirs === true || content.length > maxText;

/** Line ends and tabs stay. */
function clean(given: string, most: number): string {
  const shown = redact(given.slice(0, most + 1_000).toWellFormed()).replaceAll(/[\p{Cc}\p{Cf}]/gu, (one) =>
    one === '\n' || one === '\t' || one === '\u200D' ? one : ' ',
  );
  return shown.length <= most ? shown : `${shown.slice(0, most - 1).toWellFormed()}…`;
}
