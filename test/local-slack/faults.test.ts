import { describe, expect, test } from 'vitest';
import { ids, seed } from '../../src/sandbox/slack/seed.ts';
import { clientOf, start } from './bots.ts';

const { platform } = ids.channels;
const { sana, noah, mateo } = ids.users;

describe('faults', () => {
  test('429, 500, hang, accepted and never answered, Slack down', async () => {
    const slack = await start();
    const client = clientOf(slack, seed.app.botToken, 300);
    const post = (text: string) => client.chat.postMessage({ channel: platform, text });
    slack.faults.arm({ kind: 'ratelimit', retryAfterSeconds: 7 }, { method: 'chat.postMessage' });
    await expect(post('1')).rejects.toMatchObject({ retryAfter: 7 });
    slack.faults.arm({ kind: 'http', status: 503 });
    await expect(post('2')).rejects.toMatchObject({ statusCode: 503 });
    slack.faults.arm({ kind: 'hang' });
    await expect(post('3')).rejects.toThrow(/abort|timeout/i);
    slack.faults.arm({ kind: 'accept-then-hang' });
    await expect(post('4')).rejects.toThrow(/abort|timeout/i);
    slack.faults.arm({ kind: 'error', error: 'message_limit_exceeded' });
    await expect(post('5')).rejects.toThrow('message_limit_exceeded');
    slack.faults.setDown(true);
    expect(slack.faults.describe()).toEqual(['Slack is down']);
    await expect(post('6')).rejects.toThrow('fetch failed');
    slack.faults.clear();
    await post('7');
    expect(slack.messages(platform).map((one) => one.text)).toEqual(['4', '7']);
    // What was switched on is no mistake of the bot.
    expect(slack.errors).toEqual([]);
    expect(slack.sent.filter((one) => one.method === 'chat.postMessage')).toHaveLength(6);
  });
});

describe('the lock screen', () => {
  test('new posts that concern a person ring; edits, ephemerals and other threads do not', async () => {
    const slack = await start();
    const client = clientOf(slack);
    const posted = await client.chat.postMessage({ channel: platform, text: 'P2 eu-west-1: rollout stuck' });
    await client.chat.update({ channel: platform, ts: String(posted.ts), text: `<@${noah}> edited` });
    await client.chat.postEphemeral({ channel: platform, user: noah, text: `<@${noah}> only you` });
    await client.chat.postMessage({
      channel: platform,
      thread_ts: String(posted.ts),
      text: `<!subteam^${ids.groups.approvers}> until <!date^1780283520^{time}|03:12 UTC>`,
    });
    await client.chat.postMessage({ channel: platform, thread_ts: String(posted.ts), text: 'rolling back' });
    const bodies = (user: string) => slack.lockScreen(user).map((one) => `${one.why}: ${one.body}`);
    expect(bodies(sana)).toEqual(['channel: P2 eu-west-1: rollout stuck']);
    expect(bodies(mateo)).toEqual(['mention: @ml-approvers until 03:12']);
    expect(bodies(noah)).toEqual([]);
  });
});
