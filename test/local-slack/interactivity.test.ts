import { describe, expect, test } from 'vitest';
import { manualClock } from '../../src/sandbox/slack/clock.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { approve, clientOf, listener, modal, plain, socketBot, start } from './bots.ts';

const { platform } = ids.channels;
const { sana, noah } = ids.users;

describe('short-lived tokens', () => {
  test('a trigger lives three seconds and opens one thing', async () => {
    const clock = manualClock(Date.UTC(2026, 5, 1, 3));
    const slack = await start({ clock });
    const client = clientOf(slack);
    const trigger = (): string => String(slack.payloads.command(sana, platform, '/mlp', '')['trigger_id']);
    const open = (trigger_id: string) => client.views.open({ trigger_id, view: modal('Why?') });
    const once = trigger();
    await open(once);
    await expect(open(once)).rejects.toThrow('exchanged_trigger_id');
    await expect(open('1.2.3')).rejects.toThrow('invalid_trigger_id');
    const late = trigger();
    await clock.advance(3_001);
    await expect(open(late)).rejects.toThrow('expired_trigger_id');
  });

  test('views: three deep, a stale hash is refused, a modal with an input needs submit', async () => {
    const slack = await start();
    const client = clientOf(slack);
    const opened = await client.views.open({
      trigger_id: String(slack.payloads.command(sana, platform, '/mlp', '')['trigger_id']),
      view: modal('1'),
    });
    const human = slack.as(sana);
    const { url, heard } = await listener(() => ({ status: 200 }));
    slack.useHttp(url);
    const withButton = {
      blocks: [
        {
          type: 'actions' as const,
          block_id: 'b',
          elements: [{ type: 'button' as const, action_id: 'go', text: plain('Go') }],
        },
      ],
    };
    await client.views.update({
      view_id: String(opened.view?.id),
      hash: String(opened.view?.hash),
      view: modal('1', withButton),
    });
    await expect(
      client.views.update({ view_id: String(opened.view?.id), hash: String(opened.view?.hash), view: modal('x') }),
    ).rejects.toThrow('hash_conflict');
    const push = async (title: string): Promise<unknown> => {
      await human.pressInView(String(human.view()?.id), 'Go');
      const payload = JSON.parse(new URLSearchParams(heard.at(-1)?.body).get('payload') ?? '{}') as {
        trigger_id: string;
      };
      return client.views.push({ trigger_id: payload.trigger_id, view: modal(title, withButton) });
    };
    await push('2');
    await push('3');
    await expect(push('4')).rejects.toThrow('push_limit_reached');
    expect(slack.snapshot(sana).views.map((one) => one.title)).toEqual(['1', '2', '3']);
    await human.close();
    expect(slack.snapshot(sana).views.map((one) => one.title)).toEqual(['1', '2']);
    const input = { type: 'input', label: plain('Reason'), element: { type: 'plain_text_input', action_id: 'r' } };
    const bad = client.apiCall('views.update', {
      view_id: String(human.view()?.id),
      view: { ...modal('x'.repeat(25)), blocks: [input] },
    });
    await expect(bad).rejects.toMatchObject({
      data: {
        error: 'invalid_arguments',
        errors: [
          'failed to match all allowed schemas [json-pointer:/view/title]',
          'must be less than 25 characters [json-pointer:/view/title/text]',
          'must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0]',
        ],
      },
    });
  });

  test('a response_url takes five posts in half an hour; a command has no original to replace', async () => {
    const clock = manualClock(Date.UTC(2026, 5, 1, 3));
    const slack = await start({ clock });
    const post = async (url: string, body: unknown): Promise<readonly [number, string]> => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return [response.status, await response.text()];
    };
    const url = String(slack.payloads.command(sana, platform, '/mlp', '')['response_url']);
    expect(await post(url, { text: 'Working…' })).toEqual([200, 'ok']);
    expect(await post(url, { text: 'Done', replace_original: true })).toEqual([200, 'ok']);
    expect(slack.ephemerals(sana).map((one) => one.text)).toEqual(['Working…', 'Done']);
    expect((await post(url, { text: 'x', replace_original: 'true' }))[0]).toBe(400);
    expect(await post(url, { text: 'for all', response_type: 'in_channel' })).toEqual([200, 'ok']);
    expect(slack.channelText(platform)).toBe('mlp: for all');
    expect(await post(url, { text: 'five' })).toEqual([200, 'ok']);
    expect(await post(url, { text: 'six' })).toEqual([404, '{"ok":false,"error":"used_url"}']);
    const other = String(slack.payloads.command(sana, platform, '/mlp', '')['response_url']);
    await clock.advance(30 * 60_000 + 1);
    expect(await post(other, { text: 'late' })).toEqual([410, '{"ok":false,"error":"expired_url"}']);
  });

  test('a click on what is no longer there still arrives, as from a slow screen', async () => {
    const slack = await start();
    const app = socketBot(slack);
    const clicks: string[] = [];
    app.action('approve', async ({ ack, action }) => {
      await ack();
      clicks.push('value' in action ? (action.value ?? '') : '');
    });
    await app.start();
    const client = clientOf(slack);
    const { ts } = await client.chat.postMessage({ channel: platform, text: 'x', blocks: approve });
    const seen = slack.seen(platform, String(ts));
    await client.chat.update({ channel: platform, ts: String(ts), text: 'superseded' });
    await expect(slack.as(sana).press(seen, 'Approve')).rejects.toThrow(
      'nothing to press called "Approve"; there are: no buttons',
    );
    await slack.as(sana).pressSeen(seen, 'Approve');
    await client.chat.delete({ channel: platform, ts: String(ts) });
    await slack.as(noah).pressSeen(seen, 'Approve');
    expect(clicks).toEqual(['p1', 'p1']);
  });

  test('a click on an ephemeral edits and deletes it through its response_url', async () => {
    const slack = await start();
    const app = socketBot(slack);
    app.action('approve', async ({ ack, respond, action }) => {
      await ack();
      if ('value' in action && action.value === 'p1')
        await respond({
          replace_original: true,
          text: 'asked',
          blocks: approve.map((one) => ({ ...one })).slice(0, 1),
        });
    });
    await app.start();
    await clientOf(slack).chat.postEphemeral({ channel: platform, user: noah, text: 'Not counted', blocks: approve });
    const [seen] = slack.ephemerals(noah);
    if (seen === undefined) throw new Error('no ephemeral');
    await expect(slack.as(sana).press(seen, 'Approve')).rejects.toThrow('can see');
    await slack.as(noah).press(seen, 'Approve');
    await slack.until(() => slack.channelText(platform, noah) === 'mlp (only Noah Berg sees): waiting', 'the edit');
  });
});
