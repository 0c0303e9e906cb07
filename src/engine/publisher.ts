import { Failure, whyOf } from '../core/failure.ts';
import type { Claim, MessageRef, OutboxRow } from '../core/ports/store.ts';
import { Drawing } from './drawing.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';

/**
 * Brings the channel to the wanted state: one publisher per workspace (a lease), newest revision only, in order, within the chat
 * system's limits. A post whose outcome is unknown is looked for by its mark before it is sent again.
 */
const LEASE = 'publisher';
const LEASE_MS = 15_000;
/** The end of a lease is left to a send that is slow. */
const SEND_MS = 5_000;
const IDLE_MS = 250;
/** How often a replica that does not publish asks whether it may. */
const ASK_MS = 2_000;
/** While the chat system cannot be reached at all, one message asks for all of them. */
const AWAY_MS = [1_000, 15_000] as const;
/** Slack allows about one post a second per channel, and 50 edits a minute in all channels together. */
const POST_GAP_MS = 1_100;
const EDIT_GAP_MS = 1_250;
/** The first few may follow each other at once: a burst is allowed, a stream is not. */
const BURST = 4;

export class Publisher {
  readonly #parts: Parts;
  readonly #drawing: Drawing;
  readonly #pace = new Map<string, { tokens: number; at: number }>();
  readonly #pausedUntil = new Map<string, number>();
  #claim: Claim | null = null;
  #renewedAt = 0;
  #askAt = 0;
  #awayUntil = 0;
  #awayTimes = 0;
  /** Since when Slack has not taken anything; null: it does. */
  #failingSince: number | null = null;
  #lastWhy = '';
  #storeTrouble: string | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#drawing = new Drawing(parts);
  }

  health(): { readonly ok: boolean; readonly words: string } {
    if (this.#storeTrouble !== null) return { ok: false, words: `the store does not answer: ${this.#storeTrouble}` };
    if (this.#failingSince === null)
      return { ok: true, words: this.#claim === null ? 'another replica publishes' : 'publishing' };
    return { ok: false, words: `nothing could be posted since ${iso(this.#failingSince)}: ${this.#lastWhy}` };
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      try {
        const sent = (await this.#lead()) ? await this.#round(stop) : 0;
        this.#storeTrouble = null;
        await this.#parts.clock.wait(sent > 0 ? 20 : IDLE_MS, stop);
      } catch (error) {
        // What the chat system does is told per message: what gets here came from the store.
        this.#storeTrouble = whyOf(error);
        this.#parts.log('error', 'publisher: a round failed', { err: whyOf(error) });
        await this.#parts.clock.wait(1_000, stop);
      }
    }
    if (this.#claim !== null) await this.#parts.store.release(this.#claim).catch(() => undefined);
  }

  /** One round over the outbox, for tests: how many messages were sent. */
  async once(): Promise<number> {
    return (await this.#lead()) ? this.#round(new AbortController().signal) : 0;
  }

  async #lead(): Promise<boolean> {
    const now = this.#parts.clock.now();
    if (this.#claim !== null) {
      if (now - this.#renewedAt < LEASE_MS / 3) return true;
      if (await this.#parts.store.renew(this.#claim, LEASE_MS)) {
        this.#renewedAt = now;
        return true;
      }
      this.#claim = null;
    }
    if (now < this.#askAt) return false;
    this.#askAt = now + ASK_MS;
    this.#claim = await this.#parts.store.claim(LEASE, this.#parts.owner, LEASE_MS);
    this.#renewedAt = now;
    return this.#claim !== null;
  }

  async #round(stop: AbortSignal): Promise<number> {
    let sent = 0;
    if (this.#parts.clock.now() < this.#awayUntil) return sent;
    const blocked = new Set<string>();
    for (const row of await this.#parts.store.outbox(50)) {
      if (stop.aborted || this.#claim === null || this.#parts.clock.now() < this.#awayUntil) break;
      const message = this.#drawing.ready(row.desired.key, row.desired.message);
      // Its pictures are being drawn: nothing waits for it.
      if (message === null) continue;
      const lane = laneOf(row);
      // Order is kept per lane: what waits holds back what comes after it.
      if (blocked.has(lane)) continue;
      if (!this.#mayPass(row, lane)) {
        blocked.add(lane);
        continue;
      }
      const outcome = await this.#send({ ...row, desired: { ...row.desired, message } }, this.#claim, lane);
      if (outcome === 'lost') {
        this.#claim = null;
        break;
      }
      if (outcome === 'sent') {
        this.#drawing.forget(row.desired.key);
        sent += 1;
      } else blocked.add(lane);
    }
    return sent;
  }

  #mayPass(row: OutboxRow, lane: string): boolean {
    const now = this.#parts.clock.now();
    if ((this.#pausedUntil.get(lane) ?? 0) > now) return false;
    const gap = row.sentRevision > 0 ? EDIT_GAP_MS : POST_GAP_MS;
    const pace = this.#pace.get(lane) ?? { tokens: BURST, at: now };
    const tokens = Math.min(BURST, pace.tokens + (now - pace.at) / gap);
    if (tokens < 1) return false;
    this.#pace.set(lane, { tokens: tokens - 1, at: now });
    return true;
  }

  async #send(row: OutboxRow, claim: Claim, lane: string): Promise<'sent' | 'waits' | 'lost'> {
    const { key } = row.desired;
    if (!(await this.#parts.store.sending(claim, key, row.revision))) return 'lost';
    this.#parts.point('publisher: before the send');
    // The chat system knows no epochs: who was frozen here must not speak over its successor.
    if (this.#parts.clock.now() - this.#renewedAt >= LEASE_MS - SEND_MS) return 'lost';
    try {
      const ref = await this.#deliver(row);
      this.#parts.point('publisher: sent, not recorded');
      this.#failingSince = null;
      this.#awayTimes = 0;
      this.#parts.metrics.published('sent');
      return (await this.#parts.store.sent(claim, key, row.revision, ref)) ? 'sent' : 'lost';
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return (await this.#failed(row, claim, lane, error)) ? 'waits' : 'lost';
    }
  }

  async #deliver(row: OutboxRow): Promise<MessageRef> {
    const { desired, ref, parent, revision } = row;
    const { chat } = this.#parts;
    const mark = { key: desired.key, revision };
    const to = { channel: desired.channel, threadTs: parent?.ts ?? null };
    if (desired.placement.is === 'whispered') {
      await chat.whisper({ ...to, user: desired.placement.to }, desired.message);
      return { channel: desired.channel, ts: '' };
    }
    if (ref !== null) return this.#edit(row, ref);
    if (row.unsure) {
      const found = await chat.find(to, desired.key, row.wantedAt);
      if (found !== null) return this.#edit(row, found);
    }
    return chat.post(to, desired.message, mark);
  }

  /** A message that somebody deleted is posted anew: the state should be visible. */
  async #edit(row: OutboxRow, ref: MessageRef): Promise<MessageRef> {
    const { desired, revision, parent } = row;
    const mark = { key: desired.key, revision };
    try {
      await this.#parts.chat.update(ref, desired.message, mark);
      return ref;
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'not found') throw error;
      return this.#parts.chat.post({ channel: desired.channel, threadTs: parent?.ts ?? null }, desired.message, mark);
    }
  }

  async #failed(row: OutboxRow, claim: Claim, lane: string, error: Failure): Promise<boolean> {
    const now = this.#parts.clock.now();
    this.#failingSince ??= now;
    this.#lastWhy = whyOf(error);
    const away = error.kind === 'unreachable' && !error.maybeDone;
    const waitMs = away
      ? Math.min(AWAY_MS[1], AWAY_MS[0] * 2 ** Math.min(this.#awayTimes, 6))
      : (error.retryAfterMs ?? Math.min(60_000, 1_000 * 2 ** Math.min(row.failures, 6)));
    if (away) {
      this.#awayUntil = now + waitMs;
      this.#awayTimes += 1;
    }
    if (error.kind === 'too many requests') this.#pausedUntil.set(lane, now + waitMs);
    // What Slack calls wrong stays wrong; what it cannot take now may be taken later.
    const hopeless = error.kind === 'invalid' && row.failures >= 2;
    const whisper = row.desired.placement.is === 'whispered' && row.failures >= 4;
    const dead = hopeless || whisper;
    this.#parts.log(dead ? 'error' : 'warn', dead ? 'message given up' : 'message not sent: it is tried again', {
      key: row.desired.key,
      err: whyOf(error),
      failures: row.failures,
    });
    this.#parts.metrics.published(dead ? 'dead' : 'retried');
    return this.#parts.store.notSent(
      claim,
      row.desired.key,
      whyOf(error),
      dead ? null : iso(now + waitMs),
      error.maybeDone,
    );
  }
}

/** Edits share one limit over all channels; posts have one per channel; whispers have their own. */
function laneOf(row: OutboxRow): string {
  if (row.desired.placement.is === 'whispered') return `whisper ${row.desired.channel}`;
  return row.sentRevision > 0 ? 'edits' : `posts ${row.desired.channel}`;
}
