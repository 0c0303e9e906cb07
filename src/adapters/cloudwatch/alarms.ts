import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AlarmState, Firing } from '../../core/ports/alert-sources.ts';

/** CloudWatch's alarms as ours: labels and fingerprint as in what its webhook brings (src/adapters/webhooks), which a test holds. */

const moment = z.date().transform((at) => at.toISOString());
const shared = {
  AlarmName: z.string().min(1),
  AlarmArn: z.string().min(1),
  StateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
  StateUpdatedTimestamp: moment.optional(),
  /** When the state itself changed; the other one also moves when only the reason does. */
  StateTransitionedTimestamp: moment.optional(),
  ActionsEnabled: z.boolean().default(true),
};
export const MetricAlarm = z.object({
  ...shared,
  MetricName: z.string().optional(),
  Dimensions: z.array(z.object({ Name: z.string().optional(), Value: z.string().optional() })).default([]),
});
export const CompositeAlarm = z.object({
  ...shared,
  /** Another alarm mutes it. */
  ActionsSuppressedBy: z.string().optional(),
});
export type Alarm = z.infer<typeof MetricAlarm> | z.infer<typeof CompositeAlarm>;

export function firingOf(alarm: Alarm): Firing {
  const dimensions = 'Dimensions' in alarm ? alarm.Dimensions : [];
  const metric = 'MetricName' in alarm ? alarm.MetricName : undefined;
  const muted = !alarm.ActionsEnabled || ('ActionsSuppressedBy' in alarm && (alarm.ActionsSuppressedBy ?? '') !== '');
  return {
    fingerprint: fingerprintOf(alarm.AlarmArn),
    labels: {
      ...Object.fromEntries(dimensions.map(({ Name = '', Value = '' }) => [labelOf(Name), Value])),
      alertname: alarm.AlarmName,
      region: regionOf(alarm.AlarmArn),
      ...(metric === undefined ? {} : { metric }),
    },
    startsAt: sinceOf(alarm),
    status: muted ? 'suppressed' : 'active',
    silencedBy: [],
  };
}

export function stateOf(alarm: Alarm): AlarmState {
  return {
    fingerprint: fingerprintOf(alarm.AlarmArn),
    name: alarm.AlarmName,
    arn: alarm.AlarmArn,
    state: alarm.StateValue,
    since: sinceOf(alarm),
    tells: alarm.ActionsEnabled,
  };
}

const fingerprintOf = (arn: string): string => createHash('sha256').update(arn).digest('hex').slice(0, 16);
const sinceOf = ({ StateTransitionedTimestamp: transitioned, StateUpdatedTimestamp: updated }: Alarm): string =>
  transitioned ?? updated ?? new Date(0).toISOString();

/** `arn:aws:cloudwatch:<region>:<account>:alarm:<name>`; a name may hold colons. */
const ARN = /^arn:aws[\w-]*:cloudwatch:([a-z0-9-]+):\d{12}:alarm:(.+)$/s;
export const regionOf = (arn: string): string => ARN.exec(arn)?.[1] ?? '';
/** A name stands for itself. Null: it is of another region. */
export function nameIn(region: string, nameOrArn: string): string | null {
  const [, at, name] = ARN.exec(nameOrArn) ?? [];
  if (name === undefined) return nameOrArn;
  return at === region ? name : null;
}

/** "ClusterName" → "cluster_name": as Prometheus' labels are written. */
function labelOf(dimension: string): string {
  return dimension
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/\W/g, '_')
    .toLowerCase();
}
