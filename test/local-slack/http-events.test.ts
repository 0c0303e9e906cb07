import { describe, expect, test } from 'vitest';
import { manualClock } from '../../src/sandbox/slack/clock.ts';
import { sign } from '../../src/sandbox/slack/http-events.ts';
import { ids, seed } from '../../src/sandbox/slack/seed.ts';
import { approve, httpBot, listener, start } from './bots.ts';

const { platform } = ids.channels;
const { sana, noah, mateo } = ids.users;
const { app: spec } = seed;

describe('HTTP mode', () => {
  test('signed commands, clicks and events reach a Bolt app; answers come back', async () => {
    const slack = await start();
    const { app } = await httpBot(slack);
    app.command('/mlp', async ({ ack, command, say }) => {
      await ack({ response_type: 'ephemeral', text: `on it: ${command.text}` });
      await say({ text: 'waiting', blocks: approve });
    });
    app.action('approve', async ({ ack, respond }) => {
      await ack();
      await respond({ replace_original: true, text: 'Processing…' });
    });
    app.event('app_mention', async ({ event, say }) => void (await say({ text: 'yes?', thread_ts: event.ts })));
    expect(await slack.as(sana).command('/mlp status', { channel: platform })).toEqual({ ok: true });
    const root = await slack.until(() => slack.roots(platform)[0], 'the post');
    expect(slack.ephemerals(sana).map((one) => one.text)).toEqual(['on it: status']);
    expect(await slack.as(mateo).press(root, 'Approve')).toEqual({ ok: true });
    await slack.until(() => slack.thread(platform, root.ts) === 'mlp: Processing…', 'the replaced message');
    const { ts } = await slack.as(noah).say('@mlp hello', { channel: platform });
    await slack.until(() => slack.thread(platform, ts).includes('mlp: yes?'), 'the reply');
    expect(slack.errors).toEqual([]);
  });

  test('url_verification, ssl_check, and signatures that are forged or stale', async () => {
    const slack = await start();
    const { url } = await httpBot(slack);
    const http = slack.useHttp(url);
    expect(await http.verifyUrl(spec.verificationToken)).toBe('verified');
    expect(await http.sslCheck(spec.verificationToken)).toBe(200);
    const body = JSON.stringify({ type: 'event_callback', event: {} });
    const now = Math.floor(Date.now() / 1000);
    const json = { 'content-type': 'application/json' };
    expect((await http.post(body, { ...json, ...sign('wrong', now, body) })).status).toBe(401);
    expect((await http.post(body, { ...json, ...sign(spec.signingSecret, now - 301, body) })).status).toBe(401);
    expect((await http.post(`${body} `, { ...json, ...sign(spec.signingSecret, now, body) })).status).toBe(401);
  });

  test('an event is tried again at once, after one minute and after five, and says why', async () => {
    const clock = manualClock(Date.UTC(2026, 5, 1, 3));
    const slack = await start({ clock });
    const { url, heard } = await listener(() => ({ status: 500 }));
    slack.useHttp(url);
    const delivered = slack.deliverEvent({ type: 'app_mention', user: sana, text: 'x' });
    const tries = async (count: number): Promise<void> =>
      void (await slack.until(() => heard.length === count, `${count} tries`));
    await tries(2);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await clock.advance(59_000);
    expect(heard).toHaveLength(2);
    await clock.advance(1_000);
    await tries(3);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await clock.advance(300_000);
    expect(await delivered).toMatchObject({ kind: 'failed', reason: 'http_error' });
    expect(heard.map((one) => [one.headers['x-slack-retry-num'], one.headers['x-slack-retry-reason']])).toEqual([
      [undefined, undefined],
      ['1', 'http_error'],
      ['2', 'http_error'],
      ['3', 'http_error'],
    ]);
    expect(new Set(heard.map((one) => (JSON.parse(one.body) as { event_id: string }).event_id)).size).toBe(1);
  });

  test('x-slack-no-retry ends it; three seconds of silence are a timeout', async () => {
    const clock = manualClock(Date.UTC(2026, 5, 1, 3));
    const slack = await start({ clock });
    const once = await listener(() => ({ status: 500, headers: { 'x-slack-no-retry': '1' } }));
    slack.useHttp(once.url);
    expect(await slack.as(sana).command('/mlp x', { channel: platform })).toMatchObject({
      error: '/mlp failed with the error "dispatch_failed"',
    });
    expect(await slack.deliverEvent({ type: 'app_mention' })).toMatchObject({ kind: 'failed', noRetry: true });
    expect(once.heard).toHaveLength(2);
    const silentOne = await listener(() => null);
    slack.useHttp(silentOne.url);
    const asked = slack.as(sana).command('/mlp x', { channel: platform });
    await slack.until(() => silentOne.heard[0], 'the request');
    await clock.advance(3_000);
    expect(await asked).toMatchObject({ kind: 'bot', error: '/mlp failed with the error "operation_timeout"' });
  });
});
