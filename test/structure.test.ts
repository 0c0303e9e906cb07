import { describe, expect, test } from 'vitest';
import { CORE, impure, parsed, sources, tooLong, wrongImports } from './structure/source.ts';

/** The folders import what the design lets them, files stay small, pure code stays pure. */

/** Known deviations, each with its reason. An entry that is not needed any more fails too. */
const KNOWN: Readonly<Record<string, string>> = {
  'src/core/playbook.ts: a long function':
    'one scope of type parameters: its helpers infer from it, each is a few lines',
  'src/adapters/kubernetes/read.ts: a long function': 'a table of readings that share one connection, each a few lines',
  'src/sandbox/platform/seed.ts: a long function': 'data: what a region holds at first',
};
/** As KNOWN names it: without numbers, which move. */
const nameOf = (sentence: string): string => sentence.replace(/:\d+: a function of .*/, ': a long function');

function isKnown(sentence: string): boolean {
  return nameOf(sentence) in KNOWN;
}

describe('the structure of the code', () => {
  const all = sources();
  const core = all.filter(({ path }) => CORE.test(path));

  test('files are found', () => {
    expect(all.length).toBeGreaterThan(150);
    expect(core.length).toBeGreaterThan(30);
  });

  test('every file imports only what its folder may', () => {
    expect(all.flatMap(wrongImports).filter((one) => !isKnown(one))).toEqual([]);
  });

  test('pure code reads no clock, no chance, no environment, and waits for nothing', () => {
    const found = core.flatMap(impure);
    expect(found.filter((one) => !isKnown(one))).toEqual([]);
  });

  test('no file has more than 300 lines, no function more than 70', () => {
    expect(all.flatMap(tooLong).filter((one) => !isKnown(one))).toEqual([]);
  });

  test('no folder is called utils', () => {
    expect(
      all.map(({ path }) => path).filter((path) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.tsx?$)/.test(path)),
    ).toEqual([]);
  });

  test('every known deviation is still one', () => {
    const found = new Set(
      all
        .flatMap((one) => [...wrongImports(one), ...tooLong(one), ...(CORE.test(one.path) ? impure(one) : [])])
        .map(nameOf),
    );
    expect(Object.keys(KNOWN).filter((one) => !found.has(one))).toEqual([]);
  });
});

describe('the test itself sees', () => {
  const see = (path: string, text: string): readonly string[] => {
    const source = parsed(path, text);
    return [...wrongImports(source), ...tooLong(source), ...(CORE.test(path) ? impure(source) : [])];
  };

  test.each([
    ['src/core/render.ts', 'export const at = Date.now();', 'src/core/render.ts: pure code uses Date.now'],
    ['src/core/a.ts', 'export const at = new Date();', 'src/core/a.ts: pure code uses new Date()'],
    ['src/core/a.ts', 'export const x = Math.random();', 'src/core/a.ts: pure code uses Math.random'],
    ['src/core/a.ts', 'export const x = process.env.HOME;', 'src/core/a.ts: pure code uses process'],
    [
      'src/core/a.ts',
      'export const f = async () => { await g(); }; declare function g(): void;',
      'src/core/a.ts: pure code uses await',
    ],
    ['src/core/a.ts', "import { x } from 'node:fs'; x();", 'src/core/a.ts: pure code imports node:fs'],
    [
      'src/core/a.ts',
      "import type { X } from '../engine/x.ts'; export type Y = X;",
      'src/core/a.ts: pure code imports src/engine/x.ts',
    ],
    ['src/core/a.ts', "export * from 'hono';", 'src/core/a.ts: pure code imports hono'],
    [
      'src/engine/a.ts',
      "const x = await import('../adapters/slack/app.ts'); export { x };",
      'src/engine/a.ts: the engine imports src/adapters/slack/app.ts',
    ],
    [
      'src/adapters/slack/a.ts',
      "import '../store/index.ts';",
      'src/adapters/slack/a.ts: the Slack adapter imports src/adapters/store/index.ts',
    ],
    ['src/adapters/slack/a.ts', "import 'pg';", 'src/adapters/slack/a.ts: the Slack adapter imports pg'],
    ['playbooks/one/a.ts', "import '../two/b.ts';", 'playbooks/one/a.ts: a playbook imports playbooks/two/b.ts'],
    [
      'playbooks/one/a.ts',
      "import { readFileSync } from 'node:fs'; readFileSync('');",
      'playbooks/one/a.ts: a playbook imports node:fs',
    ],
    [
      'src/cli/a.ts',
      "import '../adapters/store/index.ts';",
      'src/cli/a.ts: a command line tool imports src/adapters/store/index.ts',
    ],
    ['src/new/a.ts', '', "src/new/a.ts: in no folder of the design's table"],
    ['src/engine/a.ts', '\n'.repeat(400) + 'export {};', 'src/engine/a.ts: 401 lines, at most 300'],
    [
      'src/engine/a.ts',
      `export const f = () => {${'\n'.repeat(80)}};`,
      'src/engine/a.ts:1: a function of 81 lines, at most 70',
    ],
  ])('%s: %s', (path, text, sentence) => {
    expect(see(path, text)).toContain(sentence);
  });

  test('and nothing where nothing is wrong', () => {
    expect(
      see('src/core/a.ts', "import { z } from 'zod'; export const d = new Date(0); export const s = z.string();"),
    ).toEqual([]);
    expect(
      see(
        'src/engine/a.ts',
        "import { createHash } from 'node:crypto'; import { canonical } from '../core/json.ts'; createHash(canonical(''));",
      ),
    ).toEqual([]);
    expect(see('playbooks/one/a.ts', "import '../readings/pods.ts'; import './b.ts';")).toEqual([]);
  });
});
