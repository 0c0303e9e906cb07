import { describe, expect, test } from 'vitest';
import { complete, usageHint, type Known } from './completion.ts';

const known: Known = {
  commands: [
    {
      command: '/mlp',
      description: 'Diagnose and fix',
      usageHint: 'diagnose <service> [region] | status',
      words: [
        { word: 'diagnose', hint: '[service] [region]: look now' },
        { word: 'status', hint: 'what is open' },
        { word: 'stop', hint: 'INC-1 | all | off' },
      ],
    },
  ],
  users: [
    {
      id: 'U1',
      name: 'sana',
      realName: 'Sana Okafor',
      role: 'on call',
      colour: '#000',
      kind: 'person',
      playable: true,
      groups: [],
    },
  ],
  groups: [{ id: 'S1', handle: 'ml-oncall', name: 'ML on call', users: ['U1'] }],
  services: ['model-server', 'api-gateway'],
  regions: ['us-east-1', 'eu-west-1'],
};
const texts = (typed: string): readonly string[] => complete(typed, known).map((one) => one.text);

describe('completions', () => {
  test.each([
    ['/', ['/mlp ']],
    ['/mlp', ['/mlp ']],
    ['/mlp s', ['/mlp status ', '/mlp stop ']],
    ['/mlp status', []],
    ['/mlp status ', []],
    ['/mlp diagnose m', ['/mlp diagnose model-server ']],
    ['/mlp diagnose model-server ', ['/mlp diagnose model-server us-east-1 ', '/mlp diagnose model-server eu-west-1 ']],
    ['/mlp diagnose eu-west-1 a', ['/mlp diagnose eu-west-1 api-gateway ']],
    ['/mlp diagnose model-server eu-west-1', []],
    ['/other ', []],
    ['hello', []],
    ['ask @ml', ['ask @ml-oncall ']],
    ['ask @sa', ['ask @sana ']],
    ['a@sa', []],
  ])('%s', (typed, expected) => {
    expect(texts(typed)).toEqual(expected);
  });
});

test('the usage follows the word that is being filled in', () => {
  expect(usageHint('/mlp', known.commands)).toBe('/mlp diagnose <service> [region] | status');
  expect(usageHint('/mlp stop INC', known.commands)).toBe('/mlp stop INC-1 | all | off');
  expect(usageHint('hello', known.commands)).toBeNull();
});
