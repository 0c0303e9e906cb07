import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Playbook, Proposed } from '../../src/core/contract.ts';
import type { RegionDiagnosis } from '../../src/core/diagnose.ts';
import { faults } from '../../src/sandbox/platform/faults/catalogue.ts';
import { minutes } from '../../src/sandbox/platform/state.ts';
import { broken, diagnose, execute, observe, opened, rehearse, simulated } from './simulated.ts';
import type { Simulated } from './simulated.ts';

/** Each fault of a playbook in the simulation: named, offered a fix for, fixed, verified, and taken back. */
export interface Expected {
  readonly found: string | null;
  /** The deployment that it is about; model-server where it is left out. */
  readonly name?: string;
  /** Remedies that are offered, in their order, with what each comes to; `next`: what is offered after it, until all is well. */
  readonly offers: Readonly<Record<string, 'ends it' | 'gives time' | { readonly next: string }>>;
}

export function faultRuns(playbook: Playbook, expected: Readonly<Record<string, Expected>>): void {
  const mine = faults.filter((one) => one.playbook === playbook.id);
  let world: Simulated;
  beforeAll(async () => {
    world = await simulated();
  });
  afterAll(async () => {
    await world.running.close();
  });

  test('every fault of the sandbox has its expectation here', () => {
    expect(Object.keys(expected).toSorted()).toEqual(mine.map((one) => one.id).toSorted());
    const causes = Object.entries(expected).map(([id, { found }]) => [id, found] as const);
    expect(Object.fromEntries(causes)).toEqual(Object.fromEntries(mine.map((one) => [one.id, one.cause])));
  });

  describe.each(mine)('$id', ({ id, minutesAgo }) => {
    const wanted: Expected = expected[id] ?? { found: null, offers: {} };

    let offers: RegionDiagnosis['offers'] = [];

    test('is diagnosed', async () => {
      broken(world, id);
      const said = await diagnose(world, playbook, wanted.name);
      ({ offers } = said);
      expect(said.unread).toEqual([]);
      expect(said.unsure).toEqual([]);
      expect(said.findings.map((one) => one.check)).toEqual(wanted.found === null ? [] : [wanted.found]);
      expect(said.offers.map((one) => one.remedy)).toEqual(Object.keys(wanted.offers));
      // Since when is said from the data: never before the fault began.
      const began = world.running.platform.now() - (minutesAgo + 2) * 60_000;
      const early = said.findings.filter(({ since }) => since !== null && Date.parse(since) < began);
      expect(early.map(({ since }) => since)).toEqual([]);
    });

    for (const [remedy, comesTo] of Object.entries(wanted.offers)) {
      test(`${remedy} fits, is done once, is verified${comesTo === 'ends it' ? ' and ends it' : ''}`, async () => {
        broken(world, id);
        // The same seed gives the same objects: what was offered then still fits.
        await carriedOut(world, playbook, offers, remedy);
        if (comesTo === 'gives time') return;
        if (comesTo !== 'ends it') await another(world, playbook, comesTo.next);
        expect((await diagnose(world, playbook, wanted.name)).findings).toEqual([]);
      });
    }
  });
}

async function carriedOut(
  world: Simulated,
  playbook: Playbook,
  offers: RegionDiagnosis['offers'],
  remedy: string,
): Promise<void> {
  const offer = offers.find((one) => one.remedy === remedy);
  if (offer === undefined) throw new Error(`${remedy} is not offered`);
  const proposed = opened(playbook, offer);
  const before = await observe(world, proposed);
  expect(proposed.fits(before)).toEqual({ is: 'yes' });
  expect(proposed.holds(before)).toBe(false);
  expect((await rehearse(world, proposed, before)).is).toBe('diff');
  await execute(world, proposed);
  const done = await observe(world, proposed);
  expect(proposed.holds(done)).toBe(true);
  await execute(world, proposed);
  expect(proposed.holds(await observe(world, proposed))).toBe(true);
  await isVerified(world, proposed, before, remedy);
}

/** With rates over five minutes, as production has them: not by numbers that begin before its pods were ready. */
async function isVerified(world: Simulated, proposed: Proposed, before: unknown, remedy: string): Promise<void> {
  const verdict = async () => {
    const now = await observe(world, proposed, minutes(5));
    return { verdict: proposed.verify(before, now), progress: proposed.progress(now) };
  };
  world.running.platform.advance(minutes(4));
  const early = await verdict();
  world.running.platform.advance(minutes(8));
  const late = await verdict();
  expect(late.verdict).toMatchObject({ is: 'yes' });
  expect(late.progress).not.toMatch(/judged by/);
  const isJudged = late.verdict.is === 'yes' && / pods? ready for all of its 5 min[;)]/.test(late.verdict.note ?? '');
  const waits = isJudged && !onlyAdds.has(remedy);
  expect(/; judged by .+ from \d\d:\d\d UTC on$/.test(early.progress)).toBe(waits);
  const because = /^the 5 min of .+ begin before its pods were ready: judged from \d\d:\d\d UTC on$/;
  expect(early.verdict.is === 'not yet' && because.test(early.verdict.because)).toBe(waits);
}

/** Most of its pods are those that have been there all the time: their CPU tells. */
const onlyAdds = new Set(['scale', 'autoscaler-bounds', 'scaled-object-bounds']);

/** As often as it is offered: one pod after the other. */
async function another(world: Simulated, playbook: Playbook, remedy: string): Promise<void> {
  for (let round = 0; round < 6; round += 1) {
    const said = await diagnose(world, playbook);
    if (said.findings.length === 0) return;
    await carriedOut(world, playbook, said.offers, remedy);
  }
}
