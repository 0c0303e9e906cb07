import { z } from 'zod';
import type { AlertIn } from '../../core/routing.ts';
import { Alert, alertOf } from './alertmanager.ts';
import { jsonOf, readBody, textOf } from './body.ts';
import { ignored, lost, refused, stored, unknownEncoding, type Door } from './door.ts';
import { isSignedBy } from './signature.ts';

/** Grafana's unified alerting: contact point "Webhook" with an HMAC secret (Grafana 12 and newer). */
export type GrafanaOptions = Door & {
  /** Null: not configured, so everything gets a 401. */
  readonly secret: string | null;
  /** Name of the header that carries the time, where the contact point names one; then it is required. Null: the body alone is signed. */
  readonly timestampHeader: string | null;
  readonly maxBytes: number;
  /** Unix time in milliseconds. */
  readonly now: () => number;
};

const signatureHeader = 'x-grafana-alerting-signature';
const toleranceS = 300;

const Body = z.object({ alerts: z.array(z.unknown()), truncatedAlerts: z.number().int().nonnegative().default(0) });

/** `POST /webhooks/grafana`: durable before the 2xx. */
export function grafanaHandler(options: GrafanaOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    const { secret } = options;
    if (secret === null) return refused(options, 401, 'GRAFANA_WEBHOOK_SECRET is not set: this webhook is off');
    const body = await readBody(request, options.maxBytes);
    if (body === 'unknown encoding') return refused(options, 415, unknownEncoding);
    if (body.cut) return refused(options, 413, `larger than ${options.maxBytes} bytes, or broken off`);
    const why = unsigned(request.headers, body.bytes, secret, options);
    if (why !== null) return refused(options, 401, why);
    const parsed = Body.safeParse(jsonOf(textOf(body.bytes)));
    if (!parsed.success) return lost(options, 'a delivery of Grafana', "this is no notification of Grafana's alerting");
    return take(options, parsed.data);
  };
}

async function take(options: GrafanaOptions, body: z.infer<typeof Body>): Promise<Response> {
  const read = body.alerts.map((one) => Alert.safeParse(one));
  const alerts = read.flatMap((one) => (one.success ? [named({ ...alertOf(one.data), from: 'grafana' })] : []));
  const real = alerts.filter((one) => !isTest(one));
  if (body.alerts.length > 0 && alerts.length === 0)
    return lost(options, 'a delivery of Grafana', 'no alert in this body could be read');
  if (real.length === 0 && body.truncatedAlerts === 0)
    return ignored(options, alerts.length > 0 ? "Grafana's test notification" : 'no alert in it');
  const unreadable = read.length - alerts.length;
  const notes = [
    ...(body.truncatedAlerts > 0
      ? [`Grafana left out ${body.truncatedAlerts} alerts of this group (its max alerts)`]
      : []),
    ...(unreadable > 0 ? [`${unreadable} alerts of this delivery could not be read`] : []),
  ];
  return stored(options, real, notes.length === 0 ? null : notes.join('; '));
}

/** Why this is not Grafana's; null when it is. With a time header the signed text is `<time>:<body>`, the time in Unix seconds. */
function unsigned(
  headers: Headers,
  body: Uint8Array,
  secret: string,
  { timestampHeader, now }: GrafanaOptions,
): string | null {
  const given = headers.get(signatureHeader);
  if (given === null) return `the header ${signatureHeader} is missing: set an HMAC secret at the contact point`;
  if (timestampHeader === null) {
    return isSignedBy(secret, given.trim(), body) ? null : 'the signature is not of this body';
  }
  const time = headers.get(timestampHeader);
  if (time === null) return `the header ${timestampHeader} is missing: name it at the contact point`;
  if (!/^\d{1,12}$/.test(time) || Math.abs(now() / 1000 - Number(time)) > toleranceS) {
    return `the time in ${timestampHeader} is more than five minutes away`;
  }
  return isSignedBy(secret, given.trim(), `${time}:`, body) ? null : 'the signature is not of this body and time';
}

/** No data and errors of a rule arrive as alerts of their own name; the rule's real name is in `rulename`. */
function named(alert: AlertIn): AlertIn {
  const { alertname, rulename } = alert.labels;
  const state = alertname === 'DatasourceNoData' ? 'no data' : alertname === 'DatasourceError' ? 'error' : null;
  if (state === null || rulename === undefined) return alert;
  return { ...alert, labels: { ...alert.labels, alertname: rulename, grafana_state: state } };
}

/** Grafana's [Test] button sends this pair. */
function isTest({ labels }: AlertIn): boolean {
  return labels['alertname'] === 'TestAlert' && labels['instance'] === 'Grafana';
}
