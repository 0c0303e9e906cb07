import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Api, ApiAnswer } from './api.ts';
import type { Faults } from './faults.ts';
import type { Interactivity } from './interactivity.ts';
import type { Page } from './page.ts';
import { respondTo } from './responses.ts';
import { isObject } from './shape.ts';
import type { Workspace } from './workspace.ts';

export interface RouteParts {
  readonly ws: Workspace;
  readonly api: Api;
  readonly faults: Faults;
  readonly interactivity: Interactivity;
  readonly page: Page;
}

const mostBytes = 30_000_000;

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw new Error('body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Which path is whose. */
export class Routes {
  readonly #parts: RouteParts;

  constructor(parts: RouteParts) {
    this.#parts = parts;
  }

  handle(req: IncomingMessage, res: ServerResponse): boolean {
    const path = (req.url ?? '/').split('?')[0] ?? '/';
    const work = this.#route(path, req, res);
    if (work === null) return false;
    work.catch((error: unknown) => {
      const detail = error instanceof Error ? error.message : 'unknown';
      this.#parts.api.mistake(path, 'internal_error', detail);
      if (!res.headersSent) res.writeHead(500, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ ok: false, error: 'internal_error' }));
    });
    return true;
  }

  #route(path: string, req: IncomingMessage, res: ServerResponse): Promise<void> | null {
    const { page } = this.#parts;
    if (path.startsWith('/page/')) return page.handle(req, res, () => readBody(req));
    const isResponse = /^\/(commands|actions|app)\/T/.test(path);
    const isUpload = path.startsWith('/upload/v1/');
    if (!path.startsWith('/api/') && !isResponse && !isUpload) return null;
    // A bot is no browser: a page elsewhere must not speak for it, even if it knew a token.
    if (req.headers.origin !== undefined || req.headers['sec-fetch-site'] !== undefined) {
      res.writeHead(403).end('not for browsers');
      return Promise.resolve();
    }
    if (this.#parts.faults.down) {
      req.socket.destroy();
      return Promise.resolve();
    }
    if (isResponse) return this.#response(path, req, res);
    return isUpload
      ? this.#upload(path.slice('/upload/v1/'.length), req, res)
      : this.#api(path.slice('/api/'.length), req, res);
  }

  async #api(method: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = (await readBody(req)).toString();
    const query = (req.url ?? '').split('?')[1] ?? '';
    const answer = this.#parts.api.handle({
      method,
      authorization: req.headers.authorization,
      contentType: req.headers['content-type'] ?? '',
      body: req.method === 'GET' ? query : body,
    });
    this.#send(req, res, answer);
  }

  #send(req: IncomingMessage, res: ServerResponse, answer: ApiAnswer): void {
    if (answer.kind === 'hang') return;
    if (answer.kind === 'drop') {
      req.socket.destroy();
      return;
    }
    const write = (): void => {
      res.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8', ...answer.headers });
      res.end(JSON.stringify(answer.body));
    };
    if (answer.delayMs === 0) write();
    else this.#parts.ws.clock.after(answer.delayMs, write);
  }

  async #response(path: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { api, ws, interactivity, faults } = this.#parts;
    const bytes = await readBody(req);
    const fault = faults.takeCall('response_url');
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'http') {
      res.writeHead(fault.status).end();
      return;
    }
    let body: unknown;
    try {
      body = JSON.parse(bytes.toString());
    } catch {
      body = undefined;
    }
    const answer = respondTo(ws, interactivity, path, body);
    api.record('response_url', isObject(body) ? body : {}, answer.body === 'ok' ? { ok: true } : answer.body);
    if (answer.body !== 'ok') api.mistake('response_url', String(answer.body['error']), JSON.stringify(answer.body));
    if (fault?.kind === 'accept-then-hang') return;
    res.writeHead(answer.status, { 'content-type': answer.body === 'ok' ? 'text/html' : 'application/json' });
    res.end(answer.body === 'ok' ? 'ok' : JSON.stringify(answer.body));
  }

  /** The bytes of a file, raw or as the SDK sends them: multipart, in a field of any name. */
  async #upload(id: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const bytes = await readBody(req);
    const file = this.#parts.ws.files.get(id);
    if (file === undefined || file.bytes !== null) {
      res.writeHead(404).end('Not found');
      return;
    }
    const content = await fileBytes(req.headers['content-type'] ?? '', bytes);
    if (content.length !== file.length) {
      this.#parts.api.mistake('upload', 'length_mismatch', `announced ${file.length} bytes, sent ${content.length}`);
      res.writeHead(400).end('length does not match');
      return;
    }
    file.bytes = content;
    res.writeHead(200, { 'content-type': 'text/plain' }).end(`OK - ${content.length}`);
  }
}

async function fileBytes(contentType: string, bytes: Buffer): Promise<Buffer> {
  if (!contentType.startsWith('multipart/form-data')) return bytes;
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } }).formData();
  for (const value of form.values())
    return typeof value === 'string' ? Buffer.from(value) : Buffer.from(await value.arrayBuffer());
  return Buffer.alloc(0);
}
