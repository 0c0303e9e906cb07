import type { WebClient } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import type { LocalSlack, LocalSlackOptions } from '../../src/sandbox/slack/server.ts';
import { manualClock } from '../../src/sandbox/slack/clock.ts';
import { ids, seed } from '../../src/sandbox/slack/seed.ts';
import { clientOf, refusal, section, start } from './bots.ts';

const { platform, general } = ids.channels;
const { sana, noah, mateo, paul } = ids.users;
const { app } = seed;

let slack: LocalSlack;

async function begin(options: LocalSlackOptions = {}): Promise<WebClient> {
  slack = await start(options);
  return clientOf(slack);
}

describe('messages', () => {
  test('post, thread, update and delete as Slack does', async () => {
    const client = await begin();
    const metadata = { event_type: 'incident', event_payload: { key: 'incident/1' } };
    const root = await client.chat.postMessage({
      channel: platform,
      text: 'one',
      blocks: [section('*one*')],
      metadata,
    });
    const ts = String(root.ts);
    const reply = await client.chat.postMessage({ channel: platform, text: 'reply', thread_ts: ts });
    // A reply's own ts as thread leads to the same thread.
    await client.chat.postMessage({ channel: platform, text: 'second', thread_ts: String(reply.ts) });
    const replies = await client.conversations.replies({ channel: platform, ts, include_all_metadata: true });
    expect(replies.messages?.map((one) => one.text)).toEqual(['one', 'reply', 'second']);
    expect(replies.messages?.[0]).toMatchObject({ metadata, reply_count: 2, bot_id: app.botId });
    const without = await client.conversations.history({ channel: platform });
    expect(without.messages).toHaveLength(1);
    expect(without.messages?.[0]).not.toHaveProperty('metadata');

    // Text without blocks removes them; metadata stays when it is left out, {} clears it.
    await client.chat.update({ channel: platform, ts, text: 'two' });
    expect(slack.thread(platform, ts).split('\n')[0]).toBe('mlp: two');
    const again = await client.conversations.history({ channel: platform, include_all_metadata: true });
    expect(again.messages?.[0]).toMatchObject({ text: 'two', metadata, edited: { user: app.botUser } });
    await client.apiCall('chat.update', { channel: platform, ts, text: 'two', metadata: {} });
    expect(slack.messages(platform)[0]?.metadata).toBeNull();
    await client.chat.delete({ channel: platform, ts: String(reply.ts) });
    expect((await refusal(client.chat.update({ channel: platform, ts: String(reply.ts), text: 'x' }))).error).toBe(
      'message_not_found',
    );
    expect((await client.chat.getPermalink({ channel: platform, message_ts: ts })).permalink).toBe(
      `${slack.baseUrl}/archives/${platform}/p${ts.replace('.', '')}`,
    );
  });

  test('an ephemeral is seen by one person and cannot be updated', async () => {
    const client = await begin();
    const posted = await client.chat.postEphemeral({ channel: platform, user: noah, text: 'not counted' });
    expect(slack.channelText(platform, noah)).toBe('mlp (only Noah Berg sees): not counted');
    expect(slack.channelText(platform)).toBe('');
    expect(
      (await refusal(client.chat.update({ channel: platform, ts: String(posted.message_ts), text: 'x' }))).error,
    ).toBe('message_not_found');
    expect(
      (await refusal(client.chat.postEphemeral({ channel: ids.channels.staging, user: ids.users.ria, text: 'x' })))
        .error,
    ).toBe('user_not_in_channel');
  });

  test('where the bot may not post, and what it may not touch', async () => {
    const client = await begin();
    expect((await refusal(client.chat.postMessage({ channel: general, text: 'x' }))).error).toBe('not_in_channel');
    expect((await refusal(client.chat.postMessage({ channel: 'C0NOWHERE', text: 'x' }))).error).toBe(
      'channel_not_found',
    );
    expect((await refusal(client.chat.postMessage({ channel: platform, text: ' ' }))).error).toBe('no_text');
    const { ts } = await slack.as(sana).say('mine', { channel: platform });
    expect((await refusal(client.chat.update({ channel: platform, ts, text: 'x' }))).error).toBe('cant_update_message');
    expect((await refusal(client.chat.delete({ channel: platform, ts }))).error).toBe('cant_delete_message');
    await client.conversations.join({ channel: general });
    expect((await client.chat.postMessage({ channel: general, text: 'x' })).ok).toBe(true);
    // A user id opens the direct message, and a direct message rings the phone.
    await client.chat.postMessage({ channel: noah, text: 'you were asked' });
    expect(slack.lockScreen(noah).map(({ title, body, why }) => ({ title, body, why }))).toEqual([
      { title: 'mlp', body: 'you were asked', why: 'direct' },
    ]);
  });

  test('long texts: truncated in a post with a warning, refused in an edit', async () => {
    const client = await begin();
    const posted = await client.chat.postMessage({ channel: platform, text: 'é'.repeat(40_001) });
    expect(posted.response_metadata).toMatchObject({ warnings: ['message_truncated'] });
    expect(slack.messages(platform)[0]?.text).toHaveLength(40_000);
    expect(
      (await refusal(client.chat.update({ channel: platform, ts: String(posted.ts), text: 'x'.repeat(4001) }))).error,
    ).toBe('msg_too_long');
  });
});

