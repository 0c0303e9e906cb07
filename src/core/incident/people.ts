import { barred, judge, judgeBreakGlass, refusePerson } from '../policy.ts';
import type { Judgement } from '../policy.ts';
import { clock, join, say, user } from '../words.ts';
import { NOTHING, both, events, whisper } from './commands.ts';
import type { Command, Decision, Facts, Rules } from './commands.ts';
import { audited, expire } from './audited.ts';
import { askedAnew, changesStopped } from './asking.ts';
import type { Event } from './events.ts';
import { decideHandling } from './handling.ts';
import { decideJudged } from './judging.ts';
import { OUT_OF_DATE, askAgain, beginRound } from './opening.ts';
import { decideCalled } from './paging.ts';
import { listDigest, membersOf, strictest } from './listed.ts';
import { changeName, ended } from './proposal.ts';
import { askOf, standingOf } from './standing.ts';
import type { Incident, Proposal } from './state.ts';
import { decideSplit } from './storming.ts';
import { decideOnIt, decidePutAside } from './taking.ts';
import { decideUndo } from './undoing.ts';

/** What people press or type in a thread. Every refusal is a sentence that only the clicker sees. */

type Pressed = Extract<Command, { is: 'press' }>;
const NOT_LOOKED_UP = { known: false, why: 'not looked up' } as const;

export function decidePress(state: Incident, command: Pressed, facts: Facts, rules: Rules): Decision {
  return audited(command, decided(state, command, facts, rules));
}

function decided(state: Incident, command: Pressed, facts: Facts, rules: Rules): Decision {
  const { press, by } = command;
  const stranger = refusePerson(facts.who ?? NOT_LOOKED_UP);
  switch (press.does) {
    case 'approve':
    case 'break-glass':
      return decideApproval(state, command, facts, rules);
    case 'escalate':
      return decideCalled(state, by, command.reason ?? '', facts, rules);
    case 'deny':
    case 'not-now':
    case 'mine':
    case 'hand-back':
    case 'stop':
    case 'again':
    case 'undo':
    case 'ask-again':
    case 'right-cause':
    case 'wrong-cause':
    case 'reopen':
    case 'split':
      return stranger === null ? decideSmall(state, command, facts, rules) : whisper(by, say`${stranger}.`);
    // Answered by the renderer with what is already known: nothing changes.
    default:
      return NOTHING;
  }
}

function decideApproval(state: Incident, command: Pressed, facts: Facts, rules: Rules): Decision {
  const { press, by, reason } = command;
  const proposal = state.proposals.find((one) => one.id === press.proposal);
  if (proposal === undefined) return whisper(by, say`This plan is not known any more. Nothing was done.`);
  const no = standingOf(state, proposal, { killSwitch: facts.killSwitch, by });
  if (no !== null) return whisper(by, no);
  if (press.digest !== listDigest(proposal))
    return whisper(
      by,
      say`This button shows an older plan. Nothing was counted: look at the newest one in the thread.`,
    );
  if (proposal.expiresAt <= facts.at) {
    return {
      ...expire([proposal]),
      whispers: [{ to: by, words: say`It expired at ${clock(proposal.expiresAt)}. Press "Ask again".` }],
    };
  }
  const who = facts.who ?? NOT_LOOKED_UP;
  const asks = membersOf(proposal).map((one) => askOf(state, one, facts));
  const judgement = strictest(
    asks.map((ask) =>
      press.does === 'break-glass'
        ? judgeBreakGlass(rules.policy, ask, who, reason ?? '')
        : judge(rules.policy, ask, who),
    ),
  );
  if (judgement.is === 'refused') {
    const { because } = judgement;
    const isBarred = asks.some((ask) => barred(rules.policy, ask) !== null);
    return refused(command, proposal, { because, isBarred }, facts);
  }
  const { region = '' } = membersOf(proposal).find((one) => state.blind[one.region] !== undefined) ?? {};
  const blind = state.blind[region];
  if (blind !== undefined) {
    const why = say`I cannot see ${region} since ${clock(blind.since)}. It can be approved again after a fresh look. Nothing was counted.`;
    return both(beginRound(state, 'asked'), whisper(by, why));
  }
  const stale = refuseStale(proposal, facts);
  if (stale !== null)
    return stale.supersede
      ? superseded(state, proposal, by, stale.because)
      : whisper(by, say`${stale.because} Nothing was counted.`);
  return counted(state, proposal, command, judgement, facts);
}

