import { existsSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { playbooks } from '../../playbooks/index.ts';
import type { Playbook, Proposed } from '../../src/core/contract.ts';
import { Failure } from '../../src/core/failure.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import type { WorldOptions } from './harness.ts';
import { find, press, presses, users } from './people.ts';

/** Clicks that must not count, and secrets that must appear nowhere, the store included. */

let world: World;
afterEach(() => world.close());

const secret = 'AKIAIOSFODNN7EXAMPLE';
const password = 'hunter2-correct-horse';

async function waiting(options: WorldOptions = {}): Promise<NonNullable<ReturnType<typeof find>>> {
  world = await World.start(options);
  world.inject('image-missing');
  await world.until('a proposal', () => find(world, 'approve') !== undefined);
  const button = find(world, 'approve');
  if (button === undefined) throw new Error('no button');
  return button;
}

/** Everything that the store holds, as bytes, and everything that was said or logged. */
function everywhere(): string {
  const files = [world.file, `${world.file}-wal`].filter((one) => existsSync(one));
  const said = [world.chat.text(), ...world.chat.whispers.map((one) => one.text), JSON.stringify(world.logs)];
  return [...files.map((one) => readFileSync(one, 'latin1')), ...said].join('\n');
}

/** The bot's playbooks with plans that somebody else's words got into. */
function tainted(change: (proposed: Proposed) => Proposed): readonly Playbook[] {
  return playbooks.map((playbook) => ({
    ...playbook,
    open: (target) => {
      const opened = playbook.open(target);
      const remedies = opened.remedies.map((remedy) => ({
        ...remedy,
        propose: (...args: Parameters<typeof remedy.propose>) => {
          const proposed = remedy.propose(...args);
          return 'no' in proposed ? proposed : change(proposed);
        },
        open: (plan: unknown) => change(remedy.open(plan)),
      }));
      return { ...opened, remedies };
    },
  }));
}
const withSecret = (proposed: Proposed): Proposed => ({
  ...proposed,
  plan: { ...(proposed.plan as object), note: `key ${secret}` },
});

test('a plan that redaction would change is no offer; it says so, and the secret is not stored', async () => {
  world = await World.start({ playbooks: tainted(withSecret) });
  world.inject('image-missing');
  await world.until('a person is needed', () => /needs a person/.test(textOf(world.chat.root()?.message ?? nothing)));
  expect(find(world, 'approve')).toBeUndefined();
  const why = await world.replica.engine.intake.take({
    is: 'command',
    id: 'why',
    text: 'why not rollback INC-1',
    by: users.sana,
    channel: ids.channels.platform,
    team: ids.team,
  });
  expect('message' in why ? textOf(why.message) : '').toMatch(/eu-west-1: the plan would hold a secret/);
  expect(everywhere()).not.toContain(secret);
});
const nothing = { lock: '', blocks: [] } as const;

test('an undo whose plan redaction would change is refused, in the thread', async () => {
  const way = (proposed: Proposed): Proposed =>
    'impossible' in proposed.undo ? proposed : { ...proposed, undo: withSecret(proposed.undo) };
  await waiting({ playbooks: tainted(way) });
  presses(world, users.sana, 'approve', { when: () => world.writes.length === 0 });
  await world.until('verified', async () => (await world.incident()).proposals[0]?.ended?.how === 'verified');
  presses(world, users.linh, 'undo');
  await world.until('refused', () => /cannot be taken back: the plan would hold a secret/.test(world.chat.text()));
  expect((await world.incident()).proposals).toHaveLength(1);
  expect(everywhere()).not.toContain(secret);
});

test('secrets typed as a reason or a note are taken out before they are stored', async () => {
  await waiting();
  await world.until('its card', () => find(world, 'deny') !== undefined);
  const deny = find(world, 'deny');
  if (deny === undefined) throw new Error('no button');
  const root = world.chat.root()?.ref;
  await world.replica.engine.intake.take({
    is: 'mention',
    id: 'note',
    text: `<@U0MLPBOT> note I used password=${password} and ${secret} for it`,
    by: users.kofi,
    channel: ids.channels.platform,
    ts: '2.1',
    threadTs: root?.ts ?? '',
    team: ids.team,
  });
  press(world, users.sana, deny, `the token is ${secret}, password=${password}`);
  await world.until('denied', async () => (await world.incident()).proposals[0]?.ended?.how === 'denied');
  await world.pass(3_000);
  const { timeline, proposals } = await world.incident();
  expect(timeline.map((one) => one.what).join()).toMatch(/I used password=.*redacted/);
  expect(proposals[0]?.ended?.because).toMatch(/^denied: the token is .*redacted/);
  expect(world.chat.text()).toMatch(/denied by @U0SANAOKAFOR.*redacted/);
  for (const typed of [secret, password]) expect(everywhere()).not.toContain(typed);
});

test('a reason typed for a plan that is gone is not told with its secret either', async () => {
  const button = await waiting();
  press(world, users.sana, { ...button, press: { ...button.press, does: 'deny', proposal: 'p9' } }, `pw: ${secret}`);
  await world.until('an answer', () => world.chat.whispers.length > 0);
  expect(everywhere()).not.toContain(secret);
});

test('who left since, although still in the group, is refused; so is everybody while groups cannot be looked up', async () => {
  const button = await waiting();
  const left = new Set<string>([users.sana]);
  const person = world.people.person.bind(world.people);
  world.people.person = async (id) => ({ ...(await person(id)), active: !left.has(id) });
  press(world, users.sana, button);
  await world.until('a refusal', () => world.chat.whispers.length === 1);
  expect(world.chat.whispers[0]).toMatchObject({
    to: users.sana,
    text: 'Not counted: your account is not active. kofi, mateo or linh can approve this.',
  });
  world.people.members = () => Promise.reject(new Failure('timeout', 'Slack did not answer in time'));
  press(world, users.kofi, button);
  await world.until('a refusal', () => world.chat.whispers.length === 2);
  expect(world.chat.whispers[1]?.text).toMatch(
    /^Not counted: I could not check who you are \(.*did not answer in time\)/,
  );
  expect((await world.incident()).proposals[0]).toMatchObject({ stage: 'open', votes: [] });
});

test('a click on a message that was deleted meanwhile counts, and what is going on is posted anew', async () => {
  const button = await waiting();
  const root = world.chat.root();
  const { standing } = world.chat;
  standing.splice(0, standing.length);
  press(world, users.sana, button);
  await world.until('posted anew', () => world.chat.root() !== undefined, 30_000);
  expect(world.chat.root()?.ref.ts).not.toBe(root?.ref.ts);
  await world.until('closed', async () => (await world.incident()).closed !== null);
  await world.pass(5_000);
  expect(standing.filter((one) => one.mark.key.endsWith('/root'))).toHaveLength(1);
  expect(world.chat.text()).toMatch(/rolled back to v2\.4\.0/);
});
