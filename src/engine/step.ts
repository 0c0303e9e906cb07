import type { Playbook } from '../core/contract.ts';
import type { Decision, Rules } from '../core/incident/commands.ts';
import { changeShown, liveChanges, neverShown } from '../core/incident/changes.ts';
import { differingOf, temporaryOf } from '../core/incident/ledger.ts';
import { later } from '../core/incident/commands.ts';
import type { Incident, Proposal } from '../core/incident/state.ts';
import type { Json } from '../core/json.ts';
import type { Desired } from '../core/message.ts';
import type { InboxRow, Step, Summary } from '../core/ports/store.ts';
import { glanceOf } from '../core/render/status.ts';
import { pastFaults } from '../core/render/seen-before.ts';
import { renderThread, titleOf, stateOf } from '../core/render/thread.ts';
import { keyOf } from '../core/routing.ts';
import { noticeMessage } from '../core/render/notice.ts';
import { whisperMessage } from '../core/render/small.ts';

/** One decision as one transaction: events, messages, audit, hold, next wake-up. Pure. */
export interface StepInput {
  readonly stream: string;
  readonly before: Incident;
  readonly after: Incident;
  readonly decision: Decision;
  /** What it answers: several where they are taken as one. */
  readonly rows: readonly InboxRow[];
  readonly evidence: Step['evidence'];
  readonly events: readonly Json[];
  readonly at: string;
  readonly killSwitch: string | null;
  readonly rules: Rules;
  readonly playbooks: readonly Playbook[];
  readonly dueAt: string | null;
}

const WHISPER_MS = 10 * 60_000;

export function stepOf(input: StepInput): Step {
  const { stream, before, after, decision, at } = input;
  const held = heldTarget(before);
  const holds = heldTarget(after);
  const thread = renderThread({
    stream,
    incident: after,
    rules: input.rules,
    killSwitch: input.killSwitch,
    playbooks: input.playbooks,
    at,
  });
  return {
    consumed: input.rows.map((one) => one.position),
    events: input.events,
    evidence: input.evidence,
    messages: [...thread, ...whispersOf(input), ...postsOf(input)],
    audit: decision.audit.map((entry) => ({ ...entry, stream })),
    dueAt: input.dueAt,
    hold: holds !== null && holds !== held ? holds : null,
    release: held !== null && held !== holds ? held : null,
    keys: claims(input) ? keysOf(after) : null,
    summary: summaryOf(after, at, input.rules),
    ...(remembers(input) ? { past: pastFaults(after) } : {}),
  };
}

/** At its end, and when people say afterwards whether the cause was the right one. */
function remembers({ after, decision }: StepInput): boolean {
  return after.closed !== null && decision.events.some((one) => one.is === 'closed' || one.is === 'judged');
}

/**
 * With each round once more, since a key that another incident had may be free by now; and a stream that an alert found nothing to
 * open for gives its key up.
 */
function claims({ before, after, decision, rows }: StepInput): boolean {
  if (after.openedAt === null) return rows.length > 0;
  const begins = decision.events.some((one) => one.is === 'round-began' || one.is === 'change-asked');
  return begins || keysOf(before).join() !== keysOf(after).join();
}

/** The thread answers for what arrives about its workload in each region that has its fault; for a different fault another does. */
function keysOf(state: Incident): readonly string[] {
  if (state.openedAt === null) return [];
  const pages = pageKeys(state).map(pagedKey);
  // A storm answers for the region as a whole; for a workload in it whoever has a thread about that.
  if (state.storm !== null) return [state.key, ...pages];
  const found = Object.keys(state.worst).map((region) => keyOf(region, state.subject.target));
  // What arrives about a region that is to be changed belongs here as well.
  const asked = liveChanges(state).flatMap((one) => one.regions.map((region) => keyOf(region, one.target)));
  return [...new Set([state.key, ...found, ...asked, ...pages])];
}

