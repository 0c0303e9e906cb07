import { canonical } from '../json.ts';
import type { RegionDiagnosis } from '../diagnose.ts';
import { barred, preApproved } from '../policy.ts';
import { expire } from './audited.ts';
import { isOwn } from './belonging.ts';
import { changedBeside } from './beside.ts';
import { liveChanges } from './changes.ts';
import { withNewCharts } from './charts.ts';
import { NOTHING, both, events, later } from './commands.ts';
import type { Decision, Facts, Inside, Rules } from './commands.ts';
import type { Event } from './events.ts';
import { silenceOver, snoozeOver } from './handled.ts';
import { harmful } from './harmful.ts';
import { reminders } from './ledger.ts';
import { toRecall } from './memory.ts';
import { LOOK_AGAIN_MS, beginRound, busy, sameOffer } from './opening.ts';
import { servedBy } from '../probed.ts';
import { roundFinished } from './over.ts';
import { decideBeside, digestDue } from './storming.ts';
import { worsened } from './worse.ts';
import { next } from './state.ts';
import { offeredUndo } from './undoing.ts';
import type { Incident, Proposal } from './state.ts';

/** Rounds of looking: what they found, what is offered for it, and when it is over. */

export function decideLooked(
  state: Incident,
  command: Extract<Inside, { is: 'looked' }>,
  facts: Facts,
  rules: Rules,
): Decision {
  const { round, diagnosis, evidence } = command;
  const elsewhere = command.elsewhere === undefined ? {} : { elsewhere: command.elsewhere };
  if (state.round === null || state.round.number !== round || !state.round.awaiting.includes(diagnosis.region))
    return NOTHING;
  const known = state.diagnoses[diagnosis.region];
  const seen: Event =
    known !== undefined && sameNews(known, diagnosis)
      ? { is: 'looked-same', round, region: diagnosis.region, impact: diagnosis.impact, ...elsewhere }
      : { is: 'looked', round, diagnosis: withNewCharts(state, diagnosis), evidence, ...elsewhere };
  const after = next(state, seen, facts.at);
  const withdrawn = outdated(after, diagnosis);
  const finished = after.round?.finishedAt === null ? NOTHING : roundFinished(after, facts, rules);
  const worse = worsened(state, after, diagnosis, facts.at, rules);
  const before: Event[] =
    command.remembered === undefined || toRecall(state, diagnosis) === null
      ? []
      : [{ is: 'remembered', ...command.remembered }];
  return both(events(seen, ...before, ...changedBeside(state, diagnosis), ...worse), withdrawn, finished);
}

/** Everything but times and numbers that move by themselves. */
function sameNews(a: RegionDiagnosis, b: RegionDiagnosis): boolean {
  const news = (d: RegionDiagnosis): unknown => ({
    findings: d.findings.map((f) => [f.check, f.short, f.quotes.length > 0, f.refuse, f.handOver]),
    ruledOut: d.ruledOut,
    unsure: d.unsure.map((u) => u.check),
    offers: d.offers.map((o) => [o.remedy, o.plan]),
    change: d.remarks.filter((r) => r.label === 'Change' || r.label === 'Node').map((r) => r.words),
    advice: d.advice.length,
    level: d.impact.level,
    served: servedBy(d.impact.probed),
    readiness: d.impact.readiness,
    dark: d.dark,
    asked: d.asked,
    answered: d.answered,
  });
  return canonical(news(a)) === canonical(news(b));
}

/** Open proposals that the newest look no longer supports. */
function outdated(state: Incident, diagnosis: RegionDiagnosis): Decision {
  const out: Event[] = [];
  const other = state.elsewhere[diagnosis.region];
  for (const one of state.proposals) {
    // What a person asked for was never offered by a look.
    if (one.stage !== 'open' || one.region !== diagnosis.region || one.undoOf !== null || one.change !== null) continue;
    if (other !== undefined) {
      const who = other.number === null ? 'another incident' : `INC-${other.number}`;
      out.push({ is: 'ended', proposal: one.id, how: 'withdrawn', because: `${who} offers it`, by: null });
      continue;
    }
    const same = diagnosis.offers.some((offer) => sameOffer(offer, one.offer));
    if (same) continue;
    // A region that cannot be seen proves nothing: the proposal stays, the click will look again.
    if (
      diagnosis.dark ||
      diagnosis.notOffered.some((no) => no.remedy === one.offer.remedy && no.because.startsWith('could not read'))
    )
      continue;
    const over = diagnosis.findings.length === 0;
    const lapsed = one.votes.length === 0 ? '' : `; ${one.votes.length} approval(s) lapse`;
    out.push({
      is: 'ended',
      proposal: one.id,
      how: over ? 'withdrawn' : 'superseded',
      because: `${over ? 'I looked again: what it was for is over' : 'things changed since it was made'}${lapsed}`,
      by: null,
    });
  }
  return events(...out);
}

