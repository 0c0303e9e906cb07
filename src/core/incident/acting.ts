import type { Verdict } from '../contract.ts';
import { compareImpact, milliseconds, percent } from '../impact.ts';
import type { Impact } from '../impact.ts';
import { NOTHING, both, events, later } from './commands.ts';
import type { Decision, Facts, Inside, Rules } from './commands.ts';
import { beginRound } from './opening.ts';
import { comparableFrom } from './record.ts';
import { followsAfter } from './listed.ts';
import { changeName, ended } from './proposal.ts';
import { refusedByNow } from './standing.ts';
import { next } from './state.ts';
import type { Incident, Proposal } from './state.ts';

/** From the grant to a known end: the intent, the outcome, the watching, the undo. */

/** Longer than this between two looks, and the process was away in between. */
const LIVE_MS = 60_000;

type Acting = Extract<Inside, { is: 'acting' | 'acted' | 'unsettled' | 'cannot-act' | 'held' | 'observed' }>;

export function decideActing(state: Incident, command: Acting, facts: Facts, rules: Rules): Decision {
  const proposal = state.proposals.find((one) => one.id === command.proposal);
  if (proposal === undefined) return NOTHING;
  switch (command.is) {
    case 'acting':
      return decideIntent(state, proposal, command, facts, rules);
    case 'cannot-act':
      return proposal.stage === 'granted' ? stopped(state, proposal, 'failed', command.because, facts) : NOTHING;
    case 'held':
      return proposal.stage !== 'granted' || proposal.waitsFor === command.by
        ? NOTHING
        : events({ is: 'waits', proposal: proposal.id, for: command.by });
    case 'acted':
      return decideOutcome(state, proposal, command, facts);
    case 'unsettled':
      return decideUnsettled(state, proposal, command);
    case 'observed':
      return decideObserved(state, proposal, command, facts, rules);
  }
}

/** Said once for each attempt: people must know that it may have been done. */
function decideUnsettled(
  state: Incident,
  proposal: Proposal,
  { attempt, because }: Extract<Acting, { is: 'unsettled' }>,
): Decision {
  if (proposal.stage !== 'acting' || proposal.attempt?.number !== attempt) return NOTHING;
  const begun = proposal.attempt.before.at.slice(11, 19);
  const what = `The ${changeName(proposal)}, attempt ${attempt} of ${begun} UTC: I do not know whether it was done`;
  if (state.timeline.some((one) => one.what.startsWith(what))) return NOTHING;
  const rest = 'I keep looking, and do nothing again before I have seen it';
  return events({ is: 'noted', who: 'mlp-bot', what: `${what} (${because}). ${rest}` });
}

/** The last gate before the write: stage, kill switch, the rules of this moment, and the target read once more. */
function decideIntent(
  state: Incident,
  proposal: Proposal,
  command: Extract<Acting, { is: 'acting' }>,
  facts: Facts,
  rules: Rules,
): Decision {
  const { retryOf } = command;
  const retries = proposal.stage === 'acting' && retryOf === proposal.attempts && proposal.attempt?.outcome === null;
  if (!(proposal.stage === 'granted' && retryOf === null) && !retries) return NOTHING;
  // One change at a time: it stays granted, and its turn comes when the other is over.
  if (state.proposals.some((one) => one.id !== proposal.id && (one.stage === 'acting' || one.stage === 'watching')))
    return NOTHING;
  // Stopping an incident ends what was granted by then, so whatever is granted now was approved after it; a retry was not.
  if (facts.killSwitch !== null || (state.stopped !== null && retries)) {
    return stopped(state, proposal, 'stopped', 'stopped before it was done', facts);
  }
  if (retries && proposal.attempts >= 3)
    return stopped(state, proposal, 'failed', 'three attempts had no known outcome', facts);
  const { now, fence, notAfter, before } = command;
  const refused = refusedByNow(state, proposal, facts, rules);
  if (refused !== null) return notDone(state, proposal, `${refused}, after the approval: nothing was done`, facts);
  const changed =
    now.digest !== proposal.digest
      ? 'the plan reads differently since an update of mine'
      : now.fits.is !== 'yes'
        ? now.fits.because
        : now.state !== proposal.state
          ? 'the target changed'
          : null;
  if (changed !== null) return notDone(state, proposal, `${changed}, after the approval: nothing was done`, facts);
  return {
    ...events({ is: 'acting', proposal: proposal.id, attempt: proposal.attempts + 1, fence, notAfter, before }),
    audit: [
      {
        who: 'mlp-bot',
        what: `begins ${proposal.id}, attempt ${proposal.attempts + 1}: ${proposal.offer.remedy} in ${proposal.region}`,
        digest: proposal.digest,
        why: `approved by ${proposal.votes.map((vote) => vote.by).join(', ')}`,
      },
    ],
  };
}

