import { afterEach, describe, expect, test } from 'vitest';
import { withUndelivered } from '../../src/core/render/undelivered.ts';
import { answerUndelivered } from '../../src/engine/undelivered.ts';
import type { Parts } from '../../src/engine/parts.ts';
import { plain } from '../../src/core/words.ts';
import type { Message } from '../../src/core/message.ts';
import { ids, seed } from '../../src/sandbox/slack/seed.ts';
import { closeAll } from './bot.ts';
import { publishing, saidIn, wanted } from './publishing.ts';
import type { Publishing } from './publishing.ts';

/** What Slack does to the bot, one by one, and what the people in the channel see of it. */

const { platform, staging, general } = ids.channels;
const root = 'incident/1/root';
afterEach(closeAll);

const roots = ({ local }: Publishing, channel: string = platform): readonly string[] =>
  local
    .channelText(channel)
    .split('\n---\n')
    .filter((one) => one !== '');
const threadOf = async ({ local, store }: Publishing, key = root): Promise<string> => {
  const ref = await store.messageRef(key);
  return ref === null ? '' : local.thread(ref.channel, ref.ts);
};
const delivered = async ({ store }: Publishing): Promise<boolean> => (await store.undelivered(1)).waiting === 0;
const linesOf = ({ blocks }: Message): string =>
  blocks.flatMap((one) => (one.is === 'lines' ? one.lines.map(plain) : [])).join('\n');

describe('limits', () => {
  test('429 in one channel: it is waited for there, and others go on, edits too', async () => {
    const it = await publishing();
    await it.wants(wanted(root, 'before'));
    await it.until('the root', () => delivered(it));
    it.local.faults.arm({ kind: 'ratelimit', retryAfterSeconds: 30 }, { method: 'chat.postMessage' });
    await it.wants(wanted('b', 'limited'));
    await it.pass(500);
    const from = it.now();
    await it.wants(
      wanted('c', 'elsewhere', { channel: staging }),
      wanted(root, 'edited'),
      wanted('d', 'waits as well'),
    );
    await it.until('the others', async () => (await it.store.undelivered(1)).waiting === 2, 3_000);
    expect(roots(it)).toEqual([expect.stringContaining('edited')]);
    expect(roots(it, staging)).toEqual([expect.stringContaining('elsewhere')]);
    const posts = it.local.sent.filter((one) => one.method === 'chat.postMessage').length;
    await it.pass(25_000);
    expect(it.local.sent.filter((one) => one.method === 'chat.postMessage')).toHaveLength(posts);
    await it.until('the end', () => delivered(it), 15_000);
    expect(it.now() - from).toBeGreaterThan(28_000);
    // Late because of Slack: the message says so; the one that was in time does not.
    expect(roots(it).join('\n')).toMatch(/limited[\s\S]*Slack lag 3\d s: wanted at/);
    expect(roots(it, staging)[0]).not.toContain('lag');
  });

  test('one message a second: what a person waits for passes everything, and only the newest state is sent', async () => {
    const it = await publishing({ limitScale: 1 });
    await it.wants(...[...Array(12).keys()].map((at) => wanted(`p${at}`, `progress ${at}, first`)));
    await it.pass(3_000);
    await it.wants(...[...Array(12).keys()].map((at) => wanted(`p${at}`, `progress ${at}, second`)));
    const from = it.now();
    await it.wants(wanted('approve', 'approve this', { priority: 0 }));
    await it.until('the approval', () => roots(it).some((one) => one.includes('approve this')), 3_000);
    expect(it.now() - from).toBeLessThan(1_500);
    await it.until('all', () => delivered(it), 60_000);
    const sent = it.local.sent.map((one) => JSON.stringify(one.args['text'] ?? ''));
    expect(sent.filter((one) => one.includes('first')).length).toBeLessThan(8);
    expect(roots(it).filter((one) => one.includes('second'))).toHaveLength(12);
    expect(it.local.errors.filter((one) => one.error === 'ratelimited')).toEqual([]);
  });
});

