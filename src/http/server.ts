import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import type { Metrics } from './metrics.ts';

/** The one HTTP server: webhooks, Slack, health, metrics. Handlers are handed in. */
export interface HttpOptions {
  readonly port: number;
  readonly webhooks: Readonly<Record<string, (request: Request) => Promise<Response>>>;
  /** `POST /slack/events`; null in Socket Mode: 404. */
  readonly slack: ((request: IncomingMessage, response: ServerResponse) => void) | null;
  readonly health: () => Promise<readonly Health[]>;
  readonly metrics: Metrics;
  /** Left out: the usual ones. */
  readonly limits?: Limits;
}
/** What a sender may take of the server. */
export interface Limits {
  /** For all of the headers; for the whole request. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** How often the two are looked at. */
  readonly checkMs: number;
  /** At once; those beyond are closed without an answer. */
  readonly connections: number;
}
export interface Health {
  readonly name: string;
  readonly ok: boolean;
  /** Without it the bot is not ready; others are said only. */
  readonly needed: boolean;
  readonly words: string;
}

const LIMITS: Limits = { headersMs: 10_000, requestMs: 30_000, checkMs: 2_000, connections: 4_000 };
/** An idle connection is kept so long for its sender's next delivery (ms). */
const IDLE_MS = 10_000;
/** A request with more headers is nobody's. */
const MOST_HEADERS = 200;

export async function startHttp(
  options: HttpOptions,
): Promise<{ readonly port: number; readonly stop: () => Promise<void> }> {
  const app = new Hono();
  app.get('/healthz', (context) => context.text('ok\n'));
  app.get('/readyz', async (context) => {
    const all = await options.health();
    const lines = all.map((one) => `${one.ok ? 'ok' : one.needed ? 'FAILING' : 'degraded'} ${one.name}: ${one.words}`);
    return context.text(`${lines.join('\n')}\n`, all.every((one) => one.ok || !one.needed) ? 200 : 503);
  });
  app.get('/metrics', async (context) =>
    context.body(await options.metrics.text(), 200, { 'content-type': options.metrics.contentType }),
  );
  for (const [name, handler] of Object.entries(options.webhooks)) {
    app.post(`/webhooks/${name}`, (context) => handler(context.req.raw));
    app.all(`/webhooks/${name}`, (context) => context.text('only POST\n', 405, { allow: 'POST' }));
  }
  app.notFound((context) => context.text('not found\n', 404));
  const listener = getRequestListener(app.fetch);
  const { headersMs, requestMs, checkMs, connections } = options.limits ?? LIMITS;
  const server = createServer({ connectionsCheckingInterval: checkMs }, (request, response) => {
    if (options.slack !== null && request.url?.split('?')[0] === '/slack/events') options.slack(request, response);
    else void listener(request, response);
  });
  server.headersTimeout = headersMs;
  server.requestTimeout = requestMs;
  server.keepAliveTimeout = IDLE_MS;
  server.maxHeadersCount = MOST_HEADERS;
  server.maxConnections = connections;
  await listen(server, options.port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    stop: async () => {
      server.closeIdleConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        setTimeout(() => server.closeAllConnections(), 2_000).unref();
      });
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Error(`port ${port} is in use: set PORT to a free one`) : error);
    });
    server.listen(port, () => resolve());
  });
}
