import { whyOf } from '../core/failure.ts';
import type { Inside } from '../core/incident/commands.ts';
import { pending } from '../core/incident/pending.ts';
import type { Effect } from '../core/incident/pending.ts';
import type { Incident } from '../core/incident/state.ts';
import type { Step } from '../core/ports/store.ts';
import { perform } from './effects.ts';
import type { Desk } from './effects.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import type { Pauses } from './pauses.ts';
import type { SharedReads } from './shared-reads.ts';
import { LostLease, Stream, Undecided } from './stream.ts';

/** How long it stays for the next thing that is due before it gives the stream back. */
const LINGER_MS = 2_000;
const POLL_MS = 250;
/** What rows cost this process is paid for by so many times the wait: a storm of thousands, whose steps are long, comes in fewer of them. */
const REST = 4;
const REST_MOST_MS = 1_000;
/** While another incident changes the same target. */
const HELD_MS = 5_000;
/** While other incidents hold its page open. */
const WAITS_MS = 30_000;
/** When the process is told to stop, a change under way gets this long to reach a known outcome. */
const LAST_MS = 6_000;

interface Mail {
  readonly command: Inside;
  readonly evidence: Step['evidence'];
  readonly done: (state: Incident | null) => void;
  readonly fail: (error: unknown) => void;
}

export interface Around {
  readonly shared: SharedReads;
  readonly pauses: Pauses;
  readonly stop: AbortSignal;
}

/**
 * Drives one stream while it has something to do: the only writer while its lease holds. Takes inbox rows and outcomes one at a time,
 * decides, stores, and starts what is owed. Nothing that it keeps in memory is needed to go on after a crash.
 */
export class Driver {
  readonly #parts: Parts;
  readonly #around: Around;
  readonly #stream: Stream;
  #mail: Mail[] = [];
  #inFlight = new Map<string, Effect['is']>();
  #nudge = new AbortController();
  #over = false;
  #stoppingSince: number | null = null;

  private constructor(parts: Parts, around: Around, stream: Stream) {
    this.#parts = parts;
    this.#around = around;
    this.#stream = stream;
  }

