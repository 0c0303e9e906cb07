import { z } from 'zod';
import { Failure, whyOf } from '../core/failure.ts';
import { decide } from '../core/incident/decide.ts';
import { EVENT_VERSION } from '../core/incident/events.ts';
import type { Recordable } from '../core/incident/events.ts';
import type { Command, Decision, Inside, Outside } from '../core/incident/commands.ts';
import { pending } from '../core/incident/pending.ts';
import type { Effect } from '../core/incident/pending.ts';
import { EMPTY, next } from '../core/incident/state.ts';
import type { Incident } from '../core/incident/state.ts';
import type { Json } from '../core/json.ts';
import type { Claim, InboxRow, Step } from '../core/ports/store.ts';
import { performAct, performSettle } from './act.ts';
import { gather } from './facts.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import { performLook, performObserve, performPrepare } from './perform.ts';
import type { SharedReads } from './shared-reads.ts';
import { heldTarget, holdKey, stepOf } from './step.ts';

/**
 * Drives one stream while it has something to do: the only writer while its lease holds. Takes inbox rows and outcomes one at a time,
 * decides, stores, and starts what is owed. Nothing that it keeps in memory is needed to go on after a crash.
 */
export const LEASE_MS = 15_000;
/** How long it stays for the next thing that is due before it gives the stream back. */
const LINGER_MS = 2_000;
const POLL_MS = 250;

interface Mail {
  readonly command: Inside;
  readonly evidence: Step['evidence'];
  readonly done: (state: Incident | null) => void;
}

/** Thrown inside when the lease is another's: everything stops, nothing more is stored. */
class LostLease extends Error {}

export class Driver {
  readonly #parts: Parts;
  readonly #shared: SharedReads;
  readonly #stream: string;
  readonly #stop: AbortSignal;
  #claim: Claim;
  #seq = 0;
  #state: Incident = EMPTY;
  #mail: Mail[] = [];
  #inFlight = new Map<string, Promise<void>>();
  /** Not before (ms): what was tried in vain, or what is looked at again and again. */
  #notBefore = new Map<string, { readonly at: number; readonly failures: number }>();
  #nudge = new AbortController();
  #renewedAt: number;
  #storedDueAt: string | null = null;

  private constructor(parts: Parts, shared: SharedReads, claim: Claim, stop: AbortSignal) {
    this.#parts = parts;
    this.#shared = shared;
    this.#claim = claim;
    this.#stream = claim.name;
    this.#stop = stop;
    this.#renewedAt = parts.clock.now();
  }

  /** Resolves when there is nothing to do for now, when the lease was lost, or when it is told to stop. */
  static async drive(parts: Parts, shared: SharedReads, stream: string, stop: AbortSignal): Promise<void> {
    const claim = await parts.store.claim(stream, parts.owner, LEASE_MS);
    if (claim === null) return;
    const driver = new Driver(parts, shared, claim, stop);
    const unlisten = parts.store.onAccepted((name) => {
      if (name === stream) driver.#nudge.abort();
    });
    try {
      await driver.#run();
      await parts.store.release(claim);
    } catch (error) {
      if (!(error instanceof LostLease)) throw error;
      parts.log('warn', 'lease lost: this replica stops driving the stream', { stream });
    } finally {
      unlisten();
    }
  }

  async #run(): Promise<void> {
    await this.#load();
    for (;;) {
      await this.#renew();
      const worked = (await this.#takeMail()) || (await this.#takeInbox());
      if (this.#stop.aborted) return;
      if (worked) continue;
      const wakeAt = this.#start();
      const idle = this.#inFlight.size === 0 && this.#mail.length === 0;
      const waitMs = wakeAt === null ? Number.POSITIVE_INFINITY : wakeAt - this.#parts.clock.now();
      if (idle && waitMs > LINGER_MS) {
        await this.#rememberDue(wakeAt);
        return;
      }
      await this.#sleep(Math.max(1, Math.min(waitMs, POLL_MS)));
    }
  }

  async #load(): Promise<void> {
    const loaded = await this.#parts.store.load(this.#stream);
    let state = EMPTY;
    for (const stored of loaded.events) {
      const { event, at } = readable(stored.body);
      state = next(state, event, at);
    }
    this.#state = state;
    this.#seq = loaded.seq;
  }

