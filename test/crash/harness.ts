import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playbooks } from '../../playbooks/index.ts';
import { openSqlite } from '../../src/adapters/store/index.ts';
import type { Config } from '../../src/config.ts';
import type { Playbook } from '../../src/core/contract.ts';
import { EMPTY, next } from '../../src/core/incident/state.ts';
import type { Incident } from '../../src/core/incident/state.ts';
import type { Recordable } from '../../src/core/incident/events.ts';
import { whyOf } from '../../src/core/failure.ts';
import type { Postmortems } from '../../src/core/ports/postmortems.ts';
import type { Store } from '../../src/core/ports/store.ts';
import type { Parts } from '../../src/engine/parts.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { catalogueOf } from '../../src/main.ts';
import { inject } from '../../src/sandbox/platform/control.ts';
import { SimulatedPlatform } from '../../src/sandbox/platform/platform.ts';
import { Alerts } from './alerts.ts';
import { MemoryChat, MemoryPeople } from './chat.ts';
import { VirtualClock } from './clock.ts';
import { slowConfig } from './config.ts';
import { Deliveries } from './deliveries.ts';
import { Life } from './life.ts';
import { partsFor, storeFor } from './parts.ts';
import { MemoryPaging } from './paging.ts';
import type { Loss } from './line.ts';

/**
 * The engine on a real store, with a channel in memory and the simulated platform, on a clock that only a test moves: a story of minutes
 * takes a fraction of a second, and can be broken off at every numbered boundary.
 */
export const AUDIT_KEY = 'crash-test-audit-key';
const START = Date.parse('2026-03-03T09:00:00Z');
const region = 'eu-west-1';

export interface WorldOptions {
  /** Asked at every boundary of every life: what happens there. */
  readonly breakAt?: (life: number, number: number, name: string) => 'kill' | 'pause' | null;
  /** After a kill: a new process on the same store, at once; or another replica, when the lease has run out. */
  readonly after?: 'restart' | 'take-over';
  readonly change?: (config: Config) => Config;
  /** Alertmanager's wait after a fault; null: no alerts by themselves. */
  readonly alerts?: boolean;
  /** Left out: the bot's own. */
  readonly playbooks?: readonly Playbook[];
  /** Where drafts of post-mortems go. Left out: only into their threads. */
  readonly postmortems?: Postmortems;
  /** A way to call people. Left out: none. */
  readonly paging?: boolean;
}

export interface Replica {
  readonly life: Life;
  readonly engine: Engine;
  readonly parts: Parts;
  readonly store: Store;
  readonly started: Promise<void>;
}

export interface LogLine {
  readonly at: string;
  readonly owner: string;
  readonly level: string;
  readonly message: string;
  readonly fields: unknown;
}

export class World {
  readonly clock = new VirtualClock(START);
  readonly platform = new SimulatedPlatform({ clock: { nowMs: () => this.clock.now() }, seed: 'crash' });
  readonly chat = new MemoryChat(() => this.clock.now());
  readonly people = new MemoryPeople();
  /** There only where the options say so. */
  readonly paging = new MemoryPaging(() => this.clock.now());
  /** Outcomes of pages, as they are counted. */
  readonly paged: string[] = [];
  readonly logs: LogLine[] = [];
  readonly writes: { readonly at: number; readonly method: string; readonly owner: string }[] = [];
  readonly reads = new Map<string, number>();
  readonly storeCalls = new Map<string, number>();
  /** Methods of the store that fail as long as they are in here. */
  readonly storeFails = new Map<string, Error>();
  /** Each commit takes so long. */
  commitMs = 0;
  /** What the next writes to the platform meet. */
  readonly losses: Loss[] = [];
  /** How far the first process's clock is behind (ms). */
  lagMs = 0;
  latencyMs: (region: string, method: string) => number = () => 0;
  onWrite: () => void = () => undefined;
  /** Looked at after every step of time: what people in the channel do. */
  readonly scripts: (() => void)[] = [];
  readonly replicas: Replica[] = [];
  readonly config: Config;
  readonly #folder: string;
  readonly #options: WorldOptions;
  readonly #deliveries: Deliveries;
  readonly #alerts = new Alerts(this.platform);
  #store: Store | null = null;
  #lives = 0;
  #rebirthAt: number | null = null;
  #known: { readonly commits: number; readonly of: string | undefined; readonly incident: Incident } | null = null;

