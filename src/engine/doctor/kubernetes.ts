import { judgeClock, noClock } from '../../core/doctor/clocks.ts';
import { bad, ok, unknown, warn } from '../../core/doctor/line.ts';
import type { Line } from '../../core/doctor/line.ts';
import { Failure, whyOf } from '../../core/failure.ts';
import type { KubernetesRead } from '../../core/ports/kubernetes.ts';
import type { Probe } from './examine.ts';
import type { DoctorParts } from './parts.ts';
import { rightsOf } from './rights.ts';

/** One region's API server: does it answer, what may the bot do there, are the services there, does its clock agree. */

const LIMIT_MS = 10_000;

export function kubernetesProbes(parts: DoctorParts): readonly Probe[] {
  return parts.config.regions.flatMap(({ name }) => [
    { what: `${name}: Kubernetes`, withinMs: LIMIT_MS, ask: () => region(parts, name) },
    { what: `${name}: clock`, withinMs: LIMIT_MS, ask: async () => [await serverClock(parts, name)] },
  ]);
}

async function region({ platform, config, clock }: DoctorParts, name: string): Promise<readonly Line[]> {
  const read = (): KubernetesRead => platform.read(name, AbortSignal.timeout(LIMIT_MS)).kubernetes;
  const what = `${name}: Kubernetes`;
  const [first = 'default'] = config.namespaces;
  const from = clock.now();
  try {
    const found = await read().deployments(first);
    const took = Math.round(clock.now() - from);
    const api = ok(what, `answers in ${took} ms; ${found.length} deployments in ${first}`);
    return [api, ...(await rest(name, config, read))];
  } catch (error) {
    // It answers, only not this question: what it does allow is worth saying.
    if (error instanceof Failure && error.kind === 'forbidden')
      return [ok(what, 'answers'), ...(await rest(name, config, read))];
    const line = error instanceof Failure && error.kind === 'unauthorised' ? bad : unknown;
    return [line(what, whyOf(error), adviceFor(error))];
  }
}

async function rest(name: string, config: DoctorParts['config'], read: () => KubernetesRead): Promise<readonly Line[]> {
  const [rights, services] = await Promise.all([
    rightsOf(name, config.namespaces, read),
    Promise.all(config.services.map((one) => serviceLine(name, one, read))),
  ]);
  return [...rights, ...services];
}

function adviceFor(error: unknown): string {
  return error instanceof Failure && error.kind === 'unauthorised'
    ? 'check the credentials of that context in KUBECONFIG (kubectl --context=… get ns)'
    : 'check the context in KUBECONFIG and the network from here (kubectl --context=… version)';
}

async function serviceLine(
  region: string,
  service: { readonly namespace: string; readonly name: string },
  read: () => KubernetesRead,
): Promise<Line> {
  const what = `${region}: ${service.name}`;
  try {
    const found = await read().deployment(service);
    return found === null
      ? warn(
          what,
          `no such deployment in ${service.namespace}`,
          'fine if it does not run here; else correct `services`',
        )
      : ok(what, `${found.replicas.ready} of ${found.replicas.wanted} pods ready`);
  } catch (error) {
    return unknown(what, whyOf(error), 'ask again');
  }
}

async function serverClock({ platform, config, clock }: DoctorParts, region: string): Promise<Line> {
  if (platform.serverClock === undefined) return ok(`${region}: clock`, 'the one of this machine');
  const askedAt = clock.now();
  try {
    const shown = await platform.serverClock(region, AbortSignal.timeout(LIMIT_MS));
    const sighting = { askedAt, answeredAt: clock.now(), shown: Date.parse(shown), grain: 1_000 };
    return judgeClock(region, sighting, { skewMs: config.skewMs, tooMuch: 'bad' });
  } catch (error) {
    return noClock(region, whyOf(error));
  }
}
