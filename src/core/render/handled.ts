import { FLAPPING, flapping } from '../incident/flapping.ts';
import type { Flap } from '../incident/flapping.ts';
import type { Maintenance } from '../incident/maintained.ts';
import { urgency } from '../incident/paging.ts';
import type { Block, Button, Desired, Message } from '../message.ts';
import { impactWords } from '../impact.ts';
import { bold, clock, code, link, mention, plain, say, since, until, user } from '../words.ts';
import type { Words } from '../words.ts';
import { MOST } from './budget.ts';
import { mainDiagnosis, whereOf } from './phase.ts';
import { subjectTitle } from './titles.ts';
import type { Phase, View } from './phase.ts';
import { priorityOf } from './priority.ts';
import type { Priority } from './priority.ts';
import { button, cut, duration } from './small.ts';

/** What people have said about an incident as such, in its summary and its thread: how grave, put off until when, its status, closed by hand. */

type Of = Pick<View, 'incident' | 'rules' | 'at'>;

/** "P1", and who says so where it is not what was seen. */
export function priorityWords({ incident }: Pick<View, 'incident'>): Words {
  const { severity } = incident;
  if (severity !== null) return say`${severity.is} (set by ${user(severity.by)})`;
  return isAskedFor(incident) ? say`P0 (asked for by the alert)` : say`${priorityOf(incident)}`;
}

/** What a person said; else what the alert says itself, since people are called by that; else what was seen. */
export function priorityShown(incident: View['incident']): Priority {
  return incident.severity?.is ?? (incident.closed === null ? urgency(incident) : priorityOf(incident));
}

/** The alert says that it is P0, and nothing that was seen does. */
export function isAskedFor(incident: View['incident']): boolean {
  return priorityShown(incident) === 'P0' && priorityOf(incident) !== 'P0';
}

/** Lines for the summary; what is not said takes none. */
export function handledLines({ incident, rules, at }: Of): readonly Words[] {
  const { snooze, statusText, silence, maintenance, number } = incident;
  // Who reads of a fault that is over must know that nobody would hear of the next one.
  const silent =
    silence === null
      ? []
      : [
          say`:no_bell: *Silenced in Alertmanager* until ${until(silence.until)} by ${user(silence.by)}: ${cut(silence.reason, 120)}. ${code(`/mlp silence end INC-${number ?? 0}`)} ends it`,
        ];
  if (incident.closed !== null) return silent;
  const flap = flapping(incident, at, rules);
  return [
    ...(flap === null ? [] : [flapWords(flap, rules)]),
    ...maintenance.map((one) => say`:construction: ${maintenanceWords(one)}: nobody is called, unless it becomes P0`),
    ...(statusText === null
      ? []
      : [say`*Status:* ${cut(statusText.text, 300)} (${user(statusText.by)}, ${clock(statusText.at)})`]),
    ...(snooze === null
      ? []
      : [
          say`:zzz: *Snoozed* until ${until(snooze.until)} by ${user(snooze.by)}: nobody is called, unless it becomes P0. I keep looking`,
        ]),
    ...silent,
  ];
}

function flapWords({ name, times, since: from }: Flap, { flapping: { quietMs } = FLAPPING }: View['rules']): Words {
  return say`:repeat: *Flapping:* ${name} fired ${times} times since ${since(from)}; held open until it is quiet for ${duration(quietMs)}`;
}

/** "*Maintenance* of eu-west-1 until 04:00 by ‹a› (nodes are replaced)". */
export function maintenanceWords({ region, until: ends, by, reason }: Maintenance): Words {
  return say`*Maintenance* of ${region} until ${until(ends)} by ${user(by)} (${cut(reason, 120)})`;
}

/** In place of its message, below the announcement of the maintenance: edited, so that nobody is disturbed by it. Null: it is not kept quiet, and never was. */
export function hushedMessage(view: View, title: string, state: string): Desired | null {
  const { incident, stream } = view;
  const { hush, number, closed } = incident;
  if (hush === null) return null;
  const name = number === null ? '' : ` INC-${number} ·`;
  const what = say`:construction:${name} ${priorityOf(incident)} · ${cut(title, 120)} · ${whereOf(view)}`;
  const more = number === null ? null : say` ${code(`/mlp show INC-${number}`)} shows it`;
  const line = !hush.on
    ? say`${what} · has a message of its own now`
    : closed === null
      ? say`${what} · ${state}. Kept quiet.${more}`
      : say`${what} · over: ${cut(closed.how, 120)}`;
  return {
    key: `${stream}/hushed`,
    channel: incident.channel,
    placement: { is: 'kept', under: hush.under },
    message: { lock: cut(plain(line), 200), blocks: [{ is: 'lines', lines: [line] }] },
    priority: 2,
  };
}

