import { join } from 'node:path';
import { alertmanager } from './adapters/alertmanager/alertmanager.ts';
import { cloudwatch } from './adapters/cloudwatch/cloudwatch.ts';
import { pagingDisagreements } from './adapters/pagerduty/configured.ts';
import { postmortemBucket } from './adapters/postmortems/bucket.ts';
import { postmortemFolder } from './adapters/postmortems/folder.ts';
import { authorization, signIn, signInTroubles } from './adapters/prometheus/auth.ts';
import { storeExam } from './adapters/store/index.ts';
import { healthOf, rulesOf, serviceFacts } from './config.ts';
import type { Config } from './config.ts';
import { pagesOf } from './core/config/probes.ts';
import { groupsOf } from './core/policy.ts';
import type { Alertmanager, CloudWatch } from './core/ports/alert-sources.ts';
import type { Postmortems } from './core/ports/postmortems.ts';
import type { Platform } from './core/ports/platform.ts';
import type { Probe } from './core/ports/probe.ts';
import type { DoctorParts } from './engine/doctor/parts.ts';
import { systemClock } from './engine/parts.ts';
import { Probing } from './engine/probing.ts';
import type { Environment } from './environment.ts';

/** Puts the adapters of the outside systems together, as the config names them. Nothing is connected before the first look. */

/** A bucket where one is named, else a folder. */
export function postmortemsOf(config: Config, env: Environment): Postmortems {
  const { folder, bucket, prefix, awsRegion, endpoint } = config.postmortems;
  return bucket === null
    ? postmortemFolder(folder ?? join(env.dataFolder, 'postmortems'))
    : postmortemBucket({ bucket, prefix, awsRegion, endpoint });
}

/** What is connected to, and how to let go of it. */
export interface Connected {
  readonly platform: Platform;
  /** One for each address; which regions it is for, it says itself. */
  readonly alertmanagers: readonly Alertmanager[];
  readonly cloudwatches: readonly CloudWatch[];
  /** Null: no service has a public page. */
  readonly probe: Probe | null;
  readonly close: () => Promise<unknown>;
}

/** Adapters are loaded only where they are used: the simulated platform needs no Kubernetes client. */
export async function openPlatform(config: Config, env: Environment): Promise<Connected> {
  const [{ close, ...connected }, probe] = await Promise.all([platformOf(config, env), probeOf(config, env)]);
  return { ...connected, probe, close: () => Promise.allSettled([close(), probe?.close()]) };
}

async function probeOf(config: Config, env: Environment): Promise<(Probe & { close(): Promise<void> }) | null> {
  if (pagesOf(config).length === 0) return null;
  const { probe } = await import('./adapters/probe/probe.ts');
  const now = (): number => systemClock.now();
  // The simulated platform stands in for every public address: nothing leaves the sandbox.
  const { simulatedPlatform: sandbox } = env;
  return sandbox === null
    ? probe({ now })
    : probe({ now, at: (url) => `${sandbox}/public?url=${encodeURIComponent(url)}` });
}

/** Without a way to ask, nothing is asked: there is no page then. */
export function probingOf(
  config: Config,
  probe: Probe | null,
  given: Pick<ConstructorParameters<typeof Probing>[0], 'log' | 'metrics'>,
): Probing {
  const pages = probe === null ? [] : pagesOf(config);
  const ask = probe ?? { get: () => Promise.reject(new Error('there is no page to ask')) };
  return new Probing({ ...config.probes, ...given, probe: ask, pages, clock: systemClock });
}

async function platformOf(config: Config, env: Environment): Promise<Omit<Connected, 'probe'>> {
  if (env.simulatedPlatform === null) return realPlatform(config, env);
  const { simulatedPlatform } = await import('./adapters/simulated/client.ts');
  const regions = config.regions.map((one) => one.name);
  const alerts = alertmanager({
    name: 'Alertmanager of the sandbox',
    url: `${env.simulatedPlatform}/alertmanager`,
    regions,
  });
  return {
    platform: simulatedPlatform({
      url: env.simulatedPlatform,
      regions,
      service: (of) => serviceFacts(config, of),
    }),
    alertmanagers: [alerts],
    cloudwatches: [],
    close: () => alerts.close(),
  };
}

/** One cluster and one Prometheus for each region. Nothing is connected before the first look: a region that is down is said, not fatal. */
async function realPlatform(config: Config, env: Environment): Promise<Omit<Connected, 'probe'>> {
  const [{ clustersOf, kubernetesRegions }, { prometheus, withoutPrometheus }] = await Promise.all([
    import('./adapters/kubernetes/regions.ts'),
    import('./adapters/prometheus/prometheus.ts'),
    // Only the first look needs it, but then somebody waits for that look.
    import('./adapters/kubernetes/library.ts').then(({ loadLibrary }) => loadLibrary()),
  ]);
  const clusters = new Map(
    config.regions.flatMap(({ name, context, inCluster }) => [
      ...kubernetesRegions({
        credentials: inCluster || env.kubeconfig === null ? 'in cluster' : { kubeconfigPath: env.kubeconfig },
        regions: [context === undefined ? { name } : { name, context }],
      }),
    ]),
  );
  const metrics = new Map(
    config.regions.flatMap(({ name, prometheus: at }) =>
      at === null
        ? []
        : [
            [
              name,
              prometheus({
                region: name,
                url: at.url,
                names: config.metrics,
                regionLabel: at.regionLabel,
                ...signIn(at, env.variables),
              }),
            ] as const,
          ],
    ),
  );
  const { at, ...changing } = clustersOf(clusters);
  const alertmanagers = alertmanagersOf(config, env);
  const cloudwatches = config.regions.flatMap(({ name, cloudwatch: at }) =>
    at === null ? [] : [cloudwatch({ region: name, awsRegion: at.awsRegion, prefix: at.prefix })],
  );
  return {
    alertmanagers,
    cloudwatches,
    platform: {
      ...changing,
      read: (region, signal) => ({
        kubernetes: at(region).read(signal),
        metrics: metrics.get(region)?.read(signal) ?? withoutPrometheus(region),
        service: (of) => serviceFacts(config, of),
      }),
    },
    close: () =>
      Promise.allSettled(
        [...clusters.values(), ...metrics.values(), ...alertmanagers, ...cloudwatches].map((one) => one.close()),
      ),
  };
}

