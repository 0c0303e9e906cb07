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
    ['+ limits nvidia.com/gpu of server: 2', '+ resources.limits.nvidia.com.gpu: 2'],
    ['+ variable MODEL_VERSION: v2', '+ env MODEL_VERSION of server: v2'],
    ['- replicas: 3', '- replicas: 3'],
    ['- max: 24', '- maxReplicas: 24'],
    ['+ min: 2', '+ minReplicaCount: 2'],
    ['- pod server-1 on node-a', '- pod server-1 on node-a'],
    ['+ unschedulable: true', '+ unschedulable: true'],
    [
      '+ annotation kubectl.kubernetes.io/restartedAt: 2026-03-14T02:42:00Z',
      '+ pod annotation kubectl.kubernetes.io/restartedAt: 2026-03-14T02:42:00Z',
    ],
    ['- variable MODEL_VERSION of server: v2', '- env MODEL_VERSION: (value not shown)'],
    ['+ variable MODEL_VERSION of server: v1', '+ env MODEL_VERSION: (another value not shown)'],
  ] as const;
  for (const [plan, server] of told) expect(of([plan], [server])).toEqual([plan]);
});

test('a container that goes is told once, not field by field', () => {
  const plan = ['- container: proxy (proxy:v1)'];
  const server = ['- image of proxy: proxy:v1', '- resources.limits.memory of proxy: 32Mi'];
  expect(of(plan, server)).toEqual(plan);
  const other = ['- image of server: a', '+ image of proxy: b'];
  expect(of(plan, other)).toEqual([...plan, '', "what else the server's dry run says it changes:", ...other]);
});

test('what only the dry run tells is added: another value, another field, another container', () => {
  const added = (preview: readonly string[], server: string): void => {
    expect(of(preview, [server])).toEqual([...preview, '', "what else the server's dry run says it changes:", server]);
  };
  added(['+ limits memory: 24Gi'], '+ resources.limits.memory: 32Gi');
  added(['- max: 24', '+ max: 36'], '+ minReplicas: 36');
  added(['deployment a/b, container server', '+ limits memory: 24Gi'], '+ resources.limits.memory of proxy: 24Gi');
  added(['- image of server: a:1'], '- image of proxy: a:1');
  added(['+ variable A: 1'], '+ env B: (value not shown)');
  added(['+ annotation team/x: 1'], '+ pod annotation team/x: 1');
});
