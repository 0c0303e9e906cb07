import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { act, timeOut, type Act } from './acts.ts';
import { ownCertificate } from './certificate.ts';
import { checkEvent } from './events-api.ts';
import { answerWith, Faults, type Answer } from './faults.ts';
import { Happenings, newId } from './happen.ts';
import { usualAccount, type Account, type Incident } from './model.ts';
import { deliveryOf } from './present.ts';
import { rest } from './rest-api.ts';
import { WebhookSender, type Subscription } from './webhooks.ts';

/** PagerDuty in this repository: Events API v2, the part of REST that is used, and v3 webhooks, over TLS with its own certificate. */

export interface PagerDutyOptions {
  /** 0: a free one. */
  readonly port: number;
  readonly account?: Account;
  readonly now?: () => number;
  /** Events wait so long before anything happens: their queue. */
  readonly queueMs?: number;
  /** From the incident to the first phone that rings. */
  readonly notifyMs?: number;
  /** Before the second attempt of a webhook; doubled each time. */
  readonly webhookWaitMs?: number;
}

export interface LocalPagerDuty {
  /** `https://127.0.0.1:…`: for PAGERDUTY_EVENTS_URL and PAGERDUTY_API_URL. */
  readonly url: string;
  /** PEM, for NODE_EXTRA_CA_CERTS. */
  readonly certificate: string;
  readonly account: Account;
  readonly faults: Faults;
  readonly happenings: Happenings;
  readonly webhooks: WebhookSender;
  /** Requests as they came, newest last: for tests. */
  readonly requests: {
    readonly method: string;
    readonly path: string;
    readonly status: number | null;
    readonly body: string;
  }[];
  subscribe(subscription: Subscription): void;
  /** Somebody does something in PagerDuty's app. */
  act(incidentId: string, by: string, what: Act): void;
  /** An acknowledgement runs out. */
  timeOut(incidentId: string): void;
  /** "Send test event" of a subscription. */
  ping(): Promise<void>;
  stop(): Promise<void>;
}

const eventsPerMinute = 120;
const restPerMinute = 960;
const minuteMs = 60_000;
const maxBody = 1_000_000;
const keptRequests = 500;

export async function startPagerDuty(options: PagerDutyOptions): Promise<LocalPagerDuty> {
  const { account = usualAccount(), now = Date.now, queueMs = 20, notifyMs = 30, webhookWaitMs = 300 } = options;
  const webhooks = new WebhookSender(webhookWaitMs);
  const happenings = new Happenings({
    account,
    now,
    notifyMs,
    onHappened: (what) => {
      const id = newId();
      void webhooks.send(what.type, id, deliveryOf(account, id, what, now()));
    },
  });
  const faults = new Faults();
  const requests: LocalPagerDuty['requests'] = [];
  const { key, certificate } = ownCertificate(Date.now());
  const spent = new Spent(now);
  const server = createServer({ key, cert: certificate }, (request, response) => {
    void handle(request, response, { account, happenings, faults, requests, spent, queueMs });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certificate,
    account,
    faults,
    happenings,
    webhooks,
    requests,
    subscribe: (subscription) => webhooks.subscribe(subscription),
    act: (id, by, what) => act(happenings, incidentIn(happenings, id), by, what),
    timeOut: (id) => timeOut(happenings, incidentIn(happenings, id)),
    ping: () => {
      const id = newId();
      return webhooks.send('pagey.ping', id, pingOf(id, now()));
    },
    stop: async () => {
      happenings.stop();
      webhooks.stop();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

function incidentIn(happenings: Happenings, id: string): Incident {
  const found = happenings.incidents.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no incident ${id}`);
  return found;
}

const pingOf = (id: string, now: number): unknown => ({
  event: {
    id,
    event_type: 'pagey.ping',
    resource_type: 'pagey',
    occurred_at: new Date(now).toISOString(),
    agent: null,
    client: null,
    data: { message: 'Hello from your friend Pagey!', type: 'ping' },
  },
});

interface Parts {
  readonly account: Account;
  readonly happenings: Happenings;
  readonly faults: Faults;
  readonly requests: LocalPagerDuty['requests'];
  readonly spent: Spent;
  readonly queueMs: number;
}

async function handle(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<void> {
  const { faults, requests } = parts;
  const method = request.method ?? 'GET';
  const url = new URL(request.url ?? '/', 'https://here');
  const body = await bodyOf(request);
  if (body === null) return;
  let status: number | null = null;
  const isEvent = url.pathname.startsWith('/v2/');
  const work = (): Answer => {
    const answer = isEvent ? event(parts, method, url.pathname, body) : restAnswer(parts, request, url, body);
    ({ status } = answer);
    return answer;
  };
  const fault = faults.take(isEvent ? 'events' : 'rest');
  await answerWith(fault, response, work);
  requests.push({
    method,
    path: `${url.pathname}${url.search}`,
    status: status ?? (fault?.is === 'status' ? fault.status : null),
    body: body.toString('utf8'),
  });
  if (requests.length > keptRequests) requests.shift();
}

function event({ account, happenings, spent, queueMs }: Parts, method: string, path: string, body: Buffer): Answer {
  if (path !== '/v2/enqueue') return { status: 404, body: { status: 'not found', message: 'Not Found' } };
  if (method !== 'POST') return { status: 405, body: { status: 'not allowed', message: 'Method Not Allowed' } };
  const { answer, event: made } = checkEvent(account, body);
  if (made === null) return answer;
  if (spent.isOver(made.service, eventsPerMinute))
    return { status: 429, body: { status: 'throttle exceeded', message: 'Request Limit Exceeded' } };
  happenings.later(queueMs, () => happenings.event(made));
  return answer;
}

function restAnswer({ happenings, spent }: Parts, request: IncomingMessage, url: URL, body: Buffer): Answer {
  if (spent.isOver('rest', restPerMinute)) {
    const headers = { 'ratelimit-limit': String(restPerMinute), 'ratelimit-remaining': '0', 'ratelimit-reset': '20' };
    return { status: 429, headers, body: { error: { message: 'Rate Limit Exceeded', code: 2020 } } };
  }
  const { headers, method = 'GET' } = request;
  return rest(happenings, { method, path: url.pathname, query: url.searchParams, headers, body });
}

/** Calls in the minute that ends now. */
class Spent {
  readonly #now: () => number;
  readonly #calls = new Map<string, number[]>();
  constructor(now: () => number) {
    this.#now = now;
  }
  isOver(who: string, most: number): boolean {
    const now = this.#now();
    const calls = (this.#calls.get(who) ?? []).filter((at) => now - at < minuteMs);
    const isOver = calls.length >= most;
    if (!isOver) calls.push(now);
    this.#calls.set(who, calls);
    return isOver;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBody) return null;
      chunks.push(chunk);
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks);
}
