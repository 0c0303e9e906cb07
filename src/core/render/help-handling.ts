import type { HandlingVerb } from '../command/handling.ts';
import type { Help } from '../looking/view.ts';

/** What can be said about an incident as such. */

const IN_THREAD =
  "In its thread `@mlp …` needs no number; *Handle this incident* in a message's menu asks for the rest.";
const WHO = 'Any member may; the thread says who did.';

export const HANDLING_HELP: Readonly<Record<HandlingVerb | 'incidents' | 'handover', Help>> = {
  incidents: {
    usage: 'incidents [region] [deployment] [P1] [mine]',
    short: 'what is open, the most urgent first: who leads, what waits, what is snoozed',
    more: ['Filters in any order; `page 2` for more. `runs` has closed ones too.'],
    examples: ['incidents', 'incidents <region> P1', 'incidents mine'],
  },
  handover: {
    usage: 'handover',
    short: 'for whoever comes on shift: open, waiting, snoozed, changed for a while, what happened',
    more: ['Posted by itself at shift change where the config has `handover`.'],
    examples: ['handover'],
  },
  severity: {
    usage: 'severity P1 [INC-214]',
    short: 'how grave it is, in your judgement',
    more: ['P0 (gravest) to P3. It decides who is called; the summary says that a person set it.', WHO, IN_THREAD],
    examples: ['severity P1 INC-214'],
  },
  assign: {
    usage: 'assign @who [INC-214]',
    short: 'who leads; they are told in the thread',
    more: ['My proposals wait for whoever leads.', WHO, IN_THREAD],
    examples: ['assign @ada INC-214'],
  },
  lead: {
    usage: 'lead [INC-214]',
    short: "you lead, like the button I'm on it",
    more: [IN_THREAD],
    examples: ['lead INC-214'],
  },
  snooze: {
    usage: 'snooze 30m | 2h | until 09:00 | off [INC-214]',
    short: 'call nobody for it until then; I keep looking',
    more: ['At most 24 hours; times are UTC. P0 calls all the same. It ends by itself and says so.', WHO, IN_THREAD],
    examples: ['snooze 30m INC-214', 'snooze until 09:00 INC-214', 'snooze off INC-214'],
  },
  resolve: {
    usage: 'resolve [INC-214] [why]',
    short: 'it is over, on your word',
    more: ['The summary says what I still saw. A change under way is followed to its end first.', WHO, IN_THREAD],
    examples: ['resolve INC-214 the tag was pushed'],
  },
  reopen: {
    usage: 'reopen [INC-214] [why]',
    short: 'it is not over: I look again',
    more: [WHO, IN_THREAD],
    examples: ['reopen INC-214 it is back'],
  },
  note: {
    usage: 'note [INC-214] text',
    short: 'onto its timeline',
    more: ['Secrets are taken out.', IN_THREAD],
    examples: ['note INC-214 the load balancer was changed at nine'],
  },
  say: {
    usage: 'say [INC-214] text',
    short: 'its status in your words, in the summary',
    more: ['With your name and the time; the next one replaces it.', WHO, IN_THREAD],
    examples: ['say INC-214 we restore the secret, ready by 03:30 UTC'],
  },
  merge: {
    usage: 'merge INC-7 into INC-5',
    short: 'INC-7 is closed, its alerts go to INC-5',
    more: ['Not while a change is under way in it.', WHO],
    examples: ['merge INC-7 into INC-5'],
  },
  split: {
    usage: 'split <workload> [INC-214]',
    short: 'out of a storm: one workload gets a thread of its own',
    more: ['`<namespace>/<deployment>`, as *List alerts* has it; the deployment alone is enough.', WHO, IN_THREAD],
    examples: ['split <deployment> INC-214'],
  },
};
