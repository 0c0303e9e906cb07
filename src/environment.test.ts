import { describe, expect, test } from 'vitest';
import { readEnvironment } from './environment.ts';

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

  test('nothing: every problem at once, each with its variable', () => {
    const { env, problems } = readEnvironment({ PORT: 'x', LOG_LEVEL: 'loud' });
    expect(env).toBeNull();
    for (const name of ['MLP_CONFIG', 'SLACK_BOT_TOKEN', 'MLP_AUDIT_KEY', 'SLACK_APP_TOKEN', 'PORT', 'LOG_LEVEL'])
      expect(problems).toContainEqual(expect.stringMatching(new RegExp(`^${name} `)));
    expect(problems).toHaveLength(6);
  });

  test.each([
    [{ SLACK_SIGNING_SECRET: 's' }, /both set/],
    [{ MLP_AUDIT_KEY: 'short' }, /^MLP_AUDIT_KEY is too short/],
    [{ MLP_AUDIT_KEY: '' }, /^MLP_AUDIT_KEY is not set/],
    [{ PORT: '70000' }, /^PORT is no port/],
    [{ PORT: '-1' }, /^PORT is no port/],
  ])('%j', (change, problem) => {
    const { env, problems } = readEnvironment({ ...enough, ...change });
    expect(env).toBeNull();
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems.join()).not.toContain('xoxb-1');
  });

  test('HTTP mode', () => {
    expect(readEnvironment({ ...enough, SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: 's' }).env?.slack.mode).toEqual({
      is: 'http',
      signingSecret: 's',
    });
  });
});
