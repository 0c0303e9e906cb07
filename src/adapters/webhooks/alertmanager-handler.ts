import { authorised, parseAlertmanager } from './alertmanager.ts';
import { readBody, textOf } from './body.ts';
import { lost, refused, stored, unknownEncoding, type Door } from './door.ts';

export type AlertmanagerOptions = Door & {
  /** Null: not configured, so everything gets a 401. */
  readonly token: string | null;
  readonly maxBytes: number;
};

/** `POST /webhooks/alertmanager`: durable before the 2xx. */
export function alertmanagerHandler(options: AlertmanagerOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    if (!authorised(request.headers.get('authorization'), options.token)) {
      const why =
        options.token === null
          ? 'ALERTMANAGER_WEBHOOK_TOKEN is not set: this webhook is off'
          : 'wrong or missing bearer token';
      return refused(options, 401, why);
    }
    const body = await readBody(request, options.maxBytes);
    if (body === 'unknown encoding') return refused(options, 415, unknownEncoding);
    const parsed = parseAlertmanager(textOf(body.bytes), body.cut);
    if (parsed !== null) return stored(options, parsed.alerts, parsed.note);
    options.log('warn', 'a webhook body held no alert that could be read', { bytes: body.bytes.length });
    return lost(options, 'a delivery of Alertmanager', 'no alert in this body could be read');
  };
}
