import { newId, type Happenings } from './happen.ts';
import type { Agent, Incident, Note } from './model.ts';

/** What people do to an incident, in PagerDuty's app or on the phone. */
export type Act =
  | { readonly does: 'acknowledge' | 'resolve' | 'reopen' }
  | Handing
  | { readonly does: 'prioritise'; readonly priority: string | null }
  | { readonly does: 'note' | 'status update'; readonly text: string };

export function act(all: Happenings, incident: Incident, by: string, what: Act): void {
  const agent: Agent = { is: 'user', id: by };
  switch (what.does) {
    case 'acknowledge':
      return all.acknowledge(incident, agent);
    case 'resolve':
      return all.resolve(incident, agent);
    case 'reopen':
      return reopen(all, incident, agent);
    case 'note':
      addNote(all, incident, by, what.text);
      return undefined;
    case 'status update':
      return all.tell('incident.status_update_published', incident, agent, { id: newId(), message: what.text });
    case 'prioritise':
      incident.priority = what.priority;
      return all.tell('incident.priority_updated', incident, agent);
    case 'escalate':
    case 'reassign':
    case 'delegate':
      return incident.status === 'resolved' ? undefined : hand(all, incident, agent, what);
  }
}

export function addNote(all: Happenings, incident: Incident, by: string, content: string): Note {
  const agent: Agent = { is: 'user', id: by };
  const note = { id: newId(), by, at: all.options.now(), content };
  incident.notes.push(note);
  all.log(incident, 'annotate_log_entry', agent, `Note added by ${all.nameOf(agent)}`);
  all.tell('incident.annotated', incident, agent, { note });
  return note;
}

/** Nobody did anything while it was acknowledged: it rings again. */
export function timeOut(all: Happenings, incident: Incident): void {
  if (incident.status !== 'acknowledged') return;
  triggeredAgain(incident);
  all.log(incident, 'unacknowledge_log_entry', { is: 'service', id: incident.service }, 'Unacknowledged by timeout');
  all.tell('incident.unacknowledged', incident, null);
  all.notify(incident);
}

function reopen(all: Happenings, incident: Incident, agent: Agent): void {
  if (incident.status !== 'resolved') return;
  triggeredAgain(incident);
  for (const alert of incident.alerts) alert.status = 'triggered';
  all.assign(incident, incident.level);
  all.tell('incident.reopened', incident, agent);
  all.notify(incident);
}

type Handing =
  | { readonly does: 'escalate' }
  | { readonly does: 'reassign'; readonly to: readonly string[] }
  | { readonly does: 'delegate'; readonly policy: string };

function hand(all: Happenings, incident: Incident, agent: Agent, what: Handing): void {
  const by = all.nameOf(agent);
  triggeredAgain(incident);
  switch (what.does) {
    case 'escalate':
      all.assign(incident, Math.min(incident.level + 1, all.policy(incident.policy).levels.length - 1));
      all.log(incident, 'escalate_log_entry', agent, `Escalated to ${all.names(incident.assigned)} by ${by}`);
      all.tell('incident.escalated', incident, agent);
      break;
    case 'reassign':
      incident.assigned = [...what.to];
      all.log(incident, 'assign_log_entry', agent, `Assigned to ${all.names(what.to)} by ${by}`);
      all.tell('incident.reassigned', incident, agent);
      break;
    case 'delegate':
      incident.policy = all.policy(what.policy).id;
      all.assign(incident, 0);
      all.log(incident, 'delegate_log_entry', agent, `Delegated to ${all.policy(what.policy).name} by ${by}`);
      all.tell('incident.delegated', incident, agent);
      break;
  }
  all.notify(incident);
}

function triggeredAgain(incident: Incident): void {
  incident.status = 'triggered';
  incident.acknowledged = [];
}
