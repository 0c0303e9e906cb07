import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { canonical } from '../../core/json.ts';
import type { AlertIn } from '../../core/routing.ts';
import { jsonOf } from './body.ts';
import { MOST_ALERTS, salvage } from './salvage.ts';

/**
 * Alertmanager's webhook, version 4. It retries only 5xx and drops what gets a 4xx (alertmanager `notify/webhook`, `notify/util.go`),
 * so an authenticated body is stored as far as it parses, whatever is wrong with the rest.
 */
export const Alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  startsAt: z.string().max(64),
  endsAt: z.string().max(64).optional(),
  generatorURL: z.string().default(''),
  fingerprint: z.string().max(128).optional(),
});
const Body = z.object({
  alerts: z.array(z.unknown()),
  truncatedAlerts: z.number().int().nonnegative().optional(),
  externalURL: z.string().optional(),
  groupKey: z.string().optional(),
});

export interface ParsedAlerts {
  readonly alerts: readonly AlertIn[];
  /** What was left out and why, for people; null when nothing was. */
  readonly note: string | null;
}

export function parseAlertmanager(text: string, cut: boolean): ParsedAlerts | null {
  const whole = cut ? null : jsonOf(text);
  const body = Body.safeParse(whole);
  const items = body.success ? body.data.alerts : salvage(text);
  const group = body.success && body.data.groupKey !== undefined ? { group: dedupKey(body.data.groupKey) } : {};
  const alerts: AlertIn[] = [];
  let unreadable = 0;
  const beyond = Math.max(0, items.length - MOST_ALERTS);
  for (const item of items.slice(0, MOST_ALERTS)) {
    const alert = Alert.safeParse(item);
    if (alert.success) alerts.push({ ...alertOf(alert.data), ...group, from: 'alertmanager' });
    else unreadable += 1;
  }
  const truncated = body.success ? (body.data.truncatedAlerts ?? 0) : 0;
  // An empty, well-formed group is nothing to complain about.
  if (alerts.length === 0 && !(body.success && items.length === 0)) return null;
  const notes = [
    ...(beyond > 0 ? [`${beyond} alerts of this delivery were left out: I take ${MOST_ALERTS} at once`] : []),
    ...(truncated > 0 ? [`Alertmanager left out ${truncated} alerts of this group (its max_alerts)`] : []),
    ...(unreadable > 0 ? [`${unreadable} alerts of this delivery could not be read`] : []),
    ...(body.success
      ? []
      : [
          cut
            ? 'the delivery was larger than the limit, or broke off: only its first part was read'
            : 'the delivery was partly unreadable: I kept what I could read',
        ]),
  ];
  return { alerts, note: notes.length === 0 ? null : notes.join('; ') };
}

/** What Alertmanager's own PagerDuty receiver sends as dedup key for this group (alertmanager `notify/util.go` Key.Hash, `notify/pagerduty`). */
export function dedupKey(groupKey: string): string {
  return createHash('sha256').update(groupKey).digest('hex');
}

export function alertOf(alert: z.infer<typeof Alert>): AlertIn {
  return {
    fingerprint: alert.fingerprint ?? createHash('sha256').update(canonical(alert.labels)).digest('hex').slice(0, 16),
    status: alert.status,
    labels: alert.labels,
    annotations: alert.annotations,
    // As it came: zero times, nonsense and the future are dealt with where the time of arrival is known.
    startsAt: alert.startsAt,
    link: alert.generatorURL,
  };
}

/** Compared in constant time, whatever the lengths. */
export function authorised(header: string | null, token: string | null): boolean {
  if (token === null || header === null) return false;
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(header), hash(`Bearer ${token}`));
}
