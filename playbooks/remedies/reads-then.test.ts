import { expect, test } from 'vitest';
import { container, template } from '../../test/playbooks/objects.ts';
import { readsThen } from './back-reach.ts';

const reads = (...names: readonly string[]) =>
  template({
    containers: [
      container({
        env: names.map((name) => ({ is: 'whole config map', variable: '', name, optional: false }) as const),
      }),
    ],
  });

test('a version that reads another config map: what is in it is told to stay as it is', () => {
  expect(readsThen(reads('model-v2'), reads('model-v1'))).toEqual([
    'then reads config map model-v1: what is in it stays as it is now, for whoever else uses it, too',
  ]);
});

test('the same ones are not worth a word', () => {
  expect(readsThen(reads('a', 'b'), reads('b'))).toEqual([]);
});
