import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { slowInference } from '../playbooks/slow-inference/playbook.ts';
import { faults as all } from '../src/sandbox/platform/faults/catalogue.ts';
import { minutes } from '../src/sandbox/platform/state.ts';
import { broken, diagnose, execute, observe, opened, rehearse, simulated } from './playbooks/simulated.ts';
import type { Simulated } from './playbooks/simulated.ts';

/** Each fault of the sandbox that makes requests slow: its cause is named, what is offered is done, verified by p95, and can be taken back. */

const faults = all.filter((one) => one.playbook === 'slow-inference');
/** What only warms up is said, and over by itself. */
const passing: Readonly<Record<string, string>> = { 'cold-pods': 'cold-pods' };
const offers: Readonly<Record<string, readonly string[]>> = {
  'gpu-idle': ['rollback'],
  'gpu-saturated': ['autoscaler-bounds'],
  'cpu-throttled': ['set-cpu', 'rollback'],
  'thread-oversubscription': ['set-threads'],
  'small-batches': ['set-batch-size'],
  'model-swapping': ['rollback'],
  'slow-since-release': ['rollback'],
  queueing: ['autoscaler-bounds'],
  'load-not-spread': ['restart'],
  'slow-disk': ['cordon'],
  'noisy-neighbour': ['cordon'],
  'one-pod-slow': ['replace-pod'],
};

let world: Simulated;
beforeAll(async () => {
  world = await simulated();
});
afterAll(async () => {
  await world.running.close();
});

const found = async (): Promise<readonly string[]> =>
  (await diagnose(world, slowInference)).findings.map((one) => one.check);

describe.each(faults)('$id', ({ id, cause }) => {
  test('is diagnosed', async () => {
    broken(world, id);
    const said = await diagnose(world, slowInference);
    const wanted = cause ?? passing[id];
    expect(said.findings.map((one) => one.check)).toEqual(wanted === undefined ? [] : [wanted]);
    expect(said.offers.map((one) => one.remedy)).toEqual(offers[id] ?? []);
    expect(said.unsure).toEqual([]);
    // What is found is shown as well as said.
    const charts = (said.charts ?? []).map((one) => one.id);
    expect(charts.includes('latency')).toBe(cause !== null);
  });

  test.each(offers[id] ?? [])('%s fits, is done once, and ends it', async (remedy) => {
    broken(world, id);
    const offer = (await diagnose(world, slowInference)).offers.find((one) => one.remedy === remedy);
    if (offer === undefined) throw new Error('it is not offered');
    const proposed = opened(slowInference, offer);
    const before = await observe(world, proposed);
    expect(proposed.fits(before)).toEqual({ is: 'yes' });
    expect(proposed.holds(before)).toBe(false);
    expect((await rehearse(world, proposed, before)).is).toBe('diff');
    await execute(world, proposed);
    const done = await observe(world, proposed);
    expect(proposed.holds(done)).toBe(true);
    await execute(world, proposed);

    world.running.platform.advance(minutes(20));
    expect(proposed.verify(before, await observe(world, proposed, minutes(5)))).toMatchObject({ is: 'yes' });
    if (remedy === 'cordon') return;
    expect(await found()).toEqual([]);
    const { undo } = proposed;
    if ('impossible' in undo) return;
    expect(undo.fits(await observe(world, undo))).toEqual({ is: 'yes' });
    await execute(world, undo);
    expect(undo.holds(await observe(world, undo))).toBe(true);
  });
});

test.each(['slow-disk', 'noisy-neighbour'])(
  '%s: with the node cordoned its pods are replaced one by one',
  async (id) => {
    broken(world, id);
    const replaced: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      const said = await diagnose(world, slowInference);
      const [offer] = said.offers;
      if (offer === undefined) break;
      replaced.push(offer.remedy);
      const proposed = opened(slowInference, offer);
      const before = await observe(world, proposed);
      await execute(world, proposed);
      world.running.platform.advance(minutes(20));
      expect(proposed.verify(before, await observe(world, proposed, minutes(5)))).toMatchObject({ is: 'yes' });
    }
    expect(replaced).toEqual(['cordon', 'replace-pod', 'replace-pod', 'replace-pod']);
    expect(await found()).toEqual([]);
  },
);

test('where it is well nothing is found, and a fix that did not help is not called done', async () => {
  world.running.platform.reset();
  const well = await diagnose(world, slowInference);
  expect([well.findings, well.offers, well.unsure, well.unread]).toEqual([[], [], [], []]);
  broken(world, 'queueing');
  const [offer] = (await diagnose(world, slowInference)).offers;
  if (offer === undefined) throw new Error('nothing is offered');
  const proposed = opened(slowInference, offer);
  const before = await observe(world, proposed);
  await execute(world, proposed);
  const verdict = proposed.verify(before, await observe(world, proposed));
  expect(verdict.is).toBe('not yet');
});