export function decideBranched(
  state: Incident,
  { region, beside }: Extract<Inside, { is: 'branched' }>,
  facts: Facts,
  rules: Rules,
): Decision {
  const event: Event = { is: 'branched', region };
  const after = next(state, event, facts.at);
  const own = beside === undefined ? [] : decideBeside(state, region, beside);
  return both(events(event, ...own), after.round?.finishedAt === null ? NOTHING : roundFinished(after, facts, rules));
}

export function decidePrepared(
  state: Incident,
  command: Extract<Inside, { is: 'prepared' }>,
  facts: Facts,
  rules: Rules,
): Decision {
  const { region, remedy, round, result, undoOf } = command;
  // An answer to an older round, or after a stop: nothing waits for it any more.
  if (undoOf === null && (state.closed !== null || state.stopped !== null || state.round?.number !== round))
    return NOTHING;
  if ('no' in result) {
    const gone = result.gone === true ? ({ gone: true } as const) : {};
    return events({ is: 'not-offered', region, remedy, because: result.no, round, undoOf, ...gone });
  }
  // What a look offers was asked about when it was made; a way back is not what a look offers.
  const harm = undoOf === null ? null : harmful(state, { region, offer: result.offer, undoOf });
  if (harm !== null) return events({ is: 'not-offered', region, remedy, because: harm, round, undoOf });
  const proposal = `p${state.proposals.length + 1}`;
  const expiresAt = later(facts.at, rules.timing.approvalMs);
  const proposed: Event = { is: 'proposed', proposal, region, ...result, expiresAt, undoOf };
  const pair = undoOf === null ? null : coveredByPair(state, undoOf, result.offer.preview, facts, rules);
  const alone =
    undoOf === null &&
    state.onIt === null &&
    // Where people work on a region, they decide.
    !state.maintenance.some((one) => one.region === region) &&
    // Once: the second time a person decides.
    !state.proposals.some((one) => one.actedAt !== null && one.region === region && one.offer.remedy === remedy) &&
    preApproved(rules.policy, { region, target: state.subject.target }, result.offer, facts.at);
  const votes =
    pair?.votes ?? (alone ? [{ by: 'mlp-bot', at: facts.at, reason: 'approved in advance by the policy' }] : []);
  const granted: Event[] =
    votes.length === 0 || facts.killSwitch !== null
      ? []
      : [...votes.map((vote): Event => ({ is: 'voted', proposal, vote })), { is: 'granted', proposal }];
  const why = [
    undoOf === null ? 'found by a check' : `undo of ${undoOf}`,
    ...(pair === null ? [] : ['approved with it']),
    ...(alone ? ['approved in advance by the policy (mode act)'] : []),
  ].join(', ');
  return {
    ...events(proposed, ...granted),
    audit: [{ who: 'mlp-bot', what: `proposed ${remedy} in ${region} as ${proposal}`, digest: result.digest, why }],
  };
}

/** Who approved an act approved its undo with it, exactly as it was shown, for minutes, and only where the bot itself saw it turn worse. */
function coveredByPair(
  state: Incident,
  undoOf: string,
  preview: readonly string[],
  facts: Facts,
  rules: Rules,
): Proposal | null {
  const act = state.proposals.find((one) => one.id === undoOf);
  if (state.stopped !== null || act?.ended?.how !== 'made worse' || act.actedAt === null) return null;
  const { undo } = act.offer;
  if ('impossible' in undo || canonical(undo.preview) !== canonical(preview)) return null;
  return facts.at <= later(act.actedAt, rules.timing.undoAloneMs) ? act : null;
}

/** Time passed: what expires, what is looked at again. */
export function decideTick(state: Incident, facts: Facts, rules: Rules): Decision {
  const { events: expired, audit } = expire(
    state.proposals.filter((one) => one.stage === 'open' && one.expiresAt <= facts.at),
  );
  const due = nextRoundAt(state, rules);
  const undo = offeredUndo(state, rules);
  const over: Event[] = undo === null || undo.until > facts.at ? [] : [{ is: 'undo-over', proposal: undo.act.id }];
  const said = [
    ...expired,
    ...over,
    ...snoozeOver(state, facts.at),
    ...silenceOver(state, facts.at),
    ...reminders(state, facts.at, rules),
    ...digestDue(state, facts.at, rules),
  ];
  if (firstLookSlow(state, facts.at)) return { ...events({ is: 'first-look-slow' }, ...said), audit };
  if (due === null || due > facts.at) return { ...events(...said), audit };
  // What nobody saw does not count as quiet: after a time without looking it begins anew.
  const blindMs = Date.parse(facts.at) - Date.parse(due);
  const gap = state.quiet.since !== null && blindMs > Math.max(30_000, 3 * rules.timing.watchMs);
  const broken: Event[] = gap ? [{ is: 'quiet', since: null, because: 'I was not looking for a while' }] : [];
  return { ...both(events(...said, ...broken), beginRound(state, 'watching')), audit };
}

