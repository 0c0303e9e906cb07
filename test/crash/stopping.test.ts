import { afterEach, expect, test } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Answer } from '../../src/core/ports/intake.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { find, press, presses, types, users } from './people.ts';
import { sound } from './sweep.ts';

/** Stopped for everybody, and waiting for somebody else: what the channel is told. */

let world: World;
afterEach(() => world.close());

async function waiting(): Promise<void> {
  world = await World.start();
  world.inject('image-missing');
  await world.until('a proposal', () => find(world, 'approve') !== undefined);
}

/** What stands in the channel itself and is no incident. */
const notices = (): readonly string[] =>
  world.chat.standing
    .filter((one) => one.mark.key.startsWith('notice/') && one.to.threadTs === null)
    .map((one) => textOf(one.message));
const root = (): string => textOf(world.chat.root()?.message ?? { lock: '', blocks: [] });

async function say(who: string, text: string): Promise<string> {
  const input = { is: 'command', id: `typed ${who} ${text} ${world.clock.now()}`, text, by: who } as const;
  const answer: Answer = await world.replica.engine.intake.take({
    ...input,
    channel: ids.channels.platform,
    team: ids.team,
  });
  return 'message' in answer ? textOf(answer.message) : answer.is;
}

test('stop all is said in the channel, once, with who and how to lift it; so is its end; status tells it', async () => {
  await waiting();
  expect(await say(users.noah, 'stop all')).toMatch(/^Everything is stopped.*The channel is told/);
  await world.pass(5_000);
  expect(notices()).toHaveLength(1);
  expect(notices()[0]).toMatch(
    new RegExp(
      `^:octagonal_sign: Everything is stopped by @${users.noah}, .* / No change starts and nothing can be approved, in any region.* / ` +
        `Goes on: looking and asking for people\\. No change was under way / To lift it: /mlp stop off, by one of @ml-leads or @ml-approvers`,
    ),
  );
  expect(root()).toMatch(/everything is stopped/);
  expect(await say(users.sana, 'status')).toMatch(
    new RegExp(`^:octagonal_sign: Everything is stopped by @${users.noah}.*/mlp stop off lifts it.*Open now`),
  );
  expect(await say(users.kofi, 'stop all')).toMatch(/It was stopped already/);
  expect(await say(users.ada, 'stop off')).toMatch(/^Lifted/);
  await world.pass(5_000);
  expect(notices()).toHaveLength(2);
  expect(notices()[1]).toMatch(new RegExp(`No longer stopped: lifted by @${users.ada}`));
  expect(root()).not.toMatch(/everything is stopped/);
  expect(await say(users.sana, 'status')).not.toMatch(/stopped/);
  expect(await say(users.ada, 'stop off')).toBe('Nothing is stopped.');
});

test('a change under way is named in the post', async () => {
  await waiting();
  presses(world, users.sana, 'approve');
  await world.until('verifying', async () =>
    (await world.incident()).proposals.some((one) => one.stage === 'watching'),
  );
  await say(users.noah, 'stop all');
  await world.until('the post', () => notices().length === 1);
  expect(notices()[0]).toMatch(/Under way, followed to its end and not undone: INC-1 \(model-server: image v2\.4\.1/);
});

test('stored but not told, because the store failed in between: who types it again has it told, once', async () => {
  await waiting();
  world.storeFails.set('accept', new Failure('server error', 'the disk is full'));
  await expect(say(users.noah, 'stop all')).rejects.toThrow(/disk is full/);
  world.storeFails.clear();
  await world.pass(1_000);
  expect(notices()).toEqual([]);
  await say(users.noah, 'stop all');
  await world.pass(3_000);
  expect(notices()).toHaveLength(1);
});

test('an incident that closed while everything was stopped does not say so for ever', async () => {
  await waiting();
  const approve = find(world, 'approve');
  presses(world, users.sana, 'approve');
  await world.until('verifying', async () =>
    (await world.incident()).proposals.some((one) => one.stage === 'watching'),
  );
  await say(users.noah, 'stop all');
  await world.until('closed', async () => (await world.incident()).closed !== null);
  await world.pass(3_000);
  expect(root()).toMatch(/^:white_check_mark:.*everything is stopped/);
  await say(users.ada, 'stop off');
  await world.pass(5_000);
  expect(root()).toMatch(/^:white_check_mark:/);
  expect(root()).not.toMatch(/everything is stopped/);
  expect(approve).toBeDefined();
  await sound(world);
});

test('granted, and another incident holds the target: it says which, and goes on when that is over', async () => {
  await waiting();
  const other = await world.store.claim('incident/other', 'test', 3_600_000);
  if (other === null) throw new Error('no claim');
  const hold = 'eu-west-1/ml-platform';
  const summary = {
    number: 7,
    open: true,
    title: 'ml-platform: quota used up',
    state: 'changing',
    regions: ['eu-west-1'],
    channel: ids.channels.platform,
    updatedAt: new Date(0).toISOString(),
  };
  const step = { consumed: [], events: [], evidence: [], messages: [], audit: [], dueAt: null, keys: null };
  expect((await world.store.commit(other, 0, { ...step, hold, release: null, summary })).is).toBe('done');
  presses(world, users.sana, 'approve');
  await world.until('it says so', () => /Waits for INC-7 \(ml-platform: quota used up\)/.test(root()), 30_000);
  const card = /approved, waits for INC-7 \(ml-platform: quota used up\), which changes the same/;
  await world.until('its card says so', () => card.test(world.chat.text()), 30_000);
  expect(root()).toMatch(/approved, waits for another incident/);
  await world.pass(60_000);
  const { events } = await world.store.load((await world.store.byNumber(1))?.stream ?? '');
  // Said once, however often it was tried.
  expect(events.filter((one) => JSON.stringify(one.body).includes('"is":"waits"'))).toHaveLength(1);
  const release = { ...step, hold: null, release: hold, summary: { ...summary, open: false } };
  expect((await world.store.commit(other, 0, release)).is).toBe('done');
  await world.until(
    'closed',
    async () => (await world.incident((await world.store.byNumber(1))?.stream)).closed !== null,
  );
  expect(root()).toMatch(/rolled back/);
});

test('a refusal while everything is stopped names who stopped it', async () => {
  await waiting();
  const approve = find(world, 'approve');
  if (approve === undefined) throw new Error('no button');
  types(world, users.noah, 'stop all');
  await world.pass(2_000);
  press(world, users.sana, approve);
  await world.until('a refusal', () => world.chat.whispers.length > 0);
  expect(world.chat.whispers.at(-1)?.text).toMatch(new RegExp(`Everything is stopped \\(by @${users.noah}\\)`));
});
