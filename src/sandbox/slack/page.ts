import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Human } from './human.ts';
import type { PageActResult, PageSnapshot } from './page-api.ts';
import type { Workspace } from './workspace.ts';

const elementValue = z.strictObject({
  selectedOption: z.string().optional(),
  selectedOptions: z.array(z.string()).optional(),
  selectedUser: z.string().optional(),
  selectedUsers: z.array(z.string()).optional(),
  selectedConversation: z.string().optional(),
  selectedChannel: z.string().optional(),
  selectedDate: z.string().optional(),
  selectedTime: z.string().optional(),
  selectedDateTime: z.number().optional(),
  value: z.string().max(40_000).optional(),
});
const values = z.record(z.string(), z.record(z.string(), elementValue));
const text = z.string().min(1).max(40_000);
const message = { channel: z.string(), ts: z.string() };

const act = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('say'), channel: z.string(), text, threadTs: z.string().optional() }),
  z.strictObject({ kind: z.literal('command'), channel: z.string(), text, threadTs: z.string().optional() }),
  z.strictObject({
    kind: z.literal('press'),
    ...message,
    blockId: z.string(),
    actionId: z.string(),
    value: elementValue.optional(),
  }),
  z.strictObject({
    kind: z.literal('pressInView'),
    viewId: z.string(),
    blockId: z.string(),
    actionId: z.string(),
    value: elementValue.optional(),
    values: values.optional(),
  }),
  z.strictObject({ kind: z.literal('submit'), viewId: z.string(), values }),
  z.strictObject({ kind: z.literal('close'), viewId: z.string(), all: z.boolean().optional() }),
  z.strictObject({
    kind: z.literal('shortcut'),
    callbackId: z.string(),
    channel: z.string().optional(),
    ts: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('react'), ...message, name: z.string(), remove: z.boolean().optional() }),
  z.strictObject({ kind: z.literal('openHome') }),
  z.strictObject({ kind: z.literal('openDm'), withUser: z.string() }),
  z.strictObject({ kind: z.literal('markRead'), ...message, threadTs: z.string().optional() }),
  z.strictObject({ kind: z.literal('dismissEphemeral'), ...message }),
  z.strictObject({ kind: z.literal('clearNotifications') }),
  z.strictObject({
    kind: z.literal('suggest'),
    where: z.union([z.strictObject(message), z.strictObject({ viewId: z.string() })]),
    blockId: z.string(),
    actionId: z.string(),
    typed: z.string(),
  }),
]);
const request = z.strictObject({ user: z.string(), act });
type Act = z.infer<typeof act>;

export interface PageParts {
  readonly ws: Workspace;
  readonly as: (user: string) => Human;
  readonly snapshot: (user: string) => PageSnapshot;
  /** Host names beside the loopback ones under which the page may be asked. */
  readonly hosts: readonly string[];
}

const coalesceMs = 60;
const pingMs = 15_000;
const mostBytes = 1_000_000;

/** Why this request may not drive the workspace, or null. A page elsewhere in the browser must not; nor may a name that resolves here. */
export function refuseStranger(headers: IncomingMessage['headers'], hosts: readonly string[]): string | null {
  const host = headers.host ?? '';
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
  if (!['localhost', '127.0.0.1', '[::1]', ...hosts].includes(name)) return `host ${host} is not this machine`;
  const { origin } = headers;
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host))
    return `origin ${origin} is another page`;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return `a ${site} request`;
  return null;
}

/** `/page/*`: what the browser shows, and what the person does. */
export class Page {
  readonly #parts: PageParts;
  readonly #streams = new Set<ServerResponse>();

  constructor(parts: PageParts) {
    this.#parts = parts;
  }

