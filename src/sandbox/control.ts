import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { BotProcess } from './bot-process.ts';
import type {
  ActiveFault,
  ControlAct,
  ControlResult,
  ControlSnapshot,
  FaultEntry,
  Link,
  RegionView,
  SentAlerts,
} from './control-api.ts';
import { refuseStranger } from './slack/page.ts';
import type { LocalSlack } from './slack/server.ts';

/** What the page shows of the simulated platform, and can do to it. */
export interface PlatformDoor {
  regions(): readonly RegionView[];
  readonly catalogue: readonly FaultEntry[];
  active(): readonly ActiveFault[];
  /** Newest first. */
  alerts(): readonly SentAlerts[];
  /** Each of them throws a sentence when it cannot be done. */
  inject(fault: string, region: string, minutesAgo: number): void;
  heal(fault: string, region: string): void;
  reset(): void;
  /** Many alerts of many workloads within ten seconds, until the region is healed. Absent: this platform has none. */
  storm?(wanted: { readonly region: string; readonly alerts: number; readonly workloads: number }): void;
  link(region: string, link: Link): void;
}

export interface ControlParts {
  readonly platform: PlatformDoor;
  readonly bot: BotProcess;
  readonly slack: LocalSlack;
}

const link = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('normal') }),
  z.strictObject({ kind: z.literal('slow'), addedMs: z.number().int().min(0).max(60_000) }),
  z.strictObject({ kind: z.literal('hangs') }),
  z.strictObject({ kind: z.literal('unreachable') }),
]);
const act = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('inject'),
    fault: z.string(),
    region: z.string(),
    minutesAgo: z.number().min(0).max(1440),
  }),
  z.strictObject({ kind: z.literal('heal'), fault: z.string(), region: z.string() }),
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({
    kind: z.literal('storm'),
    region: z.string(),
    alerts: z.number().int().min(1).max(2_000),
    workloads: z.number().int().min(1).max(500),
  }),
  z.strictObject({ kind: z.literal('link'), region: z.string(), link }),
  z.strictObject({ kind: z.literal('kill') }),
]);

const lookEveryMs = 400;
const pingMs = 15_000;
const mostBytes = 10_000;
const mostAlerts = 20;

/** `/page/control…`: the page's other half. */
export class Control {
  readonly #parts: ControlParts;
  readonly #streams = new Set<ServerResponse>();
  readonly #timers: readonly NodeJS.Timeout[];
  #last = '';

  constructor(parts: ControlParts) {
    this.#parts = parts;
    // The platform moves by the clock alone, so it is looked at; nobody watching, no work.
    this.#timers = [setInterval(() => this.changed(), lookEveryMs), setInterval(() => this.#ping(), pingMs)];
  }

  snapshot(): ControlSnapshot {
    const { platform, bot, slack } = this.#parts;
    const people = [...slack.workspace.people.values()].filter((one) => one.kind === 'person' || one.kind === 'guest');
    return {
      regions: platform.regions(),
      catalogue: platform.catalogue,
      active: platform.active(),
      bot: bot.view(),
      alerts: platform.alerts().slice(0, mostAlerts),
      people: people.map(({ id }) => unreadOf(slack, id)),
    };
  }

  /** Tells those who watch, when there is something new. */
  changed(): void {
    if (this.#streams.size === 0) return;
    const text = JSON.stringify(this.snapshot());
    if (text === this.#last) return;
    this.#last = text;
    for (const stream of this.#streams) send(stream, text);
  }

  /** False: not a path of this one. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const path = (request.url ?? '/').split('?')[0];
    if (path !== '/page/control' && path !== '/page/control/events') return false;
    const refused = refuseStranger(request.headers, []);
    if (refused !== null) json(response, 403, { error: `Refused: ${refused}` });
    else if (path === '/page/control/events') this.#stream(request, response);
    else if (request.method === 'POST') void this.#act(request, response);
    else json(response, 200, this.snapshot());
    return true;
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const stream of this.#streams) stream.end();
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.#streams.add(response);
    request.on('close', () => this.#streams.delete(response));
    this.#last = JSON.stringify(this.snapshot());
    send(response, this.#last);
  }

  #ping(): void {
    for (const stream of this.#streams) stream.write(': ping\n\n');
  }

  async #act(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(request.headers['content-type'] ?? '').startsWith('application/json'))
      return json(response, 415, { error: 'POST application/json' });
    const body = await readBody(request);
    const parsed = body === null ? null : act.safeParse(body);
    if (parsed === null || !parsed.success)
      return json(response, 400, { error: parsed === null ? 'Not JSON, or too large' : z.prettifyError(parsed.error) });
    const result = this.#do(parsed.data);
    this.changed();
    return json(response, 200, result);
  }

  #do(one: ControlAct): ControlResult {
    const { platform, bot } = this.#parts;
    try {
      switch (one.kind) {
        case 'inject':
          platform.inject(one.fault, one.region, one.minutesAgo);
          break;
        case 'heal':
          platform.heal(one.fault, one.region);
          break;
        case 'reset':
          platform.reset();
          break;
        case 'storm':
          if (platform.storm === undefined) return { ok: false, error: 'This platform has no storms.' };
          platform.storm({ region: one.region, alerts: one.alerts, workloads: one.workloads });
          break;
        case 'link':
          platform.link(one.region, one.link);
          break;
        case 'kill':
          if (!bot.kill()) return { ok: false, error: 'The bot is down already.' };
      }
      return { ok: true };
    } catch (error) {
      return { ok: false, error: error instanceof Error ? error.message : 'That did not work.' };
    }
  }
}

/** What this person has not read: new posts in channels, and what rang their phone: answers in threads ring it where they are meant. */
function unreadOf({ workspace }: LocalSlack, user: string): ControlSnapshot['people'][number] {
  const isNew = (one: { readonly channel: string; readonly ts: string; readonly threadTs: string | null }): boolean =>
    one.ts > workspace.lastRead(user, one.channel, one.threadTs);
  const rang = workspace.notifications.filter((one) => one.user === user && isNew(one));
  let unread = rang.filter((one) => one.threadTs !== null).length;
  for (const channel of workspace.channels.values()) {
    if (!channel.members.includes(user)) continue;
    unread += workspace
      .messagesOf(channel.id)
      .filter((one) => one.threadTs === null && one.onlyFor === null && one.user !== user && isNew(one)).length;
  }
  return { user, unread, mentions: rang.filter((one) => one.why === 'mention' || one.why === 'direct').length };
}

function send(stream: ServerResponse, text: string): void {
  stream.write(`event: control\ndata: ${text}\n\n`);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > mostBytes) return null;
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch {
    return null;
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