function notDone(state: Incident, proposal: Proposal, why: string, facts: Facts): Decision {
  const what = `not done: ${proposal.id}: ${proposal.offer.remedy} in ${proposal.region}`;
  const audit = [{ who: 'mlp-bot', what, digest: proposal.digest, why }];
  return { ...stopped(state, proposal, 'superseded', why, facts), audit };
}

/** One change for one cause at a time: whatever else was offered for it was made for what was there before. */
function overtakenBy(state: Incident, written: Proposal): Decision {
  if (written.cause === null || written.undoOf !== null || written.change !== null) return NOTHING;
  const others = state.proposals.filter(
    (one) =>
      one.id !== written.id &&
      one.stage === 'open' &&
      one.undoOf === null &&
      one.change === null &&
      one.region === written.region &&
      one.cause === written.cause,
  );
  const why = `another fix (${written.offer.label}) was written for the same cause; if that does not help, I look again and offer what fits then`;
  return events(...others.map((one) => ended(one, 'withdrawn', why, null)));
}

function decideOutcome(
  state: Incident,
  proposal: Proposal,
  command: Extract<Acting, { is: 'acted' }>,
  facts: Facts,
): Decision {
  const { attempt, outcome } = command;
  if (proposal.stage !== 'acting' || proposal.attempt?.number !== attempt || proposal.attempt.outcome !== null)
    return NOTHING;
  // Unknown stays an open intent: `settle` looks it up after its deadline.
  if (outcome.is === 'unknown') return NOTHING;
  const acted = events({ is: 'acted', proposal: proposal.id, attempt, outcome });
  const audit = [
    {
      who: 'mlp-bot',
      what: `${proposal.id}, attempt ${attempt}: ${outcome.is}`,
      digest: proposal.digest,
      why: outcome.is === 'done' ? outcome.how : outcome.because,
    },
  ];
  if (outcome.is === 'done') return { ...both(acted, overtakenBy(state, proposal)), audit };
  const how = outcome.is === 'overtaken' ? 'superseded' : 'failed';
  return { ...both(acted, stopped(state, proposal, how, outcome.because, facts)), audit };
}

function stopped(
  state: Incident,
  proposal: Proposal,
  how: 'failed' | 'superseded' | 'stopped',
  because: string,
  facts: Facts,
): Decision {
  const event = ended(proposal, how, because, null);
  return both(
    events(event),
    lookAgain(next(state, event, facts.at), how === 'failed' ? 'the change failed' : 'things changed'),
  );
}

function decideObserved(
  state: Incident,
  proposal: Proposal,
  command: Extract<Acting, { is: 'observed' }>,
  facts: Facts,
  rules: Rules,
): Decision {
  if (proposal.stage !== 'watching' || proposal.attempt === null || proposal.actedAt === null) return NOTHING;
  const { verdict, progress, impact } = command;
  const harm = compareImpact(proposal.attempt.before.impact, impact);
  const judged =
    harm.is === 'worse'
      ? ({ is: 'worse', because: harm.because } as const)
      : judgedByUsers(proposal, verdict, impact, facts.at);
  const seen = { is: 'observed', proposal: proposal.id, verdict: judged, progress, impact } as const;
  const watch = proposal.watch;
  const isNews = watch?.verdict.is !== judged.is || watch.progress !== progress;
  const record = isNews ? events(seen) : NOTHING;
  const since = watch?.verdict.is === judged.is ? watch.since : facts.at;
  const heldMs = Date.parse(facts.at) - Date.parse(since);
  const limits = timesOf(proposal, rules);
  if (judged.is === 'yes' && heldMs >= limits.settleMs)
    return finish(state, proposal, record, 'verified', withNote(progress, judged), facts, rules);
  if (judged.is === 'worse' && watch?.verdict.is === 'worse') {
    // Two looks of one live process: what was seen before a pause counts as no look, and is seen anew.
    const live = facts.at <= later(watch.at, Math.max(LIVE_MS, 3 * rules.timing.observeMs));
    return live ? worse(state, proposal, record, judged.because, facts, rules) : events(seen);
  }
  if (judged.is === 'no') return finish(state, proposal, record, 'not verified', judged.because, facts);
  const tooLate = Date.parse(facts.at) - Date.parse(proposal.actedAt) >= limits.deadlineMs;
  if (tooLate && judged.is === 'not yet')
    return finish(
      state,
      proposal,
      record,
      'not verified',
      `not complete after ${Math.round(limits.deadlineMs / 60_000)} min: ${judged.because}`,
      facts,
    );
  return record;
}