  async handle(req: IncomingMessage, res: ServerResponse, body: () => Promise<Buffer>): Promise<void> {
    const refused = refuseStranger(req.headers, this.#parts.hosts);
    if (refused !== null) return json(res, 403, { error: `Refused: ${refused}` });
    const url = new URL(req.url ?? '/', 'http://page');
    if (url.pathname === '/page/act') return this.#act(req, res, body);
    if (url.pathname.startsWith('/page/files/')) return this.#file(res, url.pathname.slice('/page/files/'.length));
    const user = url.searchParams.get('user') ?? '';
    if (!this.#playable(user)) return json(res, 404, { error: `No such user: ${user}` });
    if (url.pathname === '/page/state') return json(res, 200, this.#parts.snapshot(user));
    if (url.pathname === '/page/events') return this.#stream(req, res, user);
    return json(res, 404, { error: 'Not found' });
  }

  #playable(user: string): boolean {
    const kind = this.#parts.ws.people.get(user)?.kind;
    return kind === 'person' || kind === 'guest';
  }

  #file(res: ServerResponse, id: string): void {
    const file = this.#parts.ws.files.get(id);
    if (file?.bytes === undefined || file.bytes === null) return json(res, 404, { error: 'No such file' });
    // Only images are shown in place, and nothing in a file may run as part of the page.
    const inline =
      ['image/png', 'image/jpeg', 'image/gif'].includes(file.mimetype) || file.mimetype.startsWith('text/');
    res.writeHead(200, {
      'content-type': file.mimetype.startsWith('text/')
        ? 'text/plain; charset=utf-8'
        : file.mimetype || 'application/octet-stream',
      'content-disposition': inline ? 'inline' : 'attachment',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    });
    res.end(file.bytes);
  }

  #stream(req: IncomingMessage, res: ServerResponse, user: string): void {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', connection: 'keep-alive' });
    this.#streams.add(res);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const send = (): void => {
      timer = undefined;
      res.write(`event: snapshot\ndata: ${JSON.stringify(this.#parts.snapshot(user))}\n\n`);
    };
    const stop = this.#parts.ws.listen(() => {
      timer ??= setTimeout(send, coalesceMs);
    });
    const ping = setInterval(() => res.write(': ping\n\n'), pingMs);
    req.on('close', () => {
      stop();
      clearInterval(ping);
      clearTimeout(timer);
      this.#streams.delete(res);
    });
    send();
  }

  async #act(req: IncomingMessage, res: ServerResponse, body: () => Promise<Buffer>): Promise<void> {
    // A JSON content type is what a form on a strange page cannot send.
    if (req.method !== 'POST' || !(req.headers['content-type'] ?? '').startsWith('application/json'))
      return json(res, 415, { error: 'POST application/json' });
    const bytes = await body();
    const parsed = bytes.length > mostBytes ? null : request.safeParse(parseJson(bytes));
    if (parsed === null || !parsed.success)
      return json(res, 400, { error: parsed === null ? 'Too large' : z.prettifyError(parsed.error) });
    const { user } = parsed.data;
    if (!this.#playable(user)) return json(res, 404, { error: `No such user: ${user}` });
    let result: PageActResult;
    try {
      result = await this.#run(user, parsed.data.act);
    } catch (error) {
      result = { ok: false, kind: 'act', error: error instanceof Error ? error.message : 'unknown' };
    }
    return json(res, 200, result);
  }

  async #run(user: string, one: Act): Promise<PageActResult> {
    const human = this.#parts.as(user);
    const { ws } = this.#parts;
    switch (one.kind) {
      case 'say':
      case 'command': {
        const where = { channel: one.channel, ...(one.threadTs === undefined ? {} : { thread: one.threadTs }) };
        return one.kind === 'command' || one.text.startsWith('/')
          ? human.command(one.text, where)
          : human.say(one.text, where);
      }
      case 'press':
        return human.pressAt(one, one.blockId, one.actionId, exact(one.value));
      case 'pressInView':
        return human.pressInViewAt(one.viewId, one.blockId, one.actionId, exact(one.value), exact(one.values) ?? {});
      case 'submit':
        return human.submitValues(one.viewId, exact(one.values) ?? {});
      case 'close':
        return human.close(one.all ?? false);
      case 'shortcut':
        return human.shortcut(
          one.callbackId,
          one.channel === undefined || one.ts === undefined ? undefined : { channel: one.channel, ts: one.ts },
        );
      case 'react':
        return human.react(one, one.name, one.remove ?? false);
      case 'openHome':
        return human.openHome();
      case 'openDm':
        return human.openDm(one.withUser);
      case 'suggest':
        return human.suggest(one.where, one.blockId, one.actionId, one.typed);
      case 'markRead':
        ws.markRead(user, one.channel, one.ts, one.threadTs ?? null);
        break;
      case 'dismissEphemeral': {
        const found = ws.findAny(one.channel, one.ts);
        if (found?.onlyFor === user) ws.remove(found);
        break;
      }
      case 'clearNotifications':
        ws.notifications.splice(0, ws.notifications.length, ...ws.notifications.filter((n) => n.user !== user));
        break;
    }
    ws.tell({ kind: 'other' });
    return { ok: true };
  }

  close(): void {
    for (const stream of this.#streams) stream.end();
  }
}

/** Zod's `undefined` fields are left out after JSON; the types of the page say the same exactly. */
function exact<T>(value: T): T extends undefined ? undefined : Exact<NonNullable<T>> {
  return (value === undefined ? undefined : JSON.parse(JSON.stringify(value))) as T extends undefined
    ? undefined
    : Exact<NonNullable<T>>;
}
type Exact<T> = T extends readonly (infer E)[]
  ? readonly E[]
  : T extends object
    ? { [K in keyof T as undefined extends T[K] ? K : never]?: Exact<Exclude<T[K], undefined>> } & {
        [K in keyof T as undefined extends T[K] ? never : K]: Exact<T[K]>;
      }
    : T;

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  res.end(JSON.stringify(body));
}
