import { expect, test } from 'vitest';
import { World } from '../crash/harness.ts';
import { types, users } from '../crash/people.ts';

/** A name that is not there is an answer to who typed it, not an incident that calls people. */
test('a deployment that does not exist', async () => {
  const world = await World.start({ alerts: false });
  try {
    types(world, users.sana, 'diagnose -n kube-system coredns');
    await world.until('answered', async () => (await world.incident()).closed !== null);
    const { number, closed } = await world.incident();
    expect([number, closed?.how]).toEqual([null, 'no deployment coredns']);
    await world.pass(3_000);
    const said = world.chat.text(2_000);
    expect(said).toMatch(/no deployment coredns/);
    expect(said).toMatch(/There is no deployment `?coredns`? in `?kube-system`? here/);
    expect(said).not.toMatch(/needs a person|nothing wrong found ·|@S0ML/);
  } finally {
    await world.close();
  }
});
