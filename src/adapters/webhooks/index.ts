import { alertmanagerHandler } from './alertmanager-handler.ts';
import { cloudwatchHandler } from './cloudwatch.ts';
import type { Door } from './door.ts';
import { grafanaHandler } from './grafana.ts';
import { pagerDutyHandler, type PagerDutyOptions } from './pagerduty.ts';

/** What each sender proves itself with. */
export interface Secrets {
  readonly alertmanagerToken: string | null;
  readonly grafana: { readonly secret: string | null; readonly timestampHeader: string | null };
  readonly sns: { readonly topics: readonly string[]; readonly endpoint: string | null };
  readonly pagerDuty: { readonly webhookSecrets: readonly string[] };
}

export type Doors = Pick<Door, 'log' | 'take'> & {
  readonly maxBytes: number;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  readonly count: (sender: string, outcome: string) => void;
  /** Where PagerDuty's events go; null: nowhere, then that webhook is off. */
  readonly pagerDuty: Pick<PagerDutyOptions, 'onPagerDuty' | 'chatIds'> | null;
};

/** One per sender, by the last part of its path; without its secret each answers 401. */
export function webhooks(
  secrets: Secrets,
  { count, now, pagerDuty, ...shared }: Doors,
): Readonly<Record<string, (request: Request) => Promise<Response>>> {
  const door = (sender: string): Door & { readonly maxBytes: number } => ({
    ...shared,
    count: (outcome) => count(sender, outcome),
  });
  return {
    alertmanager: alertmanagerHandler({ ...door('alertmanager'), token: secrets.alertmanagerToken }),
    grafana: grafanaHandler({ ...door('grafana'), ...secrets.grafana, now }),
    cloudwatch: cloudwatchHandler({ ...door('cloudwatch'), ...secrets.sns }),
    pagerduty: pagerDutyHandler({
      ...door('pagerduty'),
      secrets: pagerDuty === null ? [] : secrets.pagerDuty.webhookSecrets,
      chatIds: pagerDuty?.chatIds ?? {},
      onPagerDuty: pagerDuty?.onPagerDuty ?? (() => Promise.resolve('not ours')),
    }),
  };
}