/** So long may the first post wait for the first look, in milliseconds: a post notifies, an edit does not. */
export const FIRST_POST_MS = 1_500;
function firstLookSlow(state: Incident, at: string): boolean {
  if (state.openedAt === null || state.round === null || state.round.finishedAt !== null) return false;
  // Each look so far may have been handed over to another playbook.
  if (state.round.number > state.been.length + 1) return false;
  return !state.firstLookSlow && later(state.openedAt, FIRST_POST_MS) <= at;
}

/** When to look again; null: not by itself. Slower when nothing changes for long. */
export function nextRoundAt(state: Incident, rules: Rules): string | null {
  const finished = state.round?.finishedAt ?? null;
  if (state.openedAt === null || state.closed !== null || state.stopped !== null || finished === null || busy(state))
    return null;
  const { watchMs, quietMs } = rules.timing;
  const patience = state.unchanged > 60 ? 5 : 1;
  const soon = later(finished, LOOK_AGAIN_MS);
  const regular = later(finished, watchMs * patience);
  // What began to fire while it looked, or right after, was not asked about.
  const isHeard = state.round !== null && state.heardAt !== null && state.heardAt > state.round.at;
  const usual = isHeard && soon < regular ? soon : regular;
  if (state.quiet.since === null) return usual;
  const close = later(state.quiet.since, quietMs);
  return close < usual && close > finished ? close : usual;
}

/** The newest offers that nobody was asked about yet. */
export function unprepared(
  state: Incident,
  rules: Rules,
): readonly { readonly region: string; readonly offer: RegionDiagnosis['offers'][number] }[] {
  if (state.closed !== null || state.stopped !== null || state.round === null || busy(state)) return [];
  // Somebody is on it: nobody else is asked meanwhile.
  if (state.onIt !== null) return [];
  const out: { region: string; offer: RegionDiagnosis['offers'][number] }[] = [];
  for (const diagnosis of Object.values(state.diagnoses)) {
    // What another incident answers for is offered there.
    if (!isOwn(state, diagnosis.region)) continue;
    if (state.round.awaiting.includes(diagnosis.region)) continue;
    for (const offer of diagnosis.offers.slice(0, 2)) {
      // Nobody is asked for what nobody may approve.
      if (barredOffer(state, rules, diagnosis.region, offer) !== null) continue;
      if (state.notOffered.some((no) => no.region === diagnosis.region && no.remedy === offer.remedy)) continue;
      if (state.proposals.some((one) => answers(one, diagnosis.region, offer, state))) continue;
      if (isAsked(state, diagnosis.region, offer.remedy)) continue;
      out.push({ region: diagnosis.region, offer });
    }
  }
  return out;
}

/** Why nobody may approve this offer: the mode, or a freeze at the time of the last look. Null: it is asked for. */
export function barredOffer(
  { round, openedAt, subject }: Incident,
  rules: Pick<Rules, 'policy'>,
  region: string,
  { knownGood }: Pick<RegionDiagnosis['offers'][number], 'knownGood'>,
): string | null {
  const at = round?.at ?? openedAt ?? '';
  return barred(rules.policy, { region, target: subject.target, knownGood, at });
}

/** A person asked for this remedy with details of his own: one proposal of it at a time. */
function isAsked(state: Incident, region: string, remedy: string): boolean {
  return liveChanges(state).some((one) => one.regions.includes(region) && one.remedies.includes(remedy));
}

/** This offer was put to people already: it is open, or they said no to exactly this since it was last asked for. */
function answers(one: Proposal, region: string, offer: RegionDiagnosis['offers'][number], state: Incident): boolean {
  if (one.region !== region || !sameOffer(one.offer, offer)) return false;
  if (one.stage !== 'over') return true;
  const how = one.ended?.how;
  if (how === 'withdrawn' || how === 'superseded') return false;
  // What has a way back was written, and could be written again: somebody took it back.
  if (how === 'verified' && one.undoOf === null && !('impossible' in one.offer.undo)) return false;
  return state.askedAt === null || state.askedAt <= (one.ended?.at ?? '');
}
