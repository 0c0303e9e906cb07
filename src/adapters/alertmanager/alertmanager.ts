import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type {
  Alertmanager,
  AlertmanagerStatus,
  Firing,
  Matcher,
  NewSilence,
  Silence,
} from '../../core/ports/alert-sources.ts';
import { configOf } from './config.ts';
import { ask, serverOf, told } from './request.ts';
import type { Server, ServerOptions } from './request.ts';

/** Alertmanager's API (v2; 0.25 and later): what fires, silences, its own state. Nothing is connected before the first question. */

export interface AlertmanagerOptions extends ServerOptions {
  /** Whose alerts it holds. */
  readonly regions: readonly string[];
}

export function alertmanager(options: AlertmanagerOptions): Alertmanager & { close(): Promise<void> } {
  const server = serverOf(options);
  return {
    name: options.name,
    is: 'alertmanager',
    regions: options.regions,
    firing: (limitMs) => firing(server, limitMs),
    silences: {
      all: (limitMs) => silences(server, limitMs),
      create: (silence, limitMs) => create(server, silence, limitMs),
      expire: (id, limitMs) => expire(server, id, limitMs),
    },
    status: (limitMs) => status(server, limitMs),
    close: () => server.dispatcher.destroy(),
  };
}

const moment = z.iso.datetime({ offset: true }).transform((at) => new Date(at).toISOString());
const Alerts = z.array(
  z.object({
    fingerprint: z.string(),
    labels: z.record(z.string(), z.string()),
    startsAt: moment,
    endsAt: moment,
    status: z.object({
      // `unprocessed`: so new that nobody has looked whether it is silenced.
      state: z.enum(['unprocessed', 'active', 'suppressed']),
      silencedBy: z.array(z.string()).nullish(),
    }),
  }),
);

async function firing(server: Server, limitMs: number): Promise<readonly Firing[]> {
  const all = await ask(server, { path: 'alerts', method: 'GET', limitMs }, Alerts);
  return all.map(({ fingerprint, labels, startsAt, status }) => ({
    fingerprint,
    labels,
    startsAt,
    status: status.state === 'suppressed' ? 'suppressed' : 'active',
    silencedBy: status.silencedBy ?? [],
  }));
}

const AllSilences = z.array(
  z.object({
    id: z.string(),
    matchers: z.array(
      z.object({
        name: z.string(),
        value: z.string(),
        isRegex: z.boolean(),
        // Left out by versions before 0.22, which knew no other.
        isEqual: z.boolean().default(true),
      }),
    ),
    startsAt: moment,
    endsAt: moment,
    createdBy: z.string(),
    comment: z.string(),
    status: z.object({ state: z.enum(['active', 'pending', 'expired']) }),
  }),
);

async function silences(server: Server, limitMs: number): Promise<readonly Silence[]> {
  const all = await ask(server, { path: 'silences', method: 'GET', limitMs }, AllSilences);
  return all.map(({ status: { state }, ...one }) => ({ ...one, state }));
}

/** Where the mark stands in the comment: at its end, so that people read the words first. */
const marked = (comment: string, mark: string): string => `${comment} [${mark}]`;

/** What an earlier try has made is found by its mark: also one that got no answer. */
async function create(server: Server, silence: NewSilence, limitMs: number): Promise<string> {
  const { mark, comment, matchers, ...rest } = silence;
  const until = performance.now() + limitMs;
  if (matchers.every(fitsAbsent))
    throw new Failure('invalid', `${server.options.name}: a silence needs a matcher that an absent label does not fit`);
  const there = (await silences(server, limitMs)).find((one) => one.comment.endsWith(`[${mark}]`));
  if (there !== undefined) return there.id;
  const made = await ask(
    server,
    {
      path: 'silences',
      method: 'POST',
      body: { ...rest, matchers, comment: marked(comment, mark) },
      limitMs: until - performance.now(),
    },
    z.object({ silenceID: z.string().min(1) }),
  );
  return made.silenceID;
}

/** A silence of only such matchers would hold back everything; Alertmanager refuses it too, in words that say less. */
function fitsAbsent({ value, isEqual, isRegex }: Matcher): boolean {
  return isEqual ? value === '' || (isRegex && /^\.\*$/.test(value)) : value !== '';
}

async function expire(server: Server, id: string, limitMs: number): Promise<void> {
  const until = performance.now() + limitMs;
  // It answers 500 for one that is over already; whether it is, it says itself.
  const found = (await silences(server, limitMs)).find((one) => one.id === id);
  if (found === undefined) throw new Failure('not found', `${server.options.name}: there is no silence ${id}`);
  if (found.state === 'expired') return;
  const path = `silence/${encodeURIComponent(id)}`;
  await told(server, { path, method: 'DELETE', limitMs: until - performance.now() });
}

const Status = z.object({
  cluster: z.object({ status: z.string(), peers: z.array(z.unknown()).nullish() }),
  versionInfo: z.object({ version: z.string() }),
  config: z.object({ original: z.string() }),
});

async function status(server: Server, limitMs: number): Promise<AlertmanagerStatus> {
  const { cluster, versionInfo, config } = await ask(server, { path: 'status', method: 'GET', limitMs }, Status);
  return {
    version: versionInfo.version,
    cluster: cluster.status,
    peers: (cluster.peers ?? []).length,
    config: configOf(config.original),
  };
}
