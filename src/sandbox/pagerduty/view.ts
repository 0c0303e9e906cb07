import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { refuseStranger } from '../slack/page.ts';
import { onCallAt } from './model.ts';
import type { LocalPagerDuty } from './server.ts';
import type { PagerDutyAct, PagerDutyView } from './view-api.ts';

const by = z.string().max(20);
const Acts: z.ZodType<PagerDutyAct> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['acknowledge', 'resolve', 'reopen', 'escalate']), incident: z.string(), by }),
  z.strictObject({ kind: z.literal('note'), incident: z.string(), by, text: z.string().min(1).max(2_000) }),
  z.strictObject({ kind: z.literal('time out'), incident: z.string() }),
  z.strictObject({ kind: z.literal('maintenance'), service: z.string(), minutes: z.number().min(0).max(1_440) }),
  z.strictObject({ kind: z.literal('break'), broken: z.boolean() }),
]);

const mostIncidents = 20;
const mostDropped = 10;
const mostBytes = 10_000;

export function viewOf({ account, happenings, faults }: LocalPagerDuty): PagerDutyView {
  const now = happenings.options.now();
  const nameOf = (id: string): string => happenings.nameOf({ is: 'user', id });
  return {
    people: account.users.map(({ id, name }) => ({ id, name })),
    services: account.services.map((service) => ({
      id: service.id,
      name: service.name,
      status: happenings.statusOf(service),
      onCall: happenings.policy(service.policy).levels.flatMap((_, level) =>
        onCallAt(account, happenings.policy(service.policy), level, now).map(({ user }) => ({
          level: level + 1,
          name: nameOf(user),
        })),
      ),
    })),
    incidents: happenings.incidents
      .toReversed()
      .slice(0, mostIncidents)
      .map((one) => ({
        id: one.id,
        number: one.number,
        title: one.title,
        status: one.status,
        urgency: one.urgency,
        service: account.services.find((service) => service.id === one.service)?.name ?? one.service,
        assigned: one.assigned.map(nameOf),
        keys: one.alerts.map((alert) => alert.key),
        notes: one.notes.map((note) => ({ by: nameOf(note.by), text: note.content, atMs: note.at })),
        log: one.log.map((entry) => ({ text: entry.summary, atMs: entry.at, rang: entry.told !== null })),
      })),
    dropped: happenings.dropped.slice(-mostDropped).toReversed(),
    broken: faults.isBroken,
  };
}

/** Throws a sentence when it cannot be done. */
export function actOn(pd: LocalPagerDuty, what: PagerDutyAct): void {
  switch (what.kind) {
    case 'time out':
      return pd.timeOut(what.incident);
    case 'break':
      return pd.faults.break(what.broken);
    case 'maintenance': {
      if (!pd.account.services.some((one) => one.id === what.service))
        throw new Error(`There is no service ${what.service}.`);
      const now = pd.happenings.options.now();
      for (const window of pd.account.windows)
        if (window.service === what.service) window.to = Math.min(window.to, now);
      if (what.minutes > 0)
        pd.account.windows.push({
          id: `PWIN${pd.account.windows.length + 1}`,
          service: what.service,
          from: now,
          to: now + what.minutes * 60_000,
          description: 'by hand, in the sandbox',
        });
      return undefined;
    }
    case 'note':
      return pd.act(what.incident, what.by, { does: 'note', text: what.text });
    case 'acknowledge':
    case 'resolve':
    case 'reopen':
    case 'escalate':
      return pd.act(what.incident, what.by, { does: what.kind });
  }
}

/**
 * What a page shows of the local PagerDuty, and can do to it.
 *
 * | request | answer |
 * |---|---|
 * | `GET /page/pagerduty` | one `PagerDutyView` |
 * | `POST /page/pagerduty`, JSON `PagerDutyAct` | `{ok: true}`, or `{ok: false, error}` with a sentence |
 *
 * Guarded as `/page/control`: loopback `Host`, own `Origin`, `content-type: application/json`. Times in ms are Unix epoch.
 * False: not a path of this one.
 */
export function handlePagerDuty(pd: LocalPagerDuty, request: IncomingMessage, response: ServerResponse): boolean {
  if ((request.url ?? '/').split('?')[0] !== '/page/pagerduty') return false;
  const refused = refuseStranger(request.headers, []);
  if (refused !== null) json(response, 403, { error: `Refused: ${refused}` });
  else if (request.method === 'POST') void post(pd, request, response);
  else json(response, 200, viewOf(pd));
  return true;
}

async function post(pd: LocalPagerDuty, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!(request.headers['content-type'] ?? '').startsWith('application/json'))
    return json(response, 415, { error: 'POST application/json' });
  const parsed = Acts.safeParse(await bodyOf(request));
  if (!parsed.success) return json(response, 400, { error: z.prettifyError(parsed.error) });
  try {
    actOn(pd, parsed.data);
    return json(response, 200, { ok: true });
  } catch (error) {
    return json(response, 200, { ok: false, error: error instanceof Error ? error.message : 'That did not work.' });
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > mostBytes) return undefined;
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch {
    return undefined;
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