describe('Slack is ill', () => {
  test('500, no answer, and taken without an answer: everything once; one message asks for all', async () => {
    const it = await publishing({ limitsMs: { bulk: 100 } });
    const { faults } = it.local;
    faults.arm({ kind: 'accept-then-drop' }, { method: 'chat.postMessage' });
    faults.arm({ kind: 'http', status: 500 }, { method: 'chat.postMessage' });
    faults.arm({ kind: 'accept-then-hang' }, { method: 'chat.postMessage' });
    faults.arm({ kind: 'http', status: 503 }, { method: 'conversations.history' });
    faults.arm({ kind: 'hang' }, { method: 'chat.postMessage' });
    await it.wants(...[...Array(6).keys()].map((at) => wanted(`m${at}`, `message ${at}`)));
    await it.until('all', () => delivered(it), 120_000);
    expect(roots(it)).toHaveLength(6);
    for (let at = 0; at < 6; at += 1) expect(roots(it).filter((one) => one.includes(`message ${at}`))).toHaveLength(1);
  });

  test('hanging for a while: it is said after ten seconds, asked rarely, and over when one message is through', async () => {
    const it = await publishing({ limitsMs: { bulk: 60 } });
    it.local.faults.arm({ kind: 'hang' }, { calls: 1_000 });
    await it.wants(...[...Array(30).keys()].map((at) => wanted(`m${at}`, `message ${at}`)));
    await it.pass(60_000);
    const asked = it.local.sent.filter((one) => one.method !== 'auth.test').length;
    expect(asked).toBeLessThan(20);
    expect(it.publisher.slackHealth()).toMatchObject({ usable: false, because: expect.stringContaining('in time') });
    it.local.faults.clear();
    await it.until('all', () => delivered(it), 90_000);
    expect(it.publisher.slackHealth()).toEqual({ usable: true });
    expect(roots(it)).toHaveLength(30);
    // The others learn of it through the store.
    const told = await it.store.setting('slack-unusable');
    expect(told).toBeNull();
  });

  test.each(['token_revoked', 'account_inactive'] as const)(
    '%s: nothing is lost, it is unusable at once and says what to do, and goes on when the token works',
    async (error) => {
      const it = await publishing();
      it.local.revokeToken(error);
      await it.wants(wanted(root, 'first'), saidIn(root, 'r1', 'reply'));
      await it.pass(1_000);
      expect(it.publisher.slackHealth()).toMatchObject({
        usable: false,
        because: expect.stringContaining('SLACK_BOT_TOKEN'),
      });
      expect(it.publisher.health()).toMatchObject({
        ok: false,
        words: expect.stringContaining('nothing could be posted since'),
      });
      await it.pass(10 * 60_000);
      expect((await it.store.undelivered(5)).dead).toBe(0);
      it.local.revokeToken(null);
      await it.until('all', () => delivered(it), 30_000);
      expect(await threadOf(it)).toMatch(/first[\s\S]*reply/);
      expect(it.publisher.slackHealth()).toEqual({ usable: true });
      expect(it.log()).not.toContain('xoxb-');
    },
  );
});

