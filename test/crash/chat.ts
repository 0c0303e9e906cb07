import { Failure } from '../../src/core/failure.ts';
import type { Block, Button, Message } from '../../src/core/message.ts';
import type { Chat, Destination, Mark, People, Person } from '../../src/core/ports/chat.ts';
import type { MessageRef } from '../../src/core/ports/store.ts';
import type { Span } from '../../src/core/words.ts';
import { ids, people as seeded } from '../../src/sandbox/slack/seed.ts';

export type Trouble =
  /** It is posted; the answer is lost. */
  'accepted, no answer' | 'no answer' | 'too many requests' | 'server error' | 'down';

export interface Standing {
  readonly ref: MessageRef;
  readonly to: Destination;
  readonly mark: Mark;
  message: Message;
  edits: number;
}

/** A channel in memory: what stands in it, and how it came there. */
export class MemoryChat implements Chat {
  readonly standing: Standing[] = [];
  readonly whispers: { readonly to: string; readonly text: string }[] = [];
  /** What the next calls meet, in order; `down` stays until it is taken away. */
  readonly troubles: { readonly method: 'post' | 'update' | 'find' | 'any'; readonly is: Trouble }[] = [];
  down = false;
  /** What every call meets; null: nothing. */
  failure: Failure | null = null;
  calls = 0;
  readonly #now: () => number;
  #ts = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  async post(to: Destination, message: Message, mark: Mark): Promise<MessageRef> {
    return this.#do('post', () => {
      this.#ts += 1;
      const ref = { channel: to.channel, ts: `${Math.floor(this.#now() / 1000)}.${String(this.#ts).padStart(6, '0')}` };
      this.standing.push({ ref, to, mark, message, edits: 0 });
      return ref;
    });
  }

  async update(ref: MessageRef, message: Message, _mark: Mark): Promise<void> {
    await this.#do('update', () => {
      const found = this.standing.find((one) => one.ref.ts === ref.ts);
      if (found === undefined) throw new Failure('not found', 'message_not_found');
      found.message = message;
      found.edits += 1;
    });
  }

  async find(to: Destination, key: string, since: string): Promise<MessageRef | null> {
    return this.#do(
      'find',
      () =>
        this.standing.find(
          (one) =>
            one.mark.key === key &&
            one.to.threadTs === to.threadTs &&
            Number(one.ref.ts) >= Math.floor(Date.parse(since) / 1000),
        )?.ref ?? null,
    );
  }

  async whisper(to: Destination & { readonly user: string }, message: Message): Promise<void> {
    await this.#do('post', () => void this.whispers.push({ to: to.user, text: textOf(message) }));
  }

  /** Each message cut to this many characters. */
  text(most = Number.POSITIVE_INFINITY): string {
    return this.standing
      .map((one) => `${one.to.threadTs === null ? '' : '  '}[${one.mark.key}] ${textOf(one.message).slice(0, most)}`)
      .join('\n');
  }

  root(stream?: string): Standing | undefined {
    return this.standing.find(
      (one) => one.mark.key.endsWith('/root') && (stream === undefined || one.mark.key === `${stream}/root`),
    );
  }

  /** The buttons that are in the channel now, with the message they are in. */
  buttons(): readonly Button[] {
    return this.standing.flatMap((one) =>
      one.message.blocks.flatMap((block) => (block.is === 'buttons' ? [...block.buttons] : [])),
    );
  }

  async #do<V>(method: 'post' | 'update' | 'find', run: () => V): Promise<V> {
    this.calls += 1;
    if (this.down) throw new Failure('unreachable', 'no connection to Slack: ECONNREFUSED');
    if (this.failure !== null) throw this.failure;
    const at = this.troubles.findIndex((one) => one.method === method || one.method === 'any');
    const trouble = at < 0 ? null : (this.troubles.splice(at, 1)[0]?.is ?? null);
    if (trouble === 'too many requests')
      throw new Failure('too many requests', 'Slack asks to wait 7 s', { retryAfterMs: 7_000 });
    if (trouble === 'server error') throw new Failure('server error', 'Slack answered 500', { maybeDone: true });
    if (trouble === 'no answer') throw new Failure('timeout', 'Slack did not answer in time', { maybeDone: true });
    const value = run();
    if (trouble === 'accepted, no answer')
      throw new Failure('timeout', 'Slack did not answer in time', { maybeDone: true });
    return value;
  }
}

export function textOf(message: Message): string {
  return message.blocks.map(blockText).join(' | ');
}

function blockText(block: Block): string {
  switch (block.is) {
    case 'lines':
      return block.lines.map(wordsText).join(' / ');
    case 'verbatim':
    case 'quote':
      return block.text;
    case 'buttons':
      return block.buttons.map((one) => `[${one.label}]`).join(' ');
    case 'note':
      return wordsText(block.words);
    case 'rule':
      return '---';
  }
}

function wordsText(words: readonly Span[]): string {
  return words
    .map((span) => {
      if (span.is === 'time') return span.at;
      return span.is === 'user' || span.is === 'mention' || span.is === 'group' ? `@${span.id}` : span.text;
    })
    .join('');
}

const groups: Readonly<Record<string, readonly string[]>> = {
  [ids.groups.oncall]: [ids.users.sana, ids.users.kofi],
  [ids.groups.approvers]: [ids.users.mateo, ids.users.linh],
  [ids.groups.leads]: [ids.users.ada, ids.users.tomas],
};

export class MemoryPeople implements People {
  down = false;

  async person(id: string): Promise<Person> {
    if (this.down) throw new Failure('unreachable', 'no connection to Slack');
    const found = seeded.find((one) => one.id === id);
    if (found === undefined) throw new Failure('not found', 'user_not_found');
    const { name, kind } = found;
    return {
      id,
      name,
      team: ids.team,
      active: kind !== 'deactivated',
      guest: kind === 'guest',
      external: false,
      bot: kind === 'bot',
    };
  }

  /** Of people who are not in the sandbox: by address. */
  readonly addresses = new Map<string, string>();

  async byEmail(address: string): Promise<string | null> {
    if (this.down) throw new Failure('unreachable', 'no connection to Slack');
    return this.addresses.get(address) ?? null;
  }

  async members(group: string): Promise<readonly string[]> {
    if (this.down) throw new Failure('unreachable', 'no connection to Slack');
    return groups[group] ?? [];
  }
}
