import { Failure, whyOf } from '../core/failure.ts';
import type { Json } from '../core/json.ts';
import type { Claim, OutboxRow } from '../core/ports/store.ts';
import { Delivery } from './delivery.ts';
import type { Delivered } from './delivery.ts';
import { Drawing } from './drawing.ts';
import { laneOf, Pace } from './pace.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import { healthFrom, SlackReach, UNUSABLE } from './slack-reach.ts';
import type { SlackHealth } from './slack-reach.ts';

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
/** So many rows are in memory at once, however many wait. */
const AT_ONCE = 50;
/** What need not be said after so long is left out. */
const FOLD_MS = 10 * 60_000;
const FOLD_EVERY_MS = 30_000;
/** How often something is tried that is refused, but not as wrong. */
const REFUSALS = 4;

export class Publisher {
  readonly #parts: Parts;
  readonly #drawing: Drawing;
  readonly #delivery: Delivery;
  readonly #pace: Pace;
  readonly #reach: SlackReach;
  /** Lanes in which something is under way, with the key of what. */
  readonly #busy = new Map<string, { readonly key: string; readonly end: Promise<void> }>();
  #errors: unknown[] = [];
  #sent = 0;
  #claim: Claim | null = null;
  #renewedAt = 0;
  #askAt = 0;
  #foldAt = 0;
  #storeTrouble: string | null = null;
  /** What the store says of the chat system; undefined: not asked yet. */
  #told: SlackHealth | undefined = undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#drawing = new Drawing(parts);
    this.#delivery = new Delivery(parts);
    this.#pace = new Pace(() => parts.clock.now());
    this.#reach = new SlackReach(() => parts.clock.now());
  }

  health(): { readonly ok: boolean; readonly words: string } {
    if (this.#storeTrouble !== null) return { ok: false, words: `the store does not answer: ${this.#storeTrouble}` };
    const trouble = this.#reach.trouble();
    if (trouble === null) return { ok: true, words: this.#claim === null ? 'another replica publishes' : 'publishing' };
    return { ok: false, words: `nothing could be posted since ${trouble.since}: ${trouble.because}` };
  }

  /** As the replica that publishes sees it; the others know it within two seconds. */
  slackHealth(): SlackHealth {
    return this.#claim === null || !this.#reach.tried ? (this.#told ?? { usable: true }) : this.#health();
  }

  #health(): SlackHealth {
    const health = this.#reach.health();
    return health.usable ? (this.#delivery.homeless() ?? health) : health;
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      try {
        const sent = (await this.#lead()) ? await this.#round(stop) : 0;
        await this.#tell();
        this.#storeTrouble = null;
        await this.#parts.clock.wait(sent > 0 ? 20 : IDLE_MS, stop);
      } catch (error) {
        // What the chat system does is told per message: what gets here came from the store.
        this.#storeTrouble = whyOf(error);
        this.#parts.log('error', 'publisher: a round failed', { err: whyOf(error) });
        await this.#parts.clock.wait(1_000, stop);
      }
    }
    await Promise.all([...this.#busy.values()].map((one) => one.end));
    if (this.#claim !== null) await this.#parts.store.release(this.#claim).catch(() => undefined);
  }

  /** One round over the outbox, for tests: how many messages were sent. */
  async once(): Promise<number> {
    if (!(await this.#lead())) return 0;
    await this.#round(new AbortController().signal);
    await Promise.all([...this.#busy.values()].map((one) => one.end));
    return this.#sent;
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
    if (this.#claim === null || this.#told === undefined)
      this.#told = healthFrom(await this.#parts.store.setting(UNUSABLE));
    return this.#claim !== null;
  }

  /** Every lane goes on by itself: what is slow in one holds up no other. */
  async #round(stop: AbortSignal): Promise<number> {
    if (!this.#reach.mayAsk()) return 0;
    await this.#fold();
    this.#sent = 0;
    const gates = this.#pace.gates(new Set(this.#busy.keys()));
    for (const row of await this.#parts.store.outbox(AT_ONCE, gates)) {
      if (stop.aborted || this.#claim === null) break;
      // While it is not known to work one message asks for all.
      if (this.#reach.asking && this.#busy.size > 0) break;
      this.#begin(row, this.#claim);
    }
    const busy = [...this.#busy.values()].map((one) => one.end);
    const rest = new AbortController();
    // What takes long must not keep the lease from being renewed.
    if (busy.length > 0) await Promise.race([...busy, this.#parts.clock.wait(IDLE_MS, rest.signal)]);
    rest.abort();
    const [error] = this.#errors.splice(0);
    if (error !== undefined) throw error;
    return this.#sent;
  }

  #begin(row: OutboxRow, claim: Claim): void {
    const lane = laneOf(row);
    const { key } = row.desired;
    if (this.#busy.has(lane) || [...this.#busy.values()].some((one) => one.key === key)) return;
    const message = this.#drawing.ready(key, row.desired.message);
    // Its pictures are being drawn: nothing waits for it.
    if (message === null || !this.#pace.take(row)) return;
    const end = this.#send({ ...row, desired: { ...row.desired, message } }, claim)
      .then(
        (kept) => {
          if (!kept && this.#claim === claim) this.#claim = null;
        },
        (error: unknown) => void this.#errors.push(error),
      )
      .finally(() => this.#busy.delete(lane));
    this.#busy.set(lane, { key, end });
  }

  /** False: the lease is another's. */
  async #send(row: OutboxRow, claim: Claim): Promise<boolean> {
    const { key, message } = row.desired;
    const { store, clock, metrics, point } = this.#parts;
    if (!(await store.sending(claim, key, row.revision))) return this.#stillLeads(claim);
    point('publisher: before the send');
    // The chat system knows no epochs: who was frozen here must not speak over its successor.
    if (clock.now() - this.#renewedAt >= LEASE_MS - SEND_MS) return false;
    const delivered = await this.#delivery.deliver(row, message);
    if (delivered.is !== 'sent') return this.#notSent(row, claim, delivered);
    point('publisher: sent, not recorded');
    this.#reach.worked();
    metrics.published('sent');
    metrics.late?.(row.urgency, clock.now() - Date.parse(row.wantedAt));
    const { ref, note } = delivered;
    const kept = await store.sent(claim, key, row.revision, ref, note ?? undefined);
    if (!kept) return this.#stillLeads(claim);
    this.#sent += 1;
    this.#drawing.forget(key);
    if (this.#delivery.opened(ref.channel)) await store.revive(ref.channel);
    return true;
  }

  /** A row that is not there any more is no loss of the lease. */
  async #stillLeads(claim: Claim): Promise<boolean> {
    return this.#parts.store.renew(claim, LEASE_MS);
  }

  async #notSent(row: OutboxRow, claim: Claim, outcome: Exclude<Delivered, { is: 'sent' }>): Promise<boolean> {
    const { store, clock, log, metrics } = this.#parts;
    const { key } = row.desired;
    const { why } = outcome;
    const awayMs = this.#reach.failed(why);
    const now = clock.now();
    const retry = (ms: number | null, unsure: boolean): Promise<boolean> => {
      const fields = { key, err: whyOf(why), failures: row.failures };
      if (ms === null) log('error', 'message given up: /mlp undelivered lists it', fields);
      else log('warn', 'message not sent: it is tried again', fields);
      metrics.published(ms === null ? 'dead' : 'retried');
      return store.notSent(claim, key, whyOf(why), ms === null ? null : iso(now + ms), unsure);
    };
    if (outcome.is === 'gone') {
      log('warn', 'a message is posted anew', { key: outcome.key, err: whyOf(why) });
      const lost = await store.lost(claim, outcome.key, outcome.note);
      return outcome.key === key ? lost : retry(0, false);
    }
    if (outcome.is === 'no channel') return retry(outcome.elsewhere ? 0 : null, row.unsure);
    if (why.kind === 'too many requests') {
      const waitMs = why.retryAfterMs ?? backOffMs(row.failures);
      this.#pace.pause(row, now + waitMs);
      return retry(waitMs, row.unsure || why.maybeDone);
    }
    if (isHopeless(row, why)) return retry(null, false);
    return retry(awayMs ?? why.retryAfterMs ?? backOffMs(row.failures), row.unsure || why.maybeDone);
  }

  async #fold(): Promise<void> {
    const now = this.#parts.clock.now();
    if (this.#claim === null || now < this.#foldAt) return;
    this.#foldAt = now + FOLD_EVERY_MS;
    const folded = await this.#parts.store.fold(this.#claim, FOLD_MS);
    if (folded > 0) this.#parts.log('info', 'posts that came too late were left out', { count: folded });
  }

  /** Who pages may be another replica than who publishes. */
  async #tell(): Promise<void> {
    // After a start it is as it was until something was sent.
    if (this.#claim === null || this.#told === undefined || !this.#reach.tried) return;
    const health = this.#health();
    if (health.usable === this.#told.usable) return;
    const value: Json = health.usable ? null : { ...health };
    await this.#parts.store.setSetting(UNUSABLE, value, null);
    this.#told = health;
    if (health.usable) this.#parts.log('info', 'Slack can be used again', {});
    else this.#parts.log('error', 'Slack cannot be used', { since: health.since, err: health.because });
  }
}

function backOffMs(failures: number): number {
  return Math.min(60_000, 1_000 * 2 ** Math.min(failures, 6));
}

/** What the chat system calls wrong stays wrong; what it cannot take now may be taken later. */
function isHopeless(row: OutboxRow, why: Failure): boolean {
  if (why.kind === 'invalid') return true;
  const isRefused = why.kind === 'forbidden' || why.kind === 'not found';
  const isWhisper = row.desired.placement.is === 'whispered';
  return row.failures >= REFUSALS && (isRefused || isWhisper);
}
