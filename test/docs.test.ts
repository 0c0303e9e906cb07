import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { parseConfig } from '../src/config.ts';
import { parseCommand } from '../src/core/command/command.ts';
import { createMetrics } from '../src/http/metrics.ts';
import { catalogueOf } from '../src/main.ts';
import { peers } from '../tools/peers/catalogue.mjs';

/** What the documentation names exists, and what it shows works. */

const root = join(import.meta.dirname, '..');
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
const pages = globSync('**/*.md', {
  cwd: root,
  exclude: (name) => /node_modules|^\.peers|^\.data|^coverage/.test(name),
})
  .map((path) => ({ path, text: textOf(path) }))
  .toSorted((a, b) => a.path.localeCompare(b.path));
const page = (path: string): string => pages.find((one) => one.path === path)?.text ?? '';
const { scripts } = JSON.parse(textOf('package.json')) as { readonly scripts: Readonly<Record<string, string>> };

interface CodeBlock {
  readonly language: string;
  readonly code: string;
}
function blocksOf(text: string): readonly CodeBlock[] {
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map(([, indent = '', language = '', code = '']) => ({
    language,
    code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}
/** What stands in back-ticks within a line; code blocks are left out. */
function inlineOf(text: string): readonly string[] {
  const prose = text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, inner = '']) => inner);
}
/** Every hit on every page, as "page: what". */
function onPages(find: (text: string, path: string) => readonly string[]): readonly string[] {
  return pages.flatMap(({ path, text }) => find(text, path).map((what) => `${path}: ${what}`));
}
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

test('there are pages, in the root and in docs', () => {
  const found = pages.map((one) => one.path);
  for (const path of ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/README.md', 'docs/operating.md'])
    expect(found).toContain(path);
});

test('every link within the repository leads somewhere', () => {
  const broken = onPages((text, path) => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)].map(([, a, b]) => a ?? b ?? '');
    return targets.filter((target) => !/^[a-z]+:/.test(target) && leadsNowhere(target, path));
  });
  expect(broken).toEqual([]);
});

