import { isOwn, strays, unbranched } from './belonging.ts';
import { NOTHING, events } from './commands.ts';
import type { Decision, Facts, Rules } from './commands.ts';
import type { RegionDiagnosis } from '../diagnosis.ts';
import { changeOfThread, liveChanges } from './changes.ts';
import type { Change } from './changes.ts';
import { CHANGE, FALLBACK } from '../routing.ts';
import type { Event, Subject } from './events.ts';
import { flapping } from './flapping.ts';
import { beginRound, unsettled } from './opening.ts';
import { forHarm } from './switching.ts';
import type { Incident } from './state.ts';
import { firing, leftovers, stormFindings } from './storming.ts';
import { plural } from '../plural.ts';

/** The end of a round: is it over, since when, and who else knows more? */

/** All regions answered: is it over, and since when? */
export function roundFinished(state: Incident, facts: Facts, rules: Rules): Decision {
  // While a change is under way nothing is over, and an approved change of a closed incident has opened it again.
  if (unsettled(state) || state.closed !== null || state.stopped !== null) return NOTHING;
  // What has a fault of its own gets its thread before this one asks other questions.
  if (unbranched(state).length > 0) return NOTHING;
  const asked = changeOfThread(state);
  if (asked !== null) {
    const decision = changeRoundFinished(state, asked, facts, rules);
    if (decision !== null) return decision;
  }
  const left = leftovers(state, facts, rules);
  if (left.length > 0) return events(...left);
  // What a storm's look recognises in one workload is that one's thread to solve.
  const other = state.storm === null ? handedOver(state) : null;
  if (other !== null)
    return beginRound({ ...state, subject: other }, `${state.subject.playbook} hands over to ${other.playbook}`);
  // What is nobody's yet gets a thread of its own first: the answer then names it.
  if (state.question && strays(state).length > 0) return NOTHING;
  const { focus } = state.subject;
  // Who named a region is answered about that one.
  const others = Object.entries(state.elsewhere).flatMap(([region, one]) =>
    focus === null || region === focus ? [one] : [],
  );
  const here = Object.values(state.diagnoses).filter(({ region }) => !answersElsewhere(state, region));
  if (state.question && others.length > 0) {
    const names = [...new Set(others.map((one) => (one.number === null ? 'another incident' : `INC-${one.number}`)))];
    return events({ is: 'closed', audit: facts.auditHead, how: `${names.join(', ')} answers for it` });
  }
  if (state.question && here.every((d) => d.findings.every(isMistaken))) {
    const mistaken = here.flatMap((d) => d.findings)[0]?.short;
    if (mistaken !== undefined) return events({ is: 'closed', audit: facts.auditHead, how: mistaken });
    const unread = Object.values(state.diagnoses).reduce((sum, d) => sum + d.unread.length, 0);
    return events({
      is: 'closed',
      audit: facts.auditHead,
      how: unread === 0 ? 'nothing wrong found' : `nothing wrong found, ${plural(unread, 'reading')} unknown`,
    });
  }
  const still = stillOn(state);
  if (still !== null) {
    return state.quiet.since === null && state.quiet.because === still
      ? NOTHING
      : events({ is: 'quiet', since: null, because: still });
  }
  const { since } = state.quiet;
  if (since === null) {
    const quiet: Event = { is: 'quiet', since: facts.at, because: 'seen over' };
    return rules.timing.quietMs === 0 && liveChanges(state).length === 0
      ? events(quiet, closing(state, facts))
      : events(quiet);
  }
  const enough = Date.parse(facts.at) - Date.parse(since) >= rules.timing.quietMs;
  // What comes and goes is held open past the next turn.
  if (flapping(state, facts.at, rules) !== null) return NOTHING;
  // What somebody asked for is decided first.
  return enough && liveChanges(state).length === 0 ? events(closing(state, facts)) : NOTHING;
}

/** Its fault is no answer to a question about another region. */
function answersElsewhere({ subject, elsewhere }: Incident, region: string): boolean {
  return subject.focus !== null && region !== subject.focus && elsewhere[region] !== undefined;
}

