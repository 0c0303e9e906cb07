import { expect, test } from 'vitest';
import { container, template } from '../../test/playbooks/objects.ts';
import { changing } from './change.ts';
import type { ChangePlan } from './change.ts';
import { differences, hiddenValues } from './difference.ts';

const plain = (variable: string) => ({ is: 'value', variable }) as const;
const of = (variables: readonly string[]) => template({ containers: [container({ env: variables.map(plain) })] });
const both = of(['MODEL_VERSION', 'API_TOKEN']);

test('a variable that the config names is shown with its values, others are not', () => {
  const shown = { container: 'server', from: { MODEL_VERSION: 'v2' }, to: { MODEL_VERSION: 'v1' } };
  expect(differences(both, both, shown)).toEqual([
    '- variable MODEL_VERSION of server: v2',
    '+ variable MODEL_VERSION of server: v1',
  ]);
  expect(differences(both, both)).toEqual([]);
  expect(differences(of(['API_TOKEN']), of([]))).toEqual(['- variable API_TOKEN of server: (a value, not shown)']);
});

test('a value that was not set, or is the same, is told as that', () => {
  const values = { container: 'server', from: { BATCH_SIZE: null, T: '4' }, to: { BATCH_SIZE: '8', T: '4' } };
  expect(differences(of(['T']), of(['BATCH_SIZE', 'T']), values)).toEqual(['+ variable BATCH_SIZE of server: 8']);
});

test('what looks like a secret stays hidden, also where the config names its variable', () => {
  const secret = `ghp_${'a1B2'.repeat(9)}`;
  const shown = { container: 'server', from: { MODEL_VERSION: secret }, to: { MODEL_VERSION: 'v1' } };
  const lines = differences(both, both, shown);
  expect(lines.join('\n')).not.toContain(secret);
  expect(lines).toEqual([
    '- variable MODEL_VERSION of server: (a value, not shown)',
    '+ variable MODEL_VERSION of server: v1',
  ]);
});

test('of another container nothing is shown', () => {
  expect(differences(both, both, { container: 'proxy', from: { MODEL_VERSION: '2' }, to: {} })).toEqual([]);
});

test('of resources only what differs stands there, by name', () => {
  const less = template({ containers: [container({ limits: { memory: '16Gi', cpu: '1' } })] });
  const more = template({ containers: [container({ limits: { memory: '16Gi', cpu: '2', 'nvidia.com/gpu': '1' } })] });
  expect(differences(less, more)).toEqual([
    '- limits cpu of server: 1',
    '+ limits cpu of server: 2',
    '+ limits nvidia.com/gpu of server: 1',
  ]);
});

test('where only hidden values can differ, the card names whose, and never the value', () => {
  const shown = { container: 'server', from: { MODEL_VERSION: 'v1' }, to: { MODEL_VERSION: 'v1' } };
  const hidden = [...hiddenValues(both, of(['API_TOKEN', 'MODEL_VERSION', 'NEW']), shown)];
  expect(hidden).toEqual(['API_TOKEN']);
  const says = (names: readonly string[]): string | undefined =>
    changing
      .preview({
        namespace: 'n',
        name: 'x',
        from: { digest: 'a' },
        to: { digest: 'b', replicaSetName: 'x-1' },
        paused: { from: false, to: false },
        lines: [],
        hidden: names,
      } as unknown as ChangePlan)
      .find((line) => line.startsWith('what differs'));
  expect(says(hidden)).toBe('what differs is hidden: the value of API_TOKEN, or a field that is not shown');
  expect(says(['A', 'B'])).toContain('the value of A or B, or a field');
  expect(says([...'ABCDEFGH'])).toContain('the value of A, B, C, D, E, F and 2 more, or a field');
  expect(says([])).toBe('what differs are fields that are not shown, such as values of variables');
});
