import { randomUUID } from 'node:crypto';
import { Failure, whyOf } from '../core/failure.ts';
import type { Inside } from '../core/incident/commands.ts';
import { later } from '../core/incident/commands.ts';
import type { ActOutcome } from '../core/incident/events.ts';
import type { Effect } from '../core/incident/pending.ts';
import type { Incident, Proposal } from '../core/incident/state.ts';
import { observe } from './facts.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import { readImpact } from './perform.ts';
import { openProposal } from './reopen.ts';

/** The only place where the world is changed. */

/** What the driver offers an act: to store the intent before the write. Gives the state after it, or null when it was not stored. */
export interface Desk {
  readonly state: () => Incident;
  readonly submit: (command: Inside) => Promise<Incident | null>;
}

/** Reads once more, stores the intent, writes. The intent is in the store before the first byte leaves. */
export async function performAct(parts: Parts, effect: Extract<Effect, { is: 'act' }>, desk: Desk): Promise<void> {
  await attempt(parts, effect.proposal.id, desk, null);
}

async function attempt(parts: Parts, id: string, desk: Desk, retryOf: number | null): Promise<void> {
  const state = desk.state();
  const proposal = state.proposals.find((one) => one.id === id);
  if (proposal === undefined) return;
  parts.point('act: before reading again');
  const [{ now, seen }, impact] = await Promise.all([
    observe(parts, state, proposal),
    readImpact(parts, state.subject, proposal.region),
  ]);
  const at = iso(parts.clock.now());
  const notAfter = later(at, parts.rules.timing.actMs);
  const fence = randomUUID();
  parts.point('act: before the intent');
  const after = await desk.submit({
    is: 'acting',
    proposal: id,
    fence,
    notAfter,
    before: { at, state: seen, impact },
    now,
    retryOf,
  });
  const begun = after?.proposals.find((one) => one.id === id);
  if (after === null || begun?.stage !== 'acting' || begun.attempt?.fence !== fence) return;
  parts.point('act: intent stored');
  const outcome = await write(parts, after, begun);
  parts.point('act: written');
  parts.metrics.acted(begun.offer.remedy, outcome.is);
  await desk.submit({ is: 'acted', proposal: id, attempt: begun.attempts, outcome });
}

/** Tries until `notAfter`; a conflict with somebody's unrelated write is looked at and tried again, everything else is an outcome. */
async function write(
  parts: Parts,
  state: Incident,
  proposal: Proposal,
): Promise<ActOutcome | { readonly is: 'unknown' }> {
  const { attempt: intent, region } = proposal;
  if (intent === null) return { is: 'failed', because: 'no intent' };
  const proposed = openProposal(parts, state.subject, proposal, state.proposals);
  for (let tries = 0; tries < 4; tries++) {
    const leftMs = Date.parse(intent.notAfter) - parts.clock.now();
    if (leftMs <= 0)
      return tries === 0
        ? { is: 'failed', because: 'no time left before its deadline' }
        : { is: 'overtaken', because: 'the object kept changing under it' };
    try {
      const { fence, notAfter } = intent;
      await proposed.execute(
        parts.platform.act(proposed.kind, region, proposed.target, { fence, notAfter }, AbortSignal.timeout(leftMs)),
      );
      return { is: 'done', how: 'did it' };
    } catch (error) {
      if (!(error instanceof Failure) || error.maybeDone) {
        parts.log('warn', 'outcome of a write is not known', { err: whyOf(error), proposal: proposal.id });
        return { is: 'unknown' };
      }
      if (error.kind !== 'conflict') return { is: 'failed', because: whyOf(error) };
      const said = await afterConflict(parts, state, proposal, error);
      if (said !== null) return said;
    }
  }
  return { is: 'overtaken', because: 'the object kept changing under it' };
}

/** Null: nothing that matters changed, try again. */
async function afterConflict(
  parts: Parts,
  state: Incident,
  proposal: Proposal,
  error: Failure,
): Promise<ActOutcome | null> {
  const { now, seen } = await observe(parts, state, proposal);
  const proposed = openProposal(parts, state.subject, proposal, state.proposals);
  if (proposed.holds(seen)) return { is: 'done', how: 'found it done' };
  if (now.fits.is === 'yes' && now.state === proposal.state) return null;
  return { is: 'overtaken', because: now.fits.is === 'yes' ? error.message : now.fits.because };
}

/**
 * After a crash, a lost answer or a take-over: the write may or may not have happened. Its deadline and the skew have passed; the
 * fence makes a paused predecessor's conditional write fail; only then is the target asked whether it happened.
 */
export async function performSettle(
  parts: Parts,
  effect: Extract<Effect, { is: 'settle' }>,
  desk: Desk,
): Promise<void> {
  const state = desk.state();
  const proposal = state.proposals.find((one) => one.id === effect.proposal.id);
  if (proposal?.stage !== 'acting' || proposal.attempts !== effect.attempt) return;
  const proposed = openProposal(parts, state.subject, proposal, state.proposals);
  parts.point('settle: before the fence');
  await parts.platform.fence(
    proposed.kind,
    proposal.region,
    proposed.target,
    randomUUID(),
    AbortSignal.timeout(10_000),
  );
  parts.point('settle: fenced');
  const { now, seen } = await observe(parts, state, proposal);
  if (proposed.holds(seen)) {
    await desk.submit({
      is: 'acted',
      proposal: proposal.id,
      attempt: effect.attempt,
      outcome: { is: 'done', how: 'found it done' },
    });
    return;
  }
  if (now.fits.is === 'yes' && now.state === proposal.state) return attempt(parts, proposal.id, desk, effect.attempt);
  const because = now.fits.is === 'yes' ? 'the target changed' : now.fits.because;
  await desk.submit({
    is: 'acted',
    proposal: proposal.id,
    attempt: effect.attempt,
    outcome: { is: 'overtaken', because },
  });
}
