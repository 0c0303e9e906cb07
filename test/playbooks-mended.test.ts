import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rolloutStuck } from '../playbooks/rollout-stuck/playbook.ts';
import { heal } from '../src/sandbox/platform/control.ts';
import { seconds } from '../src/sandbox/platform/state.ts';
import { broken, diagnose, region, simulated } from './playbooks/simulated.ts';
import type { Simulated } from './playbooks/simulated.ts';

/** After a repair by hand, every look until all is well: what was mended is named no more, and nothing is offered for it. */

let world: Simulated;
beforeAll(async () => {
  world = await simulated();
});
afterAll(async () => {
  await world.running.close();
});

interface Look {
  /** What is found, by check; '' for nothing. */
  readonly found: string;
  readonly allPassing: boolean;
  readonly offers: number;
  readonly firstSteps: readonly (string | undefined)[];
}

/** A look every fifteen seconds until nothing is found. */
async function looksAfterRepair(fault: string): Promise<readonly Look[]> {
  broken(world, fault);
  heal(world.running.platform, fault, region);
  const looks: Look[] = [];
  while (looks.length < 60 && looks.at(-1)?.found !== '') {
    const { findings, offers, advice } = await diagnose(world, rolloutStuck);
    looks.push({
      found: findings.map((one) => one.check).join(' '),
      allPassing: findings.every((one) => one.passing === true),
      offers: offers.length,
      firstSteps: advice.map((one) => one.steps[0]),
    });
    world.running.platform.advance(seconds(15));
  }
  expect(looks.filter((one) => one.allPassing && one.offers > 0)).toEqual([]);
  const steps = looks.filter((one) => one.found.endsWith('-back')).flatMap((one) => one.firstSteps);
  const deletes = 'kubectl --context=eu-west-1 -n ml-platform delete pod model-server-';
  // A line that begins with # says how many of them are named.
  expect(steps.filter((one) => one?.startsWith(deletes) !== true && one?.startsWith('# ') !== true)).toEqual([]);
  return looks;
}

/** Repeated answers once. */
function told(looks: readonly Look[]): readonly string[] {
  return looks.map((one) => one.found).filter((one, index, all) => one !== all[index - 1]);
}

describe('looks after a repair by hand', () => {
  test('the secret that was deleted is back: no crash loop is named, whatever the back-off', async () => {
    expect(told(await looksAfterRepair('secret-deleted'))).toEqual(['config-back', '']);
  });

  test.each(['config-map-missing', 'secret-missing', 'secret-missing-volume', 'key-missing'])(
    '%s: made, and nothing is said but that the pods come',
    async (fault) => {
      const said = told(await looksAfterRepair(fault));
      expect(said.filter((one) => one !== 'config-back')).toEqual(['starting-now', '']);
    },
  );

  test('the tag was pushed: the old error is said with its time until one pod has pulled, then that the others follow', async () => {
    const said = told(await looksAfterRepair('image-missing'));
    expect(said[0]).toBe('image-missing');
    expect(said.slice(1).filter((one) => one !== 'image-back')).toEqual(['starting-now', '']);
  });
});
