import { afterEach, expect, test } from 'vitest';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { presses, users } from './people.ts';

/** A fix mends what it is for. What hurt users before it and still does is no news, and the fix is not its suspect. */

let world: World;
afterEach(() => world.close());
const rootText = (): string => textOf(world.chat.root()?.message ?? { lock: '', blocks: [] });

test('users were slower before the fix and are after it: the cause stays told, nothing "is back"', async () => {
  world = await World.start({ change: (config) => ({ ...config, timing: { ...config.timing, drainMs: 90_000 } }) });
  world.inject('cuda-oom-sequence');
  presses(world, users.sana, 'approve', { when: () => world.writes.length === 0 });
  await world.until('no longer drains', () => /still slower/.test(rootText()), 20 * 60_000);
  const root = rootText();
  expect(root).toMatch(/users still slower, as before the fix/);
  expect(root).toMatch(/Cause: not known\. [^/]*users are slower\. It was so before the fix too/);
  expect(root).toMatch(/Found before the fix: CUDA out of memory: inputs are 3 times as long/);
  expect(`${world.chat.text()}\n${root}`).not.toMatch(/after a change of variables|it is back/);
}, 180_000);
