import { afterEach, expect, test } from 'vitest';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { find, press, types, users } from './people.ts';

/** What one incident leaves for the next: the same fault is known again, and a draft of its post-mortem is there. */

let world: World;
afterEach(() => world.close());

const thread = async (number: number): Promise<string> => {
  const name = (await world.store.byNumber(number))?.stream ?? '?';
  return world.chat.standing
    .filter((one) => one.mark.key.startsWith(name))
    .map((one) => `[${one.mark.key.slice(name.length + 1)}] ${textOf(one.message)}`)
    .join('\n');
};
const files = (): readonly { readonly name: string; readonly text: string }[] =>
  world.chat.standing.flatMap((one) =>
    (one.message.files ?? []).flatMap(({ name, content }) => ('text' in content ? [{ name, text: content.text }] : [])),
  );

async function asks(text: string): Promise<string> {
  const { engine } = world.replica;
  const channel = ids.channels.platform;
  const answer = await engine.intake.take({ is: 'command', id: text, text, by: users.sana, channel, team: ids.team });
  return answer.is === 'said' ? textOf(answer.message) : answer.is;
}

/** The image is missing, the rollback is approved, and the incident closes. */
async function once(number: number): Promise<void> {
  world.inject('image-missing', 'eu-west-1');
  await world.until(`a proposal of INC-${number}`, () => find(world, 'approve') !== undefined);
  const button = find(world, 'approve');
  if (button === undefined) throw new Error('nothing to approve');
  press(world, users.sana, button);
  await world.until(
    `the end of INC-${number}`,
    async () => (await world.store.byNumber(number))?.summary.open === false,
    30 * 60_000,
  );
  await world.pass(60_000);
}

test('the same fault again is said with what ended it then, and who called its cause wrong', async () => {
  world = await World.start();
  await once(1);
  const wrong = find(world, 'wrong-cause');
  if (wrong === undefined) throw new Error('nobody can say that the cause was wrong');
  press(world, users.sana, wrong, 'the registry was cut off <!channel> password=hunter22');
  await world.pass(5_000);
  world.inject('image-missing', 'eu-west-1');
  await world.until('the second', () => find(world, 'approve') !== undefined);
  await world.pass(5_000);
  const said = await thread(2);

  expect(said).toMatch(
    /\[root\][\s\S]*Last seen: second time in 30 days\. 2026-03-03\S* INC-1: rolled back to v2\.4\.0, by @/,
  );
  expect(said).toMatch(/The cause named then was wrong: the registry was cut off/);
  expect(said).toMatch(
    /\[seen-before\/eu-west-1\/[^\]]+\] Seen before in eu-west-1: image v2\.4\.1 not found, for the second time in 30 days/,
  );
  const alike = await asks('similar INC-2');
  expect(alike).toMatch(
    /^Like INC-2 \(model-server: image v2\.4\.1 not found\), by its words, in the last 30 days \/ model-server: image v2\.4\.1 not found · 2026-03-03\S* INC-1: rolled back to v2\.4\.0, by @/,
  );
  expect(alike).toMatch(/The cause named then was wrong: the registry was cut off/);
  expect(alike).not.toMatch(/hunter22/);
  // Itself is not like itself; of a number that is nobody's that is said.
  expect(alike.match(/model-server: image/g)).toHaveLength(2);
  expect(await asks('similar INC-99')).toBe('There is no INC-99.');
  // Older than thirty days is not remembered.
  world.clock.to(world.clock.now() + 31 * 24 * 3_600_000);
  expect(await asks('similar INC-2')).toMatch(/^No other incident of the last 30 days is like INC-2/);
});

test('killed while the draft is stored: it is stored once more under the same name, and posted once', async () => {
  const written: string[] = [];
  let kills = 2;
  world = await World.start({
    after: 'restart',
    // In the middle of the first write, and after the second before anything of it is kept.
    breakAt: () => (written.length > 0 && kills > 0 && kills === 3 - written.length ? ((kills -= 1), 'kill') : null),
    postmortems: {
      write: (name) => {
        written.push(name);
        return Promise.resolve(`/drafts/${name}`);
      },
    },
  });
  await once(1);
  await world.until('stored', async () => (await world.incident()).filed !== null, 10 * 60_000);
  expect(kills).toBe(0);
  expect(written).toEqual(['INC-1-2026-03-03.md', 'INC-1-2026-03-03.md', 'INC-1-2026-03-03.md']);
  expect(files().map((one) => one.name)).toEqual(['INC-1-2026-03-03.md']);
});

test("a person's own page says who is on call, first of all, and nothing where that is not known", async () => {
  world = await World.start({ paging: true, alerts: false });
  const home = async (): Promise<string> => {
    const answer = await world.replica.engine.intake.take({ is: 'home', id: 'h', by: users.sana, team: ids.team });
    return answer.is === 'said' ? textOf(answer.message) : '';
  };
  const who = { name: 'Lena', chatId: users.sana, id: 'P1' };
  world.paging.onCallNow = [
    { who, route: 'oncall', level: 1, until: '2026-03-03T17:00:00.000Z' },
    { who: { ...who, name: 'Max Later', chatId: null }, route: 'oncall', level: 2, until: null },
  ] as unknown as typeof world.paging.onCallNow;
  const shown = await home();
  expect(shown).toMatch(/On call \/ @U\w+ until 2026-03-03T17:00\S* \(oncall\)/);
  expect(shown).not.toContain('Max Later');
  world.paging.onCallNow = [];
  expect(await home()).toMatch(/On call \/ nobody/);
});

test('a closing leaves a draft, in the thread and where it is stored; a place that is down is tried again', async () => {
  let broken = true;
  const stored = new Map<string, string>();
  world = await World.start({
    postmortems: {
      write: (name, text) => {
        if (broken) return Promise.reject(new Error('the disk is full'));
        stored.set(name, text);
        return Promise.resolve(`/drafts/${name}`);
      },
    },
  });
  await once(1);
  expect(await thread(1)).toMatch(
    /The draft INC-1-2026-03-03\.md could not be stored: the disk is full\. It stands in this thread; I try again/,
  );
  expect(stored.size).toBe(0);
  broken = false;
  await world.pass(5 * 60_000);
  expect(await thread(1)).toMatch(/The draft INC-1-2026-03-03\.md is stored now: \/drafts\/INC-1-2026-03-03\.md/);
  expect([...stored.keys()]).toEqual(['INC-1-2026-03-03.md']);
  const [draft, ...more] = files();
  expect(more).toEqual([]);
  expect(draft?.name).toBe('INC-1-2026-03-03.md');

  expect(draft?.text).toMatch(/^# INC-1: model-server: image v2\.4\.1 not found$/m);
  expect(draft?.text).toMatch(
    /## Decisions\n\n- \*\*rollback in eu-west-1\*\* \(risk low\).*approved by .*, 2026-03-03 09:\d\d:\d\d; written .*; verified/,
  );
  // Anew, by a person: the file in the thread has a name of its own, what is stored is replaced.
  types(world, users.sana, 'postmortem INC-1', 'anew');
  await world.pass(20_000);
  expect(files().map((one) => one.name)).toEqual(['INC-1-2026-03-03.md', 'INC-1-2026-03-03-2.md']);
  expect([...stored.keys()]).toEqual(['INC-1-2026-03-03.md']);
  expect(stored.get('INC-1-2026-03-03.md')).toMatch(/asked for the post-mortem draft anew/);
});
