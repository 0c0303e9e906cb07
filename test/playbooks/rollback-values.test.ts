import { expect, test } from 'vitest';
import { playbooks } from '../../playbooks/index.ts';
import { at, namespace, region } from './objects.ts';
import { look, replay } from './replay.ts';
import { scenarios } from './scenarios.ts';
import { readerOf } from './world.ts';

/** Whoever approves a rollback sees which values it changes, of the variables that the config lets be shown. */

test.each([
  ['rollout-stuck', 'image-missing'],
  ['memory-leak', 'leak-since-release'],
  ['inference-errors', 'since-change'],
])('%s: a rollback shows the values of the variables that it changes', async (id, name) => {
  const playbook = playbooks.find((one) => one.id === id);
  const scenario = scenarios.find((one) => one.playbook === id && one.name === name);
  if (playbook === undefined || scenario === undefined) throw new Error(`there is no ${id}/${name}`);
  const world = scenario.world();
  const old = world.revisions.filter((one) => one.templateDigest !== world.deployment?.templateDigest);
  const target = { region, namespace, name: 'model-server' };
  const with8 = {
    ...world,
    variables: { BATCH_SIZE: '8' },
    oldVariables: Object.fromEntries(old.map((one) => [one.name, { BATCH_SIZE: '4' }])),
  };
  const readings = await look(playbook.open(target), readerOf(with8));
  const { offers } = replay(playbook, { about: '', target, at, readings });
  const offer = offers.find((one) => one.remedy === 'rollback');
  const lines = offer?.preview.filter((one) => one.includes('BATCH_SIZE'));
  expect(lines).toEqual(['- variable BATCH_SIZE of server: 8', '+ variable BATCH_SIZE of server: 4']);
});
