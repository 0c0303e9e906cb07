import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/core/ports/store.ts';
import { claimed, later, nothing, opening, step, toStream } from './fixture.ts';
import type { Open } from './fixture.ts';

/** Answers whatever is there, as a driver does: null claims are another's business. */
async function answer(store: Store, stream: string, owner: string): Promise<number> {
  const claim = await store.claim(stream, owner, 5000);
  if (claim === null) return 0;
  try {
    const { seq, inbox } = await store.load(stream);
    const events = inbox.map((row) => row.id);
    const committed = await store.commit(claim, seq, {
      ...nothing,
      consumed: inbox.map((row) => row.position),
      events,
    });
    return committed.is === 'done' ? events.length : 0;
  } finally {
    await store.release(claim);
  }
}

export function distributeSuite(open: Open): void {
  const opened = opening(open);

  describe('distribute', () => {
    it('drives at once what arrives, and what had arrived before', async () => {
      const { store } = await opened();
      await store.accept([toStream('a', 's/1')]);
      const driven: string[] = [];
      await store.distribute(async (stream) => {
        driven.push(stream);
        await answer(store, stream, 'one');
      }, 4);
      await expect.poll(() => driven, { timeout: 5000 }).toContain('s/1');
      const before = performance.now();
      await store.accept([toStream('b', 's/2')]);
      await expect.poll(() => driven, { timeout: 5000, interval: 5 }).toContain('s/2');
      expect(performance.now() - before).toBeLessThan(1500);
      await expect.poll(async () => (await store.stats()).inbox, { timeout: 5000 }).toBe(0);
    });

    it('drives what becomes due', async () => {
      const { store } = await opened();
      const driven: string[] = [];
      await store.distribute(async (stream) => {
        driven.push(stream);
        await step(store, stream, { dueAt: null });
      }, 4);
      await step(store, 's', { dueAt: await later(store, 300) });
      expect(driven).toEqual([]);
      await expect.poll(() => driven, { timeout: 5000, interval: 10 }).toEqual(['s']);
    });

    it('drives again after a wake during a drive, and never one stream twice at once', async () => {
      const { store } = await opened();
      let active = 0;
      let most = 0;
      let drives = 0;
      await store.distribute(async (stream) => {
        active += 1;
        most = Math.max(most, active);
        drives += 1;
        const claim = await claimed(store, stream);
        const { seq, inbox } = await store.load(stream);
        const consumed = inbox.map((row) => row.position);
        if (drives === 1) await sleep(100);
        await store.commit(claim, seq, { ...nothing, consumed, events: inbox.map((row) => row.id) });
        await store.release(claim);
        active -= 1;
      }, 8);
      await store.accept([toStream('first', 's')]);
      await expect.poll(() => drives, { timeout: 5000, interval: 5 }).toBe(1);
      for (let index = 0; index < 20; index += 1) await store.accept([toStream(`during ${index}`, 's')]);
      await expect.poll(async () => (await store.load('s')).seq, { timeout: 8000 }).toBe(21);
      expect(most).toBe(1);
      expect(drives).toBeGreaterThan(1);
    });

    it('drives no more streams at once than it may', async () => {
      const { store } = await opened();
      let active = 0;
      let most = 0;
      const driven = new Set<string>();
      await store.distribute(async (stream) => {
        active += 1;
        most = Math.max(most, active);
        await sleep(20);
        await answer(store, stream, 'one');
        driven.add(stream);
        active -= 1;
      }, 3);
      await Promise.all(
        Array.from({ length: 12 }, (_, index) => store.accept([toStream(`id ${index}`, `s/${index}`)])),
      );
      await expect.poll(() => driven.size, { timeout: 8000 }).toBe(12);
      expect(most).toBeLessThanOrEqual(3);
    });

    it('tells of a drive that failed, and drives again', async () => {
      const errors: string[] = [];
      const { store } = await opened({ onError: (error, stream) => errors.push(`${stream}: ${String(error)}`) });
      let drives = 0;
      await store.distribute(async (stream) => {
        drives += 1;
        if (drives < 3) throw new Error(`attempt ${drives}`);
        await answer(store, stream, 'one');
      }, 1);
      await store.accept([toStream('a', 's')]);
      await expect.poll(async () => (await store.stats()).inbox, { timeout: 15_000, interval: 50 }).toBe(0);
      expect(errors).toEqual(['s: Error: attempt 1', 's: Error: attempt 2']);
    }, 20_000);

    it('stops without waiting for a drive, and starts nothing more', async () => {
      const { store } = await opened();
      const driven: string[] = [];
      const { stop } = await store.distribute(async (stream) => {
        driven.push(stream);
        await sleep(300);
      }, 1);
      await store.accept([toStream('a', 's/1')]);
      await expect.poll(() => driven, { timeout: 5000, interval: 5 }).toEqual(['s/1']);
      const before = performance.now();
      await stop();
      expect(performance.now() - before).toBeLessThan(250);
      await store.accept([toStream('b', 's/2')]);
      await sleep(500);
      expect(driven).toEqual(['s/1']);
    });

    it('takes over what a dead owner left, by the sweep', async () => {
      const { store, other, advance } = await opened();
      await store.accept([toStream('a', 's')]);
      await claimed(store, 's', 'dead', 300);
      await other.distribute(async (stream) => void (await answer(other, stream, 'two')), 2);
      await advance(400);
      await expect
        .poll(async () => (await store.load('s')).events.map((event) => event.body), { timeout: 8000 })
        .toEqual(['a']);
    }, 10_000);
  });
}
