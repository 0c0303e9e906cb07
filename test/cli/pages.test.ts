import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { playbooks } from '../../playbooks/index.ts';
import { cataloguePage } from '../../src/cli/catalogue.ts';
import { lifecyclePage } from '../../src/cli/lifecycle.ts';
import { page } from '../../src/cli/page.ts';
import { roleOf } from '../../src/core/catalogue/rights.ts';

/** The generated pages of docs/ are what the code says. */

describe.each([cataloguePage(), lifecyclePage()])('$file', (made) => {
  test('is up to date', () => {
    const said: string[] = [];
    page(made, ['--check'], (line) => said.push(line));
    expect(said).toEqual([`${made.file} is up to date`]);
  });

  test('says so when it is not, and is written anew', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mlp-page-'));
    const file = join(folder, 'page.md');
    const run = (...args: string[]): { code: number; out: string } => {
      const out: string[] = [];
      return { code: page({ ...made, file }, args, (line) => out.push(line)), out: out.join('\n') };
    };
    expect(run('--check')).toEqual({
      code: 1,
      out: `${file} is not what the code says: run \`npm run ${made.script} -- --write\``,
    });
    expect(run('--write')).toMatchObject({ code: 0 });
    expect(run('--check')).toMatchObject({ code: 0 });
    writeFileSync(file, `${readFileSync(file, 'utf8')}x`);
    expect(run('--check')).toMatchObject({ code: 1 });
    expect(run()).toEqual({ code: 0, out: made.text.trimEnd() });
    expect(run('--wrong')).toMatchObject({ code: 2, out: expect.stringMatching(/^usage:/) });
    rmSync(folder, { recursive: true });
  });
});

test('the catalogue names every playbook, check and remedy', () => {
  const { text } = cataloguePage();
  for (const one of playbooks) {
    for (const part of [one.id, one.about, one.guide, ...one.alerts, ...one.symptoms]) expect(text).toContain(part);
    for (const check of one.checks) expect(text).toContain(`\`${check.id}\``);
    for (const remedy of one.remedies)
      expect(text).toContain(`| \`${remedy.id}\` | ${remedy.title} | \`remedy-${roleOf(remedy.id)}.yaml\` |`);
  }
});

test('the diagrams hold nothing that mermaid would take for the end of a label', () => {
  const diagrams = lifecyclePage().text.matchAll(/```mermaid\n([^`]*)```/g);
  const lines = [...diagrams].flatMap((match) => (match[1] ?? '').split('\n')).filter((line) => line.includes('-->'));
  expect(lines.length).toBeGreaterThan(20);
  for (const line of lines) expect(line).toMatch(/^ {2}\S+ --> \S+(: [^:;]+)?$/);
});
