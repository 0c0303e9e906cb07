import { observed, refusePerson } from '../policy.ts';
import { say, user } from '../words.ts';
import type { Words } from '../words.ts';
import { changeOfThread, liveChanges, neverShown, regionToPlan } from './changes.ts';
import type { Asked, Change, Planned } from './changes.ts';
import { highestRisk, listDigest } from './listed.ts';
import { NOTHING, both, events, later, whisper } from './commands.ts';
import type { Decision, Facts, Inside, Outside, Rules } from './commands.ts';
import type { Event } from './events.ts';
import { harmful } from './harmful.ts';
import { ended } from './proposal.ts';
import type { Incident, Proposal } from './state.ts';

/** A change that a person asks for by command: taken up in the thread of the workload, or refused with a reason that only the asker sees. */

const NOT_LOOKED_UP = { known: false, why: 'not looked up' } as const;

export function decideChange(
  state: Incident,
  command: Extract<Outside, { is: 'change' }>,
  facts: Facts,
  rules: Rules,
): Decision {
  const { change, subject, channel, key } = command;
  const { by, title } = change;
  const no = refusal(state, change, facts, rules);
  if (no !== null) return whisper(by, say`${capital(title)}: not done. ${no}`);
  const audit = [{ who: by, what: `asked to ${title} in ${change.regions.join(', ')}`, digest: null, why: 'command' }];
  const asked: Event = { is: 'change-asked', change };
  if (state.openedAt === null)
    return {
      ...events(
        { is: 'opened', by: { is: 'person', id: by }, subject, channel, key, question: true },
        { is: 'round-began', round: 1, why: 'asked', subject },
        asked,
      ),
      audit,
    };
  const reopened: Event[] = state.closed === null ? [] : [{ is: 'reopened', because: 'a change was asked for' }];
  return {
    ...both(
      events(...reopened, ...replaced(state, change), { is: 'noted', who: by, what: `asked to ${title}` }, asked),
      whisper(by, say`I prepare it: it is shown in the thread that is open for this, and needs an approval.`),
    ),
    audit,
  };
}

function refusal(state: Incident, change: Asked, facts: Facts, rules: Rules): Words | string | null {
  const stranger = refusePerson(facts.who ?? NOT_LOOKED_UP);
  if (stranger !== null) return say`${capital(stranger)}.`;
  if (facts.killSwitch !== null)
    return say`Everything is stopped (by ${user(facts.killSwitch)}) until it is lifted with ${'/mlp stop off'}.`;
  for (const region of change.regions) {
    const of = observed(rules.policy, region, change.target);
    if (of !== null) return say`${of} is in mode observe: I only look there.`;
  }
  const same = sameLive(state, change);
  if (same === undefined) return null;
  if (same.stage !== 'open') return say`One of these is under way in ${same.region}: ask again when that is over.`;
  const isAlike = same.change === null && Object.keys(change.details as object).length === 0;
  return isAlike ? say`It is proposed in ${same.region} already: see the thread.` : null;
}

/** One live proposal per target and remedy. */
function sameLive({ proposals }: Incident, change: Asked): Proposal | undefined {
  return proposals.find(
    (one) =>
      one.stage !== 'over' &&
      one.undoOf === null &&
      change.remedies.includes(one.offer.remedy) &&
      change.regions.includes(one.region),
  );
}

/** What was asked before and is not decided gives way to what is asked now. */
function replaced(state: Incident, change: Asked): readonly Event[] {
  const because = 'what was asked for now takes its place';
  const over = liveChanges(state)
    .filter((one) => one.remedies.some((remedy) => change.remedies.includes(remedy)))
    .filter((one) => one.regions.some((region) => change.regions.includes(region)));
  const plans = over.map((one): Event => ({ is: 'change-over', change: one.id, how: 'not done', because }));
  // Its proposal may be for another region, and hold the plan for this one.
  const open = state.proposals.filter(
    (one) => one.stage === 'open' && (one === sameLive(state, change) || over.some((each) => each.id === one.change)),
  );
  return [...plans, ...open.map((one) => ended(one, 'superseded', because, change.by))];
}

