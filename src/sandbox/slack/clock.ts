/** Time as the local Slack sees it; tests hand in a manual one. */
export interface Clock {
  nowMs(): number;
  /** Calls `then` once after `ms`; the answer cancels it. */
  after(ms: number, then: () => void): () => void;
}

export const realClock: Clock = {
  nowMs: () => Date.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export interface ManualClock extends Clock {
  /** Moves time on and runs what fell due, oldest first. */
  advance(ms: number): Promise<void>;
}

export function manualClock(startMs: number): ManualClock {
  let now = startMs;
  const due = new Set<{ atMs: number; run: () => void }>();
  return {
    nowMs: () => now,
    after(ms, then) {
      const entry = { atMs: now + ms, run: then };
      due.add(entry);
      return () => due.delete(entry);
    },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        const first = [...due].filter((e) => e.atMs <= end).sort((a, b) => a.atMs - b.atMs)[0];
        if (first === undefined) break;
        due.delete(first);
        now = Math.max(now, first.atMs);
        first.run();
        await new Promise((resolve) => setImmediate(resolve));
      }
      now = end;
    },
  };
}