/** Users and cause stay in their places; what people said stands below them, and takes the room of what yields first. */
export function withHandled(view: Of, body: readonly Words[], people: Words | null): readonly Words[] {
  const { onIt, proposals } = view.incident;
  // Where a fix waits the title says who has it.
  const leads = people === null && onIt !== null && !proposals.some((one) => one.stage === 'open');
  const lead = leads && onIt !== null ? [say`*People:* ${user(onIt)} leads`] : [];
  const more = [...handledLines(view), ...lead, ...(people === null ? [] : [people])];
  return [...body.slice(0, MOST - more.length), ...more];
}

/** What a person decided is said in the thread with a name; whoever is given something is mentioned, once. */
export function handledMessages({ stream, incident }: View): readonly Desired[] {
  return [...incident.timeline.entries()].flatMap(([index, { who, what, said, whom }]) => {
    if (said !== true) return [];
    const to = whom === undefined ? null : say` to ${mention(whom)}`;
    const line = say`${user(who)} ${what}${to}`;
    return [
      {
        key: `${stream}/handled/${index}`,
        channel: incident.channel,
        placement: { is: 'said', under: `${stream}/root` },
        message: {
          lock: cut(whom === undefined ? plain(say`Somebody ${what}`) : 'This was given to you.', 200),
          blocks: [{ is: 'lines', lines: [line] }],
        },
        priority: whom === undefined ? 1 : 0,
      },
    ];
  });
}

/** A person closed it: that is a word, not a look, and does not look like one. Null: no person did. */
export function renderByHand(view: View): Message | null {
  const { incident, stream } = view;
  const by = incident.closed?.byHand ?? null;
  const busy = incident.proposals.some((one) => one.stage !== 'over');
  if (incident.closed === null || by === null || busy) return null;
  const number = incident.number === null ? null : say` · INC-${incident.number}`;
  const seen = mainDiagnosis(incident);
  const title = bold(`${subjectTitle(view)} · ${whereOf(view)}`);
  const lines: Words[] = [
    say`:raised_hand: ${title}${number} · closed by hand`,
    seen === null
      ? say`*Users:* not known, I had not looked`
      : say`*Users* at my last look, ${clock(seen.at)}: ${impactWords(seen.impact)}`,
    say`*Closed by* ${user(by.by)}, ${clock(incident.closed.at)}${by.why === '' ? null : `: ${by.why}`}`,
    by.saw === '' ? say`*I saw* nothing wrong any more` : say`*I still saw:* ${by.saw}. Nobody has looked since`,
    ...handledLines(view),
  ];
  const buttons: Button[] = [
    button(stream, 'reopen', 'Reopen', 'It is not over: look again, and watch it'),
    button(stream, 'wrong-cause', 'Say the cause', 'Say what it was'),
    button(stream, 'timeline', 'Timeline', 'Show what happened when'),
  ];
  const audit = incident.closed.audit === null ? null : ` · audit ${incident.closed.audit}`;
  const blocks: Block[] = [
    { is: 'lines', lines },
    { is: 'buttons', buttons },
    { is: 'note', words: say`I look no more. An alert that fires anew opens it again${audit}` },
  ];
  const lock = cut(
    `${whereOf(view)}: ${subjectTitle(view)} closed by hand${by.saw === '' ? '' : `. I still saw: ${by.saw}`}.`,
    300,
  );
  return { lock, blocks };
}

/** Nothing is under way, and it is not over for everybody. */
const WAITS: ReadonlySet<Phase> = new Set([
  'waiting for approval',
  'needs a person',
  'cannot see',
  'watching',
  'fixed, waiting',
  'over, waiting',
]);

/** Whatever the row of buttons has no room for. */
export function moreButton({ stream, incident }: Pick<View, 'stream' | 'incident'>, phase: Phase): readonly Button[] {
  if (incident.closed !== null || incident.number === null || !WAITS.has(phase)) return [];
  return [button(stream, 'more', 'More…', 'Severity, assign, snooze, status, note, resolve')];
}

/** "INC-7", as a link where its thread is known. */
export function incidentName(number: number | null, url: string | null): Words {
  const name = number === null ? 'question' : `INC-${number}`;
  return url === null ? say`${name}` : [link(url, name)];
}