  async #renew(): Promise<void> {
    const now = this.#parts.clock.now();
    if (now - this.#renewedAt < LEASE_MS / 3) return;
    if (!(await this.#parts.store.renew(this.#claim, LEASE_MS))) throw new LostLease();
    this.#renewedAt = now;
  }

  async #takeMail(): Promise<boolean> {
    const mail = this.#mail.shift();
    if (mail === undefined) return false;
    const state = await this.#step(mail.command, null, mail.evidence);
    mail.done(state);
    return true;
  }

  async #takeInbox(): Promise<boolean> {
    const rows = await this.#parts.store.inbox(this.#stream);
    const row = rows[0];
    if (row === undefined) return false;
    this.#parts.point('inbox row taken');
    await this.#step(row.body as unknown as Outside, row, []);
    return true;
  }

  /** One decision and its transaction. Null: not stored, because the target is held by another incident. */
  async #step(command: Command, row: InboxRow | null, evidence: Step['evidence']): Promise<Incident | null> {
    for (;;) {
      const facts = await gather(this.#parts, this.#state, command);
      const decision = decide(this.#state, command, facts, this.#parts.rules);
      this.#parts.metrics.decided(command.is);
      if (isNothing(decision) && row === null && evidence.length === 0) return this.#state;
      const after = decision.events.reduce((state, event) => next(state, event, facts.at), this.#state);
      const stored = await this.#commit(decision, after, row, evidence, facts.at, facts.killSwitch);
      if (stored === 'moved') {
        await this.#load();
        continue;
      }
      return stored === 'held' ? null : this.#state;
    }
  }

  async #commit(
    decision: Decision,
    after: Incident,
    row: InboxRow | null,
    evidence: Step['evidence'],
    at: string,
    killSwitch: string | null,
  ): Promise<'done' | 'moved' | 'held'> {
    const step = stepOf({
      stream: this.#stream,
      before: this.#state,
      after,
      decision,
      row,
      evidence: decision.events.some((event) => event.is === 'looked') ? evidence : [],
      events: decision.events.map((event): Recordable => ({
        v: EVENT_VERSION,
        at,
        event,
      })) as unknown as readonly Json[],
      at,
      killSwitch,
      rules: this.#parts.rules,
      playbooks: this.#parts.playbooks,
      dueAt: this.#dueOf(after, at),
    });
    this.#parts.point('before the commit');
    const result = await this.#parts.store.commit(this.#claim, this.#seq, step);
    this.#parts.point('after the commit');
    if (result.is === 'lost') throw new LostLease();
    if (result.is === 'moved') return 'moved';
    if (result.is === 'held') {
      this.#parts.log('info', 'the target is held by another incident', { stream: this.#stream, by: result.by });
      return 'held';
    }
    this.#seq = result.seq;
    this.#state = after;
    this.#storedDueAt = step.dueAt;
    return 'done';
  }

  #dueOf(state: Incident, at: string): string | null {
    return (
      pending(state, at, this.#parts.rules)
        .map((effect) => effect.dueAt)
        .toSorted()[0] ?? null
    );
  }

  /** Starts what is due; gives the time (ms) of the next thing, null when nothing will come by itself. */
  #start(): number | null {
    const now = this.#parts.clock.now();
    let wakeAt: number | null = null;
    const later = (at: number): void => {
      wakeAt = wakeAt === null ? at : Math.min(wakeAt, at);
    };
    for (const effect of pending(this.#state, iso(now), this.#parts.rules)) {
      // While its own act runs, the unknown outcome is not looked up by ourselves.
      if (this.#inFlight.has(effect.id) || this.#inFlight.has(effect.id.replace(/^settle\//, 'act/'))) continue;
      const dueAt = Math.max(Date.parse(effect.dueAt), this.#notBefore.get(effect.id)?.at ?? 0);
      if (dueAt > now) later(dueAt);
      else this.#launch(effect);
    }
    return wakeAt;
  }

  #launch(effect: Effect): void {
    this.#parts.point(`effect ${effect.is}`);
    const failures = this.#notBefore.get(effect.id)?.failures ?? 0;
    const work = this.#perform(effect)
      .then(() => this.#again(effect.id, effect.is === 'observe' ? this.#parts.rules.timing.observeMs : 1_000, 0))
      .catch((error: unknown) => {
        if (error instanceof LostLease) return;
        this.#parts.log('warn', 'effect failed: it is tried again', {
          stream: this.#stream,
          effect: effect.id,
          err: whyOf(error),
        });
        this.#again(effect.id, Math.min(60_000, 1_000 * 2 ** failures), failures + 1);
      })
      .finally(() => {
        this.#inFlight.delete(effect.id);
        this.#nudge.abort();
      });
    this.#inFlight.set(effect.id, work);
  }

  #again(id: string, ms: number, failures: number): void {
    this.#notBefore.set(id, { at: this.#parts.clock.now() + ms, failures });
  }