describe('strictness', () => {
  test('unknown methods and arguments, tokens, scopes', async () => {
    const client = await begin();
    expect((await refusal(client.apiCall('chat.postMesage', {}))).error).toBe('unknown_method');
    const unknown = await refusal(client.apiCall('chat.postMessage', { channel: platform, text: 'x', tread_ts: '1' }));
    expect(unknown).toMatchObject({
      error: 'invalid_arguments',
      messages: ['[ERROR] invalid additional property: tread_ts [json-pointer:/tread_ts]'],
    });
    expect((await refusal(client.apiCall('chat.postMessage', { text: 'x' }))).messages).toEqual([
      '[ERROR] missing required field: channel [json-pointer:/channel]',
    ]);
    expect((await refusal(client.auth.test({ token: 'xoxb-wrong' }))).error).toBe('invalid_auth');
    expect((await refusal(client.apps.connections.open({}))).error).toBe('not_allowed_token_type');
    slack.setScopes(['chat:write', 'users:read']);
    expect(
      (await refusal(client.reactions.add({ channel: platform, timestamp: '1', name: 'eyes' }))).data,
    ).toMatchObject({ error: 'missing_scope', needed: 'reactions:write', provided: 'chat:write,users:read' });
    expect((await client.users.info({ user: sana })).user?.profile).not.toHaveProperty('email');
  });

  test('a text that starts with a brace is text', async () => {
    const client = await begin();
    await client.chat.postMessage({ channel: platform, text: '{"not":"json"}' });
    expect(slack.channelText(platform)).toBe('mlp: {"not":"json"}');
  });

  test('people and groups', async () => {
    const client = await begin();
    expect((await client.usergroups.users.list({ usergroup: ids.groups.approvers })).users).toEqual([
      mateo,
      ids.users.linh,
    ]);
    expect((await client.usergroups.list({ include_users: true })).usergroups?.map((one) => one.handle)).toEqual([
      'ml-oncall',
      'ml-approvers',
      'ml-leads',
    ]);
    expect((await client.users.info({ user: paul })).user).toMatchObject({ deleted: true });
    expect((await client.users.info({ user: ids.users.ria })).user).toMatchObject({
      deleted: false,
      is_restricted: true,
    });
    expect((await refusal(client.users.lookupByEmail({ email: 'nobody@sandbox.example' }))).error).toBe(
      'users_not_found',
    );
    const first = await client.users.list({ limit: 4 });
    const second = await client.users.list({ limit: 100, cursor: String(first.response_metadata?.next_cursor) });
    expect([...(first.members ?? []), ...(second.members ?? [])]).toHaveLength(seed.people.length);
  });
});

describe('pace', () => {
  test('about one post a second and channel, 50 edits a minute; Retry-After says when', async () => {
    const clock = manualClock(Date.UTC(2026, 5, 1, 3));
    const client = await begin({ clock });
    const post = () => client.chat.postMessage({ channel: platform, text: 'x' });
    for (let i = 0; i < 5; i += 1) await post();
    await expect(post()).rejects.toMatchObject({ retryAfter: 1 });
    expect(slack.errors.at(-1)).toMatchObject({ where: 'chat.postMessage', error: 'ratelimited' });
    await clock.advance(1000);
    const { ts } = await post();
    // Another channel is another bucket.
    expect((await client.chat.postMessage({ channel: ids.channels.staging, text: 'x' })).ok).toBe(true);
    for (let i = 0; i < 50; i += 1) await client.chat.update({ channel: platform, ts: String(ts), text: `${i}` });
    await expect(client.chat.update({ channel: platform, ts: String(ts), text: 'x' })).rejects.toMatchObject({
      retryAfter: 2,
    });
  });
});

describe('files', () => {
  test('are shared some time after the answer, or never', async () => {
    const clock = manualClock(Date.UTC(2026, 5, 1, 3));
    const client = await begin({ clock, fileShareDelayMs: 2_000 });
    const { ts } = await client.chat.postMessage({ channel: platform, text: 'root' });
    const upload = () =>
      client.files.uploadV2({
        channel_id: platform,
        thread_ts: String(ts),
        filename: 'evidence.txt',
        content: 'hello',
        title: 'Evidence',
      });
    const done = (await upload()) as unknown as { files: { files: { id: string }[] }[] };
    const file = String(done.files[0]?.files[0]?.id);
    expect((await client.files.info({ file })).file).toMatchObject({ mimetype: '', shares: {} });
    await clock.advance(2_000);
    expect((await client.files.info({ file })).file).toMatchObject({
      mimetype: 'text/plain',
      size: 5,
      shares: { public: { [platform]: [{ thread_ts: ts }] } },
    });
    expect(slack.thread(platform, String(ts))).toContain('(file: Evidence)');
    slack.faults.loseShares(1);
    await upload();
    await clock.advance(60_000);
    expect(slack.replies(platform, String(ts))).toHaveLength(1);
    expect(slack.errors).toEqual([]);
  });
});
