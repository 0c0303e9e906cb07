import { z } from 'zod';
import type { Opened, Proposed, Risk } from '../core/contract.ts';
import { OPEN_BESIDE } from '../core/builtin.ts';
import { diagnoseRegion } from '../core/diagnose.ts';
import type { RegionDiagnosis } from '../core/diagnosis.ts';
import { offerOf } from '../core/offers.ts';
import { Failure, whyOf } from '../core/failure.ts';
import { impactLook, impactOf } from '../core/impact.ts';
import type { Impact } from '../core/impact.ts';
import type { Inside } from '../core/incident/commands.ts';
import type { Approvers, Subject } from '../core/incident/events.ts';
import type { Effect } from '../core/incident/pending.ts';
import type { Incident, Proposal } from '../core/incident/state.ts';
import { harmful } from '../core/incident/harmful.ts';
import { riskAgain, undoRisk } from '../core/incident/undoing.ts';
import { canonical } from '../core/json.ts';
import { needFor } from '../core/policy.ts';
import { redact } from '../core/redact.ts';
import type { Json } from '../core/json.ts';
import { elsewhereOf, refuseOffer } from './elsewhere.ts';
import { STORM } from '../core/routing.ts';
import { isOncall, join, say } from '../core/words.ts';
import { look } from './look.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import { digest, openOffer, openProposal, openSubject, proposalDigest } from './reopen.ts';
import type { SharedReads } from './shared-reads.ts';

/** Carries out the effects that only look. What changes the world is in act.ts. */

const PREPARE_MS = 10_000;

export interface Looked {
  readonly command: Inside;
  readonly evidence: { readonly id: string; readonly body: Json } | null;
}

export async function performLook(
  parts: Parts,
  shared: SharedReads,
  effect: Omit<Extract<Effect, { is: 'look' }>, 'is' | 'id' | 'dueAt'>,
  stream: string,
): Promise<Looked> {
  const { subject, region, round } = effect;
  const opened = openOrSay(parts, subject, region);
  const health = parts.health(subject, region);
  const publicUrl = parts.publicUrl?.(subject, region) ?? null;
  const from = parts.clock.now();
  const of = named(subject, region);
  // What is in no namespace serves nobody itself.
  const readings = [...(of.namespace === '' ? [] : impactLook(health, of, publicUrl)), ...opened.look];
  // What was read before a fix says nothing about after it.
  const notBefore = Math.max(
    0,
    ...[effect.askedAt, effect.fixedAt].flatMap((at) => (at === null ? [] : Date.parse(at))),
  );
  const evidence = await look(readings, () => shared.reader(region, notBefore), parts.clock);
  const at = iso(parts.clock.now());
  const diagnosis = diagnoseRegion({
    opened,
    region,
    focus: subject.focus,
    fixedAt: effect.fixedAt,
    beforeFix: effect.beforeFix,
    causeSeen: effect.causeSeen,
    hurtSince: effect.hurtSince,
    drainMs: parts.rules.timing.drainMs,
    evidence,
    health,
    at,
    runId: `${stream}/${round}`,
  });
  parts.metrics.looked(region, parts.clock.now() - from, diagnosis.unread.length);
  const id = `${round}/${region}`;
  // What a reading brings is JSON by type; what the store gets is made so once more.
  const body = JSON.parse(JSON.stringify({ subject, region, at, readings: evidence })) as Json;
  const whose = { ...subject, target: answeredFor(subject, diagnosis) };
  const elsewhere = diagnosis.findings.length === 0 ? null : await elsewhereOf(parts, whose, region, stream);
  const beside = of.name === '' || subject.users !== undefined ? await openBeside(parts, region, stream) : null;
  const told = beside === null ? diagnosis : { ...diagnosis, remarks: [...diagnosis.remarks, beside] };
  const looked = { is: 'looked', round, diagnosis: told, evidence: id } as const;
  return { command: elsewhere === null ? looked : { ...looked, elsewhere }, evidence: { id, body } };
}

/** What users of a namespace's service feel is that service's trouble: whoever answers for it answers for this. */
function answeredFor({ playbook, target, users }: Subject, { findings }: RegionDiagnosis): Json {
  const felt = findings.every((one) => one.check === 'users-hurt');
  return playbook === STORM || users === undefined || !felt ? target : { ...users };
}

