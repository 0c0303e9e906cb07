import { parse } from 'yaml';
import { z } from 'zod';
import type { AlertmanagerConfig, AlertReceiver, AlertRoute } from '../../core/ports/alert-sources.ts';

/** Alertmanager's configuration as its status shows it: what matters to who is told of what, in which groups. */

const Matchers = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const Route: z.ZodType<AlertRoute> = z
  .object({
    receiver: z.string().nullish(),
    match: z.record(z.string(), z.string()).nullish(),
    match_re: z.record(z.string(), z.string()).nullish(),
    matchers: Matchers.nullish(),
    group_by: z.array(z.string()).nullish(),
    group_wait: z.string().nullish(),
    group_interval: z.string().nullish(),
    repeat_interval: z.string().nullish(),
    continue: z.boolean().nullish(),
    get routes(): z.ZodOptional<z.ZodNullable<z.ZodArray<z.ZodType<AlertRoute>>>> {
      return z.array(z.lazy(() => Route)).nullish();
    },
  })
  .transform((one) => ({
    receiver: one.receiver ?? null,
    matchers: [
      ...Object.entries(one.match ?? {}).map(([name, value]) => `${name}="${value}"`),
      ...Object.entries(one.match_re ?? {}).map(([name, value]) => `${name}=~"${value}"`),
      ...(one.matchers ?? []),
    ].toSorted(),
    // An empty list is the same as none: as its parent (alertmanager `dispatch/route.go`).
    groupBy: one.group_by == null || one.group_by.length === 0 ? null : one.group_by.toSorted(),
    groupWaitMs: msOf(one.group_wait),
    groupIntervalMs: msOf(one.group_interval),
    repeatIntervalMs: msOf(one.repeat_interval),
    goesOn: one.continue ?? false,
    routes: one.routes ?? [],
  }));

const sendResolved = z.boolean().nullish();
const Receiver: z.ZodType<AlertReceiver> = z
  .object({
    name: z.string(),
    webhook_configs: z.array(z.object({ send_resolved: sendResolved, max_alerts: z.number().nullish() })).nullish(),
    pagerduty_configs: z.array(z.object({ send_resolved: sendResolved })).nullish(),
  })
  .transform((one) => ({
    name: one.name,
    webhooks: (one.webhook_configs ?? []).map((it) => ({
      sendResolved: it.send_resolved ?? true,
      maxAlerts: it.max_alerts ?? 0,
    })),
    pagerduty: (one.pagerduty_configs ?? []).map((it) => ({ sendResolved: it.send_resolved ?? true })),
  }));

const Whole = z.object({ route: Route, receivers: z.array(Receiver).nullish() });

/** From the text in its status, where secrets are `<secret>`. */
export function configOf(text: string): AlertmanagerConfig | { readonly unreadable: string } {
  let raw: unknown;
  try {
    raw = parse(text, { maxAliasCount: 100 });
  } catch {
    return { unreadable: 'it is no YAML' };
  }
  const read = Whole.safeParse(raw);
  if (read.success) return { route: read.data.route, receivers: read.data.receivers ?? [] };
  return {
    unreadable: `not as expected at ${read.error.issues
      .map((one) => one.path.join('.'))
      .slice(0, 3)
      .join(', ')}`,
  };
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** Prometheus' durations: "1m30s", "0s"; null where it says nothing, or nothing of that kind. */
function msOf(text: string | null | undefined): number | null {
  if (text == null || !/^(\d+(ms|[smhdwy]))+$|^0$/.test(text)) return null;
  let ms = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+)(ms|[smhdwy])/g))
    ms += Number(amount) * (UNITS[unit] ?? 0);
  return ms;
}