describe('places', () => {
  test('the channel is archived: new incidents go to the fallback and say why; back when it takes messages again', async () => {
    const it = await publishing({ fallbacks: [staging] });
    it.local.archive(platform);
    await it.wants(wanted(root, 'broken'), wanted('card', 'approve?', { under: root, priority: 0 }));
    await it.until('all', () => delivered(it));
    expect(roots(it, staging)).toHaveLength(1);
    expect(roots(it, staging)[0]).toMatch(
      /broken[\s\S]*Meant for #ml-platform, where I cannot post: the channel is archived: unarchive it/,
    );
    expect(await threadOf(it)).toContain('approve?');
    // It stays where it is, with its reason.
    await it.wants(wanted(root, 'mended'));
    await it.until('the edit', () => delivered(it));
    expect(roots(it, staging)[0]).toMatch(/mended[\s\S]*Meant for #ml-platform/);
    it.local.archive(platform, false);
    await it.wants(wanted('early', 'still there'));
    await it.until('the next', () => delivered(it));
    it.ahead(11 * 60_000);
    await it.wants(wanted('later', 'back home'));
    await it.until('the last', () => delivered(it));
    expect(roots(it)).toEqual([expect.stringContaining('back home')]);
  });

  test('archived while an incident is open: its root and cards move, once; the old ones are not touched', async () => {
    const it = await publishing({ fallbacks: [staging] });
    await it.wants(wanted(root, 'broken'), wanted('card', 'approve?', { under: root, priority: 0 }));
    await it.until('all', () => delivered(it));
    it.local.archive(platform);
    await it.wants(wanted('card', 'approved by Mateo', { under: root, priority: 0 }));
    await it.until('moved', () => delivered(it));
    expect(roots(it, staging)[0]).toMatch(/broken[\s\S]*Meant for #ml-platform/);
    expect(await threadOf(it)).toContain('approved by Mateo');
    expect(roots(it, staging)).toHaveLength(1);
  });

  test('nowhere to go: kept as undelivered with its reason, shown, and tried again by hand', async () => {
    const it = await publishing({ fallbacks: [platform] });
    it.local.archive(platform);
    await it.wants(wanted(root, 'broken'));
    await it.pass(2_000);
    const asks = { store: it.store, clock: { now: it.now } } as unknown as Parts;
    const list = linesOf(await answerUndelivered(asks, false));
    expect(list).toMatch(/1 message was refused by Slack for good/);
    expect(list).toMatch(/broken · the channel is archived: unarchive it, or give another one in the config/);
    const status = withUndelivered(
      { lock: '', blocks: [] },
      await it.store.undelivered(0),
      new Date(it.now()).toISOString(),
    );
    expect(linesOf(status)).toContain('/mlp undelivered');
    it.local.archive(platform, false);
    expect(linesOf(await answerUndelivered(asks, true))).toContain('One message is sent again');
    await it.until('delivered', () => roots(it).length === 1);
    expect(linesOf(await answerUndelivered(asks, false))).toBe('Everything was delivered.');
  });

  test('a channel that takes messages again gets what it had refused, by itself', async () => {
    const it = await publishing();
    it.local.archive(platform);
    await it.wants(wanted(root, 'refused before'));
    await it.pass(1_000);
    expect((await it.store.undelivered(5)).dead).toBe(1);
    it.local.archive(platform, false);
    await it.wants(wanted('next', 'the next'));
    await it.until('both', () => roots(it).length === 2);
  });

  test('renamed: nobody notices; removed from it: it goes back; where it may not, to the fallback', async () => {
    const it = await publishing({ fallbacks: [staging] });
    it.local.rename(platform, 'ml-platform-prod');
    it.local.removeBot(platform);
    await it.wants(wanted(root, 'after the renaming'));
    await it.until('the root', () => delivered(it));
    expect(roots(it)).toEqual([expect.stringContaining('after the renaming')]);
    expect(it.local.workspace.channels.get(platform)?.members).toContain(ids.users.bot);
    it.local.removeBot(platform);
    it.local.setScopes(seed.app.scopes.filter((one) => one !== 'channels:join'));
    await it.wants(wanted('n', 'after the removal'));
    await it.until('the second', () => delivered(it));
    expect(roots(it, staging)[0]).toMatch(
      /after the removal[\s\S]*Meant for #ml-platform-prod, where I cannot post: the bot is not in this channel: type \/invite @mlp there/,
    );
    expect(roots(it, general)).toEqual([]);
  });

  test('the root was deleted: a new one says so, cards come along, what is said goes on below it', async () => {
    const it = await publishing();
    await it.wants(
      wanted(root, 'broken'),
      wanted('card', 'approve?', { under: root, priority: 0 }),
      saidIn(root, 's1', 'said before'),
    );
    await it.until('all', () => delivered(it));
    const before = await it.store.messageRef(root);
    it.local.deleteMessage(platform, before?.ts ?? '');
    await it.wants(saidIn(root, 's2', 'said after'));
    await it.until('all again', () => delivered(it));
    const text = await threadOf(it);
    expect(text).toMatch(/broken[\s\S]*The message before this one was deleted in Slack: this one goes on from here/);
    expect(text).toContain('approve?');
    expect(text).toContain('said after');
    expect(text).not.toContain('said before');
    // No reply without its thread is left in the channel.
    expect(it.local.roots(platform).filter((one) => one.text.includes('said after'))).toEqual([]);
    const second = await it.store.messageRef(root);
    it.local.deleteMessage(platform, second?.ts ?? '');
    await it.wants(wanted(root, 'mended'));
    await it.until('the third', () => delivered(it));
    expect(await threadOf(it)).toMatch(/mended[\s\S]*was deleted in Slack/);
  });

  test('somebody deletes each new one: after three times it is left, and listed', async () => {
    const it = await publishing();
    await it.wants(wanted(root, 'state 0'));
    for (let at = 1; at <= 5; at += 1) {
      await it.until('posted', () => delivered(it));
      const ref = await it.store.messageRef(root);
      if (ref !== null && it.local.roots(platform).some((one) => one.ts === ref.ts))
        it.local.deleteMessage(platform, ref.ts);
      await it.wants(wanted(root, `state ${at}`));
      await it.pass(1_000);
    }
    expect(it.local.sent.filter((one) => one.method === 'chat.postMessage')).toHaveLength(4);
    expect((await it.store.undelivered(5)).letters).toMatchObject([
      { key: root, why: expect.stringContaining('posted anew 3 times') },
    ]);
  });
});

describe('refused', () => {
  test('wrong even as plain text: kept with what Slack said, the thread goes on, and a change revives it', async () => {
    const it = await publishing();
    await it.wants(wanted(root, 'root'));
    await it.until('the root', () => delivered(it));
    it.local.faults.arm(
      {
        kind: 'error',
        error: 'invalid_blocks',
        more: { response_metadata: { messages: ['[ERROR] must be less than 3001 characters'] } },
      },
      { method: 'chat.postMessage', calls: 2 },
    );
    await it.wants(saidIn(root, 's1', 'refused'));
    await it.pass(1_000);
    await it.wants(saidIn(root, 's2', 'the next'));
    await it.until('the next', async () => (await threadOf(it)).includes('the next'));
    expect(await threadOf(it)).not.toContain('refused');
    expect((await it.store.undelivered(5)).letters).toMatchObject([
      { key: 's1', lock: 'refused', why: expect.stringContaining('3001') },
    ]);
    expect(it.log()).toContain('message given up: /mlp undelivered lists it');
  });
});

describe('away for an hour', () => {
  test('the present state comes back, calls that are still open, and the count of what was left out; not the hour', async () => {
    const it = await publishing();
    await it.wants(wanted(root, 'looking'));
    await it.until('the root', () => delivered(it));
    it.local.faults.setDown(true);
    const call = saidIn(root, 'needs-person', 'somebody is needed', { priority: 0 });
    const over = saidIn(root, 'dark/1', 'eu-west-1 is dark', { priority: 0 });
    const note = (at: number) => saidIn(root, `note/${at}`, `note ${at}`, { late: 'fold' });
    const notes = [...Array(20).keys()].map(note);
    for (let minute = 0; minute < 60; minute += 3) {
      const seen = notes.slice(0, minute / 3 + 1);
      await it.wants(wanted(root, `minute ${minute}`), call, ...(minute < 30 ? [over] : []), ...seen);
      await it.pass(3 * 60_000 - 30_000);
    }
    it.local.faults.setDown(false);
    await it.until('caught up', () => delivered(it), 60_000);
    const text = await threadOf(it);
    expect(text).toMatch(/minute 57[\s\S]*Slack lag (49|50|51|57) min: wanted at/);
    expect(text).toContain('somebody is needed');
    expect(text).not.toContain('eu-west-1 is dark');
    const kept = notes.filter((_, at) => text.includes(`note ${at}\n`) || text.endsWith(`note ${at}`));
    expect(kept.length).toBeLessThan(5);
    expect(text).toMatch(/1[5-9] posts of meanwhile left out: what counts now is here/);
    expect(it.local.roots(platform)).toHaveLength(1);
  }, 30_000);
});