/** What happens to its pages is told by their dedup key. */
export function pagedKey(key: string): string {
  return `page/${key}`;
}
function pageKeys({ pages }: Incident): readonly string[] {
  return pages.flatMap(({ outcome }) => (outcome.is === 'accepted' ? [outcome.key] : []));
}

/** A storm may be of thousands: the summary stays small. */
const MOST_GROUPS = 100;
function groupsOf({ alerts }: Incident): readonly string[] {
  const all = Object.values(alerts).flatMap(({ group }) => (group === undefined ? [] : [group]));
  return [...new Set(all)].slice(0, MOST_GROUPS);
}

/** The target of the change that is under way: from the stored intent until its end is known. */
export function heldTarget(state: Incident): string | null {
  const one = state.proposals.find((proposal) => proposal.stage === 'acting' || proposal.stage === 'watching');
  return one === undefined ? null : holdKey(state, one);
}

/** Hierarchical: `eu-west-1/ml-platform/model-server`; a prefix conflicts. */
export function holdKey(state: Incident, proposal: Proposal): string {
  const { namespace, name } = state.subject.target as { namespace?: string; name?: string };
  return [proposal.region, namespace, name].filter((part) => part !== undefined && part !== '').join('/');
}

function whispersOf({ stream, decision, rows, after, at }: StepInput): readonly Desired[] {
  const row = rows[0] ?? null;
  return decision.whispers.map(({ to, words }, index) => ({
    key: `${stream}/whisper/${row?.id ?? at}/${index}`,
    channel: after.channel === '' ? channelIn(row) : after.channel,
    placement: {
      is: 'whispered',
      to,
      under: inChannel(row) || after.openedAt === null || neverShown(after) ? null : `${stream}/root`,
      notAfter: later(at, WHISPER_MS),
    },
    message: whisperMessage(words),
    priority: 0,
  }));
}

/** Once per row: the same row decided again wants the same posts. */
function postsOf({ decision, rows, at }: StepInput): readonly Desired[] {
  const row = rows[0] ?? null;
  return (decision.posts ?? []).map(({ channel, notice }) => ({
    key: `notice/${row?.id ?? at}/${channel}`,
    channel,
    placement: { is: 'said', under: null },
    message: noticeMessage(notice),
    priority: 0,
  }));
}

/** Who pressed a button in the channel may not have the thread open: a whisper there would not be seen. */
function inChannel(row: InboxRow | null): boolean {
  const body = row?.body;
  if (typeof body !== 'object' || body === null) return false;
  return ('from' in body && body.from === 'channel') || ('is' in body && (body.is === 'ask' || body.is === 'change'));
}

/** Those with the fault; of a change those that are changed. */
function regionsIn(state: Incident): readonly string[] {
  return changeShown(state)?.regions ?? Object.keys(state.worst);
}

/** Refused before there was a thread: the answer goes to where it was asked. */
function channelIn(row: InboxRow | null): string {
  const body = row?.body;
  return typeof body === 'object' && body !== null && 'channel' in body && typeof body.channel === 'string'
    ? body.channel
    : '';
}

function summaryOf(state: Incident, at: string, rules: Rules): Summary | null {
  if (state.openedAt === null) return null;
  const left = temporaryOf(state);
  const differs = differingOf(state);
  const glance = state.closed === null ? glanceOf(state) : null;
  const pages = [...new Set(pageKeys(state))];
  const groups = state.closed === null ? groupsOf(state) : [];
  return {
    number: state.number,
    open: state.closed === null,
    title: titleOf(state),
    state: stateOf(state, rules),
    regions: regionsIn(state),
    channel: state.channel,
    updatedAt: at,
    ...(left.length === 0 ? {} : { temporary: left }),
    ...(differs.length === 0 ? {} : { differs }),
    ...(state.silence === null ? {} : { silenced: state.silence.until }),
    ...(pages.length === 0 ? {} : { pages }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(glance === null ? {} : { glance }),
  };
}
