import type { Outcome } from '../core/contract.ts';
import { whyOf } from '../core/failure.ts';
import type { Command, Facts, Now } from '../core/incident/commands.ts';
import { membersOf } from '../core/incident/listed.ts';
import { votersToCheck } from '../core/incident/standing.ts';
import type { Incident, Proposal } from '../core/incident/state.ts';
import type { Press } from '../core/message.ts';
import { groupsOf } from '../core/policy.ts';
import type { Who } from '../core/policy.ts';
import type { Json } from '../core/json.ts';
import { isOncall } from '../core/words.ts';
import { maintained } from './maintenance.ts';
import { iso } from './parts.ts';
import type { Clock, Parts } from './parts.ts';
import { digest, openProposal, proposalDigest } from './reopen.ts';

/** What a decision needs to know about the world, looked up at the moment of deciding. A look-up that fails is *unknown*, which means no. */

export const KILL_SWITCH = 'kill-switch';
const LOOK_UP_MS = 8_000;

/** Presses that only some people may make. */
const NEEDS_GROUPS: ReadonlySet<string> = new Set<Press['does']>([
  'approve',
  'break-glass',
  'deny',
  'not-now',
  'mine',
  'hand-back',
  'undo',
]);

export async function gather(parts: Parts, stream: string, state: Incident, command: Command): Promise<Facts> {
  const at = iso(parts.clock.now());
  const [killSwitch, maintenance] = await Promise.all([killedBy(parts), maintained(parts)]);
  const base = { at, killSwitch, maintenance };
  if (command.is === 'change')
    return { ...base, who: await whoIs(parts, command.change.by, false), now: null, auditHead: null };
  if (command.is === 'handle')
    return { ...base, who: await whoIs(parts, command.by, false), now: null, auditHead: await headOf(parts) };
  if (command.is === 'ask') {
    const [who, link] = await Promise.all([
      whoIs(parts, command.by, false),
      state.openedAt === null ? null : linkTo(parts, stream),
    ]);
    return { ...base, who, now: null, auditHead: null, link };
  }
  if (command.is !== 'press') {
    const auditHead = command.is === 'looked' || command.is === 'planned' ? await headOf(parts) : null;
    const voters = await votersOf(parts, state, command, at);
    return { ...base, who: null, now: null, voters, auditHead };
  }
  const approving = command.press.does === 'approve' || command.press.does === 'break-glass';
  const proposal = approving ? state.proposals.find((one) => one.id === command.press.proposal) : undefined;
  const members = proposal?.stage === 'open' ? membersOf(proposal) : [];
  const [who, ...seen] = await Promise.all([
    whoIs(parts, command.by, NEEDS_GROUPS.has(command.press.does)),
    ...members.map((one) => within(parts.clock, nowOf(parts, state, one))),
  ]);
  const [now = null, ...rest] = seen;
  return { ...base, who, now, ...(rest.length === 0 ? {} : { rest }), auditHead: null };
}

/** Before a write: who approved it some time ago may have lost that right since. */
async function votersOf(
  parts: Parts,
  state: Incident,
  command: Command,
  at: string,
): Promise<readonly Outcome<Who>[] | null> {
  const proposal = command.is === 'acting' ? state.proposals.find((one) => one.id === command.proposal) : undefined;
  if (proposal === undefined) return null;
  return Promise.all(votersToCheck(proposal, at).map(async (id) => whoIs(parts, id, true)));
}

/** For closing messages: whoever keeps one can tell later whether the log's tail was cut. */
async function headOf(parts: Parts): Promise<string | null> {
  try {
    const { number, mac } = await parts.store.auditHead();
    return `${number}:${mac.slice(0, 12)}`;
  } catch (error) {
    parts.log('warn', 'audit head not readable', { err: whyOf(error) });
    return null;
  }
}

/** Who set the kill switch; null when it is off. Not readable means on: no act starts on a guess. */
export async function killedBy(parts: Parts): Promise<string | null> {
  try {
    const value = await parts.store.setting(KILL_SWITCH);
    return typeof value === 'string' ? value : null;
  } catch (error) {
    parts.log('error', 'kill switch not readable: treated as on', { err: whyOf(error) });
    return 'mlp-bot';
  }
}

/** To a thread's summary. A link is a nicety: without one the number is named. */
export async function linkTo(parts: Parts, stream: string): Promise<string | null> {
  const ref = await parts.store.messageRef(`${stream}/root`);
  const asked = ref === null ? undefined : parts.chat.link?.(ref);
  if (asked === undefined) return null;
  const answer = await within(parts.clock, asked);
  return answer.known ? answer.value : null;
}

/** Who is on call may not be known: that is a no for this group, and no reason to refuse those whom another one lets. */
async function groupIfIn(parts: Parts, group: string, id: string): Promise<readonly string[]> {
  const members = await parts.people.members(group).catch((error: unknown): readonly string[] => {
    if (!isOncall(group)) throw error;
    parts.log('warn', 'who is on call is not known: nobody may approve for that', { group, err: whyOf(error) });
    return [];
  });
  return members.includes(id) ? [group] : [];
}

/** Groups are asked for only where they decide: Slack allows about twenty such look-ups a minute. */
export async function whoIs(parts: Parts, id: string, withGroups: boolean): Promise<Outcome<Who>> {
  return within(
    parts.clock,
    (async (): Promise<Who> => {
      const person = await parts.people.person(id);
      const groups = await Promise.all(
        (withGroups ? groupsOf(parts.rules.policy) : []).map(async (group) => groupIfIn(parts, group, id)),
      );
      const { name, active, guest, external, bot } = person;
      return { id, name, active, guest, external, bot, groups: groups.flat() };
    })(),
  );
}

/** The target as of now, never shared with a reading. */
export async function nowOf(parts: Parts, state: Incident, proposal: Proposal): Promise<Now> {
  return (await observe(parts, state, proposal)).now;
}

export async function observe(
  parts: Parts,
  state: Incident,
  proposal: Proposal,
): Promise<{ readonly now: Now; readonly seen: Json }> {
  const proposed = openProposal(parts, state.subject, proposal, state.proposals);
  const seen = await proposed.observe(parts.platform.read(proposal.region, AbortSignal.timeout(LOOK_UP_MS)));
  return {
    seen,
    now: { fits: proposed.fits(seen), state: digest(proposed.binds(seen)), digest: proposalDigest(proposed) },
  };
}

/** A value, or *unknown* after the limit or a failure. */
export async function within<V>(clock: Clock, work: Promise<V>): Promise<Outcome<V>> {
  const stop = new AbortController();
  const limit = clock
    .wait(LOOK_UP_MS, stop.signal)
    .then((): Outcome<V> => ({ known: false, why: `no answer within ${LOOK_UP_MS / 1000} s` }));
  const answer = work.then(
    (value): Outcome<V> => ({ known: true, value }),
    (error: unknown): Outcome<V> => ({ known: false, why: whyOf(error) }),
  );
  const outcome = await Promise.race([answer, limit]);
  stop.abort();
  return outcome;
}