/** The same once more, by whoever wants it now. */
export function askedAnew(state: Incident, proposal: Proposal, by: string, at: string): Event | null {
  const known = state.changes.find((one) => one.id === proposal.change);
  if (known === undefined || known.stage !== 'over') return null;
  const { playbook, remedies, details, title, target, regions, step } = known;
  return {
    is: 'change-asked',
    change: { id: `${known.id}+${at}`, by, playbook, remedies, details, title, target, regions: regions.slice(step) },
  };
}

/** Whoever stops an incident stops what was asked for in it. */
export function changesStopped(state: Incident): readonly Event[] {
  return liveChanges(state).map((one) => ({ is: 'change-over', change: one.id, how: 'not done', because: 'stopped' }));
}

export function decidePlanned(
  state: Incident,
  command: Extract<Inside, { is: 'planned' }>,
  facts: Facts,
  rules: Rules,
): Decision {
  const { region, tries, result } = command;
  const change = state.changes.find((one) => one.id === command.change);
  if (change?.stage !== 'planning' || regionToPlan(change) !== region || change.tries !== tries) return NOTHING;
  const harm = 'no' in result ? null : harmful(state, { region, offer: result.offer, undoOf: null });
  if ('no' in result || harm !== null) {
    const because = harm ?? ('no' in result ? result.no : '');
    const refused: Event = { is: 'change-over', change: change.id, how: 'refused', because };
    const told = whisper(change.by, say`${capital(change.title)} in ${region}: not done, because ${because}.`);
    const shown: Event = { is: 'noted', who: 'mlp-bot', what: `I do not ${change.title} in ${region}: ${because}` };
    const shut: Event = { is: 'closed', how: `refused: ${because}`, audit: facts.auditHead };
    // Nobody was shown anything yet: nothing is left behind.
    const inFault = changeOfThread(state) === null;
    const alone = neverShown(state) && liveChanges(state).length === 1;
    // Said once: in the thread of a fault to all who read it; where the summary says it too, or nothing is shown, to who asked.
    const said = alone
      ? both(events(refused, shut), told)
      : inFault
        ? events(refused, shown)
        : both(events(refused), told);
    return {
      ...said,
      audit: [{ who: 'mlp-bot', what: `refused to ${change.title} in ${region}`, digest: null, why: because }],
    };
  }
  const { may, ...plan } = result;
  const all: readonly Planned[] = [...(change.parts ?? []), { part: { region, ...plan }, may }];
  // One approval binds the plans for all regions that are left, so all are made before anybody is asked.
  if (change.step + all.length < change.regions.length)
    return events({ is: 'part-planned', change: change.id, part: { region, ...plan }, may });
  return proposedAll(state, change, all, facts, rules);
}

function proposedAll(state: Incident, change: Change, all: readonly Planned[], facts: Facts, rules: Rules): Decision {
  const [first, ...others] = all.map((one) => one.part);
  if (first === undefined) return NOTHING;
  const proposal = `p${state.proposals.length + 1}`;
  const risk = highestRisk({ ...first, list: others });
  const may = all.find((one) => one.part.offer.risk === risk)?.may ?? all[0]?.may;
  if (may === undefined) return NOTHING;
  const list = others.length === 0 ? {} : { list: others };
  return {
    ...events({
      is: 'proposed',
      proposal,
      ...first,
      ...list,
      may,
      expiresAt: later(facts.at, rules.timing.approvalMs),
      undoOf: null,
      change: change.id,
      playbook: change.playbook,
    }),
    audit: [
      {
        who: 'mlp-bot',
        what: `proposed ${first.offer.remedy} in ${[first, ...others].map((one) => one.region).join(', then ')} as ${proposal}`,
        digest: listDigest({ ...first, ...list }),
        why: `${change.by} asked to ${change.title}`,
      },
    ],
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
