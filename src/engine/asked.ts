import type { Parsed } from '../core/command/command.ts';
import type { Outside } from '../core/incident/commands.ts';
import type { Handling } from '../core/incident/handling.ts';
import type { Json } from '../core/json.ts';
import type { Answer } from '../core/ports/intake.ts';
import { sentence } from '../core/render/help.ts';
import { FALLBACK, keyOf, subjectOf, withUsers } from '../core/routing.ts';
import type { Catalogue } from '../core/routing.ts';
import { freshStream } from './alert-rows.ts';
import { rowOf } from './inbox-row.ts';
import type { Parts } from './parts.ts';

/** What a person asks for by command, as rows of the inbox: stored, then answered. */

export interface Asker {
  readonly id: string;
  readonly by: string;
  readonly channel: string;
}
/** Which incident a command means: by its number, else the thread that it was typed in. */
export interface Which {
  readonly number: number | null;
  readonly thread: string | null;
}

export async function askDiagnosis(
  { store }: Parts,
  catalogue: Catalogue,
  parsed: Extract<Parsed, { is: 'diagnose' }>,
  { id, by, channel }: Asker,
): Promise<Answer> {
  const target: Json = { namespace: parsed.namespace, name: parsed.name };
  const playbook = parsed.name === '' ? FALLBACK : (parsed.playbook ?? FALLBACK);
  const key = keyOf(parsed.region, target);
  const plain = subjectOf(playbook, target, parsed.region, catalogue);
  const subject = parsed.name === '' ? withUsers(plain, parsed.namespace, catalogue) : plain;
  const body = rowOf({ is: 'ask', by, subject, channel, key });
  await store.accept([{ id, to: { is: 'key', key, fresh: freshStream(id) }, body }]);
  return parsed.note === null ? { is: 'taken' } : { is: 'said', message: sentence(parsed.note) };
}

/** It is planned in the thread of its target: the one that is open for it, or one of its own. */
export async function askChange(
  { store }: Parts,
  parsed: Extract<Parsed, { is: 'change' }>,
  { id, by, channel }: Asker,
): Promise<Answer> {
  const { playbook, remedies, details, title, namespace, name, regions } = parsed;
  const target: Json = { namespace, name };
  const [region = null] = regions;
  const key = keyOf(region, target);
  const change = { id, by, playbook, remedies, details, title, target, regions };
  const subject = { playbook, target, regions, focus: region };
  const body = rowOf({ is: 'change', change, subject, channel, key });
  await store.accept([{ id, to: { is: 'key', key, fresh: freshStream(id) }, body }]);
  const where = regions.join(', then ');
  return {
    is: 'said',
    message: sentence(
      `I look at \`${name}\` in ${where} and prepare it. You see in a thread what it would do; nothing is done before it is approved.`,
    ),
  };
}

export async function askIncident(
  parts: Parts,
  does: 'stop' | 'undo',
  which: Which,
  { id, by }: Pick<Asker, 'id' | 'by'>,
): Promise<Answer> {
  const said = does === 'stop' ? 'Stopping it.' : 'Looking whether it can be undone.';
  return toIncident(parts, does, which, id, said, (stream) => ({
    is: 'press',
    press: { does, thread: stream },
    by,
    reason: null,
  }));
}

/** What a person decides about an incident as such: how grave, who leads, until when it is put off, that it is over. */
export async function askHandling(
  parts: Parts,
  word: string,
  which: Which,
  { id, by }: Pick<Asker, 'id' | 'by'>,
  { what, said }: { readonly what: Handling; readonly said: string },
): Promise<Answer> {
  return toIncident(parts, word, which, id, said, () => ({ is: 'handle', by, what }));
}

/** The draft of its post-mortem, anew. */
export async function askDraft(parts: Parts, which: Which, asker: Pick<Asker, 'id' | 'by'>): Promise<Answer> {
  const said = 'I make the draft anew: it appears in the thread.';
  return askHandling(parts, 'postmortem', which, asker, { what: { does: 'postmortem' }, said });
}

async function toIncident(
  { store }: Parts,
  word: string,
  { number, thread }: Which,
  id: string,
  said: string,
  command: (stream: string) => Outside,
): Promise<Answer> {
  const found = number === null ? null : await store.byNumber(number);
  const stream = number === null ? thread : (found?.stream ?? null);
  if (stream === null) {
    const why =
      number === null
        ? `Which incident? For example \`/mlp ${word} INC-214\`; \`/mlp runs\` lists them.`
        : `There is no INC-${number}.`;
    return { is: 'said', message: sentence(why) };
  }
  await store.accept([{ id, to: { is: 'stream', stream }, body: rowOf(command(stream)) }]);
  return { is: 'said', message: sentence(said) };
}
