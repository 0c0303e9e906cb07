import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
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
import type { Happening, Json, Message, Notification, Seed } from './model.ts';
import { notify } from './notifications.ts';
import { Page } from './page.ts';
import type { PageSnapshot } from './page-api.ts';
import { Payloads } from './payloads.ts';
import { RateLimits } from './rate-limits.ts';
import { channelText, threadText } from './read.ts';
import { Routes } from './routes.ts';
import { seed as defaultSeed } from './seed.ts';
import { snapshotFor } from './snapshot.ts';
import { SocketMode } from './socket-mode.ts';
import { Workspace } from './workspace.ts';

export interface LocalSlackOptions {
  /** 0 (the default) takes a free one on 127.0.0.1; null listens on none: mount `handle` and `upgrade` yourself and give `baseUrl`. */
  readonly port?: number | null;
  /** Where the bot reaches this Slack, when it is mounted: "http://127.0.0.1:3000". */
  readonly baseUrl?: string;
  readonly clock?: Clock;
  readonly seed?: Seed;
  /** 1 is Slack's own pace; 10 allows ten times as much; Infinity everything. */
  readonly limitScale?: number;
  /** HTTP mode: where the app listens. Without it: Socket Mode. */
  readonly requestUrl?: string;
  /** From `completeUploadExternal` to the message with the file. */
  readonly fileShareDelayMs?: number;
  /** Further host names under which the page may be asked. */
  readonly pageHosts?: readonly string[];
}

export type LocalSlack = Awaited<ReturnType<typeof startLocalSlack>>;
export type MessageView = Message;

