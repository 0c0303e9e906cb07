import { afterEach, expect, test } from 'vitest';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

/** What was found, as pictures in the thread: the words come first and say the same. */
let world: World;
afterEach(() => world.stop());

test(
  'slow since a release: latency and GPUs as charts, once, however often it looks',
  { timeout: 120_000 },
  async () => {
    world = await startWorld();
    world.inject('gpu-idle', 'eu-west-1');
    await world.slack.as(people.noah).command('/mlp diagnose model-server eu slow', { channel });
    const said = await world.until(/\(file: Latency of model-server[^)]*\)[\s\S]*\(file: /, { limitMs: 60_000 });
    expect(said).toMatch(
      /\*Latency of model-server in eu-west-1, all pods:\* p95 of all requests went from \d+ ms to \d+ ms/,
    );
    expect(said.indexOf('*Cause:*')).toBeLessThan(said.indexOf('(file: '));
    const files = said.match(/\(file: /g)?.length ?? 0;
    // The sandbox looks every five seconds.
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    expect(world.text().match(/\(file: /g)).toHaveLength(files);
    expect(world.logs.filter((one) => one.level === 'error')).toEqual([]);
  },
);
