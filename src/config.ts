import { parse } from 'yaml';
import { z } from 'zod';
import { crossChecks, serviceModes } from './core/config/checks.ts';
import { FreezeSchema, freezeOf } from './core/config/freezes.ts';
import { AlertsSchema } from './core/config/alerts.ts';
import { EscalationSchema, PagerDutySchema } from './core/config/paging.ts';
import { Posting } from './core/config/postings.ts';
import { PostmortemsSchema } from './core/config/postmortems.ts';
import { ProbesSchema, PublicUrl, filled } from './core/config/probes.ts';
import { RegionSchema } from './core/config/regions.ts';
import { TimingSchema } from './core/config/timing.ts';
import { pathOf, problemSentence } from './core/config/words.ts';
import type { HealthQueries } from './core/impact.ts';
import type { Rules } from './core/incident/commands.ts';
import type { Subject } from './core/incident/events.ts';
import type { ObjectName } from './core/ports/kubernetes.ts';
import type { ServiceFacts } from './core/ports/platform.ts';
import { MODES } from './core/policy.ts';
import { MetricNames } from './core/promql.ts';

/** `mlp.yaml`: regions, services, limits, people. Read at start only; secrets come from the environment. Unknown keys are errors. */

const name = z.string().min(1).max(253);
const channelId = z.string().regex(/^[CG][A-Z0-9]+$/, 'write a channel id such as C0123ABC, not a name');

const defaultMinRequests = 50;
const Health = z.strictObject({
  requests: z
    .string()
    .nullable()
    .default(null)
    .describe('PromQL: requests in the window. $service, $namespace and $region are replaced.'),
  errors: z.string().nullable().default(null).describe('PromQL: failed requests as a ratio of all, 0 to 1.'),
  latency: z.string().nullable().default(null).describe('PromQL: p95 in seconds.'),
  limits: z
    .strictObject({ errorRatio: z.number().min(0).max(1), latencySeconds: z.number().positive() })
    .describe('Above these, users are hurt.'),
  minRequests: z
    .number()
    .int()
    .min(0)
    .default(defaultMinRequests)
    .describe('Fewer requests in the window say nothing.'),
  window: z.string().default('5 min').describe('The window of the queries, for people.'),
});

const variableName = (fallback: string, means: string): z.ZodDefault<z.ZodString> =>
  z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'write the name of an environment variable')
    .default(fallback)
    .describe(`The one that says ${means}.`);

const Service = z.strictObject({
  name: name.describe('Name of its Deployment.'),
  namespace: name.optional().describe('Left out: the default namespace.'),
  channel: channelId.nullable().default(null).describe('Where its incidents are posted; null: the default channel.'),
  health: Health.nullable()
    .default(null)
    .describe('Where to read whether its users are hurt; null: said to be not known.'),
  publicUrl: PublicUrl,
  shards: z
    .boolean()
    .default(false)
    .describe('Its model spreads over the GPUs that a pod is given: only then more of them cure a full one.'),
  dependsOn: z
    .array(name)
    .default([])
    .describe(
      'Workloads of its namespace without which it fails: when one is down, alerts of all that need it are one.',
    ),
  variables: z
    .strictObject({
      modelVersion: variableName('MODEL_VERSION', 'the version of the model that it loads'),
      batchSize: variableName('BATCH_SIZE', 'how many requests it takes at once'),
      threads: variableName('OMP_NUM_THREADS', 'how many threads its libraries start'),
    })
    .prefault({})
    .describe('Its environment variables whose values may be read, shown and, once approved, changed: never secrets.'),
});

const group = z
  .string()
  .regex(
    /^(S[A-Z0-9]+|pagerduty:[a-z][a-z0-9-]{0,39})$/,
    'write a user group id such as S0123ABC, not a name; or pagerduty:lead for whoever is on call on that route now',
  );
const person = z.string().regex(/^[UW][A-Z0-9]+$/, 'write a user id such as U0123ABC, not a name');
const rule = (
  need: number,
): z.ZodType<{ readonly groups: string[]; readonly users: string[]; readonly need: number }> =>
  z
    .strictObject({
      groups: z.array(group).default([]),
      users: z.array(person).default([]),
      need: z.number().int().min(1).max(5).default(need),
    })
    .refine(
      (one) => one.groups.length + one.users.length > 0,
      'nobody is named: write at least one user group or person',
    );
const Mode = z.enum(MODES);

