import { later } from '../incident/commands.ts';
import type { Proposal } from '../incident/state.ts';
import type { Message } from '../message.ts';
import { bold, clock, say } from '../words.ts';
import { calleesOf } from './callees.ts';
import { usersBeside } from './lock.ts';
import { actName, nameOf } from './phase.ts';
import type { View } from './phase.ts';
import { cut } from './small.ts';

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
  const what = `${actName(proposal)} of ${nameOf(incident)} in ${region}`;
  const users = usersBeside(view);
  const still = `Still so: ${finding.short}.${users === '' ? '' : ` ${users}`}`;
  return {
    lock: cut(`Nobody decided on the ${what}: it expired. ${still}`, 300),
    blocks: [
      {
        is: 'lines',
        lines: [
          say`${calleesOf(view, proposal)} ${bold('Nobody decided')} on the ${what}: it expired, ${clock(ended.at)}. ${still} "Ask again" brings it back`,
        ],
      },
    ],
  };
}
