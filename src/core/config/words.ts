import type { z } from 'zod';
import { closest } from '../symptoms.ts';

/** What to write where a config is wrong: one sentence for each way in which a schema says no. Pure. */

type Raw = z.core.$ZodRawIssue;
type Schema = z.core.$ZodType;

/** "missing: write a list, such as [a, b] (…)". `root`: the schema of the whole file, for the words of its fields. */
export function problemSentence(issue: Raw, root: z.ZodType): string {
  const path = issue.path ?? [];
  const field = fieldAt(root, path);
  const about = field.words === null ? '' : ` (${field.words.replace(/\.$/, '')})`;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = Object.keys(shapeOf(field.schema) ?? {});
      return issue.keys.map((key) => unknownKey(key, known)).join('; ');
    }
    case 'invalid_type':
      return issue.input === undefined || issue.input === null
        ? `missing: write ${kind(issue.expected)}${about}`
        : `this is ${kindOf(issue.input)}: write ${kind(issue.expected)}${about}`;
    case 'invalid_value':
      return `write ${oneOf(issue.values.map(String))}${about}`;
    case 'too_small':
      return tooSmall(issue, about);
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `too large: write at most ${issue.maximum}${about}`
        : `too long: write at most ${issue.maximum} ${issue.origin === 'string' ? 'characters' : 'entries'}${about}`;
    case 'invalid_format':
      return issue.format === 'url'
        ? 'no address: write one such as https://prometheus.example.com'
        : `of another form: write what the field is for${about}`;
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.map((one) => one.message).join('; ');
    default:
      return `not what this field takes: write what it is for${about}`;
  }
}

export function unknownKey(key: string, known: readonly string[]): string {
  const near = closest(key, known);
  const meant = near === null ? '' : `, or write ${near}`;
  return `unknown key ${key.slice(0, 60)}: remove it or correct its spelling${meant}`;
}

/** "a, b or c". */
export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function tooSmall(issue: Extract<Raw, { readonly code: 'too_small' }>, about: string): string {
  if (issue.origin === 'string') return `empty: write a text${about}`;
  if (issue.origin === 'array' || issue.origin === 'set') return `empty: write at least one entry${about}`;
  return issue.inclusive === false
    ? `too small: write more than ${issue.minimum}${about}`
    : `too small: write at least ${issue.minimum}${about}`;
}

function kind(expected: string): string {
  const words: Readonly<Record<string, string>> = {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list, such as [a, b]',
    object: 'a block of "key: value" lines',
    record: 'a block of "key: value" lines',
  };
  return words[expected] ?? `a ${expected}`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'a text';
    case 'number':
      return Number.isInteger(value) ? 'a number' : 'a number with a fraction';
    case 'boolean':
      return String(value);
    default:
      return 'a block of "key: value" lines';
  }
}

/** The schema of a place in the file, and the nearest words about it. */
function fieldAt(
  root: Schema,
  path: readonly PropertyKey[],
): { readonly schema: Schema; readonly words: string | null } {
  let schema = root;
  let words: string | null = null;
  for (const part of [null, ...path]) {
    if (part !== null) {
      const inner = within(bare(schema), part);
      if (inner === null) break;
      schema = inner;
      words = null;
    }
    for (let at: Schema | null = schema; at !== null; at = unwrapped(at))
      words ??= (at as { readonly description?: string }).description ?? null;
  }
  return { schema: bare(schema), words };
}

type Def = {
  readonly innerType?: Schema;
  readonly out?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly element?: Schema;
  readonly valueType?: Schema;
};
const defOf = (schema: Schema): Def => schema._zod.def as unknown as Def;
/** Under a default, an optional, a transformation. */
function unwrapped(schema: Schema): Schema | null {
  return defOf(schema).innerType ?? defOf(schema).out ?? null;
}
function bare(schema: Schema): Schema {
  const inner = unwrapped(schema);
  return inner === null ? schema : bare(inner);
}
function shapeOf(schema: Schema): Readonly<Record<string, Schema>> | undefined {
  return defOf(schema).shape;
}
function within(schema: Schema, part: PropertyKey): Schema | null {
  const def = defOf(schema);
  if (def.shape !== undefined) return def.shape[String(part)] ?? null;
  return def.element ?? def.valueType ?? null;
}

/** `regions[0].prometheus.url`. */
export function pathOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(top level)';
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : String(part)))
    .join('.')
    .replaceAll('.[', '[');
}
