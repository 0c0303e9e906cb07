import { Failure, whyOf } from '../core/failure.ts';
import type { Message } from '../core/message.ts';
import type { Destination } from '../core/ports/chat.ts';
import type { MessageRef, OutboxRow } from '../core/ports/store.ts';
import { DELETED, moved, UNEDITABLE, withWay } from '../core/render/late.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import { channelOf } from './pace.ts';
import type { SlackHealth } from './slack-reach.ts';

/** Brings one row to where it belongs, in one try. What becomes of it in the store is the publisher's. */
export type Delivered =
  | { readonly is: 'sent'; readonly ref: MessageRef; readonly note: string | null }
  /** `key` is not there any more, or nothing can be put below it: it is to be posted anew. */
  | { readonly is: 'gone'; readonly key: string; readonly note: string | null; readonly why: Failure }
  /** Its channel takes nothing; `elsewhere`: another one does. */
  | { readonly is: 'no channel'; readonly elsewhere: boolean; readonly why: Failure }
  | { readonly is: 'failed'; readonly why: Failure };

interface Closed {
  readonly why: string;
  readonly until: number;
  readonly called: string;
  readonly since: string;
}

/** A channel that took nothing is tried again after this time; until then its messages go to the fallback. */
const CLOSED_MS = 10 * 60_000;
/** One message is posted anew so often within this time: more would be a loop. */
const ANEW = { times: 3, withinMs: 10 * 60_000 } as const;
const KEPT = 500;

export class Delivery {
  readonly #parts: Parts;
  readonly #startedAt: number;
  readonly #closed = new Map<string, Closed>();
  readonly #anew = new Map<string, readonly number[]>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
  }

  /** Did this channel take nothing until now? Asked once after each post. */
  opened(channel: string): boolean {
    return this.#closed.delete(channel);
  }

  /** A channel that takes nothing and that no other stands in for; null: there is none. */
  homeless(): Extract<SlackHealth, { usable: false }> | null {
    for (const [channel, { called, why, since }] of this.#closed) {
      const others = (this.#parts.fallbacks ?? []).filter((one) => one !== channel);
      if (others.some((one) => !this.#closed.has(one))) continue;
      const because = `${called} takes no messages (${why}), and no other channel stands in for it`;
      return { usable: false, since, because, lasting: true };
    }
    return null;
  }

  async deliver(row: OutboxRow, message: Message): Promise<Delivered> {
    try {
      if (row.desired.placement.is === 'whispered') return await this.#whisper(row, row.desired.placement.to, message);
      return row.ref === null ? await this.#post(row, message) : await this.#edit(row, row.ref, message);
    } catch (error) {
      if (error instanceof Failure) return { is: 'failed', why: error };
      throw error;
    }
  }

  async #whisper(row: OutboxRow, user: string, message: Message): Promise<Delivered> {
    const channel = channelOf(row);
    await this.#parts.chat.whisper({ channel, threadTs: row.parent?.ts ?? null, user }, message);
    return { is: 'sent', ref: { channel, ts: '' }, note: null };
  }

  async #post(row: OutboxRow, message: Message): Promise<Delivered> {
    const { desired, parent, unsure, wantedAt, revision } = row;
    const { chat } = this.#parts;
    const { to, note } = this.#where(row);
    try {
      if (unsure) {
        const found = await chat.find(to, desired.key, wantedAt);
        if (found !== null) return await this.#edit({ ...row, note: note ?? row.note }, found, message);
      }
      const ref = await chat.post(to, this.#signed(row, message, note), { key: desired.key, revision });
      return { is: 'sent', ref, note };
    } catch (error) {
      if (!(error instanceof Failure) || error.about === null) throw error;
      const { under } = desired.placement;
      if (parent !== null && under !== null)
        return this.#again(under, error.about === 'thread' ? DELETED : null, error);
      if (error.about === 'thread') throw error;
      await this.#close(to.channel, error);
      return { is: 'no channel', elsewhere: this.#elsewhere(desired.channel) !== null, why: error };
    }
  }

  async #edit(row: OutboxRow, ref: MessageRef, message: Message): Promise<Delivered> {
    const { key } = row.desired;
    try {
      await this.#parts.chat.update(ref, this.#signed(row, message, null), { key, revision: row.revision });
      return { is: 'sent', ref, note: row.note };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // A message that somebody deleted is posted anew: the state should be visible.
      if (error.kind === 'not found') return this.#again(key, isRoot(row) ? DELETED : null, error);
      if (error.about === 'channel') {
        await this.#close(ref.channel, error);
        return this.#again(key, null, error);
      }
      if (error.kind === 'forbidden') return this.#again(key, UNEDITABLE, error);
      throw error;
    }
  }

  #where({ desired, parent }: OutboxRow): { readonly to: Destination; readonly note: string | null } {
    if (parent !== null) return { to: { channel: parent.channel, threadTs: parent.ts }, note: null };
    const elsewhere = this.#elsewhere(desired.channel);
    const closed = this.#closed.get(desired.channel);
    if (elsewhere === null || closed === undefined)
      return { to: { channel: desired.channel, threadTs: null }, note: null };
    return { to: { channel: elsewhere, threadTs: null }, note: moved(closed.called, closed.why) };
  }

  /** The first fallback that takes something; null: it may be tried where it belongs, or there is none. */
  #elsewhere(channel: string): string | null {
    if (!this.#isClosed(channel)) return null;
    return (this.#parts.fallbacks ?? []).find((one) => one !== channel && !this.#isClosed(one)) ?? null;
  }

  #isClosed(channel: string): boolean {
    return (this.#closed.get(channel)?.until ?? 0) > this.#parts.clock.now();
  }

  async #close(channel: string, error: Failure): Promise<void> {
    const { chat, clock, log } = this.#parts;
    const called = (await chat.channelName?.(channel).catch(() => null)) ?? channel;
    // The sentence in front of Slack's own word for it.
    const why = error.message.replace(/ \([\w.]+: \w+\)$/, '').replaceAll('`', '');
    const since = this.#closed.get(channel)?.since ?? iso(clock.now());
    this.#closed.set(channel, { why, until: clock.now() + CLOSED_MS, called, since });
    log('error', 'a channel takes no messages', { channel, err: whyOf(error) });
  }

  #again(key: string, note: string | null, why: Failure): Delivered {
    const now = this.#parts.clock.now();
    const before = (this.#anew.get(key) ?? []).filter((at) => now - at < ANEW.withinMs);
    if (before.length >= ANEW.times) {
      const loop = `it was posted anew ${ANEW.times} times and each time was gone: ${why.message}`;
      return { is: 'failed', why: new Failure('invalid', loop, { cause: why }) };
    }
    this.#anew.delete(key);
    this.#anew.set(key, [...before, now]);
    const oldest = this.#anew.keys().next().value;
    if (this.#anew.size > KEPT && oldest !== undefined) this.#anew.delete(oldest);
    return { is: 'gone', key, note, why };
  }

  #signed(row: OutboxRow, message: Message, note: string | null): Message {
    const wanted = Date.parse(row.wantedAt);
    return withWay(message, {
      wantedAt: row.wantedAt,
      lagMs: this.#parts.clock.now() - wanted,
      because: wanted < this.#startedAt ? 'bot' : 'slack',
      note: note ?? row.note,
      folded: row.folded,
    });
  }
}

function isRoot(row: OutboxRow): boolean {
  return row.desired.placement.under === null;
}
