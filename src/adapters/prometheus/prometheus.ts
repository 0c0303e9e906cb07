import { Agent } from 'undici';
import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type {
  AlertRule,
  Answered,
  FiringAlert,
  MetricAbout,
  MetricsRead,
  Question,
  Sample,
  ScrapeTarget,
  Series,
  Window,
} from '../../core/ports/metrics.ts';
import { DEFAULT_NAMES, promqlOf, windowMsOf, type Asked, type MetricNames, type Where } from '../../core/promql.ts';
import { redact } from '../../core/redact.ts';
import { aboutOf, metadataShape, typeNote, type Notes } from './about.ts';
import { presence } from './presence.ts';
import { ask, nameOf, type Server, type ServerOptions, type Told } from './request.ts';

export interface PrometheusOptions extends ServerOptions {
  /** The exporters' usual names where it is left out. */
  readonly names?: MetricNames;
  /** The label that tells regions apart, where one Prometheus holds several; null or left out: it holds one. */
  readonly regionLabel?: string | null;
  /** Unix time in milliseconds; the system's clock where it is left out. */
  readonly now?: () => number;
}

export interface Prometheus {
  read(signal: AbortSignal): MetricsRead;
  close(): Promise<void>;
}

interface Reader {
  readonly server: Server;
  readonly options: PrometheusOptions;
  readonly signal: AbortSignal;
  readonly notes: Notes;
}

const labels = z.record(z.string(), z.string());
const point = z.tuple([z.number(), z.string()]);
const result = z.discriminatedUnion('resultType', [
  z.object({
    resultType: z.literal('vector'),
    // A native histogram has no `value`: it is no number.
    result: z.array(z.object({ metric: labels, value: point.optional() })),
  }),
  z.object({ resultType: z.literal('scalar'), result: point }),
  z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ metric: labels, values: z.array(point).default([]) })),
  }),
  z.object({ resultType: z.literal('string'), result: z.unknown() }),
]);

/** The server refuses more points than this for one line (`web.go`: "exceeded maximum resolution of 11,000 points"). */
const maxPoints = 11_000;
/** Whether a metric is there at all is looked up over this time. */
const everMs = 24 * 3_600_000;

/** A Prometheus (2 or 3, or what speaks its API). Nothing is connected before the first query. */
export function prometheus(options: PrometheusOptions): Prometheus {
  const dispatcher = new Agent(options.ca === undefined ? {} : { connect: { ca: options.ca } });
  const server: Server = { options, dispatcher };
  const notes: Notes = new Map();
  return {
    read: (signal) => {
      const reader: Reader = { server, options, signal, notes };
      return {
        rateWindowMs: () => Promise.resolve(windowMsOf(whereOf(options).names)),
        instant: (query) => instant(reader, query),
        series: (question, over) => series(reader, question, over),
        targets: () => targets(reader),
        rules: () => rules(reader),
        alerts: () => alerts(reader),
        about: (metric) => about(reader, metric),
        present: (wanted) => presence(wanted, whereOf(options).region, (query) => instant(reader, query)),
        version: async () => (await get(reader, 'status/buildinfo', {}, z.object({ version: z.string() }))).version,
      };
    },
    close: () => dispatcher.destroy(),
  };
}

/** For a region whose config names none: everything is *unknown*, with that reason. */
export function withoutPrometheus(region: string): MetricsRead {
  const none = (): Promise<never> =>
    Promise.reject(new Failure('not found', `the config names no Prometheus of ${region}`));
  return { instant: none, series: none, targets: none, rules: none, alerts: none, about: none, version: none };
}

async function get<T>(
  { server, signal }: Reader,
  path: string,
  params: Record<string, string>,
  shape: z.ZodType<T>,
): Promise<T> {
  return (await ask(server, { path, params, method: 'GET' }, shape, signal)).data;
}