/** A thread that is about a change: it ends with that, unless something is wrong, which is then looked into. Null: go on as usual. */
function changeRoundFinished(state: Incident, { title, ended }: Change, facts: Facts, rules: Rules): Decision | null {
  if (liveChanges(state).length > 0 || ended === null) return NOTHING;
  const bad = Object.values(state.diagnoses).find((d) => d.findings.some((one) => !isMistaken(one)));
  if (bad !== undefined && !state.been.includes(FALLBACK) && state.subject.playbook === CHANGE) {
    const subject = { ...state.subject, playbook: FALLBACK, focus: bad.region };
    return beginRound({ ...state, subject }, `${title} is over; ${bad.findings[0]?.short ?? 'something is wrong'}`);
  }
  if (bad !== undefined) return null;
  const closed: Event = { is: 'closed', audit: facts.auditHead, how: `${title}: ${ended.how}` };
  if (ended.how !== 'done') return events(closed);
  // What it did to users shows once the numbers hold nothing of before: so long it is watched.
  const { since } = state.quiet;
  if (since === null && rules.timing.quietMs > 0) return events({ is: 'quiet', since: facts.at, because: 'seen well' });
  const enough = since === null || Date.parse(facts.at) - Date.parse(since) >= rules.timing.quietMs;
  return enough ? events(closed) : NOTHING;
}

/** Something was recognised that another playbook knows more about, or users are hurt without a cause. Each playbook once: no ping-pong. */
function handedOver(state: Incident): Subject | null {
  const focus = state.subject.focus;
  const ranked = Object.values(state.diagnoses)
    .filter((d) => isOwn(state, d.region) || state.elsewhere[d.region] !== undefined)
    .toSorted((a, b) => Number(b.region === focus) - Number(a.region === focus));
  for (const { findings, region } of ranked) {
    const harmed = forHarm(state, region);
    if (harmed !== null) return harmed;
    const to = findings.find((finding) => finding.handOver !== null)?.handOver;
    if (to === undefined || to === null || to.playbook === state.subject.playbook) continue;
    if (state.been.includes(to.playbook)) continue;
    return { playbook: to.playbook, target: to.target, regions: state.subject.regions, focus: focus ?? region };
  }
  return null;
}

function closing(state: Incident, facts: Facts): Event {
  const verified = state.proposals.filter((one) => one.ended?.how === 'verified');
  const fixes = verified.filter((one) => one.change === null);
  const fixed = fixes.some((one) => one.offer.buys === undefined);
  const asked = verified.some((one) => one.change !== null && one.amid !== undefined);
  const bought = fixes.length > 0;
  const how = fixed
    ? 'fixed'
    : bought
      ? 'over after a change that only bought time'
      : asked
        ? 'over after a change that was asked for'
        : 'over by itself or by hand';
  return { is: 'closed', how, audit: facts.auditHead };
}

/** A name that a person typed and that is not there. */
function isMistaken(finding: RegionDiagnosis['findings'][number]): boolean {
  return finding.mistaken === true;
}

function namesOf(alerts: readonly { readonly name: string }[]): string {
  const names = [...new Set(alerts.map((one) => one.name))];
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

/** Why it cannot be called over yet; null when it can. */
export function stillOn(state: Incident): string | null {
  const still = firing(state);
  if (still.length > 0) return `${namesOf(still)} still firing`;
  for (const region of Object.keys(state.worst)) {
    const now = state.diagnoses[region];
    if (now === undefined) continue;
    const found = state.storm?.region === region ? stormFindings(state) : now.findings;
    if (found.length > 0) return `${region}: ${found[0]?.short ?? 'still found'}`;
    const blind = state.worst[region]?.findings.find((f) => now.unsure.some((u) => u.check === f.check));
    if (now.dark || blind !== undefined) return `${region}: I cannot see whether it is over`;
    const { level, readiness } = now.impact;
    if (level === 'hurt')
      return `${region}: users are still over a limit, as far as the last ${now.impact.window} tell`;
    // A new rollout of the same thing finds nothing while it goes on: only pods that are there count.
    if (readiness !== null && readiness.ready < readiness.wanted) {
      return `${region}: ${readiness.ready} of ${plural(readiness.wanted, 'pod')} ready`;
    }
  }
  const { focus } = state.subject;
  const dark = Object.values(state.diagnoses).find((d) => d.dark && (focus === null || d.region === focus));
  if (dark !== undefined) return `${dark.region}: I cannot see whether it is over`;
  return null;
}
