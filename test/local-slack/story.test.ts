import { describe, expect, test } from 'vitest';
import { judge } from '../blockkit/validate.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { socketBot, start } from './bots.ts';

const { platform } = ids.channels;
const { sana, noah, mateo, bot } = ids.users;

describe('a bot in Socket Mode', () => {
  test('takes a command, posts, is clicked, opens a modal, gets it submitted', async () => {
    const slack = await start();
    const app = socketBot(slack);
    app.command('/mlp', async ({ command, ack, client }) => {
      await ack(`Looking at ${command.text}`);
      await client.chat.postMessage({
        channel: command.channel_id,
        text: 'rollout stuck',
        blocks: [
          { type: 'section', text: { type: 'mrkdwn', text: '*rollout stuck* for <@U0MATEOCRUZ>' } },
          {
            type: 'actions',
            elements: [
              { type: 'button', action_id: 'approve', text: { type: 'plain_text', text: 'Approve' }, value: 'p1' },
            ],
          },
        ],
        metadata: { event_type: 'incident', event_payload: { id: 'INC-1' } },
      });
    });
    app.action('approve', async ({ ack, body, client }) => {
      await ack();
      if (!('trigger_id' in body)) throw new Error('no trigger');
      await client.views.open({
        trigger_id: body.trigger_id,
        view: {
          type: 'modal',
          callback_id: 'why',
          title: { type: 'plain_text', text: 'Why?' },
          submit: { type: 'plain_text', text: 'Approve' },
          blocks: [
            {
              type: 'input',
              block_id: 'reason',
              label: { type: 'plain_text', text: 'Reason' },
              element: { type: 'plain_text_input', action_id: 'text' },
            },
          ],
        },
      });
    });
    app.view('why', async ({ ack, view, client, body }) => {
      const reason = view.state.values['reason']?.['text']?.value ?? '';
      if (reason.length < 5) return ack({ response_action: 'errors', errors: { reason: 'Say more' } });
      await ack();
      await client.chat.postMessage({ channel: platform, text: `<@${body.user.id}> approved: ${reason}` });
    });
    await app.start();
    expect(await slack.as(sana).command('/mlp diagnose model-server', { channel: platform })).toEqual({ ok: true });
    const root = await slack.until(() => slack.roots(platform)[0], 'the post');
    expect(slack.channelText(platform, sana)).toBe(
      'mlp (only Sana Okafor sees): Looking at diagnose model-server\n---\nmlp: *rollout stuck* for @Mateo Cruz\n[Approve]',
    );
    expect(slack.channelText(platform, noah)).not.toContain('Looking at');
    expect(slack.lockScreen(mateo).map((one) => one.why)).toEqual(['mention']);

    const human = slack.as(mateo);
    await human.press(root, 'Approve');
    await slack.until(() => human.view(), 'the modal');
    expect(await human.submit({})).toMatchObject({
      ok: false,
      errors: { reason: 'Please complete this required field.' },
    });
    expect(await human.submit({ Reason: 'no' })).toMatchObject({ ok: false, errors: { reason: 'Say more' } });
    expect(await human.submit({ Reason: 'it is broken' })).toEqual({ ok: true });
    expect(human.view()).toBeUndefined();
    await slack.until(() => slack.channelText(platform).includes('@Mateo Cruz approved: it is broken'), 'the approval');
    expect(slack.errors).toEqual([]);
    judge(slack.sent);
  });

  test('hears mentions; an unacknowledged command and a dead bot are said to the person', async () => {
    const slack = await start();
    const app = socketBot(slack);
    app.event(
      'app_mention',
      async ({ event, say }) => void (await say({ text: `heard: ${event.text}`, thread_ts: event.ts })),
    );
    await app.start();
    const { ts } = await slack.as(sana).say('@mlp what is broken & why?', { channel: platform });
    await slack.until(() => slack.replies(platform, ts)[0], 'the reply');
    expect(slack.thread(platform, ts)).toBe(
      'Sana Okafor: @mlp what is broken & why?\n---\nmlp: heard: @mlp what is broken & why?',
    );
    expect(await slack.as(noah).command('/mlp help', { channel: platform, thread: ts })).toMatchObject({
      error: '/mlp is not supported in threads. Sorry!',
    });
    await app.stop();
    await slack.until(() => slack.connections === 0, 'the socket to close');
    expect(await slack.as(noah).command('/mlp help', { channel: platform })).toEqual({
      ok: false,
      kind: 'bot',
      error: '/mlp failed with the error "dispatch_failed"',
    });
    expect(slack.ephemerals(noah).map((one) => one.text)).toContain('/mlp failed with the error "dispatch_failed"');
    expect(slack.messages(platform).filter((one) => one.user === bot)).toHaveLength(1);
  });
});
