import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { WebAPIPlatformError, WebClient } from '@slack/web-api';
import { afterEach } from 'vitest';
import type { LocalSlackOptions } from '../../src/sandbox/slack/local-slack.ts';
import { seed } from '../../src/sandbox/slack/seed.ts';
import { startLocalSlack } from '../../src/sandbox/slack/server.ts';
import type { LocalSlack } from '../../src/sandbox/slack/server.ts';

/** Real Slack clients and apps, pointed at a local Slack; everything is closed after each test. */
const { app: spec } = seed;
export const silent = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

export async function start(options: LocalSlackOptions = {}): Promise<LocalSlack> {
  const slack = await startLocalSlack(options);
  closers.push(() => slack.close());
  return slack;
}

export function clientOf(slack: LocalSlack, token: string = spec.botToken, timeoutMs = 0): WebClient {
  const retryConfig = { retries: 0 };
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig,
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    logger: silent,
  });
}

/** A Bolt app in Socket Mode that waits little before it reconnects. */
export function socketBot(slack: LocalSlack): App {
  const clientOptions = { slackApiUrl: slack.apiUrl };
  const receiver = new SocketModeReceiver({
    appToken: spec.appToken,
    logger: silent,
    clientPingTimeout: 300,
    installerOptions: { clientOptions },
  });
  const app = new App({ token: spec.botToken, receiver, logger: silent, clientOptions });
  closers.push(() => app.stop());
  return app;
}

/** A Bolt app behind HTTP, and its request URL, which the local Slack uses from now on. */
export async function httpBot(slack: LocalSlack): Promise<{ app: App; url: string }> {
  const receiver = new HTTPReceiver({ signingSecret: spec.signingSecret, logger: silent });
  const app = new App({ token: spec.botToken, receiver, logger: silent, clientOptions: { slackApiUrl: slack.apiUrl } });
  const server = await app.start({ port: 0, host: '127.0.0.1' });
  closers.push(() => app.stop());
  if (!('address' in server)) throw new Error('no server');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
  slack.useHttp(url);
  return { app, url };
}

export interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Said = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string } | null;

/** A receiver that answers as badly as a test likes; null hangs. */
export async function listener(answer: (heard: Heard) => Said): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      const one = { headers: req.headers, body };
      heard.push(one);
      const said = answer(one);
      if (said !== null) res.writeHead(said.status, said.headers).end(said.body ?? '');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, heard };
}

export const plain = (text: string) => ({ type: 'plain_text' as const, text });

export const approve = [
  { type: 'section' as const, text: { type: 'mrkdwn' as const, text: 'waiting' } },
  {
    type: 'actions' as const,
    elements: [{ type: 'button' as const, action_id: 'approve', text: plain('Approve'), value: 'p1' }],
  },
];

export const modal = (title: string, more: object = {}) => ({
  type: 'modal' as const,
  callback_id: 'why',
  title: plain(title),
  blocks: [{ type: 'section' as const, text: plain('one') }],
  ...more,
});

/** The answer of a call that must fail: its error and the messages beside it. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ error: string; messages: readonly string[]; data: Readonly<Record<string, unknown>> }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof WebAPIPlatformError)) throw error;
    const data = error.data as { error: string; response_metadata?: { messages?: string[] } };
    return { error: data.error, messages: data.response_metadata?.messages ?? [], data };
  }
  throw new Error('the call was answered with ok');
}

export const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } });
