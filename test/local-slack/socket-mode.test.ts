import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { manualClock } from '../../src/sandbox/slack/clock.ts';
import { ids, seed } from '../../src/sandbox/slack/seed.ts';
import { clientOf, socketBot, start } from './bots.ts';

const { platform } = ids.channels;
const { sana } = ids.users;
const { app: spec } = seed;

describe('Socket Mode', () => {
  test('a refresh and a broken socket cost nothing: with two connections one always hears', async () => {
    const slack = await start();
    const heard: string[] = [];
    for (const name of ['a', 'b']) {
      const app = socketBot(slack);
      app.command('/mlp', async ({ ack, command }) => {
        heard.push(`${name}:${command.text}`);
        await ack();
      });
      await app.start();
    }
    expect(slack.bot()).toMatchObject({ mode: 'socket', connected: true, connections: 2 });
    for (const text of ['1', '2'])
      expect(await slack.as(sana).command(`/mlp ${text}`, { channel: platform })).toEqual({ ok: true });
    expect(heard).toEqual(['a:1', 'b:2']);
    slack.dropSockets();
    await slack.until(() => slack.connections === 0, 'the drop');
    expect(await slack.as(sana).command('/mlp 3', { channel: platform })).toMatchObject({ kind: 'bot' });
    await slack.until(() => slack.connections === 2, 'the reconnect');
    slack.refreshSockets(50);
    expect(slack.connections).toBe(0);
    await slack.until(() => slack.connections === 2, 'the refresh');
    expect(await slack.as(sana).command('/mlp 4', { channel: platform })).toEqual({ ok: true });
  });

  test('an event that nobody acknowledged comes again with attempt and reason', async () => {
    const clock = manualClock(Date.UTC(2026, 5, 1, 3));
    const slack = await start({ clock });
    const { url } = (await clientOf(slack, spec.appToken).apps.connections.open({})) as { url: string };
    const frames: { type: string; retry_attempt?: number; retry_reason?: string; envelope_id: string }[] = [];
    const ws = new WebSocket(url);
    ws.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString())));
    await slack.until(() => frames[0]?.type === 'hello', 'hello');
    void slack.deliverEvent({ type: 'app_mention' });
    await slack.until(() => frames[1], 'the event');
    await clock.advance(3_000);
    const again = await slack.until(() => frames[2], 'the retry');
    expect(frames[1]).toMatchObject({ retry_attempt: 0, retry_reason: '' });
    expect(again).toMatchObject({ retry_attempt: 1, retry_reason: 'timeout' });
    ws.send(JSON.stringify({ envelope_id: again.envelope_id }));
    ws.send('nonsense');
    await slack.until(() => slack.errors[0], 'the mistake');
    expect(slack.errors).toMatchObject([{ where: 'socket', error: 'bad_frame' }]);
    // The ticket was for one use.
    const second = new WebSocket(url);
    await expect(new Promise((resolve, reject) => second.on('error', reject).on('open', resolve))).rejects.toThrow(
      '403',
    );
    ws.close();
  });

  test('duplicates on demand', async () => {
    const slack = await start();
    const app = socketBot(slack);
    const heard: string[] = [];
    app.event('app_mention', async ({ body }) => void heard.push(body.event_id));
    await app.start();
    slack.faults.duplicateDeliveries(2);
    await slack.as(sana).say('@mlp hello', { channel: platform });
    await slack.until(() => heard.length === 2, 'both');
    expect(heard[0]).toBe(heard[1]);
  });
});
