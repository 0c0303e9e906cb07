import { afterAll, beforeAll, expect, test } from 'vitest';
import { rolloutStuck } from '../playbooks/rollout-stuck/playbook.ts';
import { diagnoseRegion } from '../src/core/diagnose.ts';
import type { RegionDiagnosis, RegionEvidence } from '../src/core/diagnosis.ts';
import { impactLook } from '../src/core/impact.ts';
import { plain } from '../src/core/words.ts';
import { setsEnv } from '../src/sandbox/platform/faults/strained.ts';
import { minutes } from '../src/sandbox/platform/state.ts';
import { broken, execute, observe, opened, region, simulated, target } from './playbooks/simulated.ts';
import type { Simulated } from './playbooks/simulated.ts';
import { look } from './playbooks/replay.ts';

/** Users fare worse since a release whose pods are all well: it is suspected, not proven. */

const labels = `{service="model-server",region="${region}"}`;
const health = {
  requests: `service:requests:count5m${labels}`,
  errors: `service:errors:ratio5m${labels}`,
  latency: `service:latency_p95_seconds:5m${labels}`,
  limits: { errorRatio: 0.01, latencySeconds: 0.2 },
  minRequests: 100,
  window: '5 min',
};

let world: Simulated;
beforeAll(async () => {
  world = await simulated();
});
afterAll(async () => {
  await world.running.close();
});

async function diagnose(hurtSince: string | null = null): Promise<RegionDiagnosis> {
  const of = { region, ...target };
  const open = rolloutStuck.open(of);
  const all = { ...open, look: [...impactLook(health, of), ...open.look] };
  const readings = await look(all, world.platform.read(region, AbortSignal.timeout(10_000)));
  const at = new Date(world.running.platform.now()).toISOString();
  const evidence: RegionEvidence = Object.fromEntries(
    Object.entries(readings).map(([id, outcome]) => [id, { ...outcome, at, tookMs: 0, byHand: '' }]),
  );
  return diagnoseRegion({
    opened: open,
    region,
    focus: null,
    fixedAt: null,
    hurtSince,
    drainMs: 0,
    evidence,
    health,
    at,
    runId: 'suspect',
  });
}

test('errors since a release: a rollback is offered as a suspicion, judged by the users, and ends the errors', async () => {
  broken(world, 'release-fails-requests');
  const said = await diagnose();
  expect(said.findings.map((one) => one.check)).toEqual(['users-hurt']);
  const [offer, ...more] = said.offers;
  if (offer === undefined) throw new Error(`nothing is offered: ${JSON.stringify(said.notOffered)}`);
  expect(more).toEqual([]);
  expect(offer).toMatchObject({ remedy: 'rollback', risk: 'medium', knownGood: false, judgedBy: 'users' });
  expect(plain(offer.says)).toBe(
    'roll back to v2.4.0 (only suspected: users fare worse since this version came and nothing else was found). Removes 12 pods of v2.4.1, starts 12. v2.4.0 ran here until 2026-03-14 02:16 UTC; how well is not known',
  );
  expect(said.advice.flatMap((one) => one.steps)).toContain(
    'kubectl --context=eu-west-1 -n ml-platform logs -l app=model-server --prefix --since=10m --tail=50',
  );

  const proposed = opened(rolloutStuck, offer);
  const before = await observe(world, proposed);
  expect(proposed.fits(before)).toEqual({ is: 'yes' });
  await execute(world, proposed);
  world.running.platform.advance(minutes(15));
  expect(proposed.verify(before, await observe(world, proposed))).toMatchObject({ is: 'yes' });
  expect((await diagnose()).findings).toEqual([]);
});

test('errors since a variable was set: that is no release', async () => {
  world.running.platform.reset();
  const now = world.running.platform.now();
  const cluster = world.running.platform.region(region).at(now);
  setsEnv('BATCH_SIZE', '16')(cluster, now);
  for (const [name, image] of cluster.images)
    cluster.images.set(name, { ...image, program: { ...image.program, errorRatio: 0.08 } });
  world.running.platform.advance(minutes(10));
  const said = await diagnose();
  expect(said.findings.map((one) => one.short)).toEqual(['users get errors after a change of variables']);
  expect(said.remarks.map((one) => `${one.label}: ${plain(one.words)}`)).toContainEqual(
    expect.stringMatching(/^Release: revision 3 → revision 4 \(environment\)/),
  );
});

test('errors that are there hours after a release do not point to it', async () => {
  broken(world, 'release-fails-requests');
  world.running.platform.advance(minutes(180));
  const said = await diagnose();
  expect(said.findings.map((one) => one.check)).toEqual(['users-hurt']);
  expect(said.offers).toEqual([]);
  expect(said.notOffered).toEqual([
    {
      remedy: 'rollback',
      because: expect.stringMatching(/^this version ran for 3 h without trouble of its pods/) as string,
    },
  ]);
});

test('errors after a rollback do not point back to the version that was left', async () => {
  broken(world, 'release-fails-requests');
  const [offer] = (await diagnose()).offers;
  if (offer === undefined) throw new Error('nothing is offered');
  await execute(world, opened(rolloutStuck, offer));
  world.running.platform.advance(minutes(8));
  const { images } = world.running.platform.region(region).at(world.running.platform.now());
  for (const [name, image] of images) images.set(name, { ...image, program: { ...image.program, errorRatio: 0.3 } });
  world.running.platform.advance(minutes(6));
  const said = await diagnose();
  expect(said.findings.map((one) => one.check)).toEqual(['users-hurt']);
  expect(said.offers).toEqual([]);
  expect(said.notOffered).toEqual([
    { remedy: 'rollback', because: 'this version is itself one that was gone back to, or the first' },
  ]);
});

test('users who were hurt before a version came are not hurt by it: the repair is not taken back while the numbers drain', async () => {
  broken(world, 'release-fails-requests');
  const now = world.running.platform.now();
  const hour = new Date(now - minutes(60)).toISOString();
  const { offers, notOffered } = await diagnose(hour);
  expect(offers.filter((one) => one.remedy === 'rollback')).toEqual([]);
  expect(notOffered.find((one) => one.remedy === 'rollback')?.because).toMatch(
    /^users were hurt at \d\d:\d\d UTC already, and this version came at \d\d:\d\d UTC: it is not what hurts them$/,
  );
  const { offers: later } = await diagnose(new Date(now).toISOString());
  expect(later.map((one) => one.remedy)).toContain('rollback');
});
