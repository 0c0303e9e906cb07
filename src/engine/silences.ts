import { createHash } from 'node:crypto';
import type { SilenceWanted } from '../core/command/silence.ts';
import { whyOf } from '../core/failure.ts';
import type { Silence } from '../core/incident/handled.ts';
import type { Handling } from '../core/incident/handling.ts';
import type { Incident } from '../core/incident/state.ts';
import { canonical } from '../core/json.ts';
import type { Message } from '../core/message.ts';
import { mayPutAside } from '../core/policy.ts';
import type { Alertmanager, Firing, Matcher } from '../core/ports/alert-sources.ts';
import { redact } from '../core/redact.ts';
import { sentence, unclearMessage } from '../core/render/help.ts';
import { bold, code, plain, say, until } from '../core/words.ts';
import type { Words } from '../core/words.ts';
import { loadIncident } from './answers.ts';
import type { Asker, Which } from './asked.ts';
import { whoIs } from './facts.ts';
import { rowOf } from './inbox-row.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';

/**
 * Silences in Alertmanager, for an incident's alerts. Other than a snooze it holds back what everybody hears, so it is shown exactly first,
 * and needs a person who may approve low risk. A silenced alert still fires: the incident stays open, and the bot goes on looking.
 */

const SOURCE_MS = 2_500;
const MOST = 20;
/** What was shown is confirmed within so long (ms). */
const PREVIEW_MS = 30 * 60_000;

interface Planned {
  readonly source: Alertmanager;
  readonly matchers: readonly Matcher[];
  /** What fires now and would be held back; of it, what is this incident's. */
  readonly holds: number;
  readonly own: number;
}

export async function answerSilence(
  parts: Parts,
  wanted: SilenceWanted,
  asker: Asker,
  thread: string | null,
): Promise<Message> {
  const found = await incidentOf(parts, { number: wanted.incident, thread });
  if ('no' in found) return sentence(found.no);
  const { incident, number } = found;
  const who = await whoIs(parts, asker.by, true);
  const no = mayPutAside(parts.rules.policy, 'low', who);
  if (no !== null) return sentence(`Not done: ${no}. A silence needs somebody who may approve low risk.`);
  if (wanted.is === 'unsilence') return lift(parts, found, asker);
  if ((parts.alertmanagers ?? []).length === 0)
    return sentence('The config names no Alertmanager (`regions[].alertmanager`): nothing can be silenced from here.');
  const planned = await plan(parts, incident);
  if ('no' in planned) return sentence(planned.no);
  const reason = redact(wanted.reason);
  const at = madeAt(wanted.confirms);
  const now = parts.clock.now();
  const fresh = at !== null && at <= now && now - at < PREVIEW_MS;
  if (fresh && wanted.confirms === tokenOf(planned.all, wanted.ms, at))
    return create(parts, planned.all, found, { ms: wanted.ms, reason, at, asker });
  const minute = Math.floor(now / 60_000) * 60_000;
  return preview(planned.all, wanted, { number, reason, minute, changed: wanted.confirms !== null });
}

interface Of {
  readonly incident: Incident;
  readonly stream: string;
  readonly number: number;
}

async function incidentOf(parts: Parts, { number, thread }: Which): Promise<Of | { readonly no: string }> {
  const stream = number === null ? thread : ((await parts.store.byNumber(number))?.stream ?? null);
  if (stream === null)
    return { no: number === null ? 'Which incident? `/mlp silence INC-214 2h why`.' : `There is no INC-${number}.` };
  const incident = await loadIncident(parts, stream);
  return incident.number === null
    ? { no: 'A question has no alerts to silence.' }
    : { incident, stream, number: incident.number };
}

/** One silence for each name of an alert, of all labels that its alerts share. */
async function plan(
  parts: Parts,
  incident: Incident,
): Promise<{ readonly all: readonly Planned[] } | { readonly no: string }> {
  const fingerprints = new Set(
    Object.values(incident.alerts).flatMap((one) => (one.status === 'firing' ? [one.fingerprint] : [])),
  );
  if (fingerprints.size === 0) return { no: 'None of its alerts fires: there is nothing to silence.' };
  const all: Planned[] = [];
  for (const source of parts.alertmanagers ?? []) {
    let firing: readonly Firing[];
    try {
      firing = await source.firing(SOURCE_MS);
    } catch (error) {
      return { no: `Not done: ${source.name} could not be asked what fires (${whyOf(error)}). Try again.` };
    }
    const own = firing.filter((one) => fingerprints.has(one.fingerprint));
    for (const alike of Map.groupBy(own, (one) => one.labels['alertname'] ?? '').values()) {
      const matchers = shared(alike);
      const holds = firing.filter((one) => matchers.every(({ name, value }) => one.labels[name] === value));
      all.push({
        source,
        matchers,
        holds: holds.length,
        own: holds.filter((one) => fingerprints.has(one.fingerprint)).length,
      });
    }
  }
  if (all.length === 0)
    return { no: 'Its alerts do not fire at any Alertmanager that I know: there is nothing to silence.' };
  return all.length > MOST
    ? { no: `That would be ${all.length} silences: name what is to be silent in Alertmanager itself.` }
    : { all };
}

