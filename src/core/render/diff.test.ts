import { expect, test } from 'vitest';
import type { Proposal } from '../incident/state.ts';
import { diffOf } from './diff.ts';

const of = (preview: readonly string[], rehearsal: readonly string[]): readonly string[] =>
  // Only these two are read.
  // eslint-disable-next-line typescript/no-unsafe-type-assertion
  diffOf({ offer: { preview }, rehearsal } as unknown as Proposal);

test('a change that the plan and the dry run both tell stands once, however each calls its field', () => {
  const told = [
    ['- image of server: a:1', '- image: a:1'],
    ['+ limits memory: 24Gi', '+ resources.limits.memory: 24Gi'],
    ['+ variable MODEL_VERSION: v2', '+ env MODEL_VERSION of server: v2'],
    ['- replicas: 3', '- replicas: 3'],
  ] as const;
  for (const [plan, server] of told) expect(of([plan], [server])).toEqual([plan]);
  expect(of(['+ limits memory: 24Gi'], ['+ resources.limits.memory: 32Gi'])).toEqual([
    '+ limits memory: 24Gi',
    '',
    "what the server's dry run adds:",
    '+ resources.limits.memory: 32Gi',
  ]);
});
