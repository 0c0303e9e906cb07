import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gitCommits } from './commits.ts';

/** Against a real repository, with real commits. */
let path: string;
const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
function git(...argv: readonly string[]): void {
  execFileSync('git', ['-C', path, ...argv], { env, stdio: 'pipe' });
}
function commit(title: string, at: string, by = 'Ada Winter'): void {
  const dated = { ...env, GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at };
  const who = ['-c', `user.name=${by}`, '-c', 'user.email=ada@example.com'];
  execFileSync('git', ['-C', path, ...who, 'commit', '-q', '--allow-empty', '-m', title], {
    env: dated,
    stdio: 'pipe',
  });
}

beforeAll(() => {
  path = mkdtempSync(join(tmpdir(), 'mlp-git-'));
  git('init', '-q', '-b', 'main');
  commit('First', '2026-03-01T08:00:00Z');
  commit('Batch size 16, "quoted" $(touch /tmp/never)', '2026-03-01T10:15:00+02:00', 'Kofi <x> Mensah');
  commit('Use password=hunter2hunter2 in the test\n\nA body.', '2026-03-01T09:30:00Z');
  git('checkout', '-q', '-b', 'release');
  commit('Only on release', '2026-03-01T10:00:00Z');
});
afterAll(() => rmSync(path, { recursive: true, force: true }));

const since = '2026-03-01T08:10:00Z';
const of = (branch: string, at = path): ReturnType<typeof gitCommits> =>
  gitCommits([{ service: 'model-server', path: at, branch }]);

test('the newest first, of this branch, since then; who and what as text, no secret', async () => {
  const found = await of('main').of('model-server', since, 10);
  expect(found?.source).toBe('model-server (main)');
  expect(found?.commits.map(({ at, by, title }) => `${at} ${by}: ${title}`)).toEqual([
    '2026-03-01T09:30:00.000Z Ada Winter: Use password=[redacted: password] in the test',
    '2026-03-01T08:15:00.000Z Kofi x Mensah: Batch size 16, "quoted" $(touch /tmp/never)',
  ]);
  expect(found?.commits[0]?.id).toMatch(/^[0-9a-f]{40}$/);
});

test('at most as many as are wanted; another branch has its own', async () => {
  expect((await of('main').of('model-server', since, 1))?.commits).toHaveLength(1);
  expect((await of('release').of('model-server', since, 10))?.commits[0]?.title).toBe('Only on release');
});

test('no source, nothing since then', async () => {
  expect(await of('main').of('other', since, 10)).toBeNull();
  expect((await of('main').of('model-server', '2026-04-01T00:00:00Z', 10))?.commits).toEqual([]);
});

test('a branch that is not there, or looks like an option, and a folder that is no repository are said', async () => {
  await expect(of('nowhere').of('model-server', since, 10)).rejects.toThrow(/git: fatal: .*nowhere/);
  const file = join(path, 'written');
  await expect(of(`--output=${file}`).of('model-server', since, 10)).rejects.toThrow(/git: fatal/);
  expect(existsSync(file)).toBe(false);
  const empty = mkdtempSync(join(tmpdir(), 'mlp-none-'));
  await expect(of('main', empty).of('model-server', since, 10)).rejects.toThrow(/git: fatal: not a git repository/);
  rmSync(empty, { recursive: true });
});

test('what its own config would run is not run', async () => {
  const mark = join(path, 'ran');
  const program = join(path, 'program.sh');
  writeFileSync(program, `#!/bin/sh\ntouch ${mark}\n`);
  chmodSync(program, 0o755);
  for (const key of ['core.pager', 'core.fsmonitor', 'gpg.program', 'core.sshCommand']) git('config', key, program);
  git('config', 'log.showSignature', 'true');
  expect((await of('main').of('model-server', since, 10))?.commits).toHaveLength(2);
  expect(existsSync(mark)).toBe(false);
});

test('a repository that hangs is left after the limit', async () => {
  const pipe = join(path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  // Nobody writes into it: git waits for its config for ever.
  git('config', 'include.path', pipe);
  const from = performance.now();
  await expect(
    gitCommits([{ service: 'model-server', path, branch: 'main' }], 300).of('model-server', since, 10),
  ).rejects.toThrow('git did not answer within 0.3 s');
  expect(performance.now() - from).toBeLessThan(3_000);
});
