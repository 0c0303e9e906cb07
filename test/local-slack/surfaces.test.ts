import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ids, seed } from '../../src/sandbox/slack/seed.ts';
import { clientOf, modal, plain, section, socketBot, start } from './bots.ts';

const { platform } = ids.channels;
const { sana, noah, linh } = ids.users;

describe('beside commands and buttons', () => {
  test('the Home tab, a message shortcut, a closed modal, options while typing', async () => {
    const slack = await start();
    const app = socketBot(slack);
    const heard: string[] = [];
    app.event('app_home_opened', async ({ event, client }) => {
      await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [section('1 open incident')] } });
    });
    app.shortcut('diagnose_this', async ({ ack, shortcut, client }) => {
      await ack();
      if (shortcut.type !== 'message_action') return;
      heard.push(`shortcut on: ${shortcut.message.text ?? ''}`);
      const select = {
        type: 'external_select' as const,
        action_id: 'target',
        placeholder: plain('Which?'),
        min_query_length: 0,
      };
      const blocks = [{ type: 'input' as const, block_id: 'what', label: plain('Target'), element: select }];
      await client.views.open({
        trigger_id: shortcut.trigger_id,
        view: { ...modal('Diagnose'), submit: plain('Go'), notify_on_close: true, blocks },
      });
    });
    app.options('target', async ({ ack, payload }) =>
      ack({ options: [{ text: plain(`${payload.value}-server`), value: 'm' }] }),
    );
    app.view({ type: 'view_closed', callback_id: 'why' }, async ({ ack }) => {
      heard.push('closed');
      await ack();
    });
    app.view('why', async ({ ack, view }) => {
      heard.push(`chosen: ${view.state.values['what']?.['target']?.selected_option?.value ?? ''}`);
      await ack();
    });
    await app.start();
    const human = slack.as(sana);
    await human.openHome();
    await slack.until(() => slack.snapshot(sana).home?.blocks.length === 1, 'the Home tab');
    const { ts } = await slack.as(noah).say('model-server is slow', { channel: platform });
    await human.shortcut('diagnose_this', { channel: platform, ts });
    const view = await slack.until(() => human.view(), 'the modal');
    expect(await human.suggest({ viewId: view.id }, 'what', 'target', 'model')).toEqual({
      ok: true,
      options: [{ label: 'model-server', value: 'm' }],
    });
    expect(await human.submit({})).toMatchObject({ errors: { what: 'Please complete this required field.' } });
    await human.close();
    await human.shortcut('diagnose_this', { channel: platform, ts });
    await slack.until(() => human.view(), 'the modal again');
    await human.submit({ Target: 'm' });
    expect(heard).toEqual([
      'shortcut on: model-server is slow',
      'closed',
      'shortcut on: model-server is slow',
      'chosen: m',
    ]);
    expect(slack.errors).toEqual([]);
  });

  test('links of the app’s own domains unfold', async () => {
    const app = {
      ...seed.app,
      events: ['link_shared'],
      scopes: [...seed.app.scopes, 'links:write'],
      unfurlDomains: ['mlp.example'],
    };
    const slack = await start({ seed: { ...seed, app } });
    const bot = socketBot(slack);
    bot.event('link_shared', async ({ event, client }) => {
      const unfurls = Object.fromEntries(event.links.map((one) => [one.url, { blocks: [section('INC-1: fixed')] }]));
      await client.chat.unfurl({ channel: event.channel, ts: event.message_ts, unfurls });
    });
    await bot.start();
    const { ts } = await slack
      .as(noah)
      .say('see https://bot.mlp.example/INC-1 and https://other.example/', { channel: platform });
    await slack.until(() => slack.messages(platform)[0]?.attachments.length === 1, 'the card');
    expect(slack.thread(platform, ts)).toContain('\nINC-1: fixed');
  });

  test('a group changes; a person leaves', async () => {
    const slack = await start();
    const app = socketBot(slack);
    const removed: unknown[] = [];
    app.event('subteam_members_changed', async ({ event }) => void removed.push(event.removed_users));
    await app.start();
    slack.setGroup(ids.groups.approvers, [linh]);
    await slack.until(() => removed.length > 0, 'the event');
    expect(removed).toEqual([[ids.users.mateo]]);
    slack.deactivate(linh);
    expect((await clientOf(slack).users.info({ user: linh })).user?.deleted).toBe(true);
  });
});

describe('a file that keeps the workspace', () => {
  test('messages, threads and marks outlive a restart; nonsense in it is set aside', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'local-slack-'));
    try {
      const file = join(folder, 'deeper', 'slack.json');
      const first = await start({ file });
      const client = clientOf(first);
      const { ts } = await client.chat.postMessage({
        channel: platform,
        text: 'kept',
        metadata: { event_type: 'x', event_payload: { a: 1 } },
      });
      await client.chat.postMessage({ channel: platform, text: 'reply', thread_ts: String(ts) });
      await client.chat.postMessage({ channel: noah, text: 'in private' });
      await client.chat.postEphemeral({ channel: platform, user: noah, text: 'not kept' });
      await first.close();
      const second = await start({ file });
      expect(second.thread(platform, String(ts), noah)).toBe('mlp: kept\n---\nmlp: reply');
      expect(second.channelText(platform, noah)).toBe('mlp: kept\n(1 reply)');
      await clientOf(second).chat.update({ channel: platform, ts: String(ts), text: 'still mine' });
      expect(second.lockScreen(noah).map((one) => one.body)).toEqual(['in private']);
      const { ts: later } = await clientOf(second).chat.postMessage({ channel: platform, text: 'newer' });
      expect(String(later) > String(ts)).toBe(true);
      await second.close();
      writeFileSync(file, '{"version":0}');
      const third = await start({ file });
      expect(third.channelText(platform)).toBe('');
      await third.close();
    } finally {
      rmSync(folder, { recursive: true, maxRetries: 3 });
    }
  });
});
