import { later } from '../incident/commands.ts';
import type { Proposal } from '../incident/state.ts';
import type { Message } from '../message.ts';
import { bold, clock, say } from '../words.ts';
import { calleesOf } from './callees.ts';
import { usersBeside } from './lock.ts';
import { actName, nameOf } from './phase.ts';
import type { View } from './phase.ts';
import { cut, list } from './small.ts';
import { askedTogether } from './together.ts';

/** Said when it happens or not at all: what is old calls nobody. */
const SAID_MS = 60_000;

/** Nobody decided in time, and what it was for goes on: whoever was asked is called once more, since an edit notifies nobody. */
export function expiredCall(view: View, proposal: Proposal): Message | null {
  const { ended, region } = proposal;
  const { incident, at } = view;
  if (ended?.how !== 'expired' || at > later(ended.at, SAID_MS)) return null;
  if (incident.closed !== null || incident.stopped !== null) return null;
  const finding = incident.diagnoses[region]?.findings[0];
  // Nobody waits for a change or an undo that is no fix.
  if (finding === undefined || proposal.undoOf !== null || proposal.change !== null) return null;
  // Of several that were asked for together the first calls, for all.
  const all = askedTogether(incident, proposal).filter((one) => one.ended?.how === 'expired' && one.region === region);
  if (all[0] !== proposal) return null;
  const what = `${list(all.map(actName), 'or')} of ${nameOf(incident)} in ${region}`;
  const expired = `${all.length === 1 ? 'it' : 'they'} expired`;
  const users = usersBeside(view);
  const still = `Still so: ${finding.short}.${users === '' ? '' : ` ${users}`}`;
  return {
    lock: cut(`Nobody decided on the ${what}: ${expired}. ${still}`, 300),
    blocks: [
      {
        is: 'lines',
        lines: [
          say`${calleesOf(view, proposal)} ${bold('Nobody decided')} on the ${what}: ${expired}, ${clock(ended.at)}. ${still} "Ask again" brings ${all.length === 1 ? 'it' : 'them'} back`,
        ],
      },
    ],
  };
}
