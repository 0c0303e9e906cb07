import { z } from 'zod';
import { Failure, whyOf } from '../core/failure.ts';
import { decide } from '../core/incident/decide.ts';
import { EVENT_VERSION } from '../core/incident/events.ts';
import type { Recordable } from '../core/incident/events.ts';
import { NOTHING, events } from '../core/incident/commands.ts';
import type { Command, Decision, Facts } from '../core/incident/commands.ts';
import { pending } from '../core/incident/pending.ts';
import { fold } from '../core/incident/fold.ts';
import { EMPTY, next } from '../core/incident/state.ts';
import type { Incident } from '../core/incident/state.ts';
import type { Json } from '../core/json.ts';
import type { Claim, InboxRow, Step } from '../core/ports/store.ts';
import { gather } from './facts.ts';
import { readRow } from './inbox-row.ts';
import { nameOf } from './kill-switch.ts';
import type { Parts } from './parts.ts';
import { stepOf } from './step.ts';
import type { StepInput } from './step.ts';

/** Thrown when the lease is another's: everything stops, nothing more is stored. */
export class LostLease extends Error {}

/** Deciding or rendering threw: a defect of ours, which the store has no part in. Nothing was stored. */
export class Undecided extends Error {}

function deciding<V>(run: () => V): V {
  try {
    return run();
  } catch (error) {
    throw new Undecided(whyOf(error), { cause: error });
  }
}

const LEASE_MS = 15_000;

/** One stream under its lease: its state, and the only way to change it: one decision, one transaction. */
export class Stream {
  readonly #parts: Parts;
  readonly #claim: Claim;
  #seq = 0;
  #state: Incident = EMPTY;
  #rows: InboxRow[] = [];
  #renewedAt: number;
  /** Who held the target when it was wanted last. */
  #heldBy = '';
  /** What the store holds; undefined: not known. */
  #dueAt: string | null | undefined = undefined;

  private constructor(parts: Parts, claim: Claim) {
    this.#parts = parts;
    this.#claim = claim;
    this.#renewedAt = parts.clock.now();
  }

  /** Null while another owner's lease runs. */
  static async claim(parts: Parts, name: string): Promise<Stream | null> {
    const claim = await parts.store.claim(name, parts.owner, LEASE_MS);
    if (claim === null) return null;
    const stream = new Stream(parts, claim);
    await stream.#load();
    return stream;
  }

  get name(): string {
    return this.#claim.name;
  }
  get state(): Incident {
    return this.#state;
  }

  release(): Promise<void> {
    return this.#parts.store.release(this.#claim);
  }

