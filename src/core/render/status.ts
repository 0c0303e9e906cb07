import { coveredUntil } from '../incident/maintained.ts';
import type { Incident } from '../incident/state.ts';
import type { Message } from '../message.ts';
import type { Glance, StreamInfo, Summary } from '../ports/store.ts';
import { bold, join, say, since, until, user } from '../words.ts';
import type { Words } from '../words.ts';
import { isAskedFor, priorityShown } from './handled.ts';
import { sentence } from './help.ts';
import { nameOf, openProposals, usersShort } from './phase.ts';

/** What is open now, for whoever comes on shift: the most urgent first, users, who is on it, until when something waits. */

export function glanceOf(incident: Incident): Glance | null {
  if (Object.keys(incident.worst).length === 0 && !isAskedFor(incident)) return null;
  const deadline =
    openProposals(incident)
      .map((one) => one.expiresAt)
      .toSorted()[0] ?? null;
  const { snooze, hush } = incident;
  const maintained = coveredUntil(incident);
  return {
    priority: priorityShown(incident),
    users: usersShort(incident),
    onIt: incident.onIt,
    until: deadline,
    ...(snooze === null ? {} : { snoozed: snooze.until }),
    ...(maintained === null ? {} : { maintained }),
    ...(hush?.on === true ? { hushed: true } : {}),
    name: nameOf(incident),
  };
}

export function statusMessage(all: readonly StreamInfo[], region: string | null): Message {
  if (all.length === 0) return sentence('Nothing is open. `/mlp diagnose` looks at everything.');
  const rank = ({ summary }: StreamInfo): string => summary.glance?.priority ?? 'P9';
  const rows = all.toSorted((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0)).map(rowOf);
  const title = region === null ? 'Open now' : `Open now in ${region}`;
  const first = rows.length === 1 ? 'One is open.' : `${rows.length} are open.`;
  return { lock: first, blocks: [{ is: 'lines', lines: [say`${bold(title)}`, ...rows] }] };
}

/** Why nobody may hear of it: three things that are not the same. */
export function asideWords({ glance, silenced }: Pick<Summary, 'glance' | 'silenced'>): readonly Words[] {
  return [
    ...(glance?.snoozed === undefined ? [] : [say`:zzz: snoozed until ${until(glance.snoozed)}`]),
    ...(glance?.maintained === undefined
      ? []
      : [
          say`:construction: maintenance until ${until(glance.maintained)}${glance.hushed === true ? ', kept quiet' : ''}`,
        ]),
    ...(silenced === undefined ? [] : [say`:no_bell: silenced until ${until(silenced)}`]),
  ];
}

/** "waiting for approval until 03:12"; amid another change the end of what waits is not that one's. */
export function stateWords(state: string, deadline: string | null): Words {
  if (deadline === null) return say`${state}`;
  const waits = state === 'waiting for approval' || state === 'undo asked';
  return say`${state}${waits ? '' : ', an approval is wanted'} until ${until(deadline)}`;
}

function rowOf({ summary }: StreamInfo): Words {
  const { number, title, state, regions, updatedAt, glance } = summary;
  const parts: Words[] = [
    say`${number === null ? 'question' : `INC-${number}`}`,
    ...(glance === undefined ? [] : [say`${bold(glance.priority)}`]),
    say`${title}`,
    ...(regions.length === 0 ? [] : [say`${regions.join(', ')}`]),
    stateWords(state, glance?.until ?? null),
    ...asideWords(summary),
    ...(glance === undefined || glance.users === '' ? [] : [say`${glance.users.replace(/\.$/, '')}`]),
    ...(glance === undefined ? [] : [glance.onIt === null ? say`nobody is on it` : say`${user(glance.onIt)} is on it`]),
    say`${since(updatedAt)}`,
  ];
  return join(parts, ' · ');
}
