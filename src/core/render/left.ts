import { differingOf, temporaryOf } from '../incident/ledger.ts';
import type { Temporary } from '../incident/ledger.ts';
import type { Incident } from '../incident/state.ts';
import type { Desired } from '../message.ts';
import { bold, clock, code, join, mention, say, user } from '../words.ts';
import type { Words } from '../words.ts';
import type { View } from './phase.ts';
import { button, duration, list } from './small.ts';

/** What a thread has changed for a while and not taken back: "*Left:* autoscaler x: 4 to 36 replicas instead of 4 to 24, owner ‹a›". */
export function leftBehind(incident: Incident): Words | null {
  const left = temporaryOf(incident);
  if (left.length === 0) return null;
  const parts = left.map(
    (one) =>
      say`${one.what} in ${one.region}${differsWord(one)}${one.by === null ? null : say`, owner ${user(one.by)}`}`,
  );
  return say`*Left:* ${join(parts, ' · ')}`;
}

/** ", which differs from Git": as far as its owner tells where it is declared. */
export function differsWord({ differs = null }: Pick<Temporary, 'differs'>): string {
  return differs === null ? '' : `, which differs from ${differs}`;
}

/** What stays only once its source says the same: "Git to say the same: deployment a/b: v2.4.0 instead of v2.4.1 in eu-west-1". */
export function sourcesToDo(incident: Incident): readonly Words[] {
  const all = differingOf(incident).map(({ what, region, differs = null, maySay }) => ({
    said: `${maySay === true ? 'look whether ' : ''}${differs ?? 'its source'} ${maySay === true ? 'says' : 'to say'} the same, or it comes back: ${what}`,
    region,
  }));
  return [...new Set(all.map((one) => one.said))].map(
    (said) => say`${said} in ${list(all.filter((one) => one.said === said).map((one) => one.region))}`,
  );
}

/** Once: who approved it owns it, and is told that it is still so. Kept, so that it says how that ended. */
export function reminderMessages({ incident, stream }: View): readonly Desired[] {
  const left = temporaryOf(incident);
  return Object.entries(incident.reminded).map(([proposal, at]) => {
    const still = left.find((one) => one.proposal === proposal);
    const act = incident.proposals.find((one) => one.id === proposal);
    const what = still?.what ?? act?.offer.temporary ?? 'a change';
    const since = act?.actedAt ?? at;
    const owner =
      still?.by === undefined || still.by === null ? null : say`${mention(still.by)}, who approved it, owns it. `;
    const take = button(stream, 'undo', 'Take back', `Prepare taking back: ${what}`, { proposal });
    return {
      key: `${stream}/temporary/${proposal}`,
      channel: incident.channel,
      placement: { is: 'kept', under: `${stream}/root` },
      message:
        still === undefined
          ? {
              lock: `Taken back: ${what}.`,
              blocks: [{ is: 'lines', lines: [say`:white_check_mark: No longer so: ${what}`] }],
            }
          : {
              lock: `Still changed after ${duration(Date.parse(at) - Date.parse(since))}: ${what}.`,
              blocks: [
                {
                  is: 'lines',
                  lines: [
                    say`:hourglass: ${bold('Still changed')} in ${still.region} since ${clock(since)}, ${duration(Date.parse(at) - Date.parse(since))}: ${what}`,
                    say`${owner}Take it back, or change its source so that it stays. ${code('/mlp temp')} lists all of these`,
                  ],
                },
                ...(still.undoAsked ? [] : [{ is: 'buttons' as const, buttons: [take] }]),
              ],
            },
      priority: 0,
    };
  });
}
