import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeConfig } from '../peers/bot.ts';
import { removeFolder, temporaryFolder } from '../peers/process.ts';

const project = join(import.meta.dirname, '../..');

describe('a start that cannot work says everything that is wrong, once, and ends with 2', { timeout: 20_000 }, () => {
  let folder: string;
  beforeAll(() => {
    folder = temporaryFolder('start');
  });
  afterAll(() => removeFolder(folder));

  function start(env: Readonly<Record<string, string>>): { readonly code: number | null; readonly said: string } {
    const { status, stderr } = spawnSync(process.execPath, ['src/main.ts'], {
      cwd: project,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      encoding: 'utf8',
      timeout: 15_000,
    });
    return { code: status, said: stderr };
  }
  const secrets = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', MLP_AUDIT_KEY: '0123456789abcdef' };

  it('an empty environment', () => {
    const { code, said } = start({});
    expect(code).toBe(2);
    for (const name of ['MLP_CONFIG', 'SLACK_BOT_TOKEN', 'MLP_AUDIT_KEY', 'SLACK_APP_TOKEN'])
      expect(said).toContain(name);
  });

  it('several regions without a kubeconfig', () => {
    const regions = [{ name: 'eu-west-1' }, { name: 'us-east-1' }];
    const { code, said } = start({ ...secrets, MLP_CONFIG: writeConfig(folder, regions) });
    expect(code).toBe(2);
    expect(said).toContain('KUBECONFIG is not set, and eu-west-1, us-east-1 cannot all be the cluster that I run in');
  });

  it.each([
    [
      'a folder above that is not there and cannot be made',
      '/proc/mlp/data',
      /the folder above it is not there and cannot be made/,
    ],
    ['a file in its path', '/dev/null/data', /a part of the path is no folder/],
    ['a file', '/etc/hostname', /it is no folder/],
  ])('MLP_DATA: %s', (_what, data, why) => {
    const config = writeConfig(folder, [{ name: 'eu-west-1' }]);
    const began = performance.now();
    const { code, said } = start({ ...secrets, MLP_CONFIG: config, KUBECONFIG: '/no/kubeconfig', MLP_DATA: data });
    expect(code).toBe(2);
    expect(said).toMatch(why);
    expect(said).toContain(`MLP_DATA ${data} cannot be used`);
    expect(said).toContain('Set it to a folder that stays');
    // Nothing waits for anything; the limit is a machine's that does other things too.
    expect(performance.now() - began).toBeLessThan(6_000);
  });

  it('a database in the folder that is none: it ends, with a sentence', () => {
    const data = join(folder, 'spoiled');
    mkdirSync(data);
    writeFileSync(
      join(data, 'mlp.sqlite'),
      'this is no database at all, but long enough to be looked at as one'.repeat(20),
    );
    const config = writeConfig(folder, [{ name: 'eu-west-1' }]);
    const { code, said } = start({ ...secrets, MLP_CONFIG: config, KUBECONFIG: '/no/kubeconfig', MLP_DATA: data });
    expect(code).toBe(1);
    expect(said).toMatch(/mlp\.sqlite is not an SQLite database/);
  });

  it('tokens of the wrong kind, a remedy that is none, and a secret that is not set, all at once', () => {
    const file = join(folder, 'act.yaml');
    const regions = '[{ name: eu-west-1, prometheus: { url: "http://p", bearerTokenEnv: PROM } }]';
    const approvals = '{ low: { groups: [S1] }, medium: { groups: [S1] }, high: { groups: [S1] } }';
    const text = `slack: { channel: C1 }\nregions: ${regions}\napprovals: ${approvals}\n`;
    writeFileSync(file, `${text}modes: { default: act, preApproved: [rollbak] }\n`);
    const wrong = { SLACK_BOT_TOKEN: 'xoxp-secret-1', SLACK_APP_TOKEN: 'xoxb-secret-2' };
    const { code, said } = start({ ...secrets, ...wrong, MLP_CONFIG: file });
    expect(code).toBe(2);
    expect(said).toMatch(/SLACK_BOT_TOKEN is a person's token: write the Bot User OAuth Token/);
    expect(said).toMatch(/SLACK_APP_TOKEN is a bot token: write an App-Level Token/);
    expect(said).toContain('modes.preApproved[0]: no remedy is called rollbak: did you mean rollback? Write that');
    expect(said).not.toContain('secret-');
    writeFileSync(file, text);
    expect(start({ ...secrets, MLP_CONFIG: file, MLP_DATA: join(folder, 'd') }).said).toContain(
      'regions: prometheus of eu-west-1: bearerTokenEnv: PROM is not set in the environment',
    );
  });

  it('a config with two mistakes', () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'slack: {channel: general}\nregions: [{name: eu-west-1, promteheus: null}]\n');
    const { code, said } = start({ ...secrets, MLP_CONFIG: file });
    expect(code).toBe(2);
    expect(said).toMatch(/slack\.channel: .*write a channel id such as C0123ABC/);
    expect(said).toMatch(/regions\[0\]: unknown key promteheus/);
    expect(said).not.toContain('xoxb-1');
  });
});