async function instant({ server, options, signal }: Reader, query: string): Promise<readonly Sample[]> {
  const { data, note } = await ask(server, { path: 'query', params: { query }, method: 'POST' }, result, signal);
  if (note !== null) throw new Failure('unreadable', `${nameOf(options)}: the answer may be incomplete: ${note}`);
  switch (data.resultType) {
    case 'scalar':
      return [{ labels: {}, value: numberOf(data.result[1]) }];
    case 'vector':
      return data.result.map(({ metric, value }) => {
        if (value === undefined)
          throw new Failure('invalid', `${nameOf(options)}: the query gives histograms, not numbers`);
        return { labels: metric, value: numberOf(value[1]) };
      });
    case 'matrix':
    case 'string':
      throw new Failure(
        'invalid',
        `${nameOf(options)}: the query gives a ${data.resultType}, not samples of one moment`,
      );
  }
}

async function series(reader: Reader, question: Question, over: Window): Promise<Answered> {
  const where = whereOf(reader.options);
  const asked = promqlOf(question, where);
  const { data, note } = await range(reader, asked.query, over);
  if (data.length > 0) {
    const type = await typeNote(reader.notes, (reader.options.now ?? Date.now)(), asked, (metric) =>
      about(reader, metric),
    );
    const all = [note, type].filter((one) => one !== null);
    return {
      is: 'series',
      series: data.map((one) => renamed(one, question, where.names)),
      note: all.length === 0 ? null : all.join('; '),
    };
  }
  // A service that never failed has no series of failures: with requests, that is zero.
  if (question.ask === 'errors' || question.ask === 'client errors') {
    const requests = await range(reader, promqlOf({ ...question, ask: 'requests' }, where).query, over);
    if (requests.data.length > 0) return { is: 'series', series: [], note: requests.note };
  }
  return nothing(reader, asked);
}

const whereOf = ({ names, region, regionLabel }: PrometheusOptions): Where => ({
  names: names ?? DEFAULT_NAMES,
  region: regionLabel === undefined || regionLabel === null ? null : { label: regionLabel, value: region },
});

/** The newest point is at most this old, however wide the steps. */
const gridS = 300;

async function range(
  { server, options, signal }: Reader,
  query: string,
  over: Window,
): Promise<Told<readonly Series[]>> {
  const step = Math.max(1, Math.round(over.stepMs / 1000), Math.ceil(over.forMs / 1000 / (maxPoints - 1)));
  const until = Math.floor(((options.now ?? Date.now)() - (over.agoMs ?? 0)) / 1000);
  // On a grid, so that questions that are asked one after the other have the same moments and can be joined.
  const end = until - (until % Math.min(step, gridS));
  // Steps are counted back from the end, so that the newest point is at it.
  const start = end - Math.floor(over.forMs / 1000 / step) * step;
  const params = { query, start: String(start), end: String(end), step: String(step) };
  const { data, note } = await ask(server, { path: 'query_range', params, method: 'POST' }, result, signal);
  if (data.resultType !== 'matrix')
    throw new Failure('unreadable', `${nameOf(options)}: a range query gave a ${data.resultType}`);
  const found = data.result.map(({ metric, values }) => ({
    labels: metric,
    points: values.map(([at, value]) => [at, numberOf(value)] as const),
  }));
  return { data: found.filter((one) => one.points.length > 0), note };
}

/** Labels in the port's words, whatever the exporters call them. */
function renamed(one: Series, question: Question, names: MetricNames): Series {
  const [from, to] = question.ask.startsWith('node ') ? [names.nodeLabel, 'node'] : [names.codeLabel, 'code'];
  const value = one.labels[from];
  if (value === undefined || from === to) return one;
  const { [from]: _old, ...rest } = one.labels;
  return { ...one, labels: { ...rest, [to]: value } };
}

