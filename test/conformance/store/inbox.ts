import { describe, expect, it } from 'vitest';
import { claimed, nothing, opening, step, summary, toKey, toStream } from './fixture.ts';
import type { Open } from './fixture.ts';

export function inboxSuite(open: Open): void {
  const opened = opening(open);

  describe('inbox', () => {
    it('keeps rows in the order of their arrival until a step answers them', async () => {
      const { store } = await opened();
      await store.accept([toStream('a', 's/1'), toStream('b', 's/2')]);
      await store.accept([toStream('c', 's/1', { text: 'ü \u0000 \uD800 "quoted"' })]);
      const rows = await store.inbox('s/1');
      expect(rows.map((row) => row.id)).toEqual(['a', 'c']);
      expect(rows.map((row) => row.body)).toEqual([{ id: 'a' }, { text: 'ü \u0000 \uD800 "quoted"' }]);
      await step(store, 's/1', { consumed: [rows[0]!.position], events: ['answered a'] });
      expect((await store.inbox('s/1')).map((row) => row.id)).toEqual(['c']);
      expect((await store.load('s/1')).inbox.map((row) => row.id)).toEqual(['c']);
    });

    it('takes an id once, for ever, and says where the first one went', async () => {
      const { store, other } = await opened();
      const first = await store.accept([toStream('a', 's/1'), toStream('a', 's/1')]);
      expect(first.map((row) => row.duplicate)).toEqual([false, true]);
      const { inbox } = await store.load('s/1');
      await step(store, 's/1', { consumed: inbox.map((row) => row.position) });
      expect(await other.accept([toKey('a', 'key', 's/9')])).toEqual([{ id: 'a', stream: 's/1', duplicate: true }]);
      expect(await store.inbox('s/1')).toEqual([]);
      const fresh = await store.accept([toKey('b', 'key', 's/10')]);
      expect(fresh).toEqual([{ id: 'b', stream: 's/10', duplicate: false }]);
    });

    it('counts each alert once, whichever rows bring news of it, and whoever takes them', async () => {
      const { store, other } = await opened();
      const news = (id: string, alert: string): ReturnType<typeof toStream> & { readonly alert: string } => ({
        ...toStream(id, 's/1'),
        alert,
      });
      await store.accept([news('a', 'one'), news('b', 'two'), news('c', 'one'), toStream('d', 's/1')]);
      await Promise.all([other.accept([news('e', 'two'), news('f', 'three')]), store.accept([news('g', 'three')])]);
      // A duplicate is no news.
      await store.accept([news('a', 'one')]);
      expect((await store.stats()).alerts).toBe(3);
    });

    it('accepts what many callers bring at once, each row once', async () => {
      const { store, other } = await opened();
      const calls = Array.from({ length: 100 }, (_, index) =>
        (index % 2 === 0 ? store : other).accept([toStream(`id ${index % 60}`, `s/${index % 7}`)]),
      );
      const accepted = (await Promise.all(calls)).flat();
      expect(accepted.filter((row) => !row.duplicate)).toHaveLength(60);
      expect((await store.stats()).inbox).toBe(60);
    });

    it('routes by key to the open stream that holds it, and to a fresh one after that has closed', async () => {
      const { store } = await opened();
      const accepted = await store.accept([toKey('a', 'model-server', 'inc/1'), toKey('b', 'model-server', 'inc/2')]);
      expect(accepted.map((row) => row.stream)).toEqual(['inc/1', 'inc/1']);
      await step(store, 'inc/1', { keys: ['model-server', 'model-server/alias'], summary: summary(true) });
      expect((await store.accept([toKey('c', 'model-server/alias', 'inc/3')]))[0]?.stream).toBe('inc/1');
      await step(store, 'inc/1', { summary: summary(false) });
      expect((await store.accept([toKey('d', 'model-server', 'inc/4')]))[0]?.stream).toBe('inc/4');
      expect((await store.accept([toKey('e', 'model-server/alias', 'inc/5')]))[0]?.stream).toBe('inc/5');
    });

    it('goes to a wider key where nobody holds the own one, and opens the wider one where it may', async () => {
      const { store, other } = await opened();
      const to = (id: string, key: string, fresh: string, opens: boolean) => ({
        id,
        to: { is: 'key', key, fresh, wider: { key: 'storm/eu', opens } } as const,
        body: { id },
      });
      const streams = async (...rows: Parameters<typeof store.accept>[0]) =>
        (await store.accept(rows)).map((row) => row.stream);
      // No storm is on: each its own.
      expect(await streams(to('1', 'eu/a', 'inc/a', false), to('2', 'eu/b', 'inc/b', false))).toEqual([
        'inc/a',
        'inc/b',
      ]);
      // One opens, and takes what has none; what has an own one keeps it, also within one delivery.
      expect(await streams(to('3', 'eu/c', 'storm/1', true), to('4', 'eu/d', 'storm/2', true))).toEqual([
        'storm/1',
        'storm/1',
      ]);
      const again = await other.accept([to('5', 'eu/e', 'inc/e', false), to('6', 'eu/a', 'inc/x', true)]);
      expect(again.map((row) => row.stream)).toEqual(['storm/1', 'inc/a']);
      // It is over: each its own again.
      await step(store, 'storm/1', { keys: ['storm/eu'], summary: summary(true) });
      await step(store, 'storm/1', { summary: summary(false) });
      expect(await streams(to('7', 'eu/c', 'inc/c', false))).toEqual(['inc/c']);
    });

    it('gives a key to one stream only, and up when its stream no longer names it', async () => {
      const { store } = await opened();
      await step(store, 'inc/1', { keys: ['a', 'b'], summary: summary(true) });
      await step(store, 'inc/2', { keys: ['b', 'c'], summary: summary(true) });
      expect((await store.accept([toKey('1', 'b', 'inc/9')]))[0]?.stream).toBe('inc/1');
      expect((await store.accept([toKey('2', 'c', 'inc/9')]))[0]?.stream).toBe('inc/2');
      await step(store, 'inc/1', { keys: ['a'] });
      expect((await store.accept([toKey('3', 'b', 'inc/9')]))[0]?.stream).toBe('inc/9');
      await step(store, 'inc/1', { keys: ['a'], summary: summary(false) });
      expect((await store.accept([toKey('4', 'a', 'inc/10')]))[0]?.stream).toBe('inc/10');
    });

    it('tells who answers to a key, with its number', async () => {
      const { store } = await opened();
      expect(await store.owner('a')).toBeNull();
      await store.accept([toKey('1', 'a', 'inc/1')]);
      expect(await store.owner('a')).toEqual({ stream: 'inc/1', number: null });
      const number = await store.number('inc/1');
      await step(store, 'inc/1', { keys: ['a', 'b'], summary: summary(true) });
      expect(await store.owner('b')).toEqual({ stream: 'inc/1', number });
      await step(store, 'inc/1', { summary: summary(false) });
      expect(await store.owner('a')).toBeNull();
    });

    it('lets two replicas that see a new key at once agree on one stream', async () => {
      const { store, other } = await opened();
      for (let round = 0; round < 10; round += 1) {
        const both = await Promise.all([
          store.accept([
            toKey(`x${round}`, `key ${round}`, `s/${round}/x`),
            toKey(`p${round}`, `key p${round}`, `p/${round}`),
          ]),
          other.accept([
            toKey(`q${round}`, `key p${round}`, `q/${round}`),
            toKey(`y${round}`, `key ${round}`, `s/${round}/y`),
          ]),
        ]);
        const of = (id: string): string | undefined => both.flat().find((row) => row.id === id)?.stream;
        expect(of(`x${round}`)).toBe(of(`y${round}`));
        expect(of(`p${round}`)).toBe(of(`q${round}`));
      }
    });

    it('loses no row of a key whose stream closes at that moment', async () => {
      const { store, other } = await opened();
      for (let round = 0; round < 15; round += 1) {
        const key = `closing ${round}`;
        await store.accept([toKey(`first ${round}`, key, `old/${round}`)]);
        const [accepted, closed] = await Promise.all([
          store.accept([toKey(`a ${round}`, `a ${round}`, `a/${round}`), toKey(`late ${round}`, key, `new/${round}`)]),
          step(other, `old/${round}`, { keys: [key, `also ${round}`], summary: summary(false) }),
        ]);
        expect(closed.is).toBe('done');
        const { stream } = accepted[1]!;
        expect([`old/${round}`, `new/${round}`]).toContain(stream);
        expect((await store.inbox(stream)).map((row) => row.id)).toContain(`late ${round}`);
        const [after] = await store.accept([toKey(`after ${round}`, key, `newer/${round}`)]);
        expect(after?.stream).toBe(stream === `new/${round}` ? stream : `newer/${round}`);
      }
    });

    it('takes ids and keys of any length and any characters', async () => {
      const { store } = await opened();
      const long = `${'é'.repeat(10_000)}\u0000\uDC00`;
      const accepted = await store.accept([toKey(long, long, 'inc/1'), toKey(`${long}2`, long, 'inc/2')]);
      expect(accepted.map(({ stream, duplicate }) => ({ stream, duplicate }))).toEqual([
        { stream: 'inc/1', duplicate: false },
        { stream: 'inc/1', duplicate: false },
      ]);
      expect(accepted[0]?.id).toBe(long);
      await step(store, 'inc/1', { keys: [long], summary: summary(true) });
      expect((await store.accept([toKey(long, long, 'inc/3')]))[0]).toMatchObject({ stream: 'inc/1', duplicate: true });
    });

    it('says that it is full, still knows duplicates, and takes rows again when some are answered', async () => {
      const { store } = await opened({ inboxLimit: 3 });
      await store.accept([toStream('a', 's'), toStream('b', 's'), toStream('c', 's')]);
      await expect(store.accept([toStream('d', 's')])).rejects.toMatchObject({ kind: 'too many requests' });
      expect((await store.accept([toStream('a', 's')]))[0]?.duplicate).toBe(true);
      const [first] = await store.inbox('s');
      await step(store, 's', { consumed: [first!.position] });
      expect((await store.accept([toStream('d', 's')]))[0]?.duplicate).toBe(false);
      await expect(store.accept([toStream('e', 's'), toStream('f', 's')])).rejects.toMatchObject({
        message: expect.stringContaining('inbox is full'),
      });
      expect((await store.inbox('s')).map((row) => row.id)).toEqual(['b', 'c', 'd']);
    });

    it('lists the streams that have unanswered rows or are due, and are nobody’s', async () => {
      const { store, advance } = await opened();
      await store.accept([toStream('a', 's/1'), toStream('b', 's/2')]);
      const claim = await claimed(store, 's/2', 'one', 300);
      const now = await store.now();
      await step(store, 's/3', { dueAt: now, events: [1] });
      await step(store, 's/4', { dueAt: new Date(Date.parse(now) + 60_000).toISOString(), events: [1] });
      expect([...(await store.due(10))].sort()).toEqual(['s/1', 's/3']);
      expect(await store.due(1)).toHaveLength(1);
      await advance(400);
      expect([...(await store.due(10))].sort()).toEqual(['s/1', 's/2', 's/3']);
      expect((await store.commit(claim, 0, { ...nothing, consumed: [2] })).is).toBe('done');
    });

    it('tells every replica of accepted rows', async () => {
      const { store, other } = await opened();
      const heard: string[] = [];
      const stop = store.onAccepted((stream) => heard.push(`one ${stream}`));
      other.onAccepted((stream) => heard.push(`two ${stream}`));
      await other.accept([toStream('a', 's/1')]);
      await expect.poll(() => [...heard].sort()).toEqual(['one s/1', 'two s/1']);
      stop();
      await store.accept([toStream('b', 's/1')]);
      await expect.poll(() => heard).toHaveLength(3);
      expect(heard.at(-1)).toBe('two s/1');
    });
  });
}
