import type { Clock } from './clock.ts';

/** Slack's tiers, calls per minute; `post` is chat.postMessage: about one a second and channel with a small burst, some hundred a minute per workspace. */
export type Tier = 't1' | 't2' | 't3' | 't4' | 'special' | 'post';

const perMinute: Readonly<Record<Exclude<Tier, 'post'>, number>> = { t1: 1, t2: 20, t3: 50, t4: 100, special: 300 };
const postBurst = 5;
const postsPerMinutePerChannel = 60;
const postsPerMinute = 300;

interface Bucket {
  tokens: number;
  atMs: number;
}

export class RateLimits {
  readonly #clock: Clock;
  readonly #scale: number;
  readonly #buckets = new Map<string, Bucket>();

  /** `scale` 10 allows ten times as much; `Infinity` everything. */
  constructor(clock: Clock, scale: number) {
    this.#clock = clock;
    this.#scale = scale;
  }

  /** Takes one call. Answers null, or the seconds for `Retry-After`. */
  take(method: string, tier: Tier, channel: string | undefined): number | null {
    if (this.#scale === Infinity) return null;
    if (tier !== 'post') return this.#takeFrom(method, perMinute[tier], perMinute[tier]);
    const one = this.#takeFrom(`${method}|${channel ?? ''}`, postBurst, postsPerMinutePerChannel);
    return one ?? this.#takeFrom(method, postsPerMinute, postsPerMinute);
  }

  #takeFrom(key: string, burst: number, ratePerMinute: number): number | null {
    const now = this.#clock.nowMs();
    const most = Math.max(1, burst * this.#scale);
    const perMs = (ratePerMinute * this.#scale) / 60_000;
    const bucket = this.#buckets.get(key) ?? { tokens: most, atMs: now };
    bucket.tokens = Math.min(most, bucket.tokens + (now - bucket.atMs) * perMs);
    bucket.atMs = now;
    this.#buckets.set(key, bucket);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return null;
    }
    return Math.max(1, Math.ceil((1 - bucket.tokens) / perMs / 1000));
  }
}