  /** Resolves when there is nothing to do for now, when the lease was lost, or when it is told to stop. Throws what the store throws. */
  static async drive(parts: Parts, around: Around, name: string): Promise<void> {
    const stream = await Stream.claim(parts, name);
    if (stream === null) return;
    const driver = new Driver(parts, around, stream);
    const unlisten = parts.store.onAccepted((one) => {
      if (one === name) driver.#nudge.abort();
    });
    try {
      await driver.#run();
      await stream.release();
    } catch (error) {
      if (!(error instanceof LostLease)) throw error;
      parts.log('warn', 'lease lost: this replica stops driving the stream', { stream: name });
    } finally {
      unlisten();
      driver.#end();
    }
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#stream.renew();
      if (await this.#takeMail()) continue;
      if (this.#around.stop.aborted) {
        if (this.#mayEnd()) return;
        await this.#sleep(POLL_MS);
        continue;
      }
      if (await this.#takeRows()) continue;
      const wakeAt = this.#start();
      const idle = this.#inFlight.size === 0 && this.#mail.length === 0;
      const waitMs = wakeAt === null ? Number.POSITIVE_INFINITY : wakeAt - this.#parts.clock.now();
      if (idle && waitMs > LINGER_MS) {
        await this.#stream.remember(wakeAt === null ? null : iso(wakeAt));
        return;
      }
      await this.#sleep(Math.max(1, Math.min(waitMs, POLL_MS)));
    }
  }

  /** Others' requests get their turn between two steps of a long storm; what arrives meanwhile is one step more, not one for each. */
  async #takeRows(): Promise<boolean> {
    const { clock } = this.#parts;
    const from = clock.now();
    const taken = await this.#stream.takeRow();
    if (taken) await clock.wait(Math.min((clock.now() - from) * REST, REST_MOST_MS), this.#around.stop);
    return taken;
  }

  /** Looks are made again after the next start; a change under way is followed to its outcome, for a while. */
  #mayEnd(): boolean {
    const now = this.#parts.clock.now();
    this.#stoppingSince ??= now;
    const changing = [...this.#inFlight.values()].some((is) => is === 'act' || is === 'settle');
    return !changing || now - this.#stoppingSince >= LAST_MS;
  }

  /** An outcome that cannot be decided is its effect's trouble; a store that cannot be written is everybody's. */
  async #takeMail(): Promise<boolean> {
    const mail = this.#mail.shift();
    if (mail === undefined) return false;
    try {
      mail.done(await this.#stream.step(mail.command, mail.evidence));
    } catch (error) {
      mail.fail(error);
      if (!(error instanceof Undecided)) throw error;
    }
    return true;
  }

  /** Starts what is due; gives the time (ms) of the next thing, null when nothing will come by itself. */
  #start(): number | null {
    const now = this.#parts.clock.now();
    const owed = pending(this.#stream.state, iso(now), this.#parts.rules);
    this.#around.pauses.keep(this.#stream.name, new Set(owed.map((one) => one.id)));
    let wakeAt: number | null = null;
    for (const effect of owed) {
      if (this.#isUnderWay(effect)) continue;
      const dueAt = Math.max(Date.parse(effect.dueAt), this.#around.pauses.until(this.#stream.name, effect.id));
      if (dueAt > now) wakeAt = wakeAt === null ? dueAt : Math.min(wakeAt, dueAt);
      else this.#launch(effect);
    }
    return wakeAt;
  }

  /** While an attempt of ours runs, its unknown outcome is not looked up beside it. */
  #isUnderWay(effect: Effect): boolean {
    if (this.#inFlight.has(effect.id)) return true;
    if (effect.is !== 'settle') return false;
    const attempts = [`act/${effect.proposal.id}/`, `settle/${effect.proposal.id}/`];
    return [...this.#inFlight.keys()].some((id) => attempts.some((start) => id.startsWith(start)));
  }

  #launch(effect: Effect): void {
    this.#parts.point(`effect ${effect.is}`);
    const desk: Desk = {
      stream: this.#stream.name,
      state: () => this.#stream.state,
      submit: (command, evidence = []) => this.#submit(command, evidence),
    };
    this.#inFlight.set(effect.id, effect.is);
    void this.#perform(effect, desk).finally(() => {
      this.#inFlight.delete(effect.id);
      this.#nudge.abort();
    });
  }

  /** Never throws. */
  async #perform(effect: Effect, desk: Desk): Promise<void> {
    const { shared, pauses } = this.#around;
    const { name } = this.#stream;
    try {
      const outcome = await perform(this.#parts, shared, effect, desk);
      const usualMs = effect.is === 'observe' ? this.#parts.rules.timing.observeMs : 1_000;
      const pauseMs = outcome === 'held' ? HELD_MS : outcome === 'waits' ? WAITS_MS : usualMs;
      pauses.again(name, effect.id, this.#parts.clock.now() + pauseMs);
    } catch (error) {
      if (error instanceof LostLease || this.#over) return;
      const waitMs = pauses.failed(name, effect.id, this.#parts.clock.now());
      const fields = { stream: name, effect: effect.id, waitMs, err: whyOf(error) };
      this.#parts.log('warn', 'effect failed: it is tried again', fields);
    }
  }

  /** Hands an outcome to the loop; settles when it is stored, or when it cannot be any more. */
  async #submit(command: Inside, evidence: Step['evidence']): Promise<Incident | null> {
    return new Promise((resolve, reject) => {
      if (this.#over) return reject(new LostLease());
      this.#mail.push({ command, evidence, done: resolve, fail: reject });
      this.#nudge.abort();
    });
  }

  /** Whatever is still under way finds nobody to tell: its effect is still owed and is done again. */
  #end(): void {
    this.#over = true;
    for (const mail of this.#mail.splice(0)) mail.fail(new LostLease());
  }

  async #sleep(ms: number): Promise<void> {
    const { stop } = this.#around;
    const signal = stop.aborted ? this.#nudge.signal : AbortSignal.any([this.#nudge.signal, stop]);
    await this.#parts.clock.wait(ms, signal);
    if (this.#nudge.signal.aborted) this.#nudge = new AbortController();
  }
}
