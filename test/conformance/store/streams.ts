import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/core/json.ts';
import { claimed, entry, kept, later, message, nothing, opening, step, summary, toStream } from './fixture.ts';
import type { Open } from './fixture.ts';

export function streamSuite(open: Open): void {
  const opened = opening(open);

  describe('leases', () => {
    it('are one owner’s until they end, and every claim has a higher epoch', async () => {
      const { store, other, advance } = await opened();
      const first = await claimed(store, 'job', 'one', 300);
      expect(await other.claim('job', 'two', 300)).toBeNull();
      expect(await store.renew(first, 300)).toBe(true);
      await advance(400);
      const second = await claimed(other, 'job', 'two', 60_000);
      expect(second.epoch).toBeGreaterThan(first.epoch);
      expect(await store.renew(first, 300)).toBe(false);
      await store.release(first);
      expect(await store.claim('job', 'one', 300)).toBeNull();
      await other.release(second);
      expect((await claimed(store, 'job', 'one')).epoch).toBeGreaterThan(second.epoch);
    });

    it('can be renewed after their end as long as nobody else took them', async () => {
      const { store, other, advance } = await opened();
      const claim = await claimed(store, 'job', 'one', 100);
      await advance(200);
      expect(await store.renew(claim, 60_000)).toBe(true);
      expect(await other.claim('job', 'two', 1000)).toBeNull();
    });

    it('give one of many that ask at once the lease', async () => {
      const { store, other } = await opened();
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? store : other).claim('job', `owner ${index}`, 60_000),
        ),
      );
      expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
    });

    it('fence a paused owner: what it commits after a take-over changes nothing', async () => {
      const { store, other, advance } = await opened();
      const paused = await claimed(store, 's', 'one', 100);
      expect((await store.commit(paused, 0, { ...nothing, events: ['first'] })).is).toBe('done');
      await advance(200);
      const owner = await claimed(other, 's', 'two', 60_000);
      expect(await store.commit(paused, 1, { ...nothing, events: ['late'] })).toEqual({ is: 'lost' });
      expect(await store.sending(paused, 'm', 1)).toBe(false);
      expect(await other.commit(owner, 1, { ...nothing, events: ['second'] })).toEqual({ is: 'done', seq: 2 });
      expect((await store.load('s')).events.map((event) => event.body)).toEqual(['first', 'second']);
    });
  });

  describe('steps', () => {
    it('append events without gaps, each with number and time', async () => {
      const { store } = await opened();
      const claim = await claimed(store, 's');
      expect(await store.load('s')).toEqual({ seq: 0, events: [], inbox: [] });
      expect(await store.commit(claim, 0, { ...nothing, events: [{ b: 1, a: [null, true] }, 'two'] })).toEqual({
        is: 'done',
        seq: 2,
      });
      expect(await store.commit(claim, 2, { ...nothing, events: ['three'] })).toEqual({ is: 'done', seq: 3 });
      const { seq, events } = await store.load('s');
      expect(seq).toBe(3);
      expect(events.map((event) => [event.seq, event.body])).toEqual([
        [1, { b: 1, a: [null, true] }],
        [2, 'two'],
        [3, 'three'],
      ]);
      for (const event of events) expect(event.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    });

    it('are all or nothing: a moved stream, an answered row or a held target stores no part', async () => {
      const { store } = await opened();
      await store.accept([toStream('a', 's')]);
      const [row] = await store.inbox('s');
      await step(store, 's', { consumed: [row!.position], events: ['one'] });
      await step(store, 'holder', { hold: 'eu-west-1/ns/app' });
      const claim = await claimed(store, 's');
      const all = {
        ...nothing,
        events: ['x'],
        evidence: [{ id: 'e', body: 1 }],
        messages: [message('m', 'hello', kept())],
        audit: [entry('approve')],
        dueAt: await store.now(),
        keys: ['k'],
        summary: summary(true),
      };
      expect(await store.commit(claim, 0, all)).toEqual({ is: 'moved' });
      expect(await store.commit(claim, 2, all)).toEqual({ is: 'moved' });
      expect(await store.commit(claim, 1, { ...all, consumed: [row!.position] })).toEqual({ is: 'moved' });
      expect(await store.commit(claim, 1, { ...all, hold: 'eu-west-1' })).toEqual({ is: 'held', by: 'holder' });
      await store.release(claim);
      expect((await store.load('s')).events.map((event) => event.body)).toEqual(['one']);
      expect(await store.evidence('s', 'e')).toBeNull();
      expect(await store.outbox(10)).toEqual([]);
      expect((await store.auditHead()).number).toBe(0);
      expect(await store.due(10)).toEqual([]);
      expect(await store.streams({ open: null, limit: 10 })).toEqual([]);
    });

    it('do not take an inbox row of another stream', async () => {
      const { store } = await opened();
      await store.accept([toStream('a', 's/1')]);
      const [row] = await store.inbox('s/1');
      expect((await step(store, 's/2', { consumed: [row!.position] })).is).toBe('moved');
      expect(await store.inbox('s/1')).toHaveLength(1);
    });

    it('keep evidence as it was handed in', async () => {
      const { store } = await opened();
      const body: Json = { logs: 'line\u0000\nline', pods: [{ name: 'a', ready: false }], n: 1e21, empty: {} };
      await step(store, 's', { evidence: [{ id: 'look/eu-west-1', body }] });
      expect(await store.evidence('s', 'look/eu-west-1')).toEqual(body);
      await step(store, 's', { evidence: [{ id: 'look/eu-west-1', body: 'again' }] });
      expect(await store.evidence('s', 'look/eu-west-1')).toBe('again');
      expect(await store.evidence('other', 'look/eu-west-1')).toBeNull();
    });

    it('allot each stream one number, in order', async () => {
      const { store, other } = await opened();
      const numbers = await Promise.all(
        ['a', 'b', 'a', 'c'].map((name, index) => (index % 2 === 0 ? store : other).number(name)),
      );
      expect(numbers[0]).toBe(numbers[2]);
      expect([...new Set(numbers)].sort((one, other) => one - other)).toEqual([1, 2, 3]);
      expect(await store.number('b')).toBe(numbers[1]);
      await step(store, 'b', { summary: summary(true, { number: numbers[1]! }) });
      expect((await store.byNumber(numbers[1]!))?.stream).toBe('b');
      expect(await store.byNumber(99)).toBeNull();
    });
  });

  describe('holds', () => {
    it('exclude the same target, what is in it and what it is in, but not its neighbours', async () => {
      const { store, other } = await opened();
      const hold = async (stream: string, target: string): Promise<string> => {
        const committed = await step(stream === 'a' ? store : other, stream, { hold: target });
        return committed.is === 'held' ? `held by ${committed.by}` : committed.is;
      };
      expect(await hold('a', 'eu-west-1/ml-platform/model-server')).toBe('done');
      expect(await hold('b', 'eu-west-1/ml-platform/model-server')).toBe('held by a');
      expect(await hold('b', 'eu-west-1/ml-platform')).toBe('held by a');
      expect(await hold('b', 'eu-west-1')).toBe('held by a');
      expect(await hold('b', '')).toBe('held by a');
      expect(await hold('b', 'eu-west-1/ml-platform/model-server/pod-1')).toBe('held by a');
      expect(await hold('b', 'eu-west-1/ml-platform/model-server-2')).toBe('done');
      expect(await hold('b', 'eu-west-10')).toBe('done');
      expect(await hold('b', 'eu-west-1/ml_platform/x%')).toBe('done');
      expect(await hold('a', 'eu-west-1/ml-platform/model-server')).toBe('done');
      expect((await step(store, 'a', { release: 'eu-west-1/ml-platform/model-server' })).is).toBe('done');
      expect(await hold('c', 'eu-west-1/ml-platform/model-server')).toBe('done');
    });

    it('are released by their own stream only', async () => {
      const { store } = await opened();
      await step(store, 'a', { hold: 'eu-west-1' });
      await step(store, 'b', { release: 'eu-west-1' });
      expect(await step(store, 'b', { hold: 'eu-west-1/x' })).toEqual({ is: 'held', by: 'a' });
      expect((await step(store, 'a', { release: 'eu-west-1', hold: 'us-east-1' })).is).toBe('done');
      expect((await step(store, 'b', { hold: 'eu-west-1/x' })).is).toBe('done');
    });

    it('go to one of two replicas that ask at once', async () => {
      const { store, other } = await opened();
      for (let round = 0; round < 10; round += 1) {
        const both = await Promise.all([
          step(store, `a${round}`, { hold: `r${round}` }),
          step(other, `b${round}`, { hold: `r${round}/ns/app` }),
        ]);
        expect(both.map((one) => one.is).sort()).toEqual(['done', 'held']);
      }
    });
  });

  it('a due time passes only once its moment has come, and a later step changes it', async () => {
    const { store, advance } = await opened();
    await step(store, 's', { dueAt: await later(store, 300) });
    expect(await store.due(10)).toEqual([]);
    await advance(400);
    expect(await store.due(10)).toEqual(['s']);
    await step(store, 's', { dueAt: null });
    expect(await store.due(10)).toEqual([]);
  });
}