/** A whole namespace is not well while an incident about a part of it is open: it is named. Null: none is. */
async function openBeside(
  parts: Parts,
  region: string,
  stream: string,
): Promise<RegionDiagnosis['remarks'][number] | null> {
  const open = (await parts.store.streams({ open: true, limit: 20 })).filter(
    ({ stream: other, summary }) => other !== stream && summary.number !== null && summary.regions.includes(region),
  );
  if (open.length === 0) return null;
  const words = open
    .slice(0, 4)
    .map(({ summary }) => say`INC-${summary.number ?? 0} ${summary.title} (${summary.state})`);
  const more = open.length > words.length ? say` and ${open.length - words.length} more` : null;
  return { label: OPEN_BESIDE, words: say`${join(words, ' · ')}${more}` };
}

/** A playbook or a target that is not understood any more (after an update) is a reading without an answer, not a look that never ends. */
function openOrSay(parts: Parts, subject: Subject, region: string): Opened {
  try {
    return openSubject(parts, subject, region);
  } catch (error) {
    const read = (): Promise<never> => Promise.reject(error instanceof Error ? error : new Error(String(error)));
    const look = [{ id: 'playbook', after: [], withinMs: 1_000, byHand: '', read }];
    return { name: '', key: '', look, checks: [], remedies: [], advice: [], remarks: [], charts: [] };
  }
}

const Named = z
  .object({ namespace: z.string().default(''), name: z.string().default('') })
  .catch({ namespace: '', name: '' });
function named(subject: Subject, region: string): { region: string; namespace: string; name: string } {
  return { region, ...Named.parse(subject.users ?? subject.target) };
}

/** Only the readings of impact: for before and after an act. Never shared. */
export async function readImpact(parts: Parts, subject: Subject, region: string): Promise<Impact> {
  const health = parts.health(subject, region);
  const publicUrl = parts.publicUrl?.(subject, region) ?? null;
  const read = parts.platform.read(region, AbortSignal.timeout(PREPARE_MS));
  const of = named(subject, region);
  const evidence = await look(
    of.namespace === '' ? [] : impactLook(health, of, publicUrl),
    () => ({ read, oldest: () => null }),
    parts.clock,
  );
  return impactOf(health, evidence);
}

export async function performPrepare(
  parts: Parts,
  shared: SharedReads,
  state: Incident,
  effect: Extract<Effect, { is: 'prepare' | 'prepare-undo' }>,
  stream: string,
): Promise<Inside> {
  const undo = effect.is === 'prepare-undo';
  const region = undo ? effect.of.region : effect.region;
  const remedy = undo ? effect.of.offer.remedy : effect.offer.remedy;
  const undoOf = undo ? effect.of.id : null;
  const no = undo ? null : await refuseOffer(parts, state.subject, region, stream);
  const result =
    no === null
      ? await prepare(parts, state, effect, region).catch((error: unknown) => ({
          no: `could not prepare it: ${whyOf(error)}`,
        }))
      : { no };
  const harm =
    undoOf === null || 'no' in result
      ? null
      : await harmNow(parts, shared, state, { region, offer: result.offer, undoOf }, stream);
  return { is: 'prepared', round: effect.round, region, remedy, undoOf, result: harm === null ? result : { no: harm } };
}

/** What a closed thread found is old, and nothing looks there any more: before it shows a way back it is looked once. Null: nothing refuses it. */
async function harmNow(
  parts: Parts,
  shared: SharedReads,
  { closed, subject }: Incident,
  undo: Pick<Proposal, 'region' | 'offer' | 'undoOf'>,
  stream: string,
): Promise<string | null> {
  if (closed === null) return null;
  const { region } = undo;
  const of = { subject, region, round: 0, askedAt: iso(parts.clock.now()) };
  const look = { ...of, fixedAt: null, beforeFix: null, causeSeen: null, hurtSince: null };
  const { command } = await performLook(parts, shared, look, stream);
  return command.is === 'looked' ? harmful({ closed: null, diagnoses: { [region]: command.diagnosis } }, undo) : null;
}

type Prepared = Extract<Inside, { is: 'prepared' }>['result'];

/** Looks at the target, asks the server to rehearse, and says who may approve. */
async function prepare(
  parts: Parts,
  state: Incident,
  effect: Extract<Effect, { is: 'prepare' | 'prepare-undo' }>,
  region: string,
): Promise<Prepared> {
  if (effect.is === 'prepare') {
    const proposed = openOffer(parts, state.subject, region, effect.offer);
    return rehearsed(parts, proposed, region, riskAgain(state, region, proposed.remedy, proposed.risk));
  }
  const undo = undoOf(parts, state, effect.of);
  return rehearsed(parts, undo, region, undoRisk(effect.of, undo.risk));
}

