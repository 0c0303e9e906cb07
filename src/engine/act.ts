import { randomUUID } from 'node:crypto';
import { Failure, whyOf } from '../core/failure.ts';
import { later } from '../core/incident/commands.ts';
import type { ActOutcome } from '../core/incident/events.ts';
import type { Effect } from '../core/incident/pending.ts';
import type { Incident, Proposal } from '../core/incident/state.ts';
import type { Desk } from './effects.ts';
import { observe } from './facts.ts';
import { isOf, markOf } from './fence.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import { readImpact } from './perform.ts';
import { openProposal } from './reopen.ts';

/** The only place where the world is changed. */

const SETTLE_MS = 10_000;

/** Reads once more, stores the intent, writes. The intent is in the store before the first byte leaves. */
export async function performAct(
  parts: Parts,
  effect: Extract<Effect, { is: 'act' }>,
  desk: Desk,
): Promise<'done' | 'held'> {
  return attempt(parts, effect.proposal.id, desk, null);
}

async function attempt(parts: Parts, id: string, desk: Desk, retryOf: number | null): Promise<'done' | 'held'> {
  const state = desk.state();
  const proposal = state.proposals.find((one) => one.id === id);
  if (proposal === undefined) return 'done';
  parts.point('act: before reading again');
  const [expects, { now, seen }, impact] = await Promise.all([
    fenceNow(parts, state, proposal),
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
  if (after === null) return 'held';
  const begun = after.proposals.find((one) => one.id === id);
  if (begun?.stage !== 'acting' || begun.attempt?.fence !== fence) return 'done';
  parts.point('act: intent stored');
  const outcome = await write(parts, after, begun, expects);
  parts.point('act: written');
  parts.metrics.acted(begun.offer.remedy, outcome.is);
  await desk.submit({ is: 'acted', proposal: id, attempt: begun.attempts, outcome });
  return 'done';
}

/** Tries until `notAfter`; a conflict with somebody's unrelated write is looked at and tried again, everything else is an outcome. */
async function write(
  parts: Parts,
  state: Incident,
  proposal: Proposal,
  expects: string | null,
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
        parts.platform.act(
          proposed.kind,
          region,
          proposed.target,
          { fence, notAfter, expects },
          AbortSignal.timeout(leftMs),
        ),
      );
      return { is: 'done', how: 'did it' };
    } catch (error) {
      if (!(error instanceof Failure) || error.maybeDone) {
        parts.log('warn', 'outcome of a write is not known', { err: whyOf(error), proposal: proposal.id });
        return { is: 'unknown' };
      }
      if (error.kind !== 'conflict') return { is: 'failed', because: whyOf(error) };
      const said = await afterConflict(parts, state, proposal, { error, expects });
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
  { error, expects }: { readonly error: Failure; readonly expects: string | null },
): Promise<ActOutcome | null> {
  const [fence, { now, seen }] = await Promise.all([fenceNow(parts, state, proposal), observe(parts, state, proposal)]);
  const proposed = openProposal(parts, state.subject, proposal, state.proposals);
  if (proposed.holds(seen)) return { is: 'done', how: 'found it done' };
  if (fence !== expects) return { is: 'overtaken', because: 'another attempt has taken over' };
  if (now.fits.is === 'yes' && now.state === proposal.state) return null;
  return { is: 'overtaken', because: now.fits.is === 'yes' ? error.message : now.fits.because };
}

async function fenceNow(parts: Parts, state: Incident, proposal: Proposal): Promise<string | null> {
  const { kind, target } = openProposal(parts, state.subject, proposal, state.proposals);
  return parts.platform.fenceOf(kind, proposal.region, target, AbortSignal.timeout(SETTLE_MS));
}

/**
 * After a crash, a lost answer or a take-over: the write may or may not have happened. Its deadline and the skew have passed; the
 * fence makes a paused predecessor's conditional write fail; only then is the target asked whether it happened.
 */
export async function performSettle(
  parts: Parts,
  effect: Extract<Effect, { is: 'settle' }>,
  desk: Desk,
): Promise<'done' | 'held'> {
  const state = desk.state();
  const proposal = state.proposals.find((one) => one.id === effect.proposal.id);
  if (proposal?.stage !== 'acting' || proposal.attempts !== effect.attempt || proposal.attempt === null) return 'done';
  try {
    return await settled(parts, desk, proposal, await fenceOff(parts, state, proposal, proposal.attempt.fence));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const of = { proposal: proposal.id, attempt: effect.attempt };
    if (error.kind === 'not found') {
      const outcome = { is: 'overtaken', because: 'the target is not there any more' } as const;
      await desk.submit({ is: 'acted', ...of, outcome });
      return 'done';
    }
    await desk.submit({ is: 'unsettled', ...of, because: whyOf(error) });
    throw error;
  }
}

/** From here on no earlier attempt can write. Tells whether this one had arrived. */
async function fenceOff(parts: Parts, state: Incident, proposal: Proposal, fence: string): Promise<boolean> {
  const { kind, target } = openProposal(parts, state.subject, proposal, state.proposals);
  parts.point('settle: before the fence');
  const arrived = isOf(fence, await fenceNow(parts, state, proposal));
  const token = arrived ? markOf(fence) : randomUUID();
  await parts.platform.fence(kind, proposal.region, target, token, AbortSignal.timeout(SETTLE_MS));
  parts.point('settle: fenced');
  return arrived;
}

/** `arrived`: the target carries the fence of this attempt, so its write was carried out, whatever the target looks like now. */
async function settled(parts: Parts, desk: Desk, proposal: Proposal, arrived: boolean): Promise<'done' | 'held'> {
  const state = desk.state();
  const { now, seen } = await observe(parts, state, proposal);
  const proposed = openProposal(parts, state.subject, proposal, state.proposals);
  const told = async (outcome: ActOutcome): Promise<'done'> => {
    await desk.submit({ is: 'acted', proposal: proposal.id, attempt: proposal.attempts, outcome });
    return 'done';
  };
  if (proposed.holds(seen)) return told({ is: 'done', how: 'found it done' });
  if (arrived) return told({ is: 'overtaken', because: 'it was written, and somebody changed the target since' });
  if (now.fits.is !== 'yes') return told({ is: 'overtaken', because: now.fits.because });
  if (now.state !== proposal.state) return told({ is: 'overtaken', because: 'the target changed' });
  return attempt(parts, proposal.id, desk, proposal.attempts);
}
