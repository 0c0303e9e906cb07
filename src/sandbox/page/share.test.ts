import { expect, test } from 'vitest';
import { formatPlace, parsePlace } from './place.ts';
import { keepEqual } from './share.ts';

test('what did not change stays the same object', () => {
  const before = { a: [{ x: 1 }, { x: 2 }], b: { c: 'd' }, e: null };
  const same = keepEqual(before, structuredClone(before));
  expect(same).toBe(before);
  const after = keepEqual(before, { a: [{ x: 1 }, { x: 3 }], b: { c: 'd' }, e: null });
  expect(after).not.toBe(before);
  expect(after.a[0]).toBe(before.a[0]);
  expect(after.b).toBe(before.b);
  expect(after.a[1]).toEqual({ x: 3 });
});

test('a key or an item less is a change', () => {
  const before: object = { a: 1, b: undefined };
  expect(Object.keys(keepEqual<object>(before, { a: 1 }))).toEqual(['a']);
  expect(keepEqual<unknown>([1, 2], [1])).toEqual([1]);
  expect(keepEqual<unknown>([], {})).toEqual({});
});

test.each(['#U1', '#U1/C1', '#U1/C1/1700000000.000100', '#U1/home', '#U1/platform', '#U1/phone'])(
  'the address %s means one place',
  (hash) => {
    const place = parsePlace(hash);
    expect(place === null ? null : formatPlace(place)).toBe(hash);
  },
);

test('a broken address is no place, or the nearest one', () => {
  expect(parsePlace('#')).toBeNull();
  expect(parsePlace('#<script>')).toBeNull();
  expect(parsePlace('#U1/C1/x')).toEqual({ user: 'U1', at: { pane: 'channel', channel: 'C1' } });
});
