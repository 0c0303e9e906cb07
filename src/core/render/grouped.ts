import type { Incident } from '../incident/state.ts';
import type { Message } from '../message.ts';
import { bold, clock, link, say, user } from '../words.ts';
import { mainFinding, nameOf, whereOf } from './phase.ts';
import type { View } from './phase.ts';
import { button, cut } from './small.ts';
import { alertsWord } from './storm.ts';

/** What it is called since: that its cause was not known is not said any more, the other one names it. Null: it is part of no other. */
export function memberTitle(incident: Incident): string | null {
  const { grouped, closed } = incident;
  if (grouped === null || !grouped.joins || closed === null) return null;
  const finding = mainFinding(incident);
  const name = nameOf(incident);
  return finding === null || finding.check === 'users-hurt' ? name : `${name}: ${finding.short}`;
}

/** The summary of an incident that is part of another now. */
export function renderGrouped(view: View): Message | null {
  const { stream, incident } = view;
  const { grouped } = incident;
  const called = memberTitle(incident);
  if (grouped === null || called === null) return null;
  const title = `${called} · ${whereOf(view)}`;
  const into = grouped.number === null ? 'another incident' : `INC-${grouped.number}`;
  const where = grouped.link === null ? say`${into}` : [link(grouped.link, into)];
  const number = incident.number === null ? null : say` · INC-${incident.number}`;
  const by = grouped.by === 'mlp-bot' ? null : say`, by ${user(grouped.by)}`;
  const count = Object.keys(incident.alerts).length;
  return {
    lock: cut(`${title}: part of ${into} now.`, 300),
    blocks: [
      {
        is: 'lines',
        lines: [
          say`:link: ${bold(title)}${number} · part of ${where} since ${clock(grouped.at)}${by}`,
          say`*Why:* ${grouped.why}. ${count === 0 ? 'It is' : count === 1 ? 'Its alert is' : `Its ${alertsWord(count)} are`} handled there; nothing is to be decided here`,
        ],
      },
      {
        is: 'buttons',
        buttons: [button(stream, 'again', 'Look at it alone', 'Open it again as an incident of its own')],
      },
    ],
  };
}
