import type { IncomingMessage, ServerResponse } from 'node:http';
import { whyOf } from '../../core/failure.ts';
import type { Log } from '../../core/ports/log.ts';
import type { Gate, Refusal } from './gate.ts';
import { whyNotSlack } from './signature.ts';

/**
 * `POST /slack/events`: a listener for the project's own server. Bolt's receiver is not used: it accepts timestamps from the
 * future, answers 404 after three seconds, and a signed body of `null` ends the process.
 */
export type Listener = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

export interface HttpParts {
  readonly gate: Gate;
  readonly signingSecret: string;
  readonly log: Log;
  readonly now: () => number;
}

const BODY_MAX_BYTES = 2_000_000;
const BODY_MAX_MS = 10_000;
const RETRY_AFTER_S = 10;

export function httpListener({ gate, signingSecret, log, now }: HttpParts): Listener {
  return async (req, res) => {
    try {
      await answer(req, res);
    } catch (error) {
      log('warn', 'A request from Slack broke off', { why: whyOf(error) });
      end(res, 400);
    }
  };

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (req.method !== 'POST') return end(res, 405, { allow: 'POST' });
    const raw = await bodyOf(req);
    if (raw === null) return end(res, 413, { connection: 'close' });
    const signed = {
      timestamp: one(req.headers['x-slack-request-timestamp']),
      signature: one(req.headers['x-slack-signature']),
    };
    const why = whyNotSlack(signed, raw, signingSecret, now());
    if (why !== null) {
      log('warn', 'A request was not signed by Slack', { why });
      return end(res, 401);
    }
    const body = parsed(raw.toString('utf8'), one(req.headers['content-type']) ?? '');
    if (body === null) return end(res, 400, NO_RETRY);
    if (body['ssl_check'] === '1') return end(res, 200);
    if (body['type'] === 'url_verification') return json(res, { challenge: String(body['challenge']) });
    const refusal = await gate({ body, ack: acknowledge(res), ...retry(req) });
    if (refusal !== null) return refuse(res, refusal);
    // Nothing here listens to it: an unknown command or a form that is not ours.
    if (!res.headersSent) end(res, 404);
  }

  /** Bolt calls it once; what comes after the answer is too late and must not throw. */
  function acknowledge(res: ServerResponse): (said?: unknown) => Promise<void> {
    return async (said) => {
      if (res.headersSent || res.destroyed) return log('warn', 'Slack did not wait for the acknowledgement', {});
      if (said === undefined || said === '') return end(res, 200);
      return typeof said === 'string' ? end(res, 200, {}, said) : json(res, said);
    };
  }
}

const NO_RETRY = { 'x-slack-no-retry': '1' } as const;

function refuse(res: ServerResponse, refusal: Refusal): void {
  switch (refusal) {
    case 'not ready':
    case 'not stored':
      return end(res, 503, { 'retry-after': String(RETRY_AFTER_S) });
    case 'another workspace':
      return end(res, 403, NO_RETRY);
    case 'unreadable':
      return end(res, 400, NO_RETRY);
  }
}

/** Null: too large. */
async function bodyOf(req: IncomingMessage): Promise<Buffer | null> {
  const slow = setTimeout(() => req.destroy(new Error('the body took too long')), BODY_MAX_MS);
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of req as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > BODY_MAX_BYTES) return null;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    clearTimeout(slow);
  }
}

/** Null: neither JSON nor a form that holds an object. */
function parsed(raw: string, contentType: string): Readonly<Record<string, unknown>> | null {
  if (contentType.startsWith('application/json')) return object(raw);
  const form = new URLSearchParams(raw);
  const payload = form.get('payload');
  return payload === null ? Object.fromEntries(form) : object(payload);
}

function object(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}

function retry(req: IncomingMessage): { readonly retryNum?: number; readonly retryReason?: string } {
  const number = Number(one(req.headers['x-slack-retry-num']));
  const reason = one(req.headers['x-slack-retry-reason']);
  return {
    ...(Number.isInteger(number) ? { retryNum: number } : {}),
    ...(reason === undefined ? {} : { retryReason: reason.slice(0, 40) }),
  };
}

function one(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0];
}

function json(res: ServerResponse, body: unknown): void {
  end(res, 200, { 'content-type': 'application/json' }, JSON.stringify(body));
}
function end(res: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}, body = ''): void {
  if (res.headersSent) return;
  res.writeHead(status, headers);
  res.end(body);
}
