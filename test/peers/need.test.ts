import { execFile, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, it, vi } from 'vitest';
import { removeFolder, temporaryFolder } from './process.ts';
import { until } from './until.ts';

const run = promisify(execFile);
const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

it('says what is missing and how to get it', async () => {
  const empty = temporaryFolder('no-peers');
  vi.stubEnv('MLP_PEERS', empty);
  vi.resetModules();
  const { binary, whyNot } = await import('./need.ts');
  expect(whyNot('control-plane')).toMatch(
    /^needs control-plane \(Kubernetes v1.36.1: .*\); npm run peers control-plane$/,
  );
  expect(() => binary('toxiproxy', 'toxiproxy')).toThrow('npm run peers toxiproxy');
  const listed = await run(process.execPath, [pathOf('../../tools/peers/install.mjs'), '--list'], {
    env: { ...process.env, MLP_PEERS: empty },
  });
  expect(listed.stdout).toMatch(
    /missing {2}control-plane .*\n.*not found: kube-apiserver,.*npm run peers control-plane/,
  );
  await removeFolder(empty);
});

it('skips with the reason on a desk, and fails in CI', { timeout: 20_000 }, async () => {
  const root = temporaryFolder('no-peers');
  const body = `import { it } from 'vitest';
    import { need } from ${JSON.stringify(pathOf('./need.ts'))};
    need('control-plane')('a cluster', { timeout: 1000 }, () => { it('is asked', () => {}); });`;
  writeFileSync(join(root, 'inner.test.ts'), body);
  const vitest = pathOf('../../node_modules/vitest/vitest.mjs');
  const inner = async (ci: string): Promise<{ code: number; text: string }> => {
    try {
      const env = { ...process.env, MLP_PEERS: root, CI: ci, NO_COLOR: '1' };
      const { stdout, stderr } = await run(process.execPath, [vitest, 'run', '--root', root], { env });
      return { code: 0, text: stdout + stderr };
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return { code: 1, text: stdout + stderr };
    }
  };
  const atDesk = await inner('');
  expect(atDesk).toMatchObject({ code: 0, text: expect.stringContaining('1 skipped') });
  expect(atDesk.text).toContain('skipped: a cluster: needs control-plane');
  expect(await inner('true')).toMatchObject({ code: 1, text: expect.stringContaining('npm run peers control-plane') });
  await removeFolder(root);
});

it('names the peers that there are when it is asked for another', async () => {
  const asked = run(process.execPath, [pathOf('../../tools/peers/install.mjs'), 'kafka']);
  await expect(asked).rejects.toThrow('no peer is called kafka; there are control-plane, prometheus,');
});

it('leaves nothing behind when the test process is killed', async () => {
  const script = `
    const { startPeer, temporaryFolder } = await import(${JSON.stringify(pathOf('./process.ts'))});
    const folder = temporaryFolder('killed');
    const { pid } = await startPeer({ name: 'sleep', command: 'sleep', args: ['600'], isReady: async () => true });
    process.stdout.write(JSON.stringify({ folder, pid }) + '\\n');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data: Buffer) => resolve(String(data))),
  );
  const { folder, pid } = JSON.parse(line) as { folder: string; pid: number };
  expect(existsSync(folder)).toBe(true);
  child.kill('SIGKILL');
  await until('the end of sleep', () => (isAlive(pid) ? undefined : true), { withinMs: 5000 });
  await until('the folder to go', () => (existsSync(folder) ? undefined : true), { withinMs: 5000 });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