  private constructor(options: WorldOptions) {
    this.#options = options;
    const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
    this.#folder = mkdtempSync(join(base, 'mlp-crash-'));
    this.config = slowConfig(options.change);
    this.#deliveries = new Deliveries(
      () => this.clock.now(),
      (owner, fields) => this.log(owner, 'info', 'not taken, sent again', fields),
    );
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const world = new World(options);
    world.#store = await world.#open();
    world.birth();
    return world;
  }

  get store(): Store {
    if (this.#store === null) throw new Error('the store is not open');
    return this.#store;
  }

  get file(): string {
    return join(this.#folder, 'bot.sqlite');
  }

  /** The one that lives; with two replicas the first of them. */
  get replica(): Replica {
    const found = this.replicas.find((one) => one.life.state === 'running') ?? this.replicas.at(-1);
    if (found === undefined) throw new Error('nobody lives');
    return found;
  }

  inject(fault: string, where: string = region): void {
    inject(this.platform, fault, where);
  }

  /** A new process on the same store. */
  birth(): Replica {
    this.#lives += 1;
    const number = this.#lives;
    const life = new Life(`owner-${number}`, (at, name) => this.#options.breakAt?.(number, at, name) ?? null);
    const store = storeFor(this, life);
    const parts = partsFor(this, life, store, {
      first: number === 1,
      paging: this.#options.paging === true,
      postmortems: this.#options.postmortems ?? null,
      playbooks: this.#options.playbooks ?? playbooks,
    });
    const engine = createEngine(parts, catalogueOf(this.config));
    const replica = { life, engine, parts, store, started: engine.start() };
    replica.started.catch((error: unknown) => this.log(life.owner, 'error', 'start failed', { err: whyOf(error) }));
    this.replicas.push(replica);
    return replica;
  }

  /** Sent until it is taken, as senders do. */
  deliver(id: string, send: (engine: Engine) => Promise<unknown>): void {
    this.#deliveries.add(id, send);
  }

  delivered(id: string): boolean {
    return this.#deliveries.done(id);
  }

  log(owner: string, level: string, message: string, fields: unknown): void {
    this.logs.push({ at: new Date(this.clock.now()).toISOString(), owner, level, message, fields });
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    let quiet = 0;
    let seen = -1;
    while (quiet < 2) {
      await new Promise((resolve) => setImmediate(resolve));
      const lives = this.replicas.filter((one) => one.life.state !== 'dead');
      const busy = lives.some((one) => one.life.pending > 0);
      const activity = lives.reduce((sum, one) => sum + one.life.activity, 0);
      quiet = !busy && activity === seen ? quiet + 1 : 0;
      seen = activity;
    }
  }

  /** Lets time pass until this is so. Fails with the channel and the log. */
  async until(what: string, done: () => boolean | Promise<boolean>, limitMs = 10 * 60_000): Promise<void> {
    const end = this.clock.now() + limitMs;
    for (;;) {
      await this.#step();
      if (await done()) return;
      if (this.clock.now() >= end) throw new Error(`not within ${limitMs} ms: ${what}\n${this.tell()}`);
      const second = Math.floor(this.clock.now() / 1000) * 1000 + 1000;
      this.clock.to(Math.min(end, second, this.clock.next() ?? second, this.#rebirthAt ?? second));
    }
  }

  async pass(ms: number): Promise<void> {
    const at = this.clock.now() + ms;
    await this.until(`${ms} ms`, () => this.clock.now() >= at, ms + 1);
  }

  async #step(): Promise<void> {
    await this.settle();
    await this.#bury();
    if (this.#options.alerts !== false)
      for (const { id, alert } of this.#alerts.news(this.clock.now()))
        this.deliver(id, (engine) => engine.intake.takeAlerts([alert], null));
    for (const script of this.scripts) script();
    this.#deliveries.send(this.replicas.find((one) => one.life.state === 'running'));
    await this.settle();
  }

  async #bury(): Promise<void> {
    for (const one of this.replicas) if (one.life.state === 'dead') this.clock.forget(one.life);
    const alive = this.replicas.some((one) => one.life.state !== 'dead');
    if (alive) return;
    const now = this.clock.now();
    this.#rebirthAt ??= now + (this.#options.after === 'take-over' ? 300 : 1_000);
    if (now < this.#rebirthAt) return;
    this.#rebirthAt = null;
    if (this.#options.after !== 'take-over') {
      await this.store.close();
      this.#store = await this.#open();
    }
    this.birth();
  }

  /** The state of a thread as the store has it; the newest one unless it is named. */
  async incident(stream?: string): Promise<Incident> {
    const commits = this.storeCalls.get('commit') ?? 0;
    const known = this.#known;
    if (known !== null && known.commits === commits && known.of === stream) return known.incident;
    const incident = await this.#fold(stream);
    this.#known = { commits, of: stream, incident };
    return incident;
  }

  async #fold(stream: string | undefined): Promise<Incident> {
    const name = stream ?? (await this.store.streams({ open: null, limit: 1 }))[0]?.stream;
    if (name === undefined) return EMPTY;
    const { events } = await this.store.load(name);
    let state = EMPTY;
    for (const { body } of events) {
      const { event, at } = body as unknown as Recordable;
      state = next(state, event, at);
    }
    return state;
  }

  tell(): string {
    const log = this.logs
      .slice(-25)
      .map((one) => `${one.at} ${one.owner} ${one.level} ${one.message} ${JSON.stringify(one.fields) ?? ''}`);
    return `now ${new Date(this.clock.now()).toISOString()}\n${this.chat.text(240)}\nLog:\n${log.join('\n')}\nLast boundaries: ${this.replica.life.met.slice(-12).join(', ')}`;
  }

  async close(): Promise<void> {
    for (const one of this.replicas) one.life.kill();
    await this.#store?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #open(): Promise<Store> {
    return openSqlite({
      file: this.file,
      auditKey: AUDIT_KEY,
      now: () => this.clock.now(),
      onError: (error, stream) => this.log('store', 'error', 'drive', { err: whyOf(error), stream }),
    });
  }
}