/** No data is neither zero nor healthy: is the metric there at all, and does its exporter answer? */
async function nothing(reader: Reader, { metric }: Asked): Promise<Answered> {
  const { options } = reader;
  const now = (options.now ?? Date.now)();
  const seconds = (ms: number): string => String(Math.floor(ms / 1000));
  const at = { start: seconds(now - everMs), end: seconds(now) };
  const { region: only } = whereOf(options);
  const region = only === null ? '' : `{${only.label}=${JSON.stringify(only.value)}}`;
  const found = await get(reader, 'series', { 'match[]': `${metric}${region}`, limit: '100', ...at }, z.array(labels));
  if (found.length === 0)
    return { is: 'no such metric', because: `${nameOf(options)} has had no ${metric} in the last 24 h` };
  const jobs = new Set(found.map((one) => one['job'] ?? ''));
  const down = (await targets(reader)).filter((one) => !one.up && jobs.has(one.job));
  const [first] = down;
  if (first !== undefined)
    return {
      is: 'target is down',
      because: `${down.length === 1 ? `its target ${first.instance}` : `${down.length} of its targets`} of job ${first.job} cannot be scraped: ${first.error === '' ? 'no reason given' : first.error}`,
    };
  return { is: 'no data', because: `${nameOf(options)} has ${metric}, but nothing of this` };
}

const about = (reader: Reader, metric: string): Promise<readonly MetricAbout[]> =>
  aboutOf(metric, (family) => get(reader, 'metadata', { metric: family }, metadataShape));

const targetsShape = z.object({
  activeTargets: z.array(
    z.object({ labels, health: z.string(), lastError: z.string().default(''), lastScrape: z.string().default('') }),
  ),
});

async function targets(reader: Reader): Promise<readonly ScrapeTarget[]> {
  const { activeTargets } = await get(reader, 'targets', { state: 'active' }, targetsShape);
  return activeTargets.map((one) => ({
    job: one.labels['job'] ?? '',
    instance: one.labels['instance'] ?? '',
    up: one.health === 'up',
    error: clean(one.lastError),
    // Never scraped: year 1.
    lastScrapeAt: Date.parse(one.lastScrape) > 0 ? new Date(one.lastScrape).toISOString() : null,
    labels: one.labels,
  }));
}

const rulesShape = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.object({
          type: z.string(),
          name: z.string(),
          query: z.string(),
          duration: z.number().default(0),
          health: z.enum(['ok', 'err', 'unknown']).catch('unknown'),
          lastError: z.string().default(''),
          state: z.enum(['firing', 'pending', 'inactive']).catch('inactive'),
          labels: labels.default({}),
        }),
      ),
    }),
  ),
});

async function rules(reader: Reader): Promise<readonly AlertRule[]> {
  const { groups } = await get(reader, 'rules', { type: 'alert' }, rulesShape);
  return groups.flatMap((group) =>
    group.rules.map((one) => ({
      group: group.name,
      name: one.name,
      query: one.query,
      forS: one.duration,
      health: one.health,
      error: clean(one.lastError),
      state: one.state,
      labels: one.labels,
    })),
  );
}

const alertsShape = z.object({
  alerts: z.array(
    z.object({ labels, state: z.enum(['firing', 'pending']), activeAt: z.iso.datetime({ offset: true }) }),
  ),
});

async function alerts(reader: Reader): Promise<readonly FiringAlert[]> {
  const found = await get(reader, 'alerts', {}, alertsShape);
  return found.alerts.map((one) => ({
    name: one.labels['alertname'] ?? '',
    state: one.state,
    since: new Date(one.activeAt).toISOString(),
    labels: one.labels,
  }));
}

/** NaN (nothing to divide by) is null, and so are infinities: JSON has neither, and neither is an amount. */
function numberOf(text: string): number | null {
  const value = Number(text.replace('Inf', 'Infinity'));
  return Number.isFinite(value) ? value : null;
}

const clean = (text: string): string => redact(text).slice(0, 400);
