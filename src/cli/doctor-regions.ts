import type { Config } from '../config.ts';
import { healthOf } from '../config.ts';
import { Failure, whyOf } from '../core/failure.ts';
import type { Deployment } from '../core/ports/kubernetes.ts';
import type { Platform, Read } from '../core/ports/platform.ts';
import type { Result } from './doctor-result.ts';
import { rightsIn } from './doctor-rights.ts';

/** What the bot may see and do in one region, asked the way the playbooks ask. Nothing is changed: the write is a dry run. */

const LIMIT_MS = 10_000;
interface Service {
  readonly namespace: string;
  readonly name: string;
}

export async function checkRegion(config: Config, platform: Platform, region: string): Promise<readonly Result[]> {
  const read = (): Read => platform.read(region, AbortSignal.timeout(LIMIT_MS));
  const services = config.services.map((one) => ({ name: one.name, namespace: one.namespace ?? config.namespace }));
  const namespaces = [...new Set([config.namespace, ...services.map((one) => one.namespace)])];
  const api = await reach(region, () => read().kubernetes.deployments(config.namespace));
  if (api.state === 'failing') return [api];
  const rights = await Promise.all(namespaces.map((namespace) => mayLook(region, namespace, read)));
  const found = await Promise.all(services.map((one) => deployed(region, one, read)));
  const seen = found.flatMap(({ deployment, service }) => (deployment === null ? [] : [{ deployment, service }]));
  const first = seen[0];
  return [
    api,
    ...rights.flat(),
    ...found.map(({ result }) => result),
    ...(await Promise.all(namespaces.map((one) => rightsIn(region, one, () => read().kubernetes)))).flat(),
    ...(first === undefined ? [] : [await mayChange(region, platform, first.service, first.deployment)]),
    ...(await metrics(config, region, read)),
  ];
}

async function reach(region: string, ask: () => Promise<readonly unknown[]>): Promise<Result> {
  const what = `${region}: Kubernetes API`;
  try {
    const found = await ask();
    return { state: 'ok', what, words: `answers; ${found.length} deployments in the default namespace` };
  } catch (error) {
    return { state: 'failing', what, words: whyOf(error), todo: adviceFor(error) };
  }
}

function adviceFor(error: unknown): string {
  if (error instanceof Failure && error.kind === 'forbidden') return 'kubectl apply -k deploy in that cluster';
  if (error instanceof Failure && error.kind === 'unauthorised')
    return 'check the credentials of that context in KUBECONFIG (kubectl --context=… get ns)';
  return 'check the context in KUBECONFIG and the network from here (kubectl --context=… version)';
}

/** The readings that every playbook makes, each with the right that it takes. */
async function mayLook(region: string, namespace: string, read: () => Read): Promise<readonly Result[]> {
  const asked: readonly [string, () => Promise<unknown>][] = [
    ['pods', () => read().kubernetes.pods(namespace, 'mlp-bot/doctor=none')],
    ['events', () => read().kubernetes.events(namespace, ['Deployment'])],
    ['quotas', () => read().kubernetes.quotas(namespace)],
    ['limit ranges', () => read().kubernetes.limitRanges(namespace)],
    ['nodes', () => read().kubernetes.nodes()],
    ["nodes' events", () => read().kubernetes.events('default', ['Node'])],
  ];
  const answers = await Promise.all(
    asked.map(async ([what, ask]) => {
      try {
        await ask();
        return null;
      } catch (error) {
        return `${what} (${whyOf(error)})`;
      }
    }),
  );
  const missing = answers.filter((one) => one !== null);
  const what = `${region}: may look in ${namespace}`;
  return missing.length === 0
    ? [{ state: 'ok', what, words: asked.map(([name]) => name).join(', ') }]
    : [
        {
          state: 'failing',
          what,
          words: `not ${missing.join(', ')}`,
          todo: 'kubectl apply -k deploy in that cluster',
        },
      ];
}

interface Deployed {
  readonly service: Service;
  readonly deployment: Deployment | null;
  readonly result: Result;
}

async function deployed(region: string, service: Service, read: () => Read): Promise<Deployed> {
  const what = `${region}: ${service.name}`;
  try {
    const deployment = await read().kubernetes.deployment(service);
    const result: Result =
      deployment === null
        ? {
            state: 'note',
            what,
            words: `no such deployment in ${service.namespace}`,
            todo: 'fine if it does not run here',
          }
        : { state: 'ok', what, words: `${deployment.replicas.ready} of ${deployment.replicas.wanted} pods ready` };
    return { service, deployment, result };
  } catch (error) {
    return {
      service,
      deployment: null,
      result: { state: 'failing', what, words: whyOf(error), todo: adviceFor(error) },
    };
  }
}

/** A dry run that would change nothing: does the server let the bot patch deployments? */
async function mayChange(region: string, platform: Platform, service: Service, now: Deployment): Promise<Result> {
  const what = `${region}: may change deployments in ${service.namespace}`;
  const todo =
    'kubectl apply -f deploy/remedy-rollback.yaml (and the other remedies) where the bot may change; until then it only proposes';
  try {
    const { uid, templateDigest, paused } = now;
    const rehearse = platform.rehearse('deployment', region, service, AbortSignal.timeout(LIMIT_MS));
    const said = await rehearse.rehearse({ paused }, { uid, templateDigest, paused });
    return said.is === 'refused'
      ? { state: 'note', what, words: `no: ${said.because}`, todo }
      : {
          state: 'ok',
          what,
          words: said.is === 'diff' ? 'the server accepts a dry run' : `no dry run possible: ${said.because}`,
        };
  } catch (error) {
    return { state: 'note', what, words: `no: ${whyOf(error)}`, todo };
  }
}

async function metrics(config: Config, region: string, read: () => Read): Promise<readonly Result[]> {
  const out: Result[] = [];
  for (const service of config.services) {
    const health = healthOf(
      config,
      { target: { namespace: service.namespace ?? config.namespace, name: service.name } },
      region,
    );
    if (health === null) continue;
    const queries = [health.requests, health.errors, health.latency].filter((query) => query !== null);
    const answers = await Promise.all(queries.map((query) => series(query, read)));
    const bad = answers.filter((one) => one !== null);
    const what = `${region}: users of ${service.name}`;
    out.push(
      bad.length === 0
        ? { state: 'ok', what, words: `${queries.length} queries give numbers` }
        : {
            state: 'note',
            what,
            words: bad.join('; '),
            todo: 'correct `health` of this service, or `prometheus` of this region; until then impact is "not known"',
          },
    );
  }
  return out;
}

async function series(query: string, read: () => Read): Promise<string | null> {
  try {
    return (await read().metrics.instant(query)).length === 0 ? `no such series: ${query}` : null;
  } catch (error) {
    return whyOf(error);
  }
}
