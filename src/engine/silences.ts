import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { SilenceWanted } from '../core/command-silence.ts';
import { whyOf } from '../core/failure.ts';
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

const Kept = z.object({
  until: z.string(),
  by: z.string(),
  reason: z.string(),
  silences: z.array(z.object({ source: z.string(), id: z.string() })),
});
export type KeptSilence = z.infer<typeof Kept>;
const settingOf = (number: number): string => `silence/${number}`;

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
  const { incident, stream, number } = found;
  const who = await whoIs(parts, asker.by, true);
  const no = mayPutAside(parts.rules.policy, 'low', who);
  if (no !== null) return sentence(`Not done: ${no}. A silence needs somebody who may approve low risk.`);
  if (wanted.is === 'unsilence') return lift(parts, number, stream, asker);
  if ((parts.alertmanagers ?? []).length === 0)
    return sentence('The config names no Alertmanager (`regions[].alertmanager`): nothing can be silenced from here.');
  const planned = await plan(parts, incident);
  if ('no' in planned) return sentence(planned.no);
  const reason = redact(wanted.reason);
  const at = madeAt(wanted.confirms);
  const now = parts.clock.now();
  const fresh = at !== null && at <= now && now - at < PREVIEW_MS;
  if (fresh && wanted.confirms === tokenOf(planned.all, wanted.ms, at))
    return create(parts, planned.all, { number, stream, ms: wanted.ms, reason, at, asker });
  const minute = Math.floor(now / 60_000) * 60_000;
  return preview(planned.all, wanted, { number, reason, minute, changed: wanted.confirms !== null });
}

/** Null: none is kept, or it is over. */
export async function silencedUntil(
  parts: Pick<Parts, 'store' | 'clock'>,
  number: number,
): Promise<KeptSilence | null> {
  const kept = Kept.safeParse(await parts.store.setting(settingOf(number)));
  return kept.success && Date.parse(kept.data.until) > parts.clock.now() ? kept.data : null;
}

async function incidentOf(
  parts: Parts,
  { number, thread }: Which,
): Promise<
  { readonly incident: Incident; readonly stream: string; readonly number: number } | { readonly no: string }
> {
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
  how: {
    readonly number: number;
    readonly stream: string;
    readonly ms: number;
    readonly reason: string;
    readonly at: number;
    readonly asker: Asker;
  },
): Promise<Message> {
  const { number, stream, ms, reason, at, asker } = how;
  const endsAt = iso(at + ms);
  const before = await silencedUntil(parts, number);
  const made: { source: string; id: string }[] = [...(before?.silences ?? [])];
  const failed: string[] = [];
  for (const one of all) {
    const mark = `mlp-bot/INC-${number}/${tokenOf([one], ms, at).replace('.', '-')}`;
    const silence = {
      matchers: one.matchers,
      startsAt: iso(parts.clock.now()),
      endsAt,
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
  const kept: KeptSilence = { until: endsAt, by: asker.by, reason, silences: made };
  await parts.store.setSetting(settingOf(number), kept, {
    stream,
    who: asker.by,
    what: `silenced ${all.map(shown).join(' ')} until ${endsAt}`.slice(0, 1_000),
    digest: null,
    why: reason,
  });
  await tell(
    parts,
    stream,
    asker,
    `silenced in Alertmanager until ${endsAt.slice(11, 16)} UTC on ${endsAt.slice(0, 10)}: ${reason}`,
  );
  return sentence(`Silenced until ${endsAt.slice(11, 16)} UTC. \`/mlp unsilence INC-${number}\` ends it.${why}`);
}

async function lift(parts: Parts, number: number, stream: string, asker: Asker): Promise<Message> {
  const kept = await silencedUntil(parts, number);
  if (kept === null) return sentence(`INC-${number} is not silenced by me.`);
  const left: { source: string; id: string }[] = [];
  for (const one of kept.silences) {
    const source = (parts.alertmanagers ?? []).find((it) => it.name === one.source);
    try {
      await source?.silences.expire(one.id, SOURCE_MS);
      if (source === undefined) left.push(one);
    } catch (error) {
      if (!whyOf(error).includes('there is no silence')) left.push(one);
    }
  }
  const audit = { stream, who: asker.by, what: 'ended its silence', digest: null, why: '/mlp unsilence' };
  await parts.store.setSetting(settingOf(number), left.length === 0 ? null : { ...kept, silences: left }, audit);
  if (left.length > 0)
    return sentence(
      `${left.length} of ${kept.silences.length} could not be ended: \`/mlp unsilence INC-${number}\` tries again.`,
    );
  await tell(parts, stream, asker, 'ended the silence in Alertmanager');
  return sentence(`INC-${number} is heard again.`);
}

/** In its summary, so that nobody takes the quiet for the end. */
async function tell(parts: Parts, stream: string, { id, by }: Asker, text: string): Promise<void> {
  const body = rowOf({ is: 'handle', by, what: { does: 'status', text } });
  await parts.store.accept([{ id: `${id}:silence`, to: { is: 'stream', stream }, body }]);
}
