import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AlertIn } from '../../core/routing.ts';
import { jsonOf } from './body.ts';

/** A CloudWatch alarm's message inside an SNS notification. Its `Region` is a display name ("EU (Ireland)"): the ARN tells the region. */
const Alarm = z.object({
  AlarmName: z.string().min(1).max(255),
  AlarmArn: z.string().max(1_600),
  AlarmDescription: z.string().nullish(),
  NewStateValue: z.string(),
  NewStateReason: z.string().default(''),
  StateChangeTime: z.string().max(64).default(''),
  Trigger: z
    .object({
      MetricName: z.string().nullish(),
      Namespace: z.string().nullish(),
      Dimensions: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
    })
    .nullish(),
  /** Composite alarms have a rule instead of a trigger. */
  AlarmRule: z.string().nullish(),
});

/** Null: no alarm at all (a budget's note, a build's). A string: an alarm that says nothing to act on, by name. */
export function alarmOf(message: string): AlertIn | string | null {
  const parsed = Alarm.safeParse(jsonOf(message));
  if (!parsed.success) return null;
  const alarm = parsed.data;
  const region = /^arn:aws[\w-]*:cloudwatch:([a-z0-9-]+):\d{12}:alarm:/.exec(alarm.AlarmArn)?.[1];
  if (region === undefined) return null;
  switch (alarm.NewStateValue) {
    case 'ALARM':
      return alert(alarm, region, 'firing');
    case 'OK':
      return alert(alarm, region, 'resolved');
    default:
      return `alarm ${alarm.AlarmName} is ${alarm.NewStateValue}`;
  }
}

function alert(alarm: z.infer<typeof Alarm>, region: string, status: AlertIn['status']): AlertIn {
  const dimensions = (alarm.Trigger?.Dimensions ?? []).map(({ name, value }) => [labelOf(name), value] as const);
  const named = {
    alertname: alarm.AlarmName,
    region,
    ...(alarm.Trigger?.MetricName == null ? {} : { metric: alarm.Trigger.MetricName }),
  };
  return {
    fingerprint: createHash('sha256').update(alarm.AlarmArn).digest('hex').slice(0, 16),
    status,
    labels: { ...Object.fromEntries(dimensions), ...named },
    annotations: {
      summary: alarm.NewStateReason,
      ...(alarm.AlarmDescription == null ? {} : { description: alarm.AlarmDescription }),
    },
    // "2026-11-24T02:18:00.123+0000": ISO 8601 wants a colon in the offset.
    startsAt: alarm.StateChangeTime.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'),
    link: `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#alarmsV2:alarm/${encodeURIComponent(alarm.AlarmName)}`,
    from: 'cloudwatch',
  };
}

/** "ClusterName" → "cluster_name": as Prometheus' labels are written, so that one rule routes both. */
function labelOf(dimension: string): string {
  return dimension
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/\W/g, '_')
    .toLowerCase();
}