/** Everything that people are shown before they approve: the target read, the server's rehearsal, who may. */
export async function rehearsed(parts: Parts, proposed: Proposed, region: string, risk: Risk): Promise<Prepared> {
  const plan = canonical(proposed.plan);
  if (redact(plan) !== plan) return { no: 'the plan would hold a secret' };
  const signal = AbortSignal.timeout(PREPARE_MS);
  const now = await proposed.observe(parts.platform.read(region, signal));
  const fits = proposed.fits(now);
  if (fits.is !== 'yes') return fits.is === 'no' ? { no: fits.because, gone: true } : { no: fits.because };
  const rehearsal = await proposed.rehearse(
    parts.platform.rehearse(proposed.kind, region, proposed.target, signal),
    now,
  );
  if (rehearsal.is === 'refused') return { no: `the cluster refuses it: ${rehearsal.because}` };
  return {
    offer: { ...offerOf(proposed), risk },
    digest: proposalDigest(proposed),
    state: digest(proposed.binds(now)),
    rehearsal: rehearsal.is === 'diff' ? rehearsal.lines.map(redact) : [],
    noPreview: rehearsal.is === 'no preview' ? rehearsal.because : null,
    may: await approvers(parts, risk),
  };
}

function undoOf(parts: Parts, state: Incident, of: Proposal): Proposed {
  const { undo } = openProposal(parts, state.subject, of, state.proposals);
  if ('impossible' in undo) throw new Failure('invalid', undo.impossible);
  return undo;
}

/** For show only; a failed look-up is said, and who really may is asked at the click. */
async function approvers(parts: Parts, risk: Risk): Promise<Approvers> {
  const { policy } = parts.rules;
  const rule = policy.approvers[risk];
  const oncall = risk === 'high' ? { groups: [], users: [] } : policy.oncall;
  const groups = [...new Set([...oncall.groups, ...rule.groups])];
  const users = [...new Set([...oncall.users, ...rule.users])];
  const now = await namesNow(parts, groups, users);
  const named = await oncallNow(parts, groups);
  return { need: needFor(policy, risk), groups: named.groups, users: [...new Set([...users, ...named.users])], now };
}

/** Whoever is on call is asked by name; where that is not known, the words are left. */
async function oncallNow(
  parts: Parts,
  all: readonly string[],
): Promise<{ readonly groups: readonly string[]; readonly users: readonly string[] }> {
  const out = { groups: [] as string[], users: [] as string[] };
  for (const group of all) {
    const members = isOncall(group) ? await parts.people.members(group).catch(() => []) : [];
    if (members.length === 0) out.groups.push(group);
    else out.users.push(...members);
  }
  return out;
}

async function namesNow(
  parts: Parts,
  groups: readonly string[],
  users: readonly string[],
): Promise<readonly string[] | null> {
  try {
    const members = await Promise.all(groups.map(async (group) => parts.people.members(group)));
    const strangers = await Promise.all(groups.map(async (group) => parts.people.strangers?.(group) ?? []));
    const ids = [...new Set([...members.flat(), ...users])].slice(0, 6);
    const people = await Promise.all(ids.map(async (id) => parts.people.person(id)));
    const able = people.filter((person) => person.active && !person.guest && !person.external && !person.bot);
    // Whoever is on call and cannot press the button: it is theirs to know.
    const lost = [...new Set(strangers.flat())].join(', ');
    return [...able.map((one) => one.name), ...(lost === '' ? [] : [`on call but not found in Slack: ${lost}`])];
  } catch (error) {
    parts.log('warn', 'could not look up who may approve', { err: whyOf(error) });
    return null;
  }
}

/** One look while verifying: what the remedy says, and how users fare. Not seen is not yet: the deadline of the change runs on. */
export async function performObserve(parts: Parts, state: Incident, proposal: Proposal): Promise<Inside> {
  const proposed = openProposal(parts, state.subject, proposal, state.proposals);
  const [now, impact] = await Promise.all([
    proposed
      .observe(parts.platform.read(proposal.region, AbortSignal.timeout(PREPARE_MS)))
      .then((seen) => ({ seen }))
      .catch((error: unknown) => ({ why: whyOf(error) })),
    readImpact(parts, state.subject, proposal.region),
  ]);
  const id = proposal.id;
  if ('why' in now) {
    const because = `I cannot see it (${now.why})`;
    return { is: 'observed', proposal: id, verdict: { is: 'not yet', because }, progress: because, impact };
  }
  const before = proposal.attempt?.before.state ?? null;
  const { seen } = now;
  const verdict = proposed.verify(before, seen);
  const progress = proposed.progress(seen);
  // What was broken before may never get whole again: an undo is done when all is as it was, and then it is looked at again.
  if (proposal.undoOf !== null && verdict.is === 'not yet' && proposed.holds(seen))
    return { is: 'observed', proposal: id, verdict: { is: 'yes' }, progress: `as it was before; ${progress}`, impact };
  return { is: 'observed', proposal: id, verdict, progress, impact };
}
