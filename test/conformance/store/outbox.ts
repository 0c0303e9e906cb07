import { describe, expect, it } from 'vitest';
import type { Desired } from '../../../src/core/message.ts';
import type { Claim, Store } from '../../../src/core/ports/store.ts';
import { claimed, kept, later, message, opening, said, step } from './fixture.ts';
import type { Fixture, Open, Options } from './fixture.ts';

export function outboxSuite(open: Open): void {
  const opened = opening(open);
  const publishing = async (options?: Options): Promise<Fixture & { publisher: Claim }> => {
    const fixture = await opened(options);
    return { ...fixture, publisher: await claimed(fixture.store, 'publisher', 'publisher', 600_000) };
  };
  const offered = async (store: Store): Promise<readonly string[]> =>
    (await store.outbox(100)).map((row) => `${row.desired.key} ${row.desired.message.lock}`);
  const send = async (store: Store, publisher: Claim, key: string, revision = 1): Promise<void> => {
    expect(await store.sending(publisher, key, revision)).toBe(true);
    expect(await store.sent(publisher, key, revision, { channel: 'C1', ts: `ts of ${key}` })).toBe(true);
  };
  const say = (store: Store, ...messages: readonly Desired[]): Promise<unknown> =>
    step(store, 'incident/1', { messages });

  describe('outbox', () => {
    it('offers the newest wanted state of a kept message, and nothing once it is sent', async () => {
      const { store, publisher } = await publishing();
      await say(store, message('root', 'looking', kept()));
      await say(store, message('root', 'found', kept()));
      const [row] = await store.outbox(10);
      expect(row).toMatchObject({ revision: 2, sentRevision: 0, ref: null, parent: null, unsure: false, failures: 0 });
      expect(row?.desired).toEqual(message('root', 'found', kept()));
      await send(store, publisher, 'root', 2);
      expect(await store.outbox(10)).toEqual([]);
      await say(store, message('root', 'found', kept(), { priority: 0 }));
      expect(await store.outbox(10)).toEqual([]);
      await say(store, message('root', 'fixed', kept()));
      expect((await store.outbox(10))[0]).toMatchObject({
        revision: 3,
        sentRevision: 2,
        ref: { channel: 'C1', ts: 'ts of root' },
      });
      expect(await store.messageAt({ channel: 'C1', ts: 'ts of root' })).toEqual({ key: 'root', stream: 'incident/1' });
      expect(await store.messageAt({ channel: 'C2', ts: 'ts of root' })).toBeNull();
      expect(await store.messageRef('root')).toEqual({ channel: 'C1', ts: 'ts of root' });
      expect(await store.messageRef('nobody')).toBeNull();
    });

    it('offers again what changed while it was being sent', async () => {
      const { store, publisher } = await publishing();
      await say(store, message('root', 'one', kept()));
      expect(await store.sending(publisher, 'root', 1)).toBe(true);
      await say(store, message('root', 'two', kept()));
      expect(await store.sent(publisher, 'root', 1, { channel: 'C1', ts: '1' })).toBe(true);
      expect((await store.outbox(10))[0]).toMatchObject({
        revision: 2,
        sentRevision: 1,
        unsure: false,
        ref: { ts: '1' },
      });
      expect(await store.sending(publisher, 'root', 1)).toBe(false);
    });

    it('marks as unsure what was begun until its outcome is known', async () => {
      const { store, publisher } = await publishing();
      await say(store, message('root', 'one', kept()));
      await store.sending(publisher, 'root', 1);
      expect((await store.outbox(10))[0]?.unsure).toBe(true);
      expect(await store.notSent(publisher, 'root', 'no answer', await store.now(), true)).toBe(true);
      expect((await store.outbox(10))[0]).toMatchObject({ unsure: true, failures: 1 });
      expect(await store.notSent(publisher, 'root', 'refused', await store.now(), false)).toBe(true);
      expect((await store.outbox(10))[0]).toMatchObject({ unsure: false, failures: 2 });
      await send(store, publisher, 'root');
      await say(store, message('root', 'two', kept()));
      expect((await store.outbox(10))[0]).toMatchObject({ unsure: false, failures: 0 });
    });

    it('says what is said once, whatever is wanted later under its key', async () => {
      const { store, publisher } = await publishing();
      await say(store, message('ping', 'please approve', said()));
      await say(store, message('ping', 'please approve now', said()));
      expect(await offered(store)).toEqual(['ping please approve']);
      await send(store, publisher, 'ping');
      await say(store, message('ping', 'again', said()));
      expect(await store.outbox(10)).toEqual([]);
    });

    it('offers a reply only when its parent stands, with where that is', async () => {
      const { store, publisher } = await publishing();
      await say(
        store,
        message('card', 'proposal', kept('root'), { priority: 0 }),
        message('root', 'found', kept(), { priority: 2 }),
      );
      expect(await offered(store)).toEqual(['root found']);
      await send(store, publisher, 'root');
      expect((await store.outbox(10))[0]).toMatchObject({
        desired: { key: 'card' },
        parent: { channel: 'C1', ts: 'ts of root' },
      });
    });

    it('keeps the order of what is said within one thread, and a dead one holds nobody up', async () => {
      const { store, publisher } = await publishing();
      await say(store, message('root', 'r', kept()), message('other', 'o', kept()));
      await send(store, publisher, 'root');
      await send(store, publisher, 'other');
      await say(
        store,
        message('1', 'one', said('root')),
        message('2', 'two', said('root')),
        message('3', 'three', said('root'), { priority: 0 }),
      );
      await say(store, message('x', 'elsewhere', said('other')), message('card', 'kept', kept('root')));
      expect([...(await offered(store))].sort()).toEqual(['1 one', 'card kept', 'x elsewhere']);
      await store.notSent(publisher, '1', 'slow down', await later(store, 60_000), false);
      expect([...(await offered(store))].sort()).toEqual(['card kept', 'x elsewhere']);
      await store.notSent(publisher, '1', 'the channel is archived', null, false);
      expect([...(await offered(store))].sort()).toEqual(['2 two', 'card kept', 'x elsewhere']);
      await send(store, publisher, '2');
      expect(await offered(store)).toContain('3 three');
      expect((await store.stats()).dead).toBe(1);
    });

    it('goes by priority, then age; what others wait for is as urgent as they are', async () => {
      const { store, publisher, advance } = await publishing();
      await say(store, message('detail', 'd', kept(), { priority: 2 }));
      await advance(5);
      await say(store, message('progress', 'p', kept()));
      await advance(5);
      await say(store, message('root', 'r', kept(), { priority: 2 }));
      expect(await offered(store)).toEqual(['progress p', 'detail d', 'root r']);
      await say(store, message('card', 'c', said('root'), { priority: 0 }));
      expect(await offered(store)).toEqual(['root r', 'progress p', 'detail d']);
      await send(store, publisher, 'root');
      expect(await offered(store)).toEqual(['card c', 'progress p', 'detail d']);
      expect(await store.outbox(1)).toHaveLength(1);
    });

    it('waits for the retry time; never again means dead until the message changes', async () => {
      const { store, publisher, advance } = await publishing();
      await say(store, message('root', 'r', kept()), message('once', 'o', said()));
      await store.notSent(publisher, 'root', 'slow down', await later(store, 300), false);
      await store.notSent(publisher, 'once', 'no such channel', null, false);
      expect(await offered(store)).toEqual([]);
      expect(await store.stats()).toMatchObject({ outbox: 1, dead: 1 });
      await advance(400);
      expect(await offered(store)).toEqual(['root r']);
      await store.notSent(publisher, 'root', 'too long', null, false);
      await say(store, message('root', 'r', kept()));
      expect(await offered(store)).toEqual([]);
      await say(store, message('root', 'shorter', kept()));
      expect((await store.outbox(10))[0]).toMatchObject({ failures: 0, revision: 2 });
    });

    it('drops a whisper past its time', async () => {
      const { store, advance } = await publishing();
      const notAfter = await later(store, 300);
      await say(store, message('w', 'only you see it', { is: 'whispered', to: 'U1', under: null, notAfter }));
      expect(await offered(store)).toEqual(['w only you see it']);
      await advance(400);
      expect(await offered(store)).toEqual([]);
      expect((await store.stats()).outbox).toBe(0);
    });

    it('is written by the publisher’s claim only', async () => {
      const { store, other, publisher } = await publishing();
      await say(store, message('root', 'r', kept()));
      await store.release(publisher);
      const next = await claimed(other, 'publisher', 'two');
      expect(await store.sending(publisher, 'root', 1)).toBe(false);
      expect(await store.sent(publisher, 'root', 1, { channel: 'C1', ts: '1' })).toBe(false);
      expect(await store.notSent(publisher, 'root', 'x', null, false)).toBe(false);
      expect((await store.outbox(10))[0]).toMatchObject({ unsure: false, failures: 0, sentRevision: 0 });
      await send(other, next, 'root');
    });

    it('leaves out what cannot be sent now, so that it holds nobody up', async () => {
      const { store, publisher } = await publishing();
      const elsewhere = { channel: 'C2' } as const;
      await say(store, message('r1', 'sent before', kept()), message('r2', 'new here', kept(), { priority: 2 }));
      await send(store, publisher, 'r1');
      await say(
        store,
        message('r1', 'edited', kept()),
        message('a', 'approve', said(), { priority: 0 }),
        message('b', 'there', kept(), elsewhere),
      );
      const through = async (gates: Parameters<Store['outbox']>[1]): Promise<readonly string[]> =>
        (await store.outbox(10, gates)).map((row) => row.desired.key).sort();
      expect(await through({ closed: [], urgent: [], edits: 'open' })).toEqual(['a', 'b', 'r1', 'r2']);
      expect(await through({ closed: ['C1'], urgent: [], edits: 'open' })).toEqual(['b', 'r1']);
      expect(await through({ closed: ['C1'], urgent: [], edits: 'progress' })).toEqual(['b', 'r1']);
      expect(await through({ closed: ['C2'], urgent: ['C1'], edits: 'urgent' })).toEqual(['a']);
      expect(await through({ closed: ['C1', 'C2'], urgent: [], edits: 'closed' })).toEqual([]);
    });

    it('posts anew what is not there any more, with what is kept below it and the reason', async () => {
      const { store, publisher } = await publishing();
      await say(
        store,
        message('root', 'r', kept()),
        message('card', 'c', kept('root')),
        message('ping', 'p', said('root')),
      );
      await send(store, publisher, 'root');
      await send(store, publisher, 'card');
      await send(store, publisher, 'ping');
      expect(await store.outbox(10)).toEqual([]);
      expect(await store.lost(publisher, 'root', 'The message before this one was deleted.')).toBe(true);
      const [row, ...others] = await store.outbox(10);
      expect(row).toMatchObject({ desired: { key: 'root' }, ref: null, sentRevision: 0, unsure: false });
      expect(row?.note).toBe('The message before this one was deleted.');
      expect(others).toEqual([]);
      expect(await store.sent(publisher, 'root', 1, { channel: 'C9', ts: '9' })).toBe(true);
      const [card, ...more] = await store.outbox(10);
      expect(card).toMatchObject({
        desired: { key: 'card' },
        ref: null,
        parent: { channel: 'C9', ts: '9' },
        note: null,
      });
      expect(more).toEqual([]);
      await say(store, message('root', 'changed', kept()));
      expect((await store.outbox(10)).find((one) => one.desired.key === 'root')?.note).toMatch(/was deleted/);
    });

    it('leaves out what is too late and said elsewhere, and says how many; never what is sent already', async () => {
      const { store, publisher, advance } = await publishing();
      const thread = (...more: readonly Desired[]): Promise<unknown> =>
        say(store, message('incident/1/root', 'r', kept()), ...more);
      const below = (key: string, late?: 'fold'): Desired =>
        message(key, key, said('incident/1/root'), late === undefined ? {} : { late });
      await thread(below('note', 'fold'), below('page'), below('over'));
      await send(store, publisher, 'incident/1/root');
      await advance(300);
      // The newest state does not want one of them any more.
      await thread(below('note', 'fold'), below('page'));
      await thread(below('note', 'fold'), below('page'), below('young', 'fold'));
      expect(await store.fold(publisher, 60_000)).toBe(0);
      expect(await store.fold(publisher, 250)).toBe(2);
      expect(await offered(store)).toEqual(['page page']);
      expect((await store.stats()).outbox).toBe(2);
      await say(store, message('incident/1/root', 'newer', kept()));
      expect((await store.outbox(10)).find((one) => one.desired.key === 'incident/1/root')?.folded).toBe(2);
    });

    it('posts nothing of a thread that nobody has seen and that is not worth it any more; what was seen is kept up to date', async () => {
      const { store, publisher } = await publishing();
      const root = (text: string, late?: 'unseen'): Desired =>
        message('incident/1/root', text, kept(), late === undefined ? {} : { late });
      const below = (key: string): Desired => message(key, key, said('incident/1/root'));
      await say(store, root('broken'), below('call'));
      await say(store, root('part of another', 'unseen'), below('note'));
      expect(await offered(store)).toEqual([]);
      expect((await store.stats()).outbox).toBe(0);
      await say(store, root('still part of it', 'unseen'));
      expect(await offered(store)).toEqual([]);
      // Open again: it is worth a message.
      await say(store, root('open again'), below('now'));
      expect(await offered(store)).toEqual(['incident/1/root open again']);
      await send(store, publisher, 'incident/1/root', 4);
      await say(store, root('part of another', 'unseen'));
      expect(await offered(store)).toEqual(['now now', 'incident/1/root part of another']);
    });

    it('lists what was refused for good with its reason, and tries it again by hand', async () => {
      const { store, publisher } = await publishing();
      expect(await store.undelivered(5)).toEqual({ waiting: 0, since: null, dead: 0, letters: [] });
      await say(store, message('one', 'first', kept()), message('two', 'second', kept(), { channel: 'C2' }));
      const waits = await store.undelivered(5);
      expect(waits).toMatchObject({ waiting: 2, dead: 0 });
      expect(waits.since).toMatch(/^2\d{3}-/);
      await store.notSent(publisher, 'one', 'invalid: Slack refused it', null, false);
      await store.notSent(publisher, 'two', 'forbidden: the channel is archived', null, false);
      const dead = await store.undelivered(1);
      expect(dead).toMatchObject({ waiting: 0, since: null, dead: 2 });
      expect(dead.letters).toMatchObject([
        { key: 'two', stream: 'incident/1', channel: 'C2', lock: 'second', why: 'forbidden: the channel is archived' },
      ]);
      expect(await store.revive('C2')).toBe(1);
      expect(await offered(store)).toEqual(['two second']);
      expect(await store.revive(null)).toBe(1);
      expect([...(await offered(store))].sort()).toEqual(['one first', 'two second']);
      expect((await store.undelivered(5)).dead).toBe(0);
    });
  });
}
