import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical } from './json.ts';
import { bold, clock, code, group, join, plain, say, since, user } from './words.ts';

describe('text as data', () => {
  test('our own markup is markup; what is put in stays plain text', () => {
    const evil = '*bold* `code` _it_ <!channel> <@U1>';
    expect(say`*Cause:* ${evil} and \`this\``).toEqual([
      { is: 'bold', text: 'Cause:' },
      { is: 'text', text: ` ${evil} and ` },
      { is: 'code', text: 'this' },
    ]);
  });

  test('a name with underscores or a lone star is no markup', () => {
    expect(say`snake_case_name and 2 * 3 * x`).toEqual([
      { is: 'text', text: 'snake_case_name and 2 ' },
      { is: 'bold', text: ' 3 ' },
      { is: 'text', text: ' x' },
    ]);
    expect(say`a_b and _really_`).toEqual([
      { is: 'text', text: 'a_b and ' },
      { is: 'italic', text: 'really' },
    ]);
  });

  test('numbers, nothing, other words, spans', () => {
    expect(
      plain(
        say`${3} of ${12}${null}${''} ${say`pods ${bold('ready')}`} since ${clock('2026-03-02T02:16:30.000Z')} by ${user('U1')} ${group('S1')} ${code('x')}`,
      ),
    ).toBe('3 of 12 pods ready since 02:16 UTC by @U1 @S1 `x`');
    expect(say`${null}`).toEqual([]);
    expect(plain(join([say`a`, say`${since('2026-03-02T02:16:30.000Z')}`], ' · '))).toBe('a · 02:16 UTC');
    expect(join([], ', ')).toEqual([]);
  });

  test('whatever is put in comes out as it was', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(plain(say`x ${text} y`)).toBe(`x ${text} y`);
      }),
    );
  });
});

describe('one text for one value', () => {
  test('the order of keys does not matter, that of lists does', () => {
    expect(canonical({ b: 1, a: [1, { d: null, c: 'x' }] })).toBe('{"a":[1,{"c":"x","d":null}],"b":1}');
    expect(canonical([1, 2])).not.toBe(canonical([2, 1]));
  });

  test('what JSON leaves out is left out', () => {
    expect(canonical({ a: undefined, b: 1 })).toBe('{"b":1}');
    expect(canonical([undefined])).toBe('[null]');
    expect(canonical(undefined)).toBe('null');
  });

  test('equal when the value is, also after the way through JSON; different when it is not', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const again = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
        expect(canonical(again(one))).toBe(canonical(one));
        expect(JSON.parse(canonical(one))).toEqual(again(one));
        expect(canonical(one) === canonical(other)).toBe(
          JSON.stringify(JSON.parse(canonical(one))) === JSON.stringify(JSON.parse(canonical(other))),
        );
      }),
    );
  });
});