function refuseStale(
  proposal: Proposal,
  facts: Facts,
): { readonly because: string; readonly supersede: boolean } | null {
  const { list = [] } = proposal;
  for (const [index, one] of membersOf(proposal).entries()) {
    const seen = index === 0 ? facts.now : (facts.rest?.[index - 1] ?? null);
    const where = list.length === 0 ? '' : ` in ${one.region}`;
    if (seen === null || !seen.known) {
      const why = seen === null ? 'it was not read' : seen.why;
      return { because: `I could not look at the target${where} again (${why}).`, supersede: false };
    }
    const { fits, state, digest } = seen.value;
    if (digest !== one.digest)
      return { because: 'I was updated since this was shown, and the plan reads differently now', supersede: true };
    if (fits.is !== 'yes') return { because: `${fits.because}${where}`, supersede: true };
    if (state !== one.state) return { because: `the target${where} changed since this was shown`, supersede: true };
  }
  return null;
}

function superseded(state: Incident, proposal: Proposal, by: string, because: string): Decision {
  const voters = join(
    proposal.votes.map((vote) => [user(vote.by)]),
    ', ',
  );
  const lapsed = voters.length === 0 ? null : say` The approval of ${voters} lapses.`;
  const end = ended(proposal, 'superseded', because, null);
  const told = whisper(by, say`Not done: ${because}.${lapsed} I look again and show the new plan.`);
  // What was asked for by command is planned anew by itself; no look offers an undo either: it is prepared anew because it was asked for.
  if (proposal.change !== null) return both(events(end), told);
  return proposal.undoOf === null
    ? both(events(end), beginRound(state, OUT_OF_DATE), told)
    : both(events(end, { is: 'undo-asked', proposal: proposal.undoOf, by: proposal.requester ?? by }), told);
}

function refused(
  command: Pressed,
  proposal: Proposal,
  { because, isBarred }: { readonly because: string; readonly isBarred: boolean },
  facts: Facts,
): Decision {
  const known = facts.who?.known === true;
  // Whoever is refused is no help to himself.
  const others = (proposal.may.now ?? []).filter((name) => facts.who?.known !== true || name !== facts.who.value.name);
  // A freeze or a mode refuses everybody alike.
  const names = others.length === 0 || isBarred ? '' : ` ${orList(others)} can approve this.`;
  return {
    ...whisper(command.by, say`Not counted: ${because}.${known ? names : ''}`),
    audit: [
      {
        who: command.by,
        what: `refused: approve ${proposal.id} (${proposal.offer.remedy} in ${proposal.region})`,
        digest: proposal.digest,
        why: because,
      },
    ],
  };
}

function counted(
  state: Incident,
  proposal: Proposal,
  command: Pressed,
  judgement: Exclude<Judgement, { is: 'refused' }>,
  facts: Facts,
): Decision {
  const reason = command.press.does === 'break-glass' ? command.reason : null;
  const name = facts.who?.known === true ? { name: facts.who.value.name } : {};
  const vote = { by: command.by, ...name, at: facts.at, reason };
  const voted: Event = { is: 'voted', proposal: proposal.id, vote };
  const audit = [
    {
      who: command.by,
      what: `${vote.reason === null ? 'approved' : 'broke the glass for'} ${proposal.id}: ${proposal.offer.remedy} in ${membersOf(
        proposal,
      )
        .map((one) => one.region)
        .join(', then ')}`,
      digest: listDigest(proposal),
      why: vote.reason ?? 'pressed Approve',
    },
  ];
  if (judgement.is === 'counted') {
    return {
      ...both(events(voted), whisper(command.by, say`Counted. ${judgement.missing} more of other people needed.`)),
      audit,
    };
  }
  const alone: Event[] =
    vote.reason === null
      ? []
      : [{ is: 'noted', who: command.by, what: `broke the glass for the ${changeName(proposal)}: ${vote.reason}` }];
  return { ...events(voted, ...alone, { is: 'granted', proposal: proposal.id }, ...makesRoom(state, proposal)), audit };
}

