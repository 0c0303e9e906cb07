import { readFileSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { parseSync } from 'vite';

/** The import table of the design, the sizes, and what pure code may not touch, read with a parser. */

const root = join(import.meta.dirname, '../..');
const LINES = 300;
const FUNCTION_LINES = 70;

interface Area {
  /** Files of this area, by path from the root; the first area that fits counts. */
  readonly files: RegExp;
  readonly name: string;
  /** Paths from the root that may be imported. */
  readonly paths: readonly RegExp[];
  readonly packages: readonly string[] | 'any';
  readonly builtins: boolean;
}

export const CORE = /^src\/core\//;
const SHARED = /^playbooks\/(readings|targets|remedies)\//;
const own = (path: string): RegExp => new RegExp(`^${path.match(/^(src\/adapters|playbooks)\/[^/]+\//)?.[0] ?? path}`);

const AREAS: readonly Area[] = [
  { files: CORE, name: 'pure code', paths: [CORE], packages: ['zod', 'minisearch'], builtins: false },
  { files: /^src\/config\.ts$/, name: 'the config', paths: [CORE], packages: ['zod', 'yaml'], builtins: false },
  { files: SHARED, name: 'shared parts of playbooks', paths: [CORE, SHARED], packages: ['zod'], builtins: false },
  {
    files: /^playbooks\/index\.ts$/,
    name: 'the list of playbooks',
    paths: [CORE, /^playbooks\/[^/]+\/playbook\.ts$/],
    packages: [],
    builtins: false,
  },
  { files: /^playbooks\//, name: 'a playbook', paths: [CORE, SHARED], packages: ['zod'], builtins: false },
  {
    files: /^src\/engine\//,
    name: 'the engine',
    paths: [CORE, /^src\/engine\//],
    packages: ['node-cron', 'p-limit', 'zod'],
    builtins: true,
  },
  {
    files: /^src\/views\//,
    name: 'a view',
    paths: [CORE, /^src\/views\//, /^playbooks\/readings\//],
    packages: [],
    builtins: false,
  },
  {
    files: /^src\/http\//,
    name: 'the server',
    paths: [CORE, /^src\/http\//],
    packages: ['hono', '@hono/node-server', 'prom-client'],
    builtins: true,
  },
  {
    files: /^src\/adapters\/slack\//,
    name: 'the Slack adapter',
    paths: [CORE],
    packages: ['zod', '@slack/bolt', '@slack/types', '@slack/web-api', 'ws', 'undici'],
    builtins: true,
  },
  {
    files: /^src\/adapters\/kubernetes\//,
    name: 'the Kubernetes adapter',
    paths: [CORE],
    packages: ['zod', '@kubernetes/client-node', 'undici', 'p-limit'],
    builtins: true,
  },
  {
    files: /^src\/adapters\/prometheus\//,
    name: 'the Prometheus adapter',
    paths: [CORE],
    packages: ['zod', 'undici'],
    builtins: true,
  },
  {
    files: /^src\/adapters\/store\//,
    name: 'the stores',
    paths: [CORE],
    packages: ['zod', 'pg', 'pg-boss'],
    builtins: true,
  },
  {
    files: /^src\/adapters\/charts\//,
    name: 'the drawing of charts',
    paths: [CORE, /^src\/adapters\/charts\//],
    packages: ['@resvg/resvg-js'],
    builtins: true,
  },
  {
    files: /^src\/adapters\/alertmanager\//,
    name: 'the Alertmanager adapter',
    paths: [CORE],
    packages: ['zod', 'undici', 'yaml'],
    builtins: true,
  },
  {
    files: /^src\/adapters\/postmortems\//,
    name: 'the adapter of post-mortems',
    paths: [CORE],
    packages: ['zod', '@aws-sdk/client-s3'],
    builtins: true,
  },
  {
    files: /^src\/adapters\/cloudwatch\//,
    name: 'the CloudWatch adapter',
    paths: [CORE],
    packages: ['zod', '@aws-sdk/client-cloudwatch'],
    builtins: true,
  },
  {
    files: /^src\/adapters\/pagerduty\/client\.ts$/,
    name: "PagerDuty's one door",
    paths: [CORE],
    packages: ['@pagerduty/pdjs'],
    builtins: true,
  },
  {
    files: /^src\/adapters\/postmortems\/bucket\.ts$/,
    name: 'the bucket of post-mortems',
    paths: [CORE, /^src\/adapters\/postmortems\//],
    packages: ['@aws-sdk/client-s3'],
    builtins: true,
  },
  { files: /^src\/adapters\//, name: 'an adapter', paths: [CORE], packages: ['zod', 'undici'], builtins: true },
  {
    files: /^src\/sandbox\/page\//,
    name: 'the page',
    paths: [CORE, /^src\/sandbox\//],
    packages: ['preact'],
    builtins: false,
  },
  {
    files: /^src\/sandbox\//,
    name: 'the sandbox',
    paths: [CORE, /^src\/sandbox\//],
    packages: ['hono', '@hono/node-server', 'preact', 'vite', 'ws', 'zod'],
    builtins: true,
  },
  {
    files: /^src\/cli\//,
    name: 'a command line tool',
    paths: [CORE, /^src\/(main|config)\.ts$/, /^src\/cli\//, /^playbooks\/index\.ts$/],
    packages: [],
    builtins: true,
  },
  { files: /^src\/environment\.ts$/, name: 'the environment', paths: [CORE], packages: ['zod'], builtins: false },
  { files: /^src\/log\.ts$/, name: 'the log', paths: [CORE], packages: ['pino'], builtins: false },
  {
    files: /^src\/(main|connect)\.ts$/,
    name: 'main',
    paths: [/^src\//, /^playbooks\/index\.ts$/],
    packages: 'any',
    builtins: true,
  },
];

/** What pure code may not name: each reads the world or changes it. */
const IMPURE_NAMES = new Set([
  'process',
  'console',
  'globalThis',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'crypto',
  'performance',
]);
const IMPURE_MEMBERS = new Set(['Date.now', 'Math.random']);

type Node = { readonly type: string; readonly start: number; readonly end: number; readonly [key: string]: unknown };
interface Source {
  readonly path: string;
  readonly text: string;
  readonly program: Node;
}

export function sources(): readonly Source[] {
  const files = ['src', 'playbooks'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(
        (one) =>
          one.isFile() &&
          /\.tsx?$/.test(one.name) &&
          !/\.(test|test-d)\.tsx?$/.test(one.name) &&
          !one.name.endsWith('.d.ts'),
      )
      .map((one) => relative(root, join(one.parentPath, one.name))),
  );
  return files.toSorted().map((path) => parsed(path, readFileSync(join(root, path), 'utf8')));
}

export function parsed(path: string, text: string): Source {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message ?? 'not readable'}`);
  return { path, text, program: program as unknown as Node };
}

function* walk(node: unknown): Generator<Node> {
  if (Array.isArray(node)) for (const one of node) yield* walk(one);
  else if (typeof node === 'object' && node !== null) {
    if ('type' in node && typeof node.type === 'string') yield node as Node;
    for (const value of Object.values(node)) if (typeof value === 'object') yield* walk(value);
  }
}

/** Every module that a file names: static, dynamic, re-exported, or as a type. */
function imports({ program }: Source): readonly string[] {
  const out: string[] = [];
  for (const node of walk(program)) {
    if (!/^(Import|ExportNamed|ExportAll)Declaration$|^ImportExpression$|^TSImportType$/.test(node.type)) continue;
    const from = (node['source'] ?? node['argument']) as { readonly value?: unknown } | null;
    if (typeof from?.value === 'string') out.push(from.value);
    else if (node.type === 'ImportExpression') out.push('(computed)');
  }
  return out;
}

export function wrongImports(source: Source): readonly string[] {
  const area = AREAS.find((one) => one.files.test(source.path));
  if (area === undefined) return [`${source.path}: in no folder of the design's table`];
  return imports(source).flatMap((name) => {
    if (name.startsWith('.')) {
      const path = relative(root, resolve(root, source.path, '..', name));
      const mine =
        area.paths.some((one) => one.test(path)) || (area.name !== 'pure code' && own(source.path).test(path));
      return mine || path.endsWith('.css') ? [] : [`${source.path}: ${area.name} imports ${path}`];
    }
    if (isBuiltin(name)) {
      if (!name.startsWith('node:')) return [`${source.path}: write node:${name}`];
      return area.builtins ? [] : [`${source.path}: ${area.name} imports ${name}`];
    }
    const [scope, rest] = name.split('/');
    const pack = scope?.startsWith('@') === true ? `${scope}/${rest ?? ''}` : (scope ?? '');
    return area.packages === 'any' || area.packages.includes(pack)
      ? []
      : [`${source.path}: ${area.name} imports ${pack}`];
  });
}

/** Types of the ports are no code: only `await`, clocks and the like in expressions count. */
export function impure({ path, program }: Source): readonly string[] {
  const out: string[] = [];
  const say = (what: string): void => void out.push(`${path}: pure code uses ${what}`);
  for (const node of walk(program)) {
    if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node['await'] === true)) say('await');
    if (
      node.type === 'NewExpression' &&
      named(node['callee']) === 'Date' &&
      (node['arguments'] as unknown[]).length === 0
    )
      say('new Date()');
    if (node.type === 'CallExpression' && named(node['callee']) === 'Date') say('Date()');
    if (node.type !== 'MemberExpression') continue;
    const [object, property] = [named(node['object']), named(node['property'])];
    if (IMPURE_MEMBERS.has(`${object}.${property}`)) say(`${object}.${property}`);
    if (IMPURE_NAMES.has(object)) say(object);
  }
  for (const name of called(program)) if (IMPURE_NAMES.has(name)) say(name);
  return [...new Set(out)];
}

function named(node: unknown): string {
  const { type, name } = (node ?? {}) as { readonly type?: string; readonly name?: string };
  return type === 'Identifier' ? (name ?? '') : '';
}
function* called(program: Node): Generator<string> {
  for (const node of walk(program)) if (node.type === 'CallExpression') yield named(node['callee']);
}

export function tooLong({ path, text, program }: Source): readonly string[] {
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  const lines = text.trimEnd().split('\n').length;
  const out = lines > LINES ? [`${path}: ${lines} lines, at most ${LINES}`] : [];
  for (const node of walk(program)) {
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) continue;
    const from = lineAt(node.start);
    const long = lineAt(node.end) - from + 1;
    if (long > FUNCTION_LINES) out.push(`${path}:${from}: a function of ${long} lines, at most ${FUNCTION_LINES}`);
  }
  return out;
}
