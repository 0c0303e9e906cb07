import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
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

  it('a config with two mistakes', () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'slack: {channel: general}\nregions: [{name: eu-west-1, promteheus: null}]\n');
    const { code, said } = start({ ...secrets, MLP_CONFIG: file });
    expect(code).toBe(2);
    expect(said).toMatch(/slack\.channel: .*a channel id such as C0123ABC/);
    expect(said).toMatch(/regions\[0\]: unknown key promteheus/);
    expect(said).not.toContain('xoxb-1');
  });
});
