import { approvedBy } from './glass.ts';
import { impactWords } from '../impact.ts';
import type { Proposal } from '../incident/state.ts';
import { endWord } from '../incident/proposal.ts';
import type { Message } from '../message.ts';
import { bold, clock, code, join, mention, say, since, user } from '../words.ts';
import type { Words } from '../words.ts';
import { approversOf, oncallOf } from './callees.ts';
import { actName, mainDiagnosis, mainFinding, nameOf, usersShort, whereOf } from './phase.ts';
import type { View } from './phase.ts';
import { priorityOf } from './priority.ts';
import { capital } from './small.ts';

/** A thread that somebody stopped: by whom, what stands since, how it goes on. */

export function goesOn({ incident }: Pick<View, 'incident'>): Words {
  const where = incident.subject.focus === null ? '' : ` ${incident.subject.focus}`;
  return say`"Go on" or ${code(`/mlp diagnose ${nameOf(incident)}${where}`)} brings it back`;
}

/** A change outlives the stop: it is followed to its end. */
export function underWayLine({ incident }: View): readonly Words[] {
  const stop = incident.stops.at(-1);
  if (incident.stopped === null || stop === undefined) return [];
  return [
    say`*Stopped* by ${user(stop.who)}, ${clock(stop.at)}: this is followed to its end and not undone; nothing else starts`,
  ];
}

/** What was changed after the last look here: that is the news, and what was found before it is not. */
export function changedSince({ incident }: Pick<View, 'incident'>): Proposal | null {
  const diagnosis = mainDiagnosis(incident);
  if (diagnosis === null) return null;
  return (
    incident.proposals.findLast((one) => one.region === diagnosis.region && (one.actedAt ?? '') >= diagnosis.at) ?? null
  );
}

export function stoppedLines(view: View): readonly Words[] {
  const { incident } = view;
  const diagnosis = mainDiagnosis(incident);
  const stop = incident.stops.at(-1);
  const by = stop === undefined ? null : say` by ${user(stop.who)}, ${clock(stop.at)}`;
  const last = say`${bold('Stopped')}${by}: I look no more and offer nothing here. ${goesOn(view)}`;
  const change = changedSince(view);
  if (diagnosis === null) return [last];
  if (change !== null) return [...changeLines(change, diagnosis.at), last];
  const finding = mainFinding(incident);
  return [
    say`${bold(`Users, ${diagnosis.at.slice(11, 16)} UTC:`)} ${impactWords(diagnosis.impact)}`,
    ...(finding === null || diagnosis.findings.length === 0
      ? []
      : [
          say`*Cause, when I looked last:* ${finding.found}${finding.since === null ? null : say`. Since ${since(finding.since)}`}`,
        ]),
    last,
  ];
}

function changeLines(change: Proposal, lookedAt: string): readonly Words[] {
  const { ended: end, watch, actedAt } = change;
  const by = approvedBy(change);
  const how = end === null ? say`under way` : say`${endWord(end)} ${clock(end.at)}: ${end.because}`;
  return [
    ...(watch === null ? [] : [say`*Users:* ${impactWords(watch.impact)}, ${clock(watch.at)}`]),
    say`*Done:* ${actName(change)} in ${change.region}${actedAt === null ? null : say`, ${clock(actedAt)}`}, approved by ${by}. It was ${how}`,
    say`*Not known:* whether it is over. What I found before it is of ${clock(lookedAt)}`,
  ];
}

/** Whoever was asked, or is on it, hears that nobody looks any more. Small matters call nobody. */
export function stopsFor(view: View): { readonly key: string; readonly message: Message } | null {
  const { incident } = view;
  const stop = incident.stops.at(-1);
  if (stop === undefined || incident.stopped === null || priorityOf(incident) === 'P3') return null;
  if (Object.keys(incident.worst).length === 0) return null;
  const asked = incident.proposals.filter((one) => one.ended?.how === 'stopped' && one.ended.at >= stop.at);
  const groups = asked.length > 0 ? asked.flatMap((one) => approversOf(view, one)) : oncallOf(view);
  const people = incident.onIt === null ? groups : [...groups, [mention(incident.onIt)]];
  const callees = [...new Map(people.map((one) => [JSON.stringify(one), one])).values()];
  const finding = mainFinding(incident);
  const what = `${whereOf(view)}: ${nameOf(incident)}${finding === null ? '' : `: ${finding.short}`}`;
  const ends = asked.map((one) => `the ${actName(one)} can no longer be approved`);
  const under = incident.proposals.some((one) => one.stage === 'acting' || one.stage === 'watching');
  const rest = `${[...new Set(ends)].map((one) => ` ${capital(one)}.`).join('')}${under ? ' What is under way is followed to its end, and not undone.' : ''}`;
  const number = incident.number === null ? '' : `INC-${incident.number} `;
  return {
    key: `stopped/${incident.stops.length}`,
    message: {
      lock: `${number}stopped by a person: ${what}. ${usersShort(incident)} I look no more.${rest}`.slice(0, 300),
      blocks: [
        {
          is: 'lines',
          lines: [
            say`${join(callees, ' ')} ${bold('Stopped')} by ${user(stop.who)}: I look no more and offer nothing here. ${what}. ${usersShort(incident)}${rest} ${goesOn(view)}`,
          ],
        },
      ],
    },
  };
}