export const ConfigSchema = z.strictObject({
  slack: z.strictObject({
    channel: channelId.describe('Default channel for incidents: its id.'),
    fallbackChannel: channelId
      .nullable()
      .default(null)
      .describe(
        'For what a channel does not take, because it is archived or the bot is not in it; null: the default channel.',
      ),
    groups: z
      .record(group, z.string())
      .default({})
      .describe('Names of user groups for people: {S0123ABC: "@ml-oncall"}.'),
  }),
  regions: z.array(RegionSchema).min(1),
  namespace: name.default('default').describe('Namespace where a command or alert names none.'),
  services: z.array(Service).default([]),
  sources: z
    .array(
      z.strictObject({
        service: name.describe('Name of its Deployment.'),
        path: z.string().min(1).describe('Folder of a local clone; somebody else keeps it fresh.'),
        branch: z
          .string()
          .regex(/^[^-\s][^\s]*$/, 'write the name of a branch')
          .default('main'),
      }),
    )
    .default([])
    .describe('Where the code of a service comes from: its commits are shown by `/mlp changes`.'),
  probes: ProbesSchema,
  metrics: MetricNames.prefault({}).describe('How the exporters call what playbooks ask for.'),
  alerts: AlertsSchema,
  approvals: z
    .strictObject({
      low: rule(1),
      medium: rule(1),
      high: rule(2),
      oncall: z
        .strictObject({ groups: z.array(group).default([]), users: z.array(person).default([]) })
        .prefault({})
        .describe('May approve low and medium alone.'),
    })
    .describe('Who may approve which risk.'),
  modes: z
    .strictObject({
      default: Mode.default('propose'),
      byRegion: z.record(z.string(), Mode).default({}).describe('Other modes for some regions.'),
      byService: z
        .record(
          z.string(),
          z.union(
            [Mode, z.record(z.string(), Mode)],
            'write observe, propose or act; or one of them per region, {eu-west-1: observe}',
          ),
        )
        .default({})
        .describe(
          'Other modes for some services, everywhere or per region. Of all that apply the most careful counts.',
        ),
      preApproved: z
        .array(name)
        .default([])
        .describe('Remedies that mode act runs by itself: at low risk, to what is known to have worked.'),
    })
    .prefault({})
    .describe('observe: only look; propose: ask before each change.'),
  freezes: z
    .array(FreezeSchema)
    .default([])
    .describe('No changes in this time, but for the way back to what is known to have worked.'),
  timing: TimingSchema.prefault({}),
  postmortems: PostmortemsSchema,
  pagerduty: PagerDutySchema,
  escalation: EscalationSchema,
  handover: Posting.nullable()
    .default(null)
    .describe('At shift change: what is open, waits, is snoozed and was changed for a while. null: not posted.'),
  digest: Posting.nullable()
    .default(null)
    .describe('What is open, where anything is, at these times of the day. null: not posted.'),
  retentionDays: z
    .number()
    .int()
    // PagerDuty delivers the same again for 48 hours: what it has brought is remembered for longer than that.
    .min(3)
    .max(3_650)
    .default(90)
    .describe('Closed incidents, and what was delivered, are kept this long (at least 3); the audit log stays.'),
});
export type Config = z.infer<typeof ConfigSchema>;

/** What the config may name that only others know. */
export interface Known {
  /** Ids of all remedies. */
  readonly remedies: readonly string[];
  /** Ids of all playbooks. */
  readonly playbooks: readonly string[];
}

/** Every problem at once, each with its path and what to write. */
export function parseConfig(
  text: string,
  known: Known | null = null,
): { readonly config: Config } | { readonly problems: readonly string[] } {
  let raw: unknown;
  try {
    raw = parse(text, { maxAliasCount: 100 });
  } catch (error) {
    return { problems: [`not readable as YAML: ${error instanceof Error ? error.message : String(error)}`] };
  }
  const parsed = ConfigSchema.safeParse(raw ?? {}, { error: (issue) => problemSentence(issue, ConfigSchema) });
  // Whatever parses is checked against the rest even where other parts do not parse: every problem at once.
  const problems = [
    ...(parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${pathOf(path)}: ${message}`)),
    ...crossChecks(raw, known),
  ];
  return parsed.success && problems.length === 0 ? { config: parsed.data } : { problems };
}

export function rulesOf(config: Config): Rules {
  const { low, medium, high, oncall } = config.approvals;
  return {
    timing: config.timing,
    flapping: config.alerts.flapping,
    // Without a way to people nothing is owed to them.
    ...(config.pagerduty === null ? {} : { escalation: config.escalation }),
    policy: {
      approvers: { low, medium, high },
      oncall,
      modes: { ...config.modes, byService: serviceModes(config) },
      freezes: config.freezes.map(freezeOf),
      groupNames: config.slack.groups,
    },
  };
}

/** The health queries of what a subject is about, placeholders filled in; null where none are configured. */
export function healthOf(
  config: Config,
  subject: Pick<Subject, 'target' | 'users'>,
  region: string,
): HealthQueries | null {
  const of = subject.users ?? subject.target;
  const service = serviceIn(config, (typeof of === 'object' && of !== null ? of : {}) as Partial<ObjectName>);
  const health = service?.health ?? null;
  if (service === undefined || health === null) return null;
  const namespace = service.namespace ?? config.namespace;
  const where = { region, namespace, name: service.name };
  const fill = (query: string | null): string | null => (query === null ? null : filled(query, where));
  return { ...health, requests: fill(health.requests), errors: fill(health.errors), latency: fill(health.latency) };
}

/** What the config says of a Deployment; the defaults where it is none of the services. */
export function serviceFacts(config: Config, of: ObjectName): ServiceFacts {
  const service = serviceIn(config, of);
  const { shards, variables, dependsOn } = service ?? Service.parse({ name: of.name });
  const { limits, minRequests } = service?.health ?? { limits: null, minRequests: defaultMinRequests };
  return { shards, dependsOn, variables, limits, minRequests };
}

function serviceIn(config: Config, of: Partial<ObjectName>): z.infer<typeof Service> | undefined {
  const { name: wanted, namespace: where } = of;
  return config.services.find(
    (one) => one.name === wanted && (where === undefined || where === (one.namespace ?? config.namespace)),
  );
}
