import { expect, test } from 'vitest';
import { catalogue } from '../../../test/core/catalogue.ts';
import { changeHere } from './thread-words.ts';

/** A change that is asked for in the thread of an incident: of what that is about, unless it names something else. */
const subject = {
  target: { namespace: 'ml-platform', name: 'model-server' },
  focus: 'eu-west-1',
  regions: ['us-east-1', 'eu-west-1'],
};
const short = (said: string, over: Partial<typeof subject> | { focus: null } = {}): string | null => {
  const parsed = changeHere(said, { ...subject, ...over }, catalogue);
  if (parsed?.is !== 'change') return parsed?.is ?? null;
  return `${parsed.title} in ${parsed.regions.join(', ')} -n ${parsed.namespace}`;
};

test.each([
  ['scale 14', 'scale model-server to 14 in eu-west-1 -n ml-platform'],
  ['restart', 'restart model-server in eu-west-1 -n ml-platform'],
  ['rollback to 16', 'roll back model-server to revision 16 in eu-west-1 -n ml-platform'],
  ['restart us', 'restart model-server in us-east-1 -n ml-platform'],
  ['cordon gpu-node-3', 'cordon gpu-node-3 in eu-west-1 -n '],
  ['restart api-gateway eu', 'restart api-gateway in eu-west-1 -n ml-platform'],
  ['set', 'set-form'],
  ['scale', null],
  ['diagnose', null],
  ['what is this', null],
])('%s', (said, is) => {
  expect(short(said)).toBe(is);
});

test('of several regions none is guessed', () => {
  expect(short('scale 14', { focus: null })).toBeNull();
  expect(short('scale 14 us', { focus: null })).toBe('scale model-server to 14 in us-east-1 -n ml-platform');
});
