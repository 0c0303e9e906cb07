import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { Processes, channel } from './processes.ts';
import { users } from './people.ts';

/** Slack is away, slow or confused. The bot goes on with its work, says so, and brings the channel to the present state, not through its history. */

let world: Processes;
afterEach(() => world.stop());

interface Calls {
  readonly posts: number;
  readonly edits: number;
}
/** What reached Slack of the root: posts in the channel itself, and edits of that message. */
function rootCalls(): Calls {
  const ts = world.slack.roots(channel)[0]?.ts;
  const { sent } = world.slack;
  return {
    posts: sent.filter(({ method, args }) => method === 'chat.postMessage' && args['thread_ts'] === undefined).length,
    edits: sent.filter(({ method, args }) => method === 'chat.update' && args['ts'] === ts).length,
  };
}

test(
  'away at the start: the bot runs and says so; the channel gets the present state once',
  { timeout: 240_000 },
  async () => {
    world = await Processes.start({ slackDown: true });
    world.inject('image-missing');
    await world.until('/readyz says so', async () => /degraded slack/.test((await world.ready()).text), 60_000);
    expect((await world.ready()).status).toBe(200);
    await world.until(
      'the alert is taken',
      () => world.bots[0]?.points.some((one) => one.name === 'effect prepare') === true,
      40_000,
    );
    await world.until(
      'the outage is said',
      async () => /degraded publisher: nothing could be posted since/.test((await world.ready()).text),
      40_000,
    );
    world.backByHand();
    world.hurry();
    await world.until('closed meanwhile', closedInStore, 60_000);
    expect(world.slack.roots(channel)).toHaveLength(0);
    world.slack.faults.setDown(false);
    const from = Date.now();
    await world.until('caught up', () => world.slack.roots(channel).length === 1, 60_000);
    process.stdout.write(`caught up ${Date.now() - from} ms after Slack came back\n`);
    await sleep(2_000);
    expect(world.text()).toMatch(/Closed/);
    expect(rootCalls()).toEqual({ posts: 1, edits: 0 });
  },
);

test('away in the middle: the root jumps to its end with one edit', { timeout: 240_000 }, async () => {
  world = await Processes.start();
  world.inject('image-missing');
  await world.until('a proposal', () => /Approve rollback/.test(world.text()));
  await sleep(1_500);
  world.slack.faults.setDown(true);
  const before = rootCalls();
  world.backByHand();
  world.hurry();
  await world.until('closed meanwhile', closedInStore, 60_000);
  expect(world.text()).not.toMatch(/Closed/);
  world.slack.faults.setDown(false);
  await world.until('caught up', () => /Closed/.test(world.text()), 60_000);
  await sleep(1_500);
  expect(rootCalls().edits - before.edits).toBe(1);
  expect(rootCalls().posts).toBe(1);
});

test(
  '429, 500, and posts that are taken without an answer: everything once, and the story ends',
  { timeout: 240_000 },
  async () => {
    world = await Processes.start();
    const { faults } = world.slack;
    faults.arm({ kind: 'accept-then-hang' }, { method: 'chat.postMessage', calls: 1 });
    faults.arm({ kind: 'http', status: 500 }, { method: 'chat.postMessage', calls: 1 });
    faults.arm({ kind: 'ratelimit', retryAfterSeconds: 2 }, { method: 'chat.postMessage', calls: 1 });
    faults.arm({ kind: 'accept-then-drop' }, { method: 'chat.postMessage', calls: 1 });
    world.inject('image-missing');
    await world.press(users.sana, 'Approve rollback', () => /approved/i.test(world.text()), 60_000);
    faults.arm({ kind: 'ratelimit', retryAfterSeconds: 2 }, { method: 'chat.update', calls: 2 });
    faults.arm({ kind: 'accept-then-hang' }, { method: 'chat.update', calls: 1 });
    world.hurry();
    await world.until('closed', () => /Closed/.test(world.text()), 60_000);
    expect(world.slack.roots(channel)).toHaveLength(1);
    expect(world.text().match(/^mlp: .*\*Rollback of model-server/gm)).toHaveLength(1);
    expect(world.text().match(/^mlp: .*\*eu-west-1\*/gm)).toHaveLength(1);
    expect(world.changes).toBe(1);
  },
);

async function closedInStore(): Promise<boolean> {
  return /^mlp_store_rows\{[^}]*"open"[^}]*\} 0$/m.test(await world.metrics());
}
