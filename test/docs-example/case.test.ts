import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { at, namespace, region } from '../playbooks/objects.ts';
import { look, replay, told } from '../playbooks/replay.ts';
import { breakPods, dark, healthy, readerOf, rollingOut } from '../playbooks/world.ts';
import type { World } from '../playbooks/world.ts';
import { rolloutHurts } from './playbook.ts';

/** The playbook that docs/writing-a-playbook.md walks through really says what that page shows. */
async function said(about: string, world: World): Promise<string> {
  const target = { region, namespace, name: 'model-server' };
  const readings = await look(rolloutHurts.open(target), readerOf(world));
  return told(about, replay(rolloutHurts, { about, target, at, readings }));
}

/** 6 of 12 pods are left in the middle of a rollout; the strategy allows for 3 missing. */
function hurt(): World {
  const world = breakPods(rollingOut(), 'Running', { state: { is: 'running', since: at } });
  const { deployment } = world;
  if (deployment === null) throw new Error('no such world');
  const replicas = { ...deployment.replicas, ready: 6, available: 6, unavailable: 6 };
  return { ...world, deployment: { ...deployment, replicas } };
}

test('the case that the page shows', async () => {
  const text = await said('A rollout that took half of the pods away', hurt());
  const file = join(import.meta.dirname, 'half-of-the-pods.txt');
  if (process.env['UPDATE_CASES'] === '1') writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
});

test('healthy is clear, and what cannot be read is no answer', async () => {
  expect(await said('Healthy', healthy())).toContain('Ruled out: a rollout that takes too much');
  expect(await said('Healthy', healthy())).toContain('Nothing found.');
  expect(await said('Dark', dark())).toContain('too-few: deployment: forbidden: not allowed for mlp-bot');
});
