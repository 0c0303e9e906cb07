import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { BotProcess } from './bot-process.ts';
import type { Control } from './control.ts';
import type { Page } from './page-server.ts';
import { passOn, unavailable } from './pass.ts';
import type { LocalPagerDuty } from './pagerduty/server.ts';
import { handlePagerDuty } from './pagerduty/view.ts';
import type { LocalSlack } from './slack/server.ts';

/** Filled in as the parts start; until then their paths answer 503. */
export interface Parts {
  page: Page | null;
  control: Control | null;
  slack: LocalSlack | null;
  bot: BotProcess | null;
  /** Left out or null: none. */
  pagerDuty?: LocalPagerDuty | null;
}

/** Which path is whose, on the sandbox's one port. */
export function handle(parts: Parts, request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const { page, control, slack, bot } = parts;
  if (page === null || control === null || slack === null || bot === null)
    return unavailable(response, 'The sandbox is starting.');
  if (isBots(path)) return passOn(bot.port, request, response);
  if (parts.pagerDuty != null && handlePagerDuty(parts.pagerDuty, request, response)) return undefined;
  if (control.handle(request, response) || slack.handle(request, response) || page.answer(request, response))
    return undefined;
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
  response.end('Nothing is here.\n');
  return undefined;
}

function isBots(path: string): boolean {
  return (
    path === '/slack/events' ||
    path.startsWith('/webhooks/') ||
    path === '/healthz' ||
    path === '/readyz' ||
    path === '/metrics'
  );
}

/**
 * Listens on this machine only: `localhost` is 127.0.0.1 for some programs and ::1 for others, so on both where there are both.
 * Throws Node's error (`EADDRINUSE`, `EACCES`).
 */
export async function listen(parts: Parts, port: number): Promise<readonly Server[]> {
  const first = await open(parts, port, '127.0.0.1');
  try {
    return [first, await open(parts, (first.address() as { readonly port: number }).port, '::1')];
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EADDRINUSE') return [first];
    first.close();
    throw error;
  }
}

async function open(parts: Parts, port: number, host: string): Promise<Server> {
  const server = createServer((request, response) => handle(parts, request, response));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (parts.slack?.upgrade(request, socket, head) !== true) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

export function portOf(servers: readonly Server[]): number {
  const address = servers[0]?.address();
  if (typeof address !== 'object' || address === null) throw new Error('the sandbox listens nowhere');
  return address.port;
}
