import { changeOfThread } from '../incident/changes.ts';
import type { Desired, Message } from '../message.ts';
import { mention, say, user } from '../words.ts';
import { calledMessages } from './called.ts';
import { darkCall } from './dark.ts';
import { handledMessages } from './handled.ts';
import { needsPerson, worseCall } from './needs-person.ts';
import { phaseOf } from './phase.ts';
import type { View } from './phase.ts';
import { stopsFor } from './stopped.ts';
import { digestMessages } from './storm-lists.ts';

/** Posts that are made once and never changed, each for one thing that people have to be told. */
export function saidOnce(view: View): readonly Desired[] {
  const { incident } = view;
  const dark = darkCall(view);
  const out: Desired[] =
    dark !== null && phaseOf(incident, view.rules) === 'cannot see' ? [said(view, dark.key, dark.message)] : [];
  // Who asked for a change watches it: nobody is called.
  if (changeOfThread(incident) !== null) return out;
  out.push(...digestMessages(view), ...calledMessages(view), ...handledMessages(view));
  const needs = needsPerson(view);
  if (needs !== null) out.push(said(view, 'needs-person', needs));
  for (const one of [worseCall(view), stopsFor(view)]) if (one !== null) out.push(said(view, one.key, one.message));
  for (const [index, { from, to }] of incident.takeOvers.entries()) {
    const lines = [say`${user(to)} took it over from ${mention(from)}`];
    out.push(
      said(view, `take-over/${index}`, {
        lock: 'Somebody took this over from you.',
        blocks: [{ is: 'lines', lines }],
      }),
    );
  }
  return out;
}

/** What the bot notes on the timeline is said in the thread as well. */
export function noteMessages(view: View): readonly Desired[] {
  return [...view.incident.timeline.entries()]
    .filter(([, note]) => note.who === 'mlp-bot' && note.said === undefined)
    .map(([index, { what }]) => ({
      ...said(view, `note/${index}`, { lock: what, blocks: [{ is: 'lines', lines: [say`${what}`] }] }),
      priority: 1,
    }));
}

function said({ stream, incident }: View, key: string, message: Message): Desired {
  return {
    key: `${stream}/${key}`,
    channel: incident.channel,
    placement: { is: 'said', under: `${stream}/root` },
    message,
    priority: 0,
  };
}
