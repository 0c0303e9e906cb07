import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Api } from './api.ts';
import type { ProtocolError, SentCall } from './api.ts';
import { realClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { Deliverer } from './delivery.ts';
import type { Attempt, Transport } from './delivery.ts';
import { eventEnvelope, eventsOf } from './events.ts';
import { Faults } from './faults.ts';
import { HttpEvents } from './http-events.ts';
import { Human } from './human.ts';
import { Interactivity } from './interactivity.ts';
import type { MethodContext } from './methods.ts';
import type { Channel, Happening, Json, Seed } from './model.ts';
import { notify } from './notifications.ts';
import type { LocalSlackOptions } from './options.ts';
import { Page } from './page.ts';
import { keepIn } from './persist.ts';
import type { PageSnapshot } from './page-api.ts';
import { Payloads } from './payloads.ts';
import { RateLimits } from './rate-limits.ts';
import { Reader } from './reader.ts';
import { Routes } from './routes.ts';
import { seed as defaultSeed } from './seed.ts';
import { snapshotFor } from './snapshot.ts';
import { SocketMode } from './socket-mode.ts';
import { Workspace } from './workspace.ts';

export type { LocalSlackOptions };

/** The whole of it: what the bot talks to, what people do, what a test reads and breaks. */
export class LocalSlack extends Reader {
  readonly seed: Seed;
  readonly faults: Faults;
  /** Builds payloads; with `deliverRaw`, for what no client would send. */
  readonly payloads: Payloads;
  readonly #options: LocalSlackOptions;
  readonly #clock: Clock;
  readonly #api: Api;
  readonly #sockets: SocketMode;
  readonly #deliverer: Deliverer;
  readonly #interactivity: Interactivity;
  readonly #page: Page;
  readonly #routes: Routes;
  #transport: Transport;
  #scopes: ReadonlySet<string>;
  #subscriptions: ReadonlySet<string>;
  #baseUrl: string;
  #stopListening: () => Promise<void> = async () => {};
  #stopKeeping: () => void = () => {};

  constructor(options: LocalSlackOptions = {}) {
    super(new Workspace(options.seed ?? defaultSeed, options.clock ?? realClock));
    const ws = this.workspace;
    this.#options = options;
    this.#clock = ws.clock;
    this.seed = ws.seed;
    this.#baseUrl = options.baseUrl ?? '';
    const { app } = this.seed;
    this.#scopes = new Set(app.scopes);
    this.#subscriptions = new Set(app.events);
    this.#interactivity = new Interactivity(ws);
    this.#sockets = new SocketMode(
      this.#clock,
      app.appId,
      (what) => this.#api.mistake('socket', 'bad_frame', what),
      () => ws.tell({ kind: 'other' }),
    );
    this.faults = new Faults((down) => {
      if (down) this.#sockets.drop();
      ws.tell({ kind: 'other' });
    });
    this.#transport =
      options.requestUrl === undefined
        ? this.#sockets
        : new HttpEvents(this.#clock, options.requestUrl, app.signingSecret);
    this.#api = new Api(() => this.#context(), new RateLimits(this.#clock, options.limitScale ?? 1));
    this.#deliverer = new Deliverer(this.#clock, this.faults, () => this.#transport);
    this.payloads = new Payloads(ws, this.#interactivity, () => this.#baseUrl);
    this.#page = new Page({
      ws,
      as: (user) => this.as(user),
      snapshot: (user) => this.snapshot(user),
      hosts: options.pageHosts ?? [],
    });
    this.#routes = new Routes({
      ws,
      api: this.#api,
      faults: this.faults,
      interactivity: this.#interactivity,
      page: this.#page,
    });
    if (options.file !== undefined) this.#stopKeeping = keepIn(options.file, ws, this.#clock);
    ws.listen((what) => this.#happened(what));
  }

  #context(): MethodContext {
    return {
      ws: this.workspace,
      faults: this.faults,
      interactivity: this.#interactivity,
      baseUrl: this.#baseUrl,
      openSocket: () => this.#baseUrl.replace(/^http/, 'ws') + this.#sockets.ticketPath(),
      fileShareDelayMs: this.#options.fileShareDelayMs ?? 300,
      scopes: this.#scopes,
    };
  }

  #happened(what: Happening): void {
    if (what.kind === 'posted') notify(this.workspace, what.message);
    for (const { name, event } of eventsOf(this.workspace, what)) {
      if (this.#subscriptions.has(name)) void this.deliverEvent(event);
    }
  }

  // --- where it is

  /** "http://127.0.0.1:40123", without a slash at the end. */
  get baseUrl(): string {
    return this.#baseUrl;
  }

  /** For `SLACK_API_URL`. */
  get apiUrl(): string {
    return `${this.#baseUrl}/api/`;
  }

  /** For `startLocalSlack`; a server that mounts this one may call it too, once it knows its port. */
  listensOn(baseUrl: string, stop: () => Promise<void> = async () => {}): void {
    if (this.#options.baseUrl === undefined) this.#baseUrl = baseUrl;
    this.#stopListening = stop;
  }

  /** Answers requests that are Slack's or the page's; false for any other, which is left alone. */
  handle(req: IncomingMessage, res: ServerResponse): boolean {
    return this.#routes.handle(req, res);
  }

  /** Takes Socket Mode's upgrades (`/link/…`); false for any other. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (!(req.url ?? '').startsWith('/link/')) return false;
    if (this.faults.down) socket.destroy();
    else this.#sockets.upgrade(req, socket, head);
    return true;
  }

  async close(): Promise<void> {
    this.#stopKeeping();
    this.#page.close();
    this.#sockets.close();
    await this.#stopListening();
  }

  // --- people

  /** One person at their client. */
  as(user: string): Human {
    return new Human(user, {
      ws: this.workspace,
      payloads: this.payloads,
      deliverer: this.#deliverer,
      acknowledged: (kind, body) => this.#api.record(`ack:${kind}`, body, null),
      mistake: (where, error, detail) => this.#api.mistake(where, error, detail),
    });
  }

  setGroup(id: string, users: readonly string[]): void {
    this.workspace.setGroup(id, users);
  }

  deactivate(user: string): void {
    this.workspace.person(user).kind = 'deactivated';
    this.workspace.tell({ kind: 'other' });
  }

  // --- what administrators and other people do to the bot's places

  /** Nothing can be posted or edited there until it is unarchived. */
  archive(channel: string, archived = true): void {
    this.#channel(channel).archived = archived;
    this.workspace.tell({ kind: 'other' });
  }

  rename(channel: string, name: string): void {
    this.#channel(channel).name = name;
    this.workspace.tell({ kind: 'other' });
  }

  removeBot(channel: string): void {
    const found = this.#channel(channel);
    found.members = found.members.filter((one) => one !== this.seed.app.botUser);
    this.workspace.tell({ kind: 'other' });
  }

  /** A person who may deletes a message; its replies stay without it. */
  deleteMessage(channel: string, ts: string): void {
    const found = this.workspace.find(channel, ts);
    if (found === undefined) throw new Error(`no message ${ts} in ${channel}`);
    this.workspace.remove(found);
  }

  /** From now on every call with the bot's token is refused so; null: it is accepted again. */
  revokeToken(error: 'token_revoked' | 'account_inactive' | 'token_expired' | null): void {
    this.faults.refuseToken(error);
    this.workspace.tell({ kind: 'other' });
  }

  #channel(id: string): Channel {
    const found = this.workspace.channels.get(id);
    if (found === undefined) throw new Error(`no channel ${id}`);
    return found;
  }

  // --- what there is to see

  snapshot(user: string): PageSnapshot {
    const errors = this.errors
      .slice(-20)
      .map(({ atMs, where, error, detail }) => ({ atMs, what: `${where}: ${error} ${detail}`.trim() }));
    return snapshotFor(this.workspace, user, {
      bot: this.bot(),
      faults: this.faults.describe(),
      errors: errors.toReversed(),
    });
  }

  bot(): PageSnapshot['bot'] {
    const connected = this.#transport.mode === 'socket' ? this.connections > 0 : this.#deliverer.lastAnswered;
    return { user: this.seed.app.botUser, mode: this.#transport.mode, connected, connections: this.connections };
  }

  /** Everything that the bot sent, in order: for the Block Kit validator. */
  get sent(): readonly SentCall[] {
    return this.#api.sent;
  }

  /** Everything that the bot did wrong by the protocol. */
  get errors(): readonly ProtocolError[] {
    return this.#api.errors;
  }

  get connections(): number {
    return this.#sockets.connections;
  }

  // --- deliveries

  /** From now on deliveries are signed POSTs to this URL. */
  useHttp(requestUrl: string, signingSecret = this.seed.app.signingSecret): HttpEvents {
    const http = new HttpEvents(this.#clock, requestUrl, signingSecret);
    this.#transport = http;
    return http;
  }

  useSockets(): void {
    this.#transport = this.#sockets;
  }

  /** Slack's announced end of every connection; `graceMs` (10 s unless told) from the warning to the close. */
  refreshSockets(graceMs?: number): void {
    this.#sockets.refresh(graceMs);
  }

  dropSockets(): void {
    this.#sockets.drop();
  }

  /** Any event, as Slack would wrap it, whether subscribed or not. */
  deliverEvent(event: Json): Promise<Attempt> {
    return this.#deliverer.event(eventEnvelope(this.workspace, event));
  }

  /** A whole `event_callback` again or made up: a replay, another team's id. */
  deliverEnvelope(envelope: Json): Promise<Attempt> {
    return this.#deliverer.event(envelope);
  }

  /** A command or interaction exactly as given: a button value edited by hand, another team's id, a replay. */
  deliverRaw(kind: 'slash_commands' | 'interactive', payload: Json): Promise<Attempt> {
    return this.#deliverer.interact(kind, payload, kind === 'slash_commands');
  }

  // --- how the app is installed

  setScopes(scopes: readonly string[]): void {
    this.#scopes = new Set(scopes);
  }

  setSubscriptions(events: readonly string[]): void {
    this.#subscriptions = new Set(events);
  }
}
