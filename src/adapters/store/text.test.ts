import { property, assert, string } from 'fast-check';
import { expect, it } from 'vitest';
import { steadyClock } from './clock.ts';
import { payloads } from './postgres-inbox.ts';
import { indexable, storable } from './text.ts';

it('makes any text storable, and leaves an ordinary one alone', () => {
  expect(storable('ok ü 🙂 "\n')).toBe('ok ü 🙂 "\n');
  expect(storable('a\0b\uD800')).toBe('a\uFFFDb\uFFFD');
});

it('makes any text short enough for an index, and different ones stay different', () => {
  assert(
    property(string({ unit: 'binary', maxLength: 2000 }), (text) => {
      expect(Buffer.byteLength(indexable(text))).toBeLessThan(2700);
      expect(indexable(indexable(text))).toBe(indexable(indexable(indexable(text))));
    }),
  );
  const long = 'x'.repeat(1000);
  expect(indexable(`${long}1`)).not.toBe(indexable(`${long}2`));
});

it('splits what it notifies into pieces that PostgreSQL takes, and names each stream', () => {
  const streams = Array.from({ length: 900 }, (_, index) => `run/${index}/"ü"`);
  const all = payloads(streams);
  for (const payload of all) expect(Buffer.byteLength(payload)).toBeLessThan(8000);
  expect(all.flatMap((payload) => JSON.parse(payload) as string[])).toEqual(streams);
  expect(payloads([])).toEqual([]);
});

it('has a clock that follows the given one ahead, and goes on by itself when that steps back', () => {
  let wall = 1000;
  let elapsed = 0;
  const clock = steadyClock(
    () => wall,
    () => elapsed,
    0,
  );
  expect(clock()).toBe(1000);
  wall = 5000;
  expect(clock()).toBe(5000);
  wall = 2000;
  expect(clock()).toBe(5000);
  elapsed = 70;
  expect(clock()).toBe(5070);
  wall = 6000;
  expect(clock()).toBe(6000);
});
