import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** What operators can watch: Prometheus conventions, base units, few labels. */
export interface Metrics {
  readonly text: () => Promise<string>;
  readonly contentType: string;
  readonly webhook: (name: string, outcome: string) => void;
  readonly looked: (region: string, tookMs: number, unknown: number) => void;
  readonly acted: (remedy: string, outcome: string) => void;
  readonly decided: (command: string) => void;
  /** A person said whether the cause that was named was right. */
  readonly judged: (right: boolean) => void;
  /** What became of a call to a person: accepted, refused, held, not yet. */
  readonly paged: (outcome: string) => void;
  readonly probed: (service: string, region: string, tookMs: number, good: boolean) => void;
  readonly published: (outcome: string) => void;
  /** `urgency` 0: a person waits for it. */
  readonly late: (urgency: number, lagMs: number) => void;
}
/** The way to the chat system, now. */
export interface SlackState {
  /** How long the oldest message that is to be sent has waited. */
  readonly lagMs: number;
  readonly dead: number;
  readonly usable: boolean;
}
export interface StoreStats {
  readonly inbox: number;
  readonly outbox: number;
  readonly dead: number;
  readonly open: number;
  readonly overdue: number;
  readonly alerts: number;
}

/** `stats` is asked at each scrape; when it fails, its gauges are absent rather than old. */
export function createMetrics(
  stats: () => Promise<StoreStats>,
  audit: () => Promise<{ readonly number: number }>,
  slack?: () => Promise<SlackState>,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { webhooks, acts, decisions, judged, pages, messages, unread } = counters(registry);
  const looks = new Histogram({
    name: 'mlp_look_seconds',
    help: 'Time to look at one region.',
    labelNames: ['region'],
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 20],
    registers: [registry],
  });
  const gauge = new Gauge({
    name: 'mlp_store_rows',
    help: 'Rows waiting in the store: unanswered inbox, unsent and dead messages, open incidents, overdue streams.',
    labelNames: ['what'],
    registers: [registry],
  });
  const alerts = new Gauge({
    name: 'mlp_alerts_stored',
    help: 'Distinct alerts (fingerprint and start) that are in the store; older than retentionDays they are pruned.',
    registers: [registry],
  });
  const way = slackGauges(registry);
  const sent = new Histogram({
    name: 'mlp_message_lag_seconds',
    help: 'From when a message was wanted to when Slack had it, by urgency (0: a person waits for it).',
    labelNames: ['urgency'],
    buckets: [0.5, 1, 3, 5, 10, 30, 60, 300, 3600],
    registers: [registry],
  });
  const probes = probeTimes(registry);
  const head = new Gauge({ name: 'mlp_audit_rows', help: 'Number of the newest audit row.', registers: [registry] });
  return {
    contentType: registry.contentType,
    text: async () => {
      gauge.reset();
      alerts.reset();
      head.reset();
      const [rows, newest] = await Promise.allSettled([stats(), audit(), way.refresh(slack)]);
      if (rows.status === 'fulfilled') {
        const { alerts: stored, ...waiting } = rows.value;
        for (const [what, value] of Object.entries(waiting)) gauge.set({ what }, value);
        alerts.set(stored);
      }
      if (newest.status === 'fulfilled') head.set(newest.value.number);
      return registry.metrics();
    },
    webhook: (webhook, outcome) => webhooks.inc({ webhook, outcome }),
    acted: (remedy, outcome) => acts.inc({ remedy, outcome }),
    decided: (command) => decisions.inc({ command }),
    judged: (right) => judged.inc({ verdict: right ? 'right' : 'wrong' }),
    paged: (outcome) => pages.inc({ outcome }),
    published: (outcome) => messages.inc({ outcome }),
    late: (urgency, lagMs) => sent.observe({ urgency }, lagMs / 1000),
    probed: (service, region, tookMs, good) => probes.observe({ service, region, good: String(good) }, tookMs / 1000),
    looked: (region, tookMs, unknown) => {
      looks.observe({ region }, tookMs / 1000);
      unread.inc({ region }, unknown);
    },
  };
}

function probeTimes(registry: Registry): Histogram {
  return new Histogram({
    name: 'mlp_probe_seconds',
    help: 'Time that a public page took to answer, or to be given up, by whether the answer was good.',
    labelNames: ['service', 'region', 'good'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
}

/** What only goes up. */
function counters(registry: Registry) {
  const counter = (name: string, help: string, labelNames: string[]): Counter =>
    new Counter({ name, help, labelNames, registers: [registry] });
  return {
    webhooks: counter('mlp_webhook_deliveries_total', 'Deliveries to a webhook, by outcome.', ['webhook', 'outcome']),
    acts: counter('mlp_acts_total', 'Changes made, by remedy and outcome.', ['remedy', 'outcome']),
    decisions: counter('mlp_decisions_total', 'Decisions, by what was decided about.', ['command']),
    judged: counter('mlp_causes_judged_total', 'What people said of the causes that were named.', ['verdict']),
    pages: counter('mlp_pages_total', 'Calls to people, by outcome.', ['outcome']),
    messages: counter('mlp_messages_total', 'Messages to the chat system, by outcome.', ['outcome']),
    unread: counter('mlp_readings_unknown_total', 'Readings without an answer.', ['region']),
  };
}

/** Absent rather than old when the store does not answer. */
function slackGauges(registry: Registry): {
  readonly refresh: (ask: (() => Promise<SlackState>) | undefined) => Promise<void>;
} {
  const of = (name: string, help: string): Gauge => new Gauge({ name, help, registers: [registry] });
  const lag = of('mlp_slack_lag_seconds', 'How long the oldest message that is to be sent to Slack has waited.');
  const dead = of('mlp_undelivered', 'Messages that Slack refused for good: /mlp undelivered lists them.');
  const usable = of('mlp_slack_usable', '1 while Slack takes messages, 0 while it cannot be used at all.');
  return {
    refresh: async (ask) => {
      for (const gauge of [lag, dead, usable]) gauge.remove();
      if (ask === undefined) return;
      const state = await ask();
      lag.set(state.lagMs / 1000);
      dead.set(state.dead);
      usable.set(Number(state.usable));
    },
  };
}
