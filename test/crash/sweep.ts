import { expect } from 'vitest';
import { verifyAudit } from '../../src/adapters/store/index.ts';
import type { AuditRow, Step, Store } from '../../src/core/ports/store.ts';
import { AUDIT_KEY, World } from './harness.ts';
import type { WorldOptions } from './harness.ts';

/** One story, told whole, and then broken off at each of its boundaries in turn. */
export interface Story {
  readonly options?: WorldOptions;
  readonly setup: (world: World) => void | Promise<void>;
  readonly done: (world: World) => boolean | Promise<boolean>;
  /** How it ended, in words: the same wherever it was broken off. */
  readonly ending: (world: World) => Promise<string>;
  /** Endings that a crash may also lead to, with the reason. */
  readonly also?: readonly RegExp[];
}

export interface Swept {
  readonly boundaries: number;
  readonly ending: string;
}

export async function tell(
  story: Story,
  options: WorldOptions = {},
): Promise<{ readonly ending: string; readonly met: readonly string[] }> {
  const world = await World.start({ ...story.options, ...options });
  try {
    await story.setup(world);
    await world.until('the end of the story', () => story.done(world), 30 * 60_000);
    // What is still owed is done, and nothing more happens. A dead publisher's lease runs for fifteen seconds.
    await world.pass(options.after === 'take-over' ? 18_000 : 5_000);
    await sound(world);
    return { ending: await story.ending(world), met: world.replicas[0]?.life.met ?? [] };
  } finally {
    await world.close();
  }
}

/**
 * Kills the first process at each boundary; whoever goes on must bring the story to the same end. What it has in common with the story
 * `beyond`, which is swept elsewhere, is left out; `part` chooses among the rest.
 */
export async function sweep(
  story: Story,
  after: 'restart' | 'take-over',
  options: { readonly beyond?: Story; readonly part?: (n: number) => boolean } = {},
): Promise<Swept> {
  const whole = await tell(story);
  const known = options.beyond === undefined ? 0 : common(whole.met, (await tell(options.beyond)).met);
  const wrong: string[] = [];
  for (let n = known + 1; n <= whole.met.length && wrong.length < 3; n += 1) {
    if (options.part?.(n) === false) continue;
    const name = whole.met[n - 1] ?? '';
    try {
      const broken = await tell(story, {
        after,
        breakAt: (life, number) => (life === 1 && number === n ? 'kill' : null),
      });
      if (broken.met.length !== n)
        throw new Error(`the story is not the same each time: it ended after ${broken.met.length} boundaries`);
      if (broken.ending !== whole.ending && !(story.also ?? []).some((one) => one.test(broken.ending)))
        throw new Error(`it ended otherwise:\n  ${broken.ending}\ninstead of\n  ${whole.ending}`);
    } catch (error) {
      wrong.push(
        `killed at boundary ${n} of ${whole.met.length} (${name}, ${after}): ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  expect(wrong.join('\n\n')).toBe('');
  return { boundaries: whole.met.length, ending: whole.ending };
}

function common(a: readonly string[], b: readonly string[]): number {
  const differs = a.findIndex((name, index) => name !== b[index]);
  return differs < 0 ? a.length : differs;
}

/** What must be so after every story, however it went. */
export async function sound(world: World): Promise<void> {
  const problems: string[] = [];
  const posts = Map.groupBy(world.chat.standing, (one) => one.mark.key);
  for (const [key, all] of posts) if (all.length > 1) problems.push(`${key} was posted ${all.length} times`);
  const inChannel = world.chat.standing.filter((one) => one.to.threadTs === null);
  if (inChannel.filter((one) => !one.mark.key.startsWith('notice/')).length > 1)
    problems.push('more than one message in the channel');
  const { store } = world;
  const rows: AuditRow[] = [];
  for (let from = 1; ; from += 500) {
    const more = await store.audit(from, 500);
    rows.push(...more);
    if (more.length < 500) break;
  }
  const verdict = verifyAudit(rows, AUDIT_KEY, await store.auditHead());
  if (verdict.is === 'broken') problems.push(...verdict.problems);
  const { inbox, outbox, dead } = await store.stats();
  if (inbox + outbox + dead > 0)
    problems.push(`left over: ${inbox} rows unanswered, ${outbox} messages unsent, ${dead} given up`);
  const due = await store.due(10);
  if (due.length > 0) problems.push(`stuck: ${due.join(', ')}`);
  const held = await heldBy(store);
  if (held !== null) problems.push(`${held} still holds its target`);
  problems.push(
    ...world.logs
      .filter((one) => one.level === 'error')
      .map((one) => `logged: ${one.message} ${JSON.stringify(one.fields)}`),
  );
  if (problems.length > 0) throw new Error(`${problems.join('\n')}\n${world.tell()}`);
}

/** Who holds any target: nobody may take the whole platform then. */
async function heldBy(store: Store): Promise<string | null> {
  const claim = await store.claim('probe', 'probe', 1_000);
  if (claim === null) return 'nobody knows who';
  const step: Step = {
    consumed: [],
    events: [],
    evidence: [],
    messages: [],
    audit: [],
    dueAt: null,
    hold: '',
    release: null,
    keys: null,
    summary: null,
  };
  const result = await store.commit(claim, 0, step);
  if (result.is === 'held') return result.by;
  await store.commit(claim, 0, { ...step, hold: null, release: '' });
  await store.release(claim);
  return null;
}

/** Every proposal with its end, its votes and its undo, how the incident ended, and what was written to the platform. */
export async function endingOf(world: World): Promise<string> {
  const incident = await world.incident();
  const proposals = incident.proposals.map((one) => {
    const votes = one.votes.map((vote) => vote.by).join('+');
    return `${one.id} ${one.offer.remedy}${one.undoOf === null ? '' : ` (undoes ${one.undoOf})`} ${one.ended?.how ?? one.stage} votes:${votes}`;
  });
  const writes = world.writes.filter((one) => one.method === 'deployment.write').length;
  return [...proposals, `closed: ${incident.closed?.how ?? 'no'}`, `written ${writes} times`].join('; ');
}
