import type { Gates, OutboxRow } from '../core/ports/store.ts';

/** Slack allows about one post a second per channel, and 50 edits a minute in all channels together. */
const POST_GAP_MS = 1_100;
const EDIT_GAP_MS = 1_200;
/** The first few may follow each other at once: a burst is allowed, a stream is not. */
const BURST = 4;
/** The last one of a burst is kept for what a person waits for. */
const RESERVED = 1;
const EDITS = 'edits';
/** While edits queue, detail gets one of them in this time: what tells the state must stay young, and nothing may starve. */
const DETAIL_MS = 30_000;

interface Bucket {
  tokens: number;
  at: number;
  pausedUntil: number;
}

/** How fast what may be sent: one pace for the posts of each channel, one for all edits. A pause of one holds up no other. */
export class Pace {
  readonly #buckets = new Map<string, Bucket>();
  readonly #now: () => number;
  #detailAt = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `busy`: lanes in which something is under way. */
  gates(busy: ReadonlySet<string>): Gates {
    const closed: string[] = [];
    const urgent: string[] = [];
    for (const [name] of this.#buckets) {
      if (name === EDITS) continue;
      const room = this.#room(name);
      if (room === 'closed' || busy.has(postLane(name))) closed.push(name);
      else if (room === 'urgent') urgent.push(name);
    }
    return { closed, urgent, edits: busy.has(EDITS) ? 'closed' : this.#editsRoom() };
  }

  /** Takes the right to send this now; false: it has to wait. */
  take(row: OutboxRow): boolean {
    const name = paceOf(row);
    if (name === null) return true;
    const room = name === EDITS ? this.#editsRoom() : this.#room(name);
    if (row.urgency > LEAST[room]) return false;
    if (name === EDITS && row.urgency > 1) this.#detailAt = this.#now();
    const bucket = this.#bucket(name);
    bucket.tokens -= 1;
    return true;
  }

  /** The chat system asked to wait. */
  pause(row: OutboxRow, untilMs: number): void {
    const name = paceOf(row);
    if (name === null) return;
    const bucket = this.#bucket(name);
    bucket.pausedUntil = Math.max(bucket.pausedUntil, untilMs);
  }

  #editsRoom(): Gates['edits'] {
    const room = this.#room(EDITS);
    if (room !== 'open') return room;
    const isIdle = this.#bucket(EDITS).tokens >= BURST - 0.5;
    return isIdle || this.#now() - this.#detailAt >= DETAIL_MS ? 'open' : 'progress';
  }

  #room(name: string): 'open' | 'urgent' | 'closed' {
    const { tokens, pausedUntil } = this.#bucket(name);
    if (pausedUntil > this.#now() || tokens < 1) return 'closed';
    return tokens < 1 + RESERVED ? 'urgent' : 'open';
  }

  #bucket(name: string): Bucket {
    const now = this.#now();
    const bucket = this.#buckets.get(name) ?? { tokens: BURST, at: now, pausedUntil: 0 };
    const gap = name === EDITS ? EDIT_GAP_MS : POST_GAP_MS;
    bucket.tokens = Math.min(BURST, bucket.tokens + Math.max(0, now - bucket.at) / gap);
    bucket.at = now;
    this.#buckets.set(name, bucket);
    return bucket;
  }
}

/** The least urgent that passes. */
const LEAST = { open: 9, progress: 1, urgent: 0, closed: -1 } as const;

/** Null: whispers have a limit of their own that nobody reaches. */
function paceOf(row: OutboxRow): string | null {
  if (row.desired.placement.is === 'whispered') return null;
  return row.ref === null ? channelOf(row) : EDITS;
}

/** A reply goes to where its parent stands. */
export function channelOf({ desired, parent }: OutboxRow): string {
  return parent?.channel ?? desired.channel;
}

/** In each lane one is under way at a time, in order; what comes with files takes seconds and has its own. */
export function laneOf(row: OutboxRow): string {
  if (row.desired.placement.is === 'whispered') return 'whispers';
  if (row.ref !== null) return EDITS;
  const { files = [], charts = [] } = row.desired.message;
  return files.length + charts.length > 0 ? `files ${channelOf(row)}` : postLane(channelOf(row));
}
function postLane(channel: string): string {
  return `posts ${channel}`;
}
