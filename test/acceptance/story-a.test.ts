import { afterEach, expect, test } from 'vitest';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

let world: World;
afterEach(() => world.stop());

test(
  'bad image: an alert, one thread, a refusal for the bystander, a rollback, verified, closed',
  { timeout: 240_000 },
  async () => {
    world = await startWorld();
    world.inject('image-missing', 'eu-west-1');
    const waiting = await world.until(/Approve rollback/, { limitMs: 30_000 });
    console.log(waiting);
    await world.slack.as(people.noah).press({ channel, ts: world.rootTs() }, 'Approve rollback');
    await world.slack.until(() => world.slack.ephemerals(people.noah).length > 0);
    const refused = world.slack.channelText(channel, people.noah);
    expect(refused).toMatch(/Not counted: you are not in @ml-oncall/);
    expect(world.slack.channelText(channel, people.sana)).not.toMatch(/Not counted/);
    await world.slack.as(people.sana).press({ channel, ts: world.rootTs() }, 'Approve rollback');
    console.log(await world.until(/closed|Closed/, { limitMs: 180_000 }));
    for (const one of world.slack.lockScreen(people.sana)) console.log('LOCK', JSON.stringify(one));
  },
);