function leadsNowhere(target: string, from: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? join(root, from) : join(root, dirname(from), file);
  if (relative(root, path).startsWith('..') || !existsSync(path)) return true;
  if (anchor === undefined) return false;
  const headings = [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
  return !headings.includes(anchor);
}

test('every page of docs is in its index, and every picture is used and small', () => {
  const index = page('docs/README.md');
  const own = pages
    .map((one) => one.path)
    .filter((path) => /^docs\/[^/]+\.md$/.test(path) && path !== 'docs/README.md');
  expect(own.filter((path) => !index.includes(`(${path.slice(5)})`))).toEqual([]);
  const pictures = globSync('docs/images/*', { cwd: root });
  expect(pictures.length).toBeGreaterThan(0);
  expect(pictures.filter((path) => !pages.some((one) => one.text.includes(path.replace(/^docs\//, ''))))).toEqual([]);
  expect(pictures.filter((path) => statSync(join(root, path)).size > 300_000)).toEqual([]);
});

test('every npm script that is named exists, and so does the file that it runs', () => {
  const missing = onPages((text) => {
    const named = [...text.matchAll(/\bnpm (?:run ([\w-]+)|(test|start))\b/g)].map(([, a, b]) => a ?? b ?? '');
    return [...new Set(named)].filter((name) => {
      const [, file] = /^node (\S+)/.exec(scripts[name] ?? '') ?? [];
      return scripts[name] === undefined || (file !== undefined && !existsSync(join(root, file)));
    });
  });
  expect(missing).toEqual([]);
});

test('every path in back-ticks exists', () => {
  const first = /^(src|playbooks|test|docs|deploy|config|tools|bench|\.ci)\//;
  const rootFile = /^[A-Za-z][\w.-]*\.(md|json|yml)$|^Dockerfile$/;
  const missing = onPages((text, path) =>
    inlineOf(text).filter((inner) => {
      if (!first.test(inner) && !(rootFile.test(inner) && path === 'README.md')) return false;
      if (/\s/.test(inner)) return false;
      // `playbooks/<name>/cases` and `{a,b}` stand for several: one of them is enough.
      return globSync(inner.replaceAll(/<[^>]+>/g, '*'), { cwd: root }).length === 0;
    }),
  );
  expect(missing).toEqual([]);
});

/** Read by Node, by an SDK, or by the tests and their tools; not by the bot itself. */
const othersVariables = new Set([
  'NODE_EXTRA_CA_CERTS',
  'NODE_COMPILE_CACHE',
  'CI',
  'UPDATE_CASES',
  'MLP_PEERS',
  'MLP_TELL',
  // Read because the config's default names it.
  'PAGERDUTY_ROUTING_KEY',
]);
const isVariable = /^(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|PORT|CI)(?==|$)/;

test('every environment variable that is named is read, and every one that is read is in the README', () => {
  const source = textOf('src/environment.ts');
  const read = new Set([...source.matchAll(/(?:value|needed)\(\s*'([A-Z_]+)'/g)].map(([, name = '']) => name));
  const unread = onPages((text) => {
    const named = inlineOf(text).flatMap((inner) => isVariable.exec(inner)?.[0] ?? []);
    return [...new Set(named)].filter((name) => !read.has(name) && !othersVariables.has(name));
  });
  expect(unread).toEqual([]);
  const readme = inlineOf(page('README.md'));
  // Set by the sandbox for its own bot.
  const own = [...read].filter((name) => name !== 'MLP_SIMULATED_PLATFORM');
  expect(own.length).toBeGreaterThan(8);
  expect(own.filter((name) => !readme.includes(name))).toEqual([]);
});

test('the config in the README is one that the bot takes', () => {
  const yaml = blocksOf(page('README.md')).find((one) => one.language === 'yaml');
  expect(parseConfig(yaml?.code ?? '')).not.toHaveProperty('problems');
});

test('every YAML block is YAML', () => {
  const broken = onPages((text) =>
    blocksOf(text).flatMap(({ language, code }) => {
      if (language !== 'yaml') return [];
      try {
        parse(code);
        return [];
      } catch (error) {
        return [String(error)];
      }
    }),
  );
  expect(broken).toEqual([]);
});

test('every /mlp command that is shown is understood', () => {
  const read = parseConfig(textOf('config/sandbox.yaml'));
  if (!('config' in read)) throw new Error(read.problems.join('; '));
  const catalogue = catalogueOf(read.config);
  const commands = onPages((text) => inlineOf(text).filter((inner) => inner.startsWith('/mlp ')));
  expect(commands.length).toBeGreaterThan(8);
  const unclear = commands.filter((one) => parseCommand(one.split('/mlp ')[1] ?? '', catalogue).is === 'unclear');
  // Shown as what the bot begins: it runs nothing without a target.
  expect(unclear.filter((one) => !one.endsWith('…'))).toEqual([]);
});

test('the metrics of docs/operating.md are those of the code', async () => {
  const metrics = createMetrics(
    async () => ({ inbox: 0, outbox: 0, dead: 0, open: 0, overdue: 0, alerts: 0 }),
    async () => ({ number: 0 }),
  );
  const real = [...(await metrics.text()).matchAll(/^# TYPE (mlp_\w+)/gm)].map(([, name = '']) => name);
  const named = [...page('docs/operating.md').matchAll(/^\| `(mlp_\w+)`/gm)].map(([, name = '']) => name);
  expect(named.toSorted()).toEqual(real.toSorted());
  const elsewhere = onPages((text) =>
    inlineOf(text).flatMap((inner) => /^(mlp_(?!jobs)\w+)/.exec(inner)?.[1] ?? []),
  ).filter((one) => !real.includes(one.split(': ')[1] ?? ''));
  expect(elsewhere).toEqual([]);
});

test('the versions that the README claims are those that are installed or built', () => {
  const { dependencies } = JSON.parse(textOf('package.json')) as { readonly dependencies: Record<string, string> };
  const tested = page('README.md').split('## What was tested')[1]?.split('\n## ')[0] ?? '';
  for (const name of ['@slack/bolt', '@slack/web-api']) expect(tested).toContain(`\`${name}\` ${dependencies[name]}`);
  const built = Object.values(peers).map((peer) => peer.what);
  for (const version of ['1.36.1', '3.16', 'v0.316.0', '0.28.1']) {
    expect(tested).toContain(version);
    expect(built.filter((what) => what.includes(version))).toHaveLength(1);
  }
});

test('the playbook that docs/writing-a-playbook.md builds is the one that is type-checked and run', () => {
  const text = page('docs/writing-a-playbook.md');
  const source = textOf('test/docs-example/playbook.ts').replaceAll("'../../playbooks/", "'../");
  const shown = blocksOf(text).filter((one) => one.language === 'ts');
  expect(shown.length).toBeGreaterThan(5);
  expect(shown.filter(({ code }) => !source.includes(code)).map(({ code }) => code.split('\n')[0])).toEqual([]);
  // All of it is shown, in this order, but for the comments between the parts.
  const all = shown.map(({ code }) => code.trim()).join('\n');
  const spare = source.split('\n').filter((line) => line !== '' && !line.startsWith('// '));
  expect(all.split('\n').filter((line) => line !== '')).toEqual(spare);
  const said = blocksOf(text).find((one) => one.language === 'text');
  const trimmed = (what: string): string => what.replaceAll(/ +$/gm, '').trim();
  expect(trimmed(said?.code ?? '')).toBe(trimmed(textOf('test/docs-example/half-of-the-pods.txt')));
});
