import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rolloutStuck } from '../playbooks/rollout-stuck/playbook.ts';
import { triage } from '../playbooks/triage/playbook.ts';
import { faults as all } from '../src/sandbox/platform/faults/catalogue.ts';
import { minutes } from '../src/sandbox/platform/state.ts';
import { broken, diagnose, execute, observe, opened, rehearse, simulated } from './playbooks/simulated.ts';
import type { Simulated } from './playbooks/simulated.ts';

/** Those of rollout-stuck: the others have playbooks of their own. */
const faults = all.filter((one) => one.playbook === undefined);

/** What is found for each fault that can be injected in the sandbox, and which remedies are offered for it. */
const expected: Readonly<Record<string, { readonly found: string | null; readonly offers: readonly string[] }>> = {
  'image-missing': { found: 'image-missing', offers: ['rollback'] },
  'image-not-authorised': { found: 'image-not-authorised', offers: ['rollback'] },
  'image-either': { found: 'image-missing-or-not-authorised', offers: ['rollback'] },
  'image-architecture': { found: 'image-architecture', offers: ['rollback'] },
  'exec-format': { found: 'wrong-architecture', offers: ['rollback'] },
  'crash-loop': { found: 'crash-loop', offers: ['rollback'] },
  'oom-at-start': { found: 'oom', offers: ['rollback'] },
  'command-missing': { found: 'command', offers: ['rollback'] },
  'command-not-found': { found: 'crash-loop', offers: ['rollback'] },
  'config-map-missing': { found: 'config-missing', offers: ['rollback'] },
  'secret-missing': { found: 'config-missing', offers: ['rollback'] },
  'secret-missing-volume': { found: 'config-missing', offers: ['rollback'] },
  'key-missing': { found: 'config-missing', offers: ['rollback'] },
  'init-container-failing': { found: 'init-container', offers: ['rollback'] },
  'readiness-failing': { found: 'readiness', offers: ['rollback'] },
  'liveness-killing': { found: 'slow-start', offers: ['rollback'] },
  'hangs-after-release': { found: 'liveness', offers: ['rollback'] },
  'startup-too-slow': { found: 'slow-start', offers: ['rollback'] },
  'no-room-cpu': { found: 'no-cpu', offers: ['rollback'] },
  'no-room-memory': { found: 'no-memory', offers: ['rollback'] },
  'no-room-gpu': { found: 'no-gpu', offers: ['rollback'] },
  taint: { found: 'taints', offers: [] },
  selector: { found: 'node-selector', offers: ['rollback'] },
  affinity: { found: 'node-selector', offers: ['rollback'] },
  spread: { found: 'spread', offers: ['rollback'] },
  'volume-zone': { found: 'volume-placement', offers: ['rollback'] },
  'volume-missing': { found: 'volume-placement', offers: ['rollback'] },
  'gpu-surge-deadlock': { found: 'surge-deadlock', offers: ['rollback'] },
  'gpus-terminating': { found: 'gpus-held-by-terminating-pods', offers: [] },
  'quota-exceeded': { found: 'quota', offers: [] },
  'limit-range': { found: 'limit-range', offers: ['rollback'] },
  'pod-security': { found: 'pod-security', offers: ['rollback'] },
  'webhook-refuses': { found: 'webhook-down', offers: [] },
  'service-account-missing': { found: 'service-account-missing', offers: ['rollback'] },
  'sandbox-failing': { found: 'sandbox', offers: [] },
  'node-gone': { found: 'node-gone', offers: [] },
  paused: { found: 'paused', offers: ['resume'] },
  'controller-not-observing': { found: 'controller-not-observing', offers: [] },
  'no-preview': { found: 'image-missing', offers: ['rollback'] },
  'secret-deleted': { found: 'config-missing', offers: [] },
  'release-fails-requests': { found: null, offers: [] },
  'changed-by-hand': { found: null, offers: [] },
  'metrics-silent': { found: null, offers: [] },
  'little-traffic': { found: null, offers: [] },
  'still-progressing': { found: null, offers: [] },
  healthy: { found: null, offers: [] },
};

let world: Simulated;
beforeAll(async () => {
  world = await simulated();
});
afterAll(async () => {
  await world.running.close();
});

test('every fault of the sandbox has its expectation here', () => {
  expect(Object.keys(expected).toSorted()).toEqual(faults.map((one) => one.id).toSorted());
});

describe.each(faults)('$id', ({ id, rollback }) => {
  const wanted = expected[id];

  test('is diagnosed', async () => {
    broken(world, id);
    const said = await diagnose(world, rolloutStuck);
    expect(said.unread).toEqual([]);
    expect(said.findings.map((one) => one.check)).toEqual(wanted?.found === null ? [] : [wanted?.found]);
    expect(said.offers.map((one) => one.remedy)).toEqual(wanted?.offers);
  });

  test('triage hands it over, or has nothing to say', async () => {
    broken(world, id);
    const said = await diagnose(world, triage, '');
    const over = said.findings.flatMap((one) => (one.handOver === null ? [] : [one.handOver]));
    // What the list of deployments does not show: a controller that has not looked.
    const unseen = wanted?.found === null || id === 'controller-not-observing';
    const target = { namespace: 'ml-platform', name: 'model-server' };
    expect(over).toEqual(unseen ? [] : [{ playbook: 'rollout-stuck', target }]);
  });

  if (wanted?.offers.length !== 1) return;
  test('what is offered fits, is done once, is verified and can be taken back', async () => {
    broken(world, id);
    const said = await diagnose(world, rolloutStuck);
    const [offer] = said.offers;
    if (offer === undefined) throw new Error('nothing is offered');
    const proposed = opened(rolloutStuck, offer);
    const before = await observe(world, proposed);
    expect(proposed.fits(before)).toEqual({ is: 'yes' });
    expect(proposed.holds(before)).toBe(false);
    const rehearsal = await rehearse(world, proposed, before);
    expect(rehearsal.is).toBe(id === 'no-preview' ? 'no preview' : 'diff');

    await execute(world, proposed);
    const done = await observe(world, proposed);
    expect(proposed.holds(done)).toBe(true);
    await execute(world, proposed);
    expect(await observe(world, proposed)).toEqual(done);

    world.running.platform.advance(minutes(15));
    const now = await observe(world, proposed);
    const helps = rollback !== 'does not help';
    expect(proposed.verify(before, now).is).toBe(helps ? 'yes' : 'not yet');
    const left = (await diagnose(world, rolloutStuck)).findings;
    expect(left.length === 0).toBe(helps);

    const { undo } = proposed;
    if ('impossible' in undo) throw new Error(`undo: ${undo.impossible}`);
    const later = await observe(world, undo);
    expect(undo.fits(later)).toEqual({ is: 'yes' });
    await execute(world, undo);
    expect(undo.holds(await observe(world, undo))).toBe(true);
    expect(proposed.holds(await observe(world, proposed))).toBe(false);
  });
});