function shared(alike: readonly Firing[]): readonly Matcher[] {
  const [first, ...rest] = alike;
  return Object.entries(first?.labels ?? {})
    .filter(([name, value]) => value !== '' && rest.every((one) => one.labels[name] === value))
    .map(([name, value]) => ({ name, value, isRegex: false, isEqual: true }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const shown = ({ matchers }: Planned): string =>
  `{${matchers.map((one) => `${one.name}=${JSON.stringify(one.value)}`).join(', ')}}`;

/** Of exactly what was shown, and the minute in which it was. */
function tokenOf(all: readonly Planned[], ms: number, minute: number): string {
  const what = canonical({ ms, minute, all: all.map((one) => `${one.source.name} ${shown(one)}`).toSorted() });
  return `${createHash('sha256').update(what).digest('hex').slice(0, 12)}.${(minute / 60_000).toString(36)}`;
}
function madeAt(token: string | null): number | null {
  const minute = Number.parseInt(token?.split('.')[1] ?? '', 36);
  return Number.isNaN(minute) ? null : minute * 60_000;
}

function preview(
  all: readonly Planned[],
  wanted: Extract<SilenceWanted, { is: 'silence' }>,
  {
    number,
    reason,
    minute,
    changed,
  }: { readonly number: number; readonly reason: string; readonly minute: number; readonly changed: boolean },
): Message {
  const command = `silence INC-${number} ${wanted.ms / 60_000}m confirm:${tokenOf(all, wanted.ms, minute)} ${reason}`;
  const button = unclearMessage({ is: 'unclear', because: '', choices: [{ label: 'Silence', command }] });
  const lines: Words[] = [
    ...(changed ? [say`What would be silent has changed since it was shown. Nothing was done; this is it now:`] : []),
    say`*Silence in Alertmanager* for INC-${number}, until ${until(iso(minute + wanted.ms))}: ${reason}`,
    ...all.map((one) => {
      const beside = one.holds - one.own;
      const others = beside === 0 ? '' : `, *${beside} of them not of this incident*`;
      return say`${bold(one.source.name)}: ${code(shown(one))} holds back ${one.holds} that fire now${others}`;
    }),
    say`Nobody hears of these until then, also who is paged by Alertmanager. They still fire: the incident stays open, and I go on looking`,
  ];
  return {
    lock: plain(lines[0] ?? []),
    blocks: [{ is: 'lines', lines }, ...button.blocks.filter((one) => one.is === 'buttons')],
  };
}

async function create(
  parts: Parts,
  all: readonly Planned[],
  { number, stream, incident }: Of,
  how: { readonly ms: number; readonly reason: string; readonly at: number; readonly asker: Asker },
): Promise<Message> {
  const { ms, reason, at, asker } = how;
  const until = iso(at + ms);
  const made = [...(incident.silence?.made ?? [])];
  const failed: string[] = [];
  for (const one of all) {
    const mark = `mlp-bot/INC-${number}/${tokenOf([one], ms, at).replace('.', '-')}`;
    const silence = {
      matchers: one.matchers,
      startsAt: iso(parts.clock.now()),
      endsAt: until,
      createdBy: `mlp-bot for ${asker.by}`,
      comment: reason,
      mark,
    };
    try {
      const id = await one.source.silences.create(silence, SOURCE_MS);
      if (!made.some((it) => it.id === id)) made.push({ source: one.source.name, id });
    } catch (error) {
      failed.push(`${one.source.name}: ${whyOf(error)}`);
    }
  }
  const why =
    failed.length === 0
      ? ''
      : ` Not all of it: ${failed.join('; ')}. Press Silence again: what is there is not made twice.`;
  if (made.length === 0) return sentence(`Nothing is silenced.${why}`);
  const what = [...new Set([...(incident.silence?.what ?? []), ...all.map(shown)])];
  await tell(parts, stream, asker, { does: 'silence', silence: { until, reason, what, made } });
  return sentence(`Silenced until ${until.slice(11, 16)} UTC. \`/mlp silence end INC-${number}\` ends it.${why}`);
}

async function lift(parts: Parts, { incident, stream, number }: Of, asker: Asker): Promise<Message> {
  const { silence } = incident;
  if (silence === null) return sentence(`INC-${number} is not silenced by me.`);
  const left: Silence['made'][number][] = [];
  for (const one of silence.made) {
    const source = (parts.alertmanagers ?? []).find((it) => it.name === one.source);
    try {
      await source?.silences.expire(one.id, SOURCE_MS);
      if (source === undefined) left.push(one);
    } catch (error) {
      if (!whyOf(error).includes('there is no silence')) left.push(one);
    }
  }
  await tell(parts, stream, asker, { does: 'unsilence', left });
  if (left.length > 0)
    return sentence(
      `${left.length} of ${silence.made.length} could not be ended: \`/mlp silence end INC-${number}\` tries again.`,
    );
  return sentence(`INC-${number} is heard again.`);
}

async function tell(parts: Parts, stream: string, { id, by }: Asker, what: Handling): Promise<void> {
  const body = rowOf({ is: 'handle', by, what });
  await parts.store.accept([{ id: `${id}:silence`, to: { is: 'stream', stream }, body }]);
}

/** What Alertmanager has no longer, of an incident that believes in it. Where it gives no answer nothing is known. */
export async function silencesGone(parts: Parts, of: ReadonlyMap<string, Silence>): Promise<void> {
  for (const source of of.size === 0 ? [] : (parts.alertmanagers ?? [])) {
    const there = await source.silences.all(SOURCE_MS).catch((error: unknown) => {
      parts.log('warn', 'silences could not be read', { source: source.name, err: whyOf(error) });
      return null;
    });
    if (there === null) continue;
    const live = new Set(there.flatMap((one) => (one.state === 'expired' ? [] : [one.id])));
    for (const [stream, { made }] of of) {
      const ids = made.filter((one) => one.source === source.name && !live.has(one.id)).map((one) => one.id);
      if (ids.length === 0) continue;
      const id = `silence-gone:${stream}:${ids.toSorted().join(',')}`.slice(0, 300);
      await parts.store.accept([{ id, to: { is: 'stream', stream }, body: rowOf({ is: 'silence-gone', ids }) }]);
    }
  }
}