/** What the yes rests on, or cannot tell, is part of it. */
function withNote(progress: string, verdict: Verdict): string {
  return verdict.is === 'yes' && verdict.note !== undefined ? `${progress}; ${verdict.note}` : progress;
}

/** A change for the users' sake has not worked before they fare well, whatever its pods do. */
function judgedByUsers(proposal: Proposal, verdict: Verdict, impact: Impact, at: string): Verdict {
  const { offer, attempt } = proposal;
  const comparable = comparableFrom(proposal);
  if (offer.judgedBy !== 'users' || verdict.is !== 'yes' || impact.level === 'none') return verdict;
  if (impact.level !== 'hurt')
    return { is: 'not yet', because: `its pods are there; whether users fare better cannot be told (${impact.level})` };
  const before = attempt?.before.impact;
  const ratio = `errors ${percent(impact.errorRatio)}, ${percent(before?.errorRatio ?? null)} before`;
  const latency = `p95 ${milliseconds(impact.latencySeconds)}, ${milliseconds(before?.latencySeconds ?? null)} before`;
  // Numbers over a window hold what was before the change until the window has passed.
  const draining =
    comparable !== null && at < comparable
      ? `. The ${impact.window} of these numbers begin before the change: they are those of after it from ${comparable.slice(11, 16)} UTC on`
      : '';
  return { is: 'not yet', because: `its pods are there; users are still affected: ${ratio}; ${latency}${draining}` };
}

/** The end of a change begins no round where a person ended the rounds. */
function lookAgain(state: Incident, why: string): Decision {
  return state.stopped === null ? beginRound(state, why) : NOTHING;
}

/** Carried with the offer's plan, so that a stored proposal needs no playbook to be judged. */
function timesOf(proposal: Proposal, rules: Rules): { readonly settleMs: number; readonly deadlineMs: number } {
  const { settleMs, deadlineMs } = proposal.offer;
  return { settleMs: Math.min(settleMs, rules.timing.settleMs ?? settleMs), deadlineMs };
}

function finish(
  state: Incident,
  proposal: Proposal,
  record: Decision,
  how: 'verified' | 'not verified' | 'made worse',
  because: string,
  facts: Facts,
  /** Given where what the same approval binds may follow. */
  rules: Rules | null = null,
): Decision {
  const event = ended(proposal, how, because, null);
  const after = record.events.reduce((s, e) => next(s, e, facts.at), state);
  // What follows begins at once: a look meanwhile would find its pods on their way, and take that for trouble.
  const then = rules === null ? [] : followsAfter(after, [event], proposal, facts, rules);
  return {
    ...both(
      record,
      events(event, ...then),
      then.length > 0 ? NOTHING : lookAgain(next(after, event, facts.at), 'after the change'),
    ),
    audit: [{ who: 'mlp-bot', what: `${proposal.id}: ${how}`, digest: proposal.digest, why: because }],
  };
}

/**
 * Worse, seen twice. The approval covered the pair, so within minutes of the act the undo needs no new click; the undo is granted on
 * the votes of the act. Later, or after downtime, it is offered and asked for.
 */
function worse(
  state: Incident,
  proposal: Proposal,
  record: Decision,
  because: string,
  facts: Facts,
  rules: Rules,
): Decision {
  const done = finish(state, proposal, record, 'made worse', because, facts);
  const fresh = proposal.actedAt !== null && facts.at <= later(proposal.actedAt, rules.timing.undoAloneMs);
  if ('impossible' in proposal.offer.undo || proposal.undoOf !== null || !fresh) return done;
  if (state.stopped !== null || facts.killSwitch !== null) {
    const what = `The ${changeName(proposal)} made it worse (${because}). It was stopped, so I do not take it back by myself: press Undo`;
    return both(done, events({ is: 'noted', who: 'mlp-bot', what }));
  }
  return both(
    done,
    events(
      { is: 'undo-asked', proposal: proposal.id, by: 'mlp-bot' },
      { is: 'noted', who: 'mlp-bot', what: `The ${changeName(proposal)} made it worse (${because}): taking it back` },
    ),
  );
}
