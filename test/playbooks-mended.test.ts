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

/** What each look finds, every fifteen seconds, repeated answers once; '' for nothing. */
async function looksAfterRepair(fault: string): Promise<readonly string[]> {
  broken(world, fault);
  heal(world.running.platform, fault, region);
  const said: string[] = [];
  for (let look = 0; look < 60 && said.at(-1) !== ''; look += 1) {
    const { findings, offers, advice } = await diagnose(world, rolloutStuck);
    const words = findings.map((one) => one.check).join(' ');
    if (said.at(-1) !== words) said.push(words);
    if (findings.every((one) => one.passing === true)) expect(offers, words).toEqual([]);
    if (words.endsWith('-back')) {
      expect(advice.map((one) => one.steps[0])).toEqual([
        expect.stringMatching(/^kubectl --context=eu-west-1 -n ml-platform delete pod model-server-/),
      ]);
    }
    world.running.platform.advance(seconds(15));
  }
  return said;
}

describe('looks after a repair by hand', () => {
  test('the secret that was deleted is back: no crash loop is named, whatever the back-off', async () => {
    expect(await looksAfterRepair('secret-deleted')).toEqual(['config-back', '']);
  });

  test.each(['config-map-missing', 'secret-missing', 'secret-missing-volume', 'key-missing'])(
    '%s: made, and nothing is said but that the pods come',
    async (fault) => {
      const said = await looksAfterRepair(fault);
      expect(said.filter((one) => one !== 'config-back')).toEqual(['starting-now', '']);
    },
  );

  test('the tag was pushed: the old error is said with its time until one pod has pulled, then that the others follow', async () => {
    const said = await looksAfterRepair('image-missing');
    expect(said[0]).toBe('image-missing');
    expect(said.slice(1).filter((one) => one !== 'image-back')).toEqual(['starting-now', '']);
  });
});