/** What a granted proposal sets going: a closed incident is open again, and the undo of a change does not wait until that is verified. */
function makesRoom(state: Incident, proposal: Proposal): readonly Event[] {
  const undone = state.proposals.find((one) => one.id === proposal.undoOf && one.stage === 'watching');
  return [
    ...(undone === undefined ? [] : [ended(undone, 'not verified', 'its undo was approved first', null)]),
    ...(state.closed === null ? [] : [{ is: 'reopened', because: 'a change was approved' } as const]),
  ];
}

function decideSmall(state: Incident, command: Pressed, facts: Facts, rules: Rules): Decision {
  const { press, by, reason } = command;
  const open = state.proposals.filter(
    (one) => one.stage === 'open' && (press.proposal === undefined || one.id === press.proposal),
  );
  switch (press.does) {
    case 'deny':
    case 'not-now':
      return decidePutAside(state, command, facts, rules);
    case 'ask-again':
    case 'again':
      return askedOnce(state, command, facts) ?? askAgain(state, by);
    // Two buttons, so that a second click does not take back the first.
    case 'mine':
    case 'hand-back':
      return decideOnIt(state, command, facts, rules);
    case 'stop':
      return {
        ...whisper(by, stopAnswer(state)),
        events: [
          ...(state.closed === null ? [{ is: 'stopped', who: by } as const] : []),
          ...changesStopped(state),
          ...open.map((one) => ended(one, 'stopped', 'stopped', by)),
          ...notBegun(state, by),
          { is: 'noted', who: by, what: 'stopped this incident' },
        ],
        audit: [{ who: by, what: 'stopped the incident', digest: null, why: reason ?? 'asked to' }],
      };
    case 'right-cause':
    case 'wrong-cause':
      return decideJudged(state.judged, command);
    case 'undo':
      return decideUndo(state, command, facts, rules);
    case 'split':
      return decideSplit(state, by, reason ?? '');
    case 'reopen':
      return decideHandling(state, { is: 'handle', by, what: { does: 'reopen', why: '' } }, facts, rules);
    default:
      return NOTHING;
  }
}

/** What a stop does not end: what was written is not taken back. */
function stopAnswer({ closed, proposals }: Incident): ReturnType<typeof say> {
  if (closed !== null) return say`It is closed: what was still open in it is ended.`;
  const under = proposals.find((one) => one.stage === 'acting' || one.stage === 'watching');
  return under === undefined
    ? say`Stopped: I look no more and offer nothing here. "Go on" in the summary brings it back.`
    : say`Stopped: nothing more starts here. The ${changeName(under)} is under way: I follow it to its end and do not undo it.`;
}

/** *Ask again* under a change that was asked for by command: no look offers it. */
function askedOnce(state: Incident, { press, by }: Pressed, { at }: Facts): Decision | null {
  const one = state.proposals.find((p) => p.id === press.proposal && p.change !== null);
  const asked = one === undefined || press.does !== 'ask-again' ? null : askedAnew(state, one, by, at);
  if (asked === null) return null;
  const reopened: Event[] = state.closed === null ? [] : [{ is: 'reopened', because: 'asked again' }];
  return events(...reopened, asked);
}

/** Granted but not begun: nothing was written yet, so stopping is still free. */
function notBegun(state: Incident, by: string): readonly Event[] {
  return state.proposals
    .filter((one) => one.stage === 'granted')
    .map((one) => ended(one, 'stopped', 'stopped before it began', by));
}

/** The kill switch was set or lifted. What was granted and not begun must not begin by surprise when it is lifted. */
export function decideRefresh(state: Incident, facts: Facts): Decision {
  return facts.killSwitch === null ? NOTHING : events(...notBegun(state, facts.killSwitch));
}

/** "a, b or c". */
function orList(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
}
