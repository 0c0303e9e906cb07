import { describe, expect, test } from 'vitest';
import { matcherOf } from './pattern.ts';
import type { Pattern } from './pattern.ts';

function found(pattern: Pattern, line: string): boolean | null {
  const matcher = matcherOf(pattern);
  if ('wrong' in matcher) throw new Error(matcher.wrong);
  return matcher.matches(line);
}
const regex = (source: string, ignoreCase = false): Pattern => ({ is: 'regex', source, ignoreCase });

const lines = [
  '',
  'a',
  'CUDA out of memory. Tried to allocate 2.00 GiB',
  'GET /predict 500 in 1203 ms',
  'aaaaab',
  'foo(bar) [baz] a+b=c',
  'x1-y2_z3 	tab',
  '2026-03-01T02:16:04Z ERROR timeout',
];
const sources = [
  'a',
  'out of memory',
  '^GET .* 5\\d\\d',
  '5\\d{2}',
  '(ERROR|FATAL)',
  'a*b$',
  'a{2,3}b',
  'a{7,}',
  '\\bmemory\\b',
  '[^a-z ]\\d',
  '[\\]\\[]',
  'foo\\(bar\\)',
  '^$',
  'a|',
  '(?:ab|cd)?x1',
  'a+?b',
  '[\\d.]+ GiB',
  'x(1|2)-(y|z)+2',
  '\\s\\S+$',
  '(a|b)*c',
  '(a*)*b',
  '(a{0,2}){2}b',
];

describe('a regular expression finds what the engine of JavaScript finds', () => {
  test.each(sources)('%s', (source) => {
    for (const line of lines) {
      expect([line, found(regex(source), line)]).toEqual([line, new RegExp(source).test(line)]);
      expect([line, found(regex(source, true), line)]).toEqual([line, new RegExp(source, 'i').test(line)]);
    }
  });
});

test('a plain text is found as it is written, whatever the case', () => {
  expect(found({ is: 'text', text: 'OUT OF' }, 'CUDA out of memory')).toBe(true);
  expect(found({ is: 'text', text: 'o.t' }, 'CUDA out of memory')).toBe(false);
});

test.each(['(a+)+$', '(a|a)*$', '(a|aa)+$', '([a-z]+)*\\d', '(.*)*(.*)*x$'])(
  'what would hang a machine that goes back, %s, is done at once',
  (source) => {
    const matcher = matcherOf(regex(source));
    if ('wrong' in matcher) throw new Error(matcher.wrong);
    const from = performance.now();
    for (let n = 0; n < 50; n++) matcher.matches(`${'a'.repeat(4_000)}!`);
    expect(performance.now() - from).toBeLessThan(3_000);
  },
);

test('beyond its steps it says that it does not search any more', () => {
  const matcher = matcherOf(regex('(a|b)*c'), 1_000);
  if ('wrong' in matcher) throw new Error(matcher.wrong);
  expect(matcher.matches('a'.repeat(1_000))).toBe(false);
  expect(matcher.matches('c')).toBeNull();
});

test.each([
  ['(a', 'a `)` is missing'],
  ['a)', 'a `)` too many at 2'],
  ['[a', 'a `]` is missing'],
  ['*a', 'nothing to repeat before `*`'],
  ['a\\', 'nothing after the last `\\`'],
  ['(?=a)', 'groups that look ahead or behind are not taken'],
  ['(a)\\1', 'references to a group are not taken'],
  ['((a{99}){99}){99}', 'it is too large: fewer or smaller repetitions'],
  ['a{3,2}', '`{3,2}`: the second number is smaller'],
])('%s is refused: %s', (source, because) => {
  expect(matcherOf(regex(source))).toEqual({ wrong: because });
});
