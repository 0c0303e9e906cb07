import { afterEach, expect, test } from 'vitest';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { MEMBERS_MS } from '../../src/adapters/slack/people.ts';
import { closeAll, startBot } from './bot.ts';
import { failure, incident } from './cards.ts';

const { platform } = ids.channels;
const { sana, noah, ria, paul, bot: self } = ids.users;
const to = { channel: platform, threadTs: null };
const mark = { key: 'incident/1', revision: 1 };
const quick = { bot: { limitsMs: { bulk: 300, click: 300, people: 300 } } } as const;

afterEach(closeAll);

test('as of now: guests, those who left, bots; groups; a failed look-up is no answer', async () => {
  let now = Date.now();
  const { slack, local } = await startBot('socket', { bot: { ...quick.bot, now: () => now } });
  const { people } = slack;
  expect(await people.person(sana)).toEqual({
    id: sana,
    name: 'Sana Okafor',
    team: ids.team,
    active: true,
    guest: false,
    external: false,
    bot: false,
  });
  expect(await people.person(ria)).toMatchObject({ guest: true, active: true });
  expect(await people.person(paul)).toMatchObject({ active: false });
  expect(await people.person(self)).toMatchObject({ bot: true });
  expect((await failure(people.person('U0NOBODY'))).kind).toBe('not found');
  expect(await people.members(ids.groups.oncall)).toEqual([sana, ids.users.kofi]);
  local.setGroup(ids.groups.oncall, [noah]);
  local.deactivate(sana);
  now += MEMBERS_MS;
  expect(await people.members(ids.groups.oncall)).toEqual([noah]);
  expect(await people.person(sana)).toMatchObject({ active: false });
  for (const fault of [
    { kind: 'hang' },
    { kind: 'http', status: 500 },
    { kind: 'ratelimit', retryAfterSeconds: 1 },
  ] as const) {
    now += MEMBERS_MS;
    local.faults.arm(fault, { method: 'usergroups.users.list' });
    await failure(people.members(ids.groups.oncall));
  }
  expect((await failure(people.members('S0NOWHERE'))).kind).toBe('not found');
});

test('a stranger of a shared channel, an answer without a team: external', async () => {
  const { slack, local } = await startBot('socket');
  const answers = [
    { id: sana, team_id: 'T0ELSEWHERE' },
    { id: sana, team_id: ids.team, is_stranger: true },
    { id: sana },
    { id: sana, team_id: 'E0GRID', enterprise_user: { teams: [ids.team] } },
  ];
  const external: boolean[] = [];
  for (const answer of answers) {
    local.faults.arm({ kind: 'error', error: '', more: { ok: true, user: answer } }, { method: 'users.info' });
    external.push((await slack.people.person(sana)).external);
  }
  expect(external).toEqual([true, true, true, false]);
});

test('the same question under way is asked once; a name is kept for a minute, a failed one costs no post', async () => {
  let now = Date.now();
  const { slack, local } = await startBot('socket', { bot: { ...quick.bot, now: () => now } });
  const asked = (method: string): number => local.sent.filter((it) => it.method === method).length;
  await Promise.all([...Array(20).keys()].map(() => slack.people.members(ids.groups.leads)));
  expect(asked('usergroups.users.list')).toBe(1);
  await slack.chat.post(to, incident, mark);
  await slack.chat.post(to, incident, mark);
  expect(asked('users.info')).toBe(1);
  now += 61_000;
  local.faults.arm({ kind: 'hang' }, { method: 'users.info' });
  await slack.chat.post(to, incident, mark);
  expect(asked('users.info')).toBe(2);
  expect(local.roots(platform)).toHaveLength(3);
  expect(local.channelText(platform).match(/asked by Sana Okafor/g)).toHaveLength(3);
});

test("a group's members are asked once in half a minute, never older; a failed look-up is no answer and is not kept", async () => {
  let now = Date.now();
  const { slack, local } = await startBot('socket', { bot: { ...quick.bot, now: () => now } });
  const { people } = slack;
  const asked = (): number => local.sent.filter((it) => it.method === 'usergroups.users.list').length;
  const { oncall, leads } = ids.groups;
  for (let click = 0; click < 30; click++) await people.members(oncall);
  expect(asked()).toBe(1);
  await people.members(leads);
  expect(asked()).toBe(2);
  local.setGroup(oncall, [noah]);
  now += MEMBERS_MS - 1;
  expect(await people.members(oncall)).toEqual([sana, ids.users.kofi]);
  now += 1;
  expect(await people.members(oncall)).toEqual([noah]);
  now -= 3_600_000;
  await people.members(oncall);
  expect(asked()).toBe(4);
  // What was known a moment ago is no answer to a question that failed, and the next one asks again.
  now += MEMBERS_MS;
  local.faults.arm({ kind: 'http', status: 500 }, { method: 'usergroups.users.list' });
  await failure(people.members(oncall));
  expect(await people.members(oncall)).toEqual([noah]);
  expect(asked()).toBe(6);
});

test('a slow answer counts from when it was asked for', async () => {
  let now = Date.now();
  const { slack, local } = await startBot('socket', { bot: { now: () => now } });
  const before = slack.people.members(ids.groups.oncall);
  now += 20_000;
  await before;
  local.setGroup(ids.groups.oncall, [noah]);
  now += 10_000;
  expect(await slack.people.members(ids.groups.oncall)).toEqual([noah]);
});

test('by e-mail: who has it, nobody, and not known; asked once an hour, and not more often than is left for others', async () => {
  let now = Date.now();
  const { slack, local } = await startBot('socket', { bot: { ...quick.bot, now: () => now } });
  const { people } = slack;
  const asked = (): number => local.sent.filter((one) => one.method === 'users.lookupByEmail').length;
  expect(await people.byEmail('Sana@sandbox.example ')).toBe(sana);
  expect(await people.byEmail('sana@sandbox.example')).toBe(sana);
  expect(await people.byEmail('stranger@example.com')).toBeNull();
  expect(await people.byEmail('stranger@example.com')).toBeNull();
  expect(await people.byEmail('paul@sandbox.example')).toBeNull();
  expect(asked()).toBe(3);
  now += 3_600_001;
  local.faults.arm({ kind: 'http', status: 500 }, { method: 'users.lookupByEmail' });
  expect((await failure(people.byEmail('sana@sandbox.example'))).kind).toBe('server error');
  expect(await people.byEmail('sana@sandbox.example')).toBe(sana);
  const many = await Promise.allSettled(
    Array.from({ length: 30 }, async (_, index) => people.byEmail(`nobody-${index}@example.com`)),
  );
  expect(many.filter((one) => one.status === 'fulfilled')).toHaveLength(18);
  expect((await failure(people.byEmail('one-more@example.com'))).message).toContain('are not looked up');
  now += 60_001;
  expect(await people.byEmail('one-more@example.com')).toBeNull();
});