/** Starts an in-memory Slack that speaks the real protocol; docs of each part are with the part. */
export async function startLocalSlack(options: LocalSlackOptions = {}) {
  const clock = options.clock ?? realClock;
  const seed = options.seed ?? defaultSeed;
  const ws = new Workspace(seed, clock);
  const interactivity = new Interactivity(ws);
  const state = {
    baseUrl: options.baseUrl ?? '',
    scopes: new Set(seed.app.scopes),
    subscriptions: new Set(seed.app.events),
  };
  const changed = (): void => ws.tell({ kind: 'other' });
  const socketMode = new SocketMode(clock, seed.app.appId, (what) => api.mistake('socket', 'bad_frame', what), changed);
  const faults = new Faults((down) => {
    if (down) socketMode.drop();
    changed();
  });
  let transport: Transport =
    options.requestUrl === undefined ? socketMode : new HttpEvents(clock, options.requestUrl, seed.app.signingSecret);
  const api = new Api(
    () => ({
      ws,
      faults,
      interactivity,
      baseUrl: state.baseUrl,
      openSocket: () => state.baseUrl.replace(/^http/, 'ws') + socketMode.ticketPath(),
      fileShareDelayMs: options.fileShareDelayMs ?? 300,
      scopes: state.scopes,
    }),
    new RateLimits(clock, options.limitScale ?? 1),
  );
  const deliverer = new Deliverer(clock, faults, () => transport);
  const payloads = new Payloads(ws, interactivity, () => state.baseUrl);
  const acknowledged = (kind: string, body: Json): void => api.record(`ack:${kind}`, body, null);
  const mistake = (where: string, error: string, detail: string): void => api.mistake(where, error, detail);
  const as = (user: string): Human => new Human(user, { ws, payloads, deliverer, acknowledged, mistake });

  ws.listen((what: Happening) => {
    if (what.kind === 'posted') notify(ws, what.message);
    for (const { name, event } of eventsOf(ws, what))
      if (state.subscriptions.has(name)) void deliverer.event(eventEnvelope(ws, event));
  });

  const bot = (): PageSnapshot['bot'] => ({
    user: seed.app.botUser,
    mode: transport.mode,
    connected: transport.mode === 'socket' ? socketMode.connections > 0 : deliverer.lastAnswered,
    connections: socketMode.connections,
  });
  const snapshot = (user: string): PageSnapshot =>
    snapshotFor(ws, user, {
      bot: bot(),
      faults: faults.describe(),
      errors: api.errors
        .slice(-20)
        .toReversed()
        .map(({ atMs, where, error, detail }) => ({ atMs, what: `${where}: ${error} ${detail}`.trim() })),
    });
  const page = new Page({ ws, as, snapshot, hosts: options.pageHosts ?? [] });
  const routes = new Routes({ ws, api, faults, interactivity, page });

  /** Answers requests that are Slack's or the page's; false for any other, which is then left alone. */
  const handle = (req: IncomingMessage, res: ServerResponse): boolean => routes.handle(req, res);
  /** Takes Socket Mode's upgrades (`/link/…`); false for any other. */
  const upgrade = (req: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
    if (!(req.url ?? '').startsWith('/link/')) return false;
    if (faults.down) socket.destroy();
    else socketMode.upgrade(req, socket, head);
    return true;
  };
  const server = options.port === null ? null : await listen(options.port ?? 0, handle, upgrade);
  if (server !== null && options.baseUrl === undefined)
    state.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    /** "http://127.0.0.1:40123"; the bot's SLACK_API_URL is `apiUrl`. */
    get baseUrl(): string {
      return state.baseUrl;
    },
    get apiUrl(): string {
      return `${state.baseUrl}/api/`;
    },
    seed,
    workspace: ws,
    faults,
    handle,
    upgrade,
    as,
    bot,
    snapshot,
    /** Everything the bot sent, in order: for the Block Kit validator. */
    sent: api.sent as readonly SentCall[],
    /** Everything the bot did wrong. */
    errors: api.errors as readonly ProtocolError[],
    /** Where to send deliveries from now on. */
    useHttp(requestUrl: string, signingSecret = seed.app.signingSecret): HttpEvents {
      const http = new HttpEvents(clock, requestUrl, signingSecret);
      transport = http;
      return http;
    },
    useSockets(): void {
      transport = socketMode;
    },
    /** Slack's announced end of a connection; `graceMs` from the warning to the close. */
    refreshSockets: (graceMs?: number): void => socketMode.refresh(graceMs),
    dropSockets: (): void => socketMode.drop(),
    get connections(): number {
      return socketMode.connections;
    },
    /** Any event, as Slack would wrap it, whether subscribed or not. */
    deliverEvent: (event: Json): Promise<Attempt> => deliverer.event(eventEnvelope(ws, event)),
    /** A payload exactly as given: another team's id, a button value edited by hand, a replay. */
    deliverRaw: (kind: 'slash_commands' | 'interactive', payload: Json): Promise<Attempt> =>
      deliverer.interact(kind, payload, kind === 'slash_commands'),
    payloads,
    /** Takes scopes or event subscriptions away, or gives them. */
    setScopes(scopes: readonly string[]): void {
      state.scopes.clear();
      for (const one of scopes) state.scopes.add(one);
    },
    setSubscriptions(events: readonly string[]): void {
      state.subscriptions.clear();
      for (const one of events) state.subscriptions.add(one);
    },
    setGroup: (id: string, users: readonly string[]): void => ws.setGroup(id, users),
    deactivate(user: string): void {
      ws.person(user).kind = 'deactivated';
      changed();
    },
    /** Messages of a channel that are in its history, oldest first; replies included. */
    messages: (channel: string): readonly Message[] => ws.messagesOf(channel).filter((one) => one.onlyFor === null),
    roots: (channel: string): readonly Message[] =>
      ws.messagesOf(channel).filter((one) => one.onlyFor === null && one.threadTs === null),
    replies: (channel: string, ts: string): readonly Message[] => ws.replies(channel, ts),
    ephemerals: (user: string): readonly Message[] =>
      [...ws.channels.keys()].flatMap((id) => ws.messagesOf(id).filter((one) => one.onlyFor === user)),
    /** A thread, or a channel, as its readers see it; `viewer` adds what only they see. */
    thread: (channel: string, ts: string, viewer?: string): string => threadText(ws, channel, ts, viewer),
    channelText: (channel: string, viewer?: string): string => channelText(ws, channel, viewer),
    /** What a phone shows, oldest first. */
    lockScreen: (user: string): readonly Notification[] => ws.notifications.filter((one) => one.user === user),
    /** Resolves when `check` gives something; else rejects after `limitMs` with `what`. Wakes at each change. */
    until: <T>(check: () => T | undefined | null | false, what = 'it', limitMs = 5_000): Promise<T> =>
      until(ws, check, what, limitMs),
    async close(): Promise<void> {
      page.close();
      socketMode.close();
      server?.closeAllConnections();
      if (server !== null) await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(
  port: number,
  handle: (req: IncomingMessage, res: ServerResponse) => boolean,
  upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean,
): Promise<Server> {
  const server = createServer((req, res) => {
    if (!handle(req, res)) res.writeHead(404).end('Not found');
  });
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!upgrade(req, socket, head)) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

function until<T>(ws: Workspace, check: () => T | undefined | null | false, what: string, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const got = check();
      if (got === undefined || got === null || got === false) return;
      finish();
      resolve(got);
    };
    const timer = setInterval(look, 20);
    const limit = setTimeout(() => {
      finish();
      reject(new Error(`waited ${limitMs} ms in vain for ${what}`));
    }, limitMs);
    const stop = ws.listen(() => setImmediate(look));
    const finish = (): void => {
      clearInterval(timer);
      clearTimeout(limit);
      stop();
    };
    look();
  });
}
