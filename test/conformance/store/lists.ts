import { describe, expect, it } from 'vitest';
import { verifyAudit } from '../../../src/adapters/store/index.ts';
import { auditKey, claimed, entry, kept, later, message, opening, step, summary, toStream } from './fixture.ts';
import type { Open } from './fixture.ts';

export function listSuite(open: Open): void {
  const opened = opening(open);

  it('lists streams by their last change, open or closed', async () => {
    const { store } = await opened();
    await step(store, 'a', { summary: summary(true, { updatedAt: '2026-03-01T02:00:00.000Z' }) });
    await step(store, 'b', {
      summary: summary(true, { updatedAt: '2026-03-01T03:00:00.000Z', title: 'Ünïcode \u0000' }),
    });
    await step(store, 'c', { summary: summary(false, { updatedAt: '2026-03-01T04:00:00.000Z' }) });
    await store.accept([toStream('x', 'no summary yet')]);
    const names = async (open: boolean | null): Promise<readonly string[]> =>
      (await store.streams({ open, limit: 10 })).map((info) => info.stream);
    expect(await names(null)).toEqual(['c', 'b', 'a']);
    expect(await names(true)).toEqual(['b', 'a']);
    expect(await names(false)).toEqual(['c']);
    expect((await store.streams({ open: true, limit: 1 }))[0]?.summary.title).toBe('Ünïcode \u0000');
  });

  it('lists what was changed for a while, and keeps its streams until it is taken back', async () => {
    const { store, other, advance } = await opened();
    const temporary = [
      {
        proposal: 'p1',
        region: 'eu-west-1',
        what: 'autoscaler "x" \u0000: 4 to 36 instead of 4 to 24',
        by: 'U1',
        since: '2026-03-01T02:16:00.000Z',
        undoAsked: false,
      },
    ];
    await step(store, 'young', { summary: summary(true, { temporary, updatedAt: '2026-03-01T03:00:00.000Z' }) });
    await step(store, 'old', { summary: summary(false, { temporary }) });
    await step(store, 'none', { summary: summary(false, { title: '"temporary":[{' }) });
    await step(store, 'done', { summary: summary(false, { temporary: [] }) });
    const all = await other.temporary(10);
    expect(all.map((one) => one.stream)).toEqual(['old', 'young']);
    expect(all[0]?.summary.temporary).toEqual(temporary);
    expect(await store.temporary(1)).toHaveLength(1);
    await advance(20);
    expect(await store.prune(await store.now())).toBe(2);
    expect((await store.temporary(10)).map((one) => one.stream)).toEqual(['old', 'young']);
    await step(store, 'old', { summary: summary(false) });
    expect((await store.temporary(10)).map((one) => one.stream)).toEqual(['young']);
    await advance(20);
    expect(await store.prune(await store.now())).toBe(1);
  });

  it('lists what differs from its source, and forgets it with its stream: nobody looks into the source', async () => {
    const { store, advance } = await opened();
    const what = 'deployment a/b: v2.4.0 instead of v2.4.1';
    const since = '2026-03-01T02:16:00.000Z';
    const one = {
      proposal: 'p1',
      region: 'eu-west-1',
      what,
      by: 'U1',
      since,
      undoAsked: false,
      differs: 'Git',
    } as const;
    await step(store, 'back', { summary: summary(false, { differs: [one] }) });
    await step(store, 'none', { summary: summary(true, { title: '"differs":[{' }) });
    expect((await store.temporary(10)).map((info) => info.summary.differs)).toEqual([[one]]);
    await advance(20);
    expect(await store.prune(await store.now())).toBe(1);
    expect(await store.temporary(10)).toEqual([]);
  });

  it('remembers the faults of closed incidents by their key, the newest first, until their stream is removed', async () => {
    const { store, other, advance } = await opened();
    const fault = (key: string, number: number, day: string) => ({
      key,
      number,
      closedAt: `2026-03-${day}T02:16:00.000Z`,
      title: 'model-server: image "v2" \u0000 not found',
      how: 'rolled back',
      by: 'U1',
      judged: null,
    });
    const since = '2026-03-01T00:00:00.000Z';
    await step(store, 'a', {
      summary: summary(false),
      past: [fault('image/eu/x', 1, '02'), fault('cpu/eu/x', 1, '02')],
    });
    await step(store, 'b', { summary: summary(false), past: [fault('image/eu/x', 2, '05')] });
    await step(store, 'c', { summary: summary(true), past: [fault('image/eu/y', 3, '04')] });
    const found = async (key: string | null, from = since): Promise<readonly number[]> =>
      (await other.past({ key, since: from, limit: 10 })).map((one) => one.number);
    expect(await found('image/eu/x')).toEqual([2, 1]);
    expect(await found('image/eu/x', '2026-03-03T00:00:00.000Z')).toEqual([2]);
    expect(await found(null)).toEqual([2, 3, 1, 1]);
    expect(await store.past({ key: 'image/eu/x', since, limit: 1 })).toEqual([
      { ...fault('image/eu/x', 2, '05'), stream: 'b' },
    ]);
    // What people say later replaces what was; a step that says nothing changes nothing.
    const judged = { right: false, said: 'the registry' };
    await step(store, 'b', { past: [{ ...fault('image/eu/x', 2, '05'), judged }] });
    await step(store, 'b', {});
    expect((await store.past({ key: 'image/eu/x', since, limit: 1 }))[0]?.judged).toEqual(judged);
    await advance(20);
    expect(await store.prune(await store.now())).toBe(2);
    expect(await found(null)).toEqual([3]);
  });

  it('keeps settings for every replica, with their audit entry', async () => {
    const { store, other } = await opened();
    expect(await store.setting('kill switch')).toBeNull();
    await store.setSetting('kill switch', { on: true, by: 'U1' }, entry('stop all'));
    expect(await other.setting('kill switch')).toEqual({ on: true, by: 'U1' });
    await other.setSetting('kill switch', { on: false }, null);
    expect(await store.setting('kill switch')).toEqual({ on: false });
    expect((await store.audit(1, 10)).map((row) => row.what)).toEqual(['stop all']);
  });

  describe('audit', () => {
    it('is one chain over all streams and replicas, and verifies', async () => {
      const { store, other } = await opened();
      expect(await store.auditHead()).toEqual({ number: 0, mac: '0'.repeat(64) });
      const steps = Array.from({ length: 20 }, (_, index) =>
        step(index % 2 === 0 ? store : other, `s/${index}`, {
          audit: [entry(`first of ${index}`), entry(`second \u0000 ${index}`)],
        }),
      );
      await Promise.all(steps);
      const rows = await store.audit(1, 100);
      expect(rows.map((row) => row.number)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
      const head = await other.auditHead();
      expect(verifyAudit(rows, auditKey, head)).toEqual({ is: 'intact', head });
      expect(verifyAudit(rows, 'another key')).toMatchObject({ is: 'broken' });
      expect((await store.audit(39, 10)).map((row) => row.number)).toEqual([39, 40]);
      expect(await store.audit(1, 2)).toHaveLength(2);
    });
  });

  it('removes closed streams and answered ids of before a moment, and nothing else', async () => {
    const { store, advance } = await opened();
    await store.accept([toStream('old', 'closed'), toStream('open id', 'open'), toStream('waiting', 'unanswered')]);
    const answer = async (stream: string, open: boolean): Promise<void> => {
      const { inbox } = await store.load(stream);
      const consumed = stream === 'unanswered' ? [] : inbox.map((row) => row.position);
      const messages = [message(`${stream}/root`, 'r', kept())];
      await step(store, stream, {
        consumed,
        events: [1],
        evidence: [{ id: 'e', body: 1 }],
        messages,
        audit: [entry('x')],
        summary: summary(open),
        hold: stream,
      });
    };
    await answer('closed', false);
    await answer('open', true);
    await answer('unanswered', false);
    await advance(20);
    const before = await store.now();
    await advance(20);
    await step(store, 'closed later', { summary: summary(false) });
    await store.accept([toStream('later', 'closed later')]);
    expect(await store.prune(before)).toBe(1);
    expect((await store.streams({ open: null, limit: 10 })).map((info) => info.stream).sort()).toEqual([
      'closed later',
      'open',
      'unanswered',
    ]);
    expect(await store.load('closed')).toEqual({ seq: 0, events: [], inbox: [] });
    expect(await store.evidence('closed', 'e')).toBeNull();
    expect((await store.outbox(10)).map((row) => row.desired.key).sort()).toEqual(['open/root', 'unanswered/root']);
    const again = await store.accept([
      toStream('old', 'x'),
      toStream('open id', 'x'),
      toStream('waiting', 'x'),
      toStream('later', 'x'),
    ]);
    expect(again.map((row) => row.duplicate)).toEqual([false, false, true, true]);
    expect((await step(store, 'other', { hold: 'closed' })).is).toBe('done');
    expect((await store.auditHead()).number).toBe(3);
    expect(await store.prune(before)).toBe(0);
  });

  it('counts what waits, and says that it can be used', async () => {
    const { store, advance } = await opened();
    await store.check();
    await store.accept([toStream('a', 's/1')]);
    await step(store, 's/2', {
      dueAt: await later(store, -60_000),
      messages: [message('m', 'x', kept())],
      summary: summary(true),
    });
    await advance(10);
    expect(await store.stats()).toEqual({ inbox: 1, outbox: 1, dead: 0, open: 1, overdue: 1, alerts: 0 });
    await claimed(store, 's/2');
    expect((await store.stats()).overdue).toBe(0);
  });

  it('refuses with a sentence after it is closed', async () => {
    const { store } = await opened();
    await store.close();
    await expect(store.accept([toStream('a', 's')])).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('closed'),
    });
    await expect(store.load('s')).rejects.toMatchObject({ kind: 'unreachable' });
    await store.close();
  });
}
