import { expect, test } from 'vitest';
import { catalogue } from '../../src/sandbox/platform/control.ts';
import { World } from '../crash/harness.ts';
import { types, users } from '../crash/people.ts';
import { asks, complaintsOf, questionFor, watchRoots } from './roots.ts';

/** The first look at every fault and trap of every playbook: its summary is twelve rows, users first, and names what fits best first. */
const region = 'eu-west-1';
const told = catalogue.filter((one) => one.id !== 'region-unreachable' && asks[one.playbook ?? ''] !== undefined);

test.each(told.map((one) => [one.id, one] as const))('%s', { timeout: 60_000 }, async (_id, fault) => {
  const world = await World.start({ alerts: false });
  try {
    world.inject(fault.id, region);
    types(world, users.sana, questionFor(fault, region));
    watchRoots(world);
    await world.until('looked at', async () => ((await world.incident()).round?.finishedAt ?? null) !== null);
    await world.pass(20_000);
    const root = world.chat.root();
    if (root === undefined) throw new Error('no summary');
    expect(complaintsOf(root.message)).toEqual([]);
    // Where a fix waits, it is the first of the playbook's that has the button. A later look may have made it anew: posts have their pace.
    const button = (): string | undefined =>
      world.chat.root()?.message.blocks.flatMap((one) => (one.is === 'buttons' ? one.buttons : []))[0]?.label;
    const best = async (): Promise<string | undefined> => {
      const { diagnoses, proposals } = await world.incident();
      const open = proposals.filter((one) => one.stage === 'open' && one.region === region);
      return diagnoses[region]?.offers.find((offer) => open.some((one) => one.offer.remedy === offer.remedy))?.label;
    };
    const agrees = async (): Promise<boolean> => {
      const label = await best();
      return label === undefined || button() === `Approve ${label}`;
    };
    await world.until('the button is that of the fix that fits best', agrees, 30_000);
  } finally {
    await world.close();
  }
});