  async #perform(effect: Effect): Promise<void> {
    const parts = this.#parts;
    const desk = { state: () => this.#state, submit: (command: Inside) => this.#submit(command, []) };
    switch (effect.is) {
      case 'number':
        await this.#submit({ is: 'numbered', number: await parts.store.number(this.#stream) }, []);
        return;
      case 'look': {
        const { command, evidence } = await performLook(parts, this.#shared, effect, this.#stream);
        await this.#submit(command, evidence === null ? [] : [evidence]);
        return;
      }
      case 'prepare':
      case 'prepare-undo':
        await this.#submit(await performPrepare(parts, this.#state, effect), []);
        return;
      case 'act':
        await performAct(parts, effect, desk).catch(async (error: unknown) => {
          if (error instanceof LostLease || this.#stageOf(effect.proposal.id) !== 'granted') throw error;
          await this.#submit({ is: 'cannot-act', proposal: effect.proposal.id, because: whyOf(error) }, []);
        });
        return;
      case 'settle':
        return performSettle(parts, effect, desk);
      case 'observe':
        await this.#submit(await performObserve(parts, this.#state, effect.proposal), []);
        return;
      case 'tick':
        await this.#submit({ is: 'tick' }, []);
    }
  }

  #stageOf(proposal: string): string | undefined {
    return this.#state.proposals.find((one) => one.id === proposal)?.stage;
  }

  /** Hands an outcome to the loop; resolves when it is stored. */
  async #submit(command: Inside, evidence: Step['evidence']): Promise<Incident | null> {
    return new Promise((resolve) => {
      this.#mail.push({ command, evidence, done: resolve });
      this.#nudge.abort();
    });
  }

  async #sleep(ms: number): Promise<void> {
    const signal = AbortSignal.any([this.#nudge.signal, this.#stop]);
    await this.#parts.clock.wait(ms, signal);
    if (this.#nudge.signal.aborted) this.#nudge = new AbortController();
  }

  /** Whatever was tried in vain comes later than the state says: tell the store, or it would wake us at once. */
  async #rememberDue(wakeAt: number | null): Promise<void> {
    const dueAt = wakeAt === null ? null : iso(wakeAt);
    if (dueAt === this.#storedDueAt) return;
    const empty: Step = {
      consumed: [],
      events: [],
      evidence: [],
      messages: [],
      audit: [],
      dueAt,
      hold: null,
      release: null,
      keys: null,
      summary: null,
    };
    const result = await this.#parts.store.commit(this.#claim, this.#seq, empty);
    if (result.is === 'lost') throw new LostLease();
  }
}

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

export { heldTarget, holdKey };
