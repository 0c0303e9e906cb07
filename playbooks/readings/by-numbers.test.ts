import { expect, test } from 'vitest';
import { byNumbers } from './by-numbers.ts';

type Checks = Parameters<typeof byNumbers>[0];
const one = (id: string, answer: object | 'clear'): Checks[number] =>
  ({ id, find: () => answer }) as unknown as Checks[number];
const asked = (check: Checks[number] | undefined): unknown =>
  (check as unknown as { find: () => unknown } | undefined)?.find();

test('what is found by numbers says so; what goes by what is there now, is clear or could not be told stays as it is', () => {
  const found = { found: 'x', short: 'x' };
  const said = byNumbers(
    [one('queue', found), one('node', found), one('fine', 'clear'), one('blind', { unsure: 'forbidden' })],
    ['node'],
  );
  expect(said.map(asked)).toEqual([{ ...found, byNumbers: true }, found, 'clear', { unsure: 'forbidden' }]);
});