  async renew(): Promise<void> {
    const now = this.#parts.clock.now();
    if (now - this.#renewedAt < LEASE_MS / 3) return;
    if (!(await this.#parts.store.renew(this.#claim, LEASE_MS))) throw new LostLease();
    this.#renewedAt = now;
  }

  /** Answers the oldest unanswered row; false: there is none. */
  async takeRow(): Promise<boolean> {
    if (this.#rows.length === 0) this.#rows = [...(await this.#parts.store.inbox(this.name))];
    const row = this.#rows[0];
    if (row === undefined) return false;
    this.#parts.point('inbox row taken');
    const together = alertsAtFront(this.#rows);
    if (together.rows.length > 1 && this.#state.openedAt !== null) {
      await this.#answer(together.rows, { is: 'alerts', all: together.alerts });
      return true;
    }
    const read = readRow(row);
    if ('command' in read) await this.#answer([row], read.command);
    else await this.#setAside(row, read.unreadable);
    return true;
  }

  /** The state after it; null: not stored, because the target is held by another incident. */
  async step(command: Command, evidence: Step['evidence']): Promise<Incident | null> {
    for (;;) {
      const facts = await gather(this.#parts, this.name, this.#state, command);
      const decision = deciding(() => decide(this.#state, command, facts, this.#parts.rules));
      this.#parts.metrics.decided(command.is);
      if (isNothing(decision) && evidence.length === 0) return this.#state;
      const stored = await this.#commit(decision, [], evidence, facts);
      if (stored === 'done') return this.#state;
      if (stored === 'held') {
        if (command.is === 'acting') await this.#saysForWhom(command.proposal);
        return null;
      }
      await this.#load();
    }
  }

  /** A person who approved it must not wonder why nothing happens. */
  async #saysForWhom(proposal: string): Promise<void> {
    const known = await this.#parts.store.streams({ open: null, limit: 200 });
    const holder = known.find((one) => one.stream === this.#heldBy);
    await this.step({ is: 'held', proposal, by: holder === undefined ? 'another incident' : nameOf(holder) }, []);
  }

  /** When the stream wants to be driven again, where that is not what the last step said. */
  async remember(dueAt: string | null): Promise<void> {
    if (dueAt === this.#dueAt) return;
    const result = await this.#parts.store.commit(this.#claim, this.#seq, { ...EMPTY_STEP, dueAt });
    if (result.is === 'lost') throw new LostLease();
    if (result.is === 'done') this.#dueAt = dueAt;
  }

  async #answer(rows: readonly InboxRow[], command: Command): Promise<void> {
    const facts = await gather(this.#parts, this.name, this.#state, command);
    this.#parts.metrics.decided(command.is);
    if (command.is === 'press' && (command.press.does === 'right-cause' || command.press.does === 'wrong-cause'))
      this.#parts.metrics.judged(command.press.does === 'right-cause');
    try {
      await this.#consume(rows, () => decide(this.#state, command, facts, this.#parts.rules), facts);
    } catch (error) {
      if (!(error instanceof Undecided)) throw error;
      for (const row of rows) await this.#setAside(row, error.message);
    }
  }

  /** What cannot be read or decided must not hold up what comes after it: it is said, and the row is answered. */
  async #setAside(row: InboxRow, why: string): Promise<void> {
    this.#parts.log('error', 'inbox row set aside: it is no command that can be carried out', {
      stream: this.name,
      row: row.id,
      err: why,
    });
    const facts = await gather(this.#parts, this.name, this.#state, { is: 'refresh' });
    const what = 'something arrived that I could not read: see the log';
    const said = this.#state.openedAt === null ? NOTHING : events({ is: 'noted', who: 'mlp-bot', what });
    const audit = [{ who: 'mlp-bot', what: `set aside inbox row ${row.id}`, digest: null, why }];
    await this.#consume([row], () => ({ ...said, audit }), facts);
  }

  async #consume(rows: readonly InboxRow[], decide: () => Decision, facts: Facts): Promise<void> {
    const stored = await this.#commit(deciding(decide), rows, [], facts);
    if (stored === 'held') throw new Error('a row of the inbox never takes a target');
    if (stored === 'done') {
      const answered = new Set(rows.map((one) => one.position));
      this.#rows = this.#rows.filter((one) => !answered.has(one.position));
      return;
    }
    // Somebody appended, or a commit of ours was stored although its answer was lost: begin again with what the store says now.
    await this.#load();
  }

  async #load(): Promise<void> {
    const loaded = await this.#parts.store.load(this.name);
    const events = loaded.events.map((stored) => readable(stored.body));
    for (const { at } of events) this.#parts.clock.atLeast?.(Date.parse(at));
    this.#state = fold(events);
    this.#seq = loaded.seq;
    this.#rows = [...loaded.inbox];
    this.#dueAt = undefined;
  }

  async #commit(
    decision: Decision,
    rows: readonly InboxRow[],
    evidence: Step['evidence'],
    { at, killSwitch }: Facts,
  ): Promise<'done' | 'moved' | 'held'> {
    const { rules, playbooks } = this.#parts;
    const { step, after } = deciding(() => {
      const then = decision.events.reduce((state, event) => next(state, event, at), this.#state);
      const input: StepInput = {
        stream: this.name,
        before: this.#state,
        after: then,
        decision,
        rows,
        evidence: decision.events.some((event) => event.is === 'looked') ? evidence : [],
        events: decision.events.map((event) => ({ v: EVENT_VERSION, at, event }) as unknown as Json),
        at,
        killSwitch,
        rules,
        playbooks,
        dueAt: pending(then, at, rules)
          .map((effect) => effect.dueAt)
          .reduce<string | null>((least, one) => (least === null || one < least ? one : least), null),
      };
      return { step: stepOf(input), after: then };
    });
    this.#parts.point('before the commit');
    const result = await this.#parts.store.commit(this.#claim, this.#seq, step);
    this.#parts.point('after the commit');
    if (result.is === 'lost') throw new LostLease();
    if (result.is === 'held') {
      this.#heldBy = result.by;
      this.#parts.log('info', 'the target is held by another incident', { stream: this.name, by: result.by });
      return 'held';
    }
    if (result.is === 'moved') return 'moved';
    this.#seq = result.seq;
    this.#state = after;
    this.#dueAt = step.dueAt;
    return 'done';
  }
}

/** So many alerts are one step: a delivery of thousands must neither be thousands of transactions nor one that blocks everything. */
const MOST_TOGETHER = 500;

/** The alerts that wait before anything else does. */
function alertsAtFront(rows: readonly InboxRow[]): {
  readonly rows: readonly InboxRow[];
  readonly alerts: readonly Extract<Command, { is: 'alert' }>[];
} {
  const front: InboxRow[] = [];
  const alerts: Extract<Command, { is: 'alert' }>[] = [];
  for (const row of rows.slice(0, MOST_TOGETHER)) {
    const read = readRow(row);
    if (!('command' in read) || read.command.is !== 'alert') break;
    front.push(row);
    alerts.push(read.command);
  }
  return { rows: front, alerts };
}

const EMPTY_STEP: Step = {
  consumed: [],
  events: [],
  evidence: [],
  messages: [],
  audit: [],
  dueAt: null,
  hold: null,
  release: null,
  keys: null,
  summary: null,
};

function isNothing(decision: Decision): boolean {
  return decision.events.length === 0 && decision.whispers.length === 0 && decision.audit.length === 0;
}

const Stored = z.object({ v: z.number().int().positive(), at: z.string(), event: z.looseObject({ is: z.string() }) });

/** Events of the present version only are known yet; a newer one belongs to a newer replica. */
export function readable(body: Json): Recordable {
  const stored = Stored.parse(body);
  if (stored.v > EVENT_VERSION)
    throw new Failure('unreadable', `an event of version ${stored.v}: a newer mlp-bot wrote it`);
  return stored as unknown as Recordable;
}
