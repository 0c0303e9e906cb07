import { ok, unknown, warn } from '../../core/doctor/line.ts';
import type { Line } from '../../core/doctor/line.ts';
import { judgeMetrics, wantedMetrics } from '../../core/doctor/metric-names.ts';
import { whyOf } from '../../core/failure.ts';
import type { MetricsRead } from '../../core/ports/metrics.ts';
import type { Probe } from './examine.ts';
import type { DoctorParts, Examined } from './parts.ts';

/** One region's Prometheus: does it answer, what does it scrape, are the metrics there that the config names, do the services' queries give numbers. */

const LIMIT_MS = 15_000;

export function metricsProbes(parts: DoctorParts): readonly Probe[] {
  return parts.config.regions.map(({ name, prometheus }) => ({
    what: `${name}: Prometheus`,
    withinMs: LIMIT_MS,
    ask: () => (prometheus ? region(parts, name) : Promise.resolve([none(name)])),
  }));
}

function none(region: string): Line {
  return warn(
    `${region}: Prometheus`,
    'the config names none: whether users are hurt, trends and use are "not known" there',
    'write its address into `prometheus` of the region',
  );
}

async function region({ platform, config, clock }: DoctorParts, name: string): Promise<readonly Line[]> {
  const read = (): MetricsRead => platform.read(name, AbortSignal.timeout(LIMIT_MS)).metrics;
  const what = `${name}: Prometheus`;
  const from = clock.now();
  let answers: Line;
  try {
    const version = await read().version();
    answers = ok(what, `${version === '' ? '' : `${version}, `}answers in ${Math.round(clock.now() - from)} ms`);
  } catch (error) {
    const todo = 'check `prometheus` of the region: its address, how it is signed in to, the network from here';
    return [unknown(what, whyOf(error), todo)];
  }
  const [targets, metrics, users] = await Promise.all([
    told(`${what} targets`, async () => [targetsLine(what, await read().targets())]),
    told(`${what} metrics`, () => names(what, config, read())),
    Promise.all(config.services.map((one) => usersLine(config, one, name, read))),
  ]);
  return [answers, ...targets, ...metrics, ...users.flat()];
}

async function told(what: string, ask: () => Promise<readonly Line[]>): Promise<readonly Line[]> {
  try {
    return await ask();
  } catch (error) {
    return [unknown(what, whyOf(error), 'ask again')];
  }
}

function targetsLine(what: string, targets: Awaited<ReturnType<MetricsRead['targets']>>): Line {
  const down = targets.filter((one) => !one.up);
  const name = `${what} targets`;
  if (targets.length === 0) return warn(name, 'it scrapes nothing', 'see its scrape configuration');
  if (down.length === 0) return ok(name, `${targets.length} up`);
  const jobs = [...new Set(down.map((one) => one.job))].slice(0, 5).join(', ');
  return warn(name, `${down.length} of ${targets.length} down: ${jobs}`, 'see /targets of that Prometheus for why');
}

async function names(what: string, config: Examined, read: MetricsRead): Promise<readonly Line[]> {
  if (read.present === undefined) return [];
  const wanted = wantedMetrics(config.metrics);
  return judgeMetrics(what, wanted, await read.present(wanted));
}

async function usersLine(
  config: Examined,
  service: Examined['services'][number],
  region: string,
  read: () => MetricsRead,
): Promise<readonly Line[]> {
  const queries = config.health(service, region);
  if (queries.length === 0) return [];
  const what = `${region}: users of ${service.name}`;
  const todo = 'correct `health` of this service, or `prometheus` of this region; until then impact is "not known"';
  try {
    const answers = await Promise.all(queries.map(async (query) => ({ query, found: await read().instant(query) })));
    const empty = answers.filter(({ found }) => found.length === 0);
    return empty.length === 0
      ? [ok(what, `${queries.length} queries give numbers`)]
      : [warn(what, `no such series: ${empty.map(({ query }) => query).join('; ')}`, todo)];
  } catch (error) {
    return [unknown(what, whyOf(error), todo)];
  }
}
