import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqlite, sqliteFileIn } from '../../src/adapters/store/index.ts';
import { audit } from '../../src/cli/audit.ts';

/** `npm run audit` on a real store that somebody has been at. */

const key = 'a-key-of-sixteen-and-more';
let folder: string;
let head: { readonly number: number; readonly mac: string };
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mlp-audit-'));
  const store = await openSqlite({ file: sqliteFileIn(folder), auditKey: key, onError: () => undefined });
  for (const what of ['approved p1', 'begins p1', 'p1: verified'])
    await store.setSetting('x', what, { stream: 'incident/1', who: 'U1', what, digest: null, why: 'pressed' });
  head = await store.auditHead();
  await store.close();
});
afterEach(() => rmSync(folder, { recursive: true }));

async function verify(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string }> {
  const lines: string[] = [];
  const code = await audit(args, { MLP_DATA: folder, MLP_AUDIT_KEY: key, ...env }, (line) => lines.push(line));
  return { code, out: lines.join('\n') };
}
function tamper(sql: string): void {
  const db = new DatabaseSync(sqliteFileIn(folder));
  for (const { name } of db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")
    .all())
    db.exec(`DROP TRIGGER ${String(name)}`);
  db.exec(sql);
  db.close();
}

describe('npm run audit -- verify', () => {
  test('an intact log, with and without a head, whole or as a closing message shows it', async () => {
    expect(await verify(['verify'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Intact: 3 rows\. Head 3:/),
    });
    for (const mac of [head.mac, head.mac.slice(0, 12)])
      expect(await verify(['verify', '--head', `${head.number}:${mac}`])).toMatchObject({ code: 0 });
    expect(await verify(['verify', `--head=3:${head.mac}`])).toMatchObject({ code: 0 });
  });

  test.each([
    ['changed', "UPDATE audit SET who = 'U2' WHERE number = 2", /row 2 is not what was written/],
    ['removed', 'DELETE FROM audit WHERE number = 2', /row 2 is missing/],
    ['reordered', 'UPDATE audit SET number = 9 WHERE number = 1', /row 1 is missing/],
  ])('a row that was %s is named', async (_what, sql, problem) => {
    tamper(sql);
    const { code, out } = await verify(['verify']);
    expect(code).toBe(1);
    expect(out).toMatch(problem);
  });

  test('a cut-off end shows only against a head', async () => {
    tamper('DELETE FROM audit WHERE number = 3');
    expect(await verify(['verify'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('a cut-off end cannot be seen'),
    });
    const { code, out } = await verify(['verify', '--head', `3:${head.mac.slice(0, 12)}`]);
    expect(code).toBe(1);
    expect(out).toMatch(/row 3 is missing: the end of the log was cut off/);
  });

  test('another head, another key, nothing to read, wrong usage', async () => {
    expect((await verify(['verify', '--head', `3:${'0'.repeat(12)}`])).out).toMatch(
      /row 3 is not the one that was the head/,
    );
    expect((await verify(['verify'], { MLP_AUDIT_KEY: 'another-key-of-length' })).out).toMatch(/not the key/);
    expect(await verify(['verify'], { MLP_AUDIT_KEY: '' })).toMatchObject({ code: 2 });
    expect(await verify(['verify'], { MLP_DATA: join(folder, 'none') })).toMatchObject({
      code: 3,
      out: expect.stringMatching(/^The audit log cannot be read: not found: there is no /),
    });
    for (const args of [
      [],
      ['verify', '--head'],
      ['verify', '--head', 'x'],
      ['check'],
      ['verify', '--head', '3:zz', 'more'],
    ])
      expect(await verify(args)).toMatchObject({ code: 2, out: expect.stringMatching(/^usage: /) });
  });

  test('as a process: it prints, and its exit code says it', () => {
    tamper("UPDATE audit SET why = 'no reason' WHERE number = 1");
    const file = join(import.meta.dirname, '../../src/cli/audit.ts');
    const env = { ...process.env, MLP_DATA: folder, MLP_AUDIT_KEY: key, DATABASE_URL: '' };
    const ran = spawnSync(process.execPath, [file, 'verify'], { env, encoding: 'utf8', timeout: 60_000 });
    expect(ran.status).toBe(1);
    expect(ran.stdout).toMatch(/NOT as it was written:\n {2}- row 1/);
  }, 60_000);
});
