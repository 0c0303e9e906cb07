import { randomUUID } from 'node:crypto';
import type { Answer } from './faults.ts';
import type { EventIn } from './happen.ts';
import type { Account } from './model.ts';

/**
 * `POST /v2/enqueue` as PagerDuty checks it. Schema: github.com/PagerDuty/api-schema, `reference/events-v2/openapiv3.json`; limits:
 * github.com/PagerDuty/developer-docs, `docs/events-API-v2`; the words of refusals as people met them (envato/pagerduty #70,
 * blockpane/tenderduty #10).
 */

const maxBytes = 512_000;
const maxKey = 255;
const maxSummary = 1_024;
const severities: ReadonlySet<unknown> = new Set(['critical', 'warning', 'error', 'info']);
const actions: ReadonlySet<unknown> = new Set(['trigger', 'acknowledge', 'resolve']);

type Fields = Readonly<Record<string, unknown>>;

export interface Checked {
  readonly answer: Answer;
  /** What happens after their queue; null: refused. */
  readonly event: EventIn | null;
}

export function checkEvent(account: Account, raw: Buffer): Checked {
  if (raw.length > maxBytes)
    return { answer: { status: 413, body: { status: 'too large', message: 'Event is too large' } }, event: null };
  let body: unknown;
  try {
    body = JSON.parse(raw.toString('utf8'));
  } catch {
    return refused('Unrecognized object', 'Event object format is unrecognized', ['JSON parse error']);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return refused('Unrecognized object', 'Event object format is unrecognized', ['JSON parse error']);
  const fields = body as Fields;
  const errors = [...keyErrors(account, fields['routing_key']), ...actionErrors(fields)];
  if (fields['event_action'] === 'trigger') errors.push(...payloadErrors(fields['payload']), ...listErrors(fields));
  if (errors.length > 0) return refused('invalid event', 'Event object is invalid', errors);
  const service = account.services.find((one) => one.routingKey === fields['routing_key']);
  const key = text(fields['dedup_key']) ?? randomUUID().replaceAll('-', '');
  const payload = (fields['payload'] ?? {}) as Fields;
  const { routing_key: _, ...event } = fields;
  return {
    answer: { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: key } },
    event: {
      action: fields['event_action'] as EventIn['action'],
      service: service?.id ?? '',
      key,
      summary: text(payload['summary']) ?? '',
      severity: text(payload['severity']) ?? 'critical',
      event,
    },
  };
}

function refused(status: string, message: string, errors: readonly string[]): Checked {
  return { answer: { status: 400, body: { status, message, errors } }, event: null };
}

function keyErrors(account: Account, key: unknown): readonly string[] {
  if (typeof key !== 'string' || key === '') return ["'routing_key' is missing or blank"];
  const errors: string[] = [];
  if (key.length !== 32) errors.push("Length of 'routing_key' is incorrect (should be 32 characters)");
  if (!/^[A-Za-z0-9]*$/.test(key)) errors.push("'routing_key' cannot contain non-alphanumeric characters.");
  if (errors.length === 0 && !account.services.some((one) => one.routingKey === key))
    errors.push('Invalid routing key');
  return errors;
}

function actionErrors(fields: Fields): readonly string[] {
  const { event_action: action, dedup_key: key } = fields;
  if (action === undefined || action === '') return ["'event_action' is missing or blank"];
  if (!actions.has(action))
    return ["'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"];
  if (action !== 'trigger' && (key === undefined || key === '')) return ["'dedup_key' is missing or blank"];
  if (key !== undefined && typeof key !== 'string') return ["'dedup_key' is invalid (must be a string)"];
  if (typeof key === 'string' && key.length > maxKey)
    return [`Length of 'dedup_key' is incorrect (should be at most ${maxKey} characters)`];
  return [];
}

function payloadErrors(payload: unknown): readonly string[] {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    return ["'payload' is missing or blank"];
  const fields = payload as Fields;
  const errors: string[] = [];
  for (const name of ['summary', 'source', 'severity'])
    if (fields[name] === undefined || fields[name] === '') errors.push(`'payload.${name}' is missing or blank`);
  for (const name of ['summary', 'source', 'component', 'group', 'class', 'timestamp'])
    if (fields[name] !== undefined && typeof fields[name] !== 'string')
      errors.push(`'payload.${name}' is invalid (must be a string)`);
  if (typeof fields['summary'] === 'string' && fields['summary'].length > maxSummary)
    errors.push(`Length of 'payload.summary' is incorrect (should be at most ${maxSummary} characters)`);
  const severity = fields['severity'];
  if (severity !== undefined && severity !== '' && !severities.has(severity))
    errors.push(
      "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')",
    );
  const details = fields['custom_details'];
  if (details !== undefined && (typeof details !== 'object' || details === null || Array.isArray(details)))
    errors.push("'payload.custom_details' is invalid (must be an object)");
  return errors;
}

function listErrors(fields: Fields): readonly string[] {
  const errors: string[] = [];
  for (const [list, needed] of [
    ['links', 'href'],
    ['images', 'src'],
  ] as const) {
    const given = fields[list];
    if (given === undefined) continue;
    if (!Array.isArray(given)) errors.push(`'${list}' is invalid (must be an array)`);
    else if (given.some((one: Fields | null) => typeof one?.[needed] !== 'string' || !/^https?:\/\//.test(one[needed])))
      errors.push(`'${list}' is invalid (each needs '${needed}')`);
  }
  const url = fields['client_url'];
  if (url !== undefined && (typeof url !== 'string' || !/^https?:\/\//.test(url)))
    errors.push("'client_url' is invalid");
  return errors;
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
