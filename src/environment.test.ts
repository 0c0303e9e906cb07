import { describe, expect, test } from 'vitest';
import { readEnvironment } from './environment.ts';

const SIGNING = '0123456789abcdef'.repeat(2);
const enough = {
  MLP_CONFIG: 'mlp.yaml',
  MLP_AUDIT_KEY: 'k'.repeat(16),
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
};

describe('the environment', () => {
  test('enough: the rest has defaults', () => {
    const { env, problems } = readEnvironment(enough);
    expect(problems).toEqual([]);
    expect(env).toMatchObject({
      port: 3000,
      logLevel: 'info',
      dataFolder: '.data',
      databaseUrl: null,
      slack: { mode: { is: 'socket' } },
      alertmanagerToken: null,
    });
  });

  test("PagerDuty's secrets are a list, and its addresses are origins: anything after the port would be lost", () => {
    const { env, problems } = readEnvironment({
      ...enough,
      PAGERDUTY_WEBHOOK_SECRET: 'old, new',
      PAGERDUTY_EVENTS_URL: 'https://events.eu.pagerduty.com/',
    });
    expect(problems).toEqual([]);
    expect(env?.pagerDuty).toEqual({
      token: null,
      eventsUrl: 'https://events.eu.pagerduty.com',
      apiUrl: null,
      webhookSecrets: ['old', 'new'],
    });
    for (const wrong of [
      'http://localhost:1',
      'https://host/v2',
      'https://user@host',
      'events.pagerduty.com',
      'https://h?x',
    ])
      expect(readEnvironment({ ...enough, PAGERDUTY_API_URL: wrong }).problems).toEqual([
        'PAGERDUTY_API_URL is no https origin: write https://host or https://host:port, nothing after it',
      ]);
  });

  test('nothing: every problem at once, each with its variable', () => {
    const { env, problems } = readEnvironment({ PORT: 'x', LOG_LEVEL: 'loud' });
    expect(env).toBeNull();
    for (const name of ['MLP_CONFIG', 'SLACK_BOT_TOKEN', 'MLP_AUDIT_KEY', 'SLACK_APP_TOKEN', 'PORT', 'LOG_LEVEL'])
      expect(problems).toContainEqual(expect.stringMatching(new RegExp(`^${name} `)));
    expect(problems).toHaveLength(6);
  });

  test.each([
    [{ SLACK_SIGNING_SECRET: SIGNING }, /both set/],
    [{ MLP_AUDIT_KEY: 'short' }, /^MLP_AUDIT_KEY is too short/],
    [{ MLP_AUDIT_KEY: '' }, /^MLP_AUDIT_KEY is not set/],
    [
      { SLACK_BOT_TOKEN: 'xapp-1-abc' },
      /^SLACK_BOT_TOKEN is an app-level token: write the Bot User OAuth Token .*xoxb-/,
    ],
    [{ SLACK_BOT_TOKEN: 'xoxp-1-abc' }, /^SLACK_BOT_TOKEN is a person's token: write /],
    [{ SLACK_BOT_TOKEN: '"xoxb-1"' }, /^SLACK_BOT_TOKEN is given with quotes or blanks: write /],
    [{ SLACK_BOT_TOKEN: 'xoxb-' }, /^SLACK_BOT_TOKEN is a bot token: write /],
    [
      { SLACK_APP_TOKEN: 'xoxb-1' },
      /^SLACK_APP_TOKEN is a bot token: write an App-Level Token with connections:write .*xapp-/,
    ],
    [
      { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: 'xapp-1-abc' },
      /^SLACK_SIGNING_SECRET is an app-level token: write the app's Signing Secret/,
    ],
    [
      { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: 'f'.repeat(31) },
      /^SLACK_SIGNING_SECRET is no such thing \(31 characters/,
    ],
    [{ PORT: '70000' }, /^PORT is no port/],
    [{ PORT: '-1' }, /^PORT is no port/],
  ])('%j', (change, problem) => {
    const { env, problems } = readEnvironment({ ...enough, ...change });
    expect(env).toBeNull();
    expect(problems).toEqual([expect.stringMatching(problem)]);
    for (const value of Object.values(change).filter((one) => one.length > 6)) {
      expect(problems.join()).not.toContain(value);
    }
    expect(problems.join()).not.toMatch(/xoxb-1|xapp-1|f{31}/);
  });

  test('HTTP mode', () => {
    expect(readEnvironment({ ...enough, SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: SIGNING }).env?.slack.mode).toEqual({
      is: 'http',
      signingSecret: SIGNING,
    });
  });
});