/** Several regions may share one: the same address is asked once. */
function alertmanagersOf(config: Config, env: Environment): readonly ReturnType<typeof alertmanager>[] {
  const named = config.regions.flatMap(({ name, alertmanager: at }) => (at === null ? [] : [{ name, at }]));
  return [...Map.groupBy(named, ({ at }) => at.url)].flatMap(([url, of]) => {
    const [first] = of;
    if (first === undefined) return [];
    const regions = of.map((one) => one.name);
    const { auth, ca } = signIn(first.at, env.variables);
    const name = `Alertmanager of ${regions.join(', ')}`;
    const signed = ca === undefined ? {} : { ca };
    return [alertmanager({ name, url, regions, headers: () => authorization(auth), ...signed })];
  });
}

/** What the doctor looks at. `store`: looked at beside the bot, with connections of its own. */
export function doctorParts(
  config: Config,
  env: Environment,
  {
    probe,
    ...given
  }: Pick<DoctorParts, 'platform' | 'alertmanagers' | 'cloudwatches' | 'chat' | 'paging'> & Pick<Connected, 'probe'>,
): DoctorParts {
  const { databaseUrl, dataFolder, auditKey } = env;
  return {
    ...given,
    pages: probe === null ? null : { probe, all: pagesOf(config), limitMs: config.probes.limitMs },
    store: storeExam({ databaseUrl, dataFolder, auditKey }),
    config: examined(config, env),
    webhooks: webhooksOf(env),
    pagingUnset: pagingDisagreements(config.pagerduty, env),
    clock: systemClock,
  };
}

function examined(config: Config, env: Environment): DoctorParts['config'] {
  const services = config.services.map(({ name, namespace = config.namespace }) => ({ name, namespace }));
  const { policy } = rulesOf(config);
  return {
    regions: config.regions.map(({ name, prometheus: at, alertmanager: alerts }) => ({
      name,
      prometheus: at !== null || env.simulatedPlatform !== null,
      receivers: alerts?.receivers ?? ['mlp-bot'],
    })),
    namespaces: [...new Set([config.namespace, ...services.map((one) => one.namespace)])],
    services,
    metrics: config.metrics,
    health: (target, region) => {
      const health = healthOf(config, { target }, region);
      return health === null ? [] : [health.requests, health.errors, health.latency].filter((one) => one !== null);
    },
    channels: [...new Set([config.slack.channel, ...config.services.flatMap((one) => one.channel ?? [])])],
    groups: groupsOf(policy).map((id) => ({ id, name: config.slack.groups[id] ?? id })),
    skewMs: config.timing.skewMs,
  };
}

function webhooksOf(env: Environment): DoctorParts['webhooks'] {
  const path = '/webhooks';
  return [
    {
      name: 'Alertmanager',
      path: `${path}/alertmanager`,
      open: env.alertmanagerToken !== null,
      variable: 'ALERTMANAGER_WEBHOOK_TOKEN',
    },
    { name: 'Grafana', path: `${path}/grafana`, open: env.grafana.secret !== null, variable: 'GRAFANA_WEBHOOK_SECRET' },
    { name: 'CloudWatch', path: `${path}/cloudwatch`, open: env.sns.topics.length > 0, variable: 'SNS_TOPIC_ARNS' },
    {
      name: 'PagerDuty',
      path: `${path}/pagerduty`,
      open: env.pagerDuty.webhookSecrets.length > 0,
      variable: 'PAGERDUTY_WEBHOOK_SECRET',
    },
  ];
}

/** Environment and config each hold for themselves; this is what they must agree about. */
export function disagreements(config: Config, env: Environment): readonly string[] {
  if (env.simulatedPlatform !== null) return [];
  return [...insideTwice(config, env), ...signInTroubles(signedIn(config), env.variables)];
}

function signedIn({ regions }: Config): Parameters<typeof signInTroubles>[0] {
  return regions.flatMap(({ name, prometheus, alertmanager: alerts }) => [
    { what: `prometheus of ${name}`, how: prometheus },
    { what: `alertmanager of ${name}`, how: alerts },
  ]);
}

function insideTwice(config: Config, env: Environment): readonly string[] {
  const inside = config.regions.filter((one) => one.inCluster || env.kubeconfig === null).map((one) => one.name);
  if (inside.length < 2) return [];
  return env.kubeconfig === null
    ? [
        `KUBECONFIG is not set, and ${inside.join(', ')} cannot all be the cluster that I run in: set it to the path of a file with a context for each`,
      ]
    : [`regions: ${inside.join(', ')} cannot all be the cluster that I run in: \`inCluster: true\` is for one of them`];
}
