import { afterAll, beforeAll, expect, test } from 'vitest';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

/** What people decide about an incident, over the real Slack protocol: each command, the form, the lists and the bot's own page. */
let world: World;
beforeAll(async () => {
  world = await startWorld();
  world.inject('image-missing', 'eu-west-1');
  await world.until(/Approve rollback/, { limitMs: 30_000 });
}, 60_000);
afterAll(() => world.stop());

async function ask(who: string, text: string): Promise<string> {
  const before = world.slack.ephemerals(who).length;
  await world.slack.as(who).command(text, { channel });
  await world.slack.until(() => world.slack.ephemerals(who).length > before, `an answer to ${text}`, 10_000);
  return JSON.stringify(world.slack.ephemerals(who).at(-1));
}
async function inThread(who: string, text: string): Promise<void> {
  await world.slack.as(who).say(`<@U0MLPBOT> ${text}`, { channel, thread: world.rootTs() });
}

test('severity: the summary says who set it, the thread as well', async () => {
  expect(await ask(people.kofi, '/mlp severity P1 INC-1')).toMatch(/Setting INC-1 to P1/);
  await world.until(/P1 \(set by [^)]*Kofi[^)]*\)[\s\S]*set the severity to P1 \(it was P2\)/);
});

test('say: the status stands in the summary with a name and a time', async () => {
  await inThread(people.kofi, 'say we push the tag, ready by 03:30 UTC');
  await world.until(/\*Status:\* we push the tag, ready by 03:30 UTC \(Kofi Mensah, \d\d:\d\d\)/);
  expect(await world.until(/Kofi Mensah says: we push the tag/)).toContain('ready by 03:30 UTC');
});

test('snooze: until when and by whom; off ends it', async () => {
  expect(await ask(people.kofi, '/mlp snooze 30m INC-1')).toMatch(/Snoozing INC-1 until \d\d:\d\d UTC/);
  await world.until(/\*Snoozed\* until [^\n]*Kofi[^\n]*nobody is called, unless it becomes P0\. I keep looking/);
  expect(await ask(people.kofi, '/mlp incidents')).toMatch(/1 open[\s\S]*INC-1[\s\S]*snoozed until/);
  await inThread(people.kofi, 'snooze off');
  const said = await world.until(/ended the snooze/);
  expect(said.split('\n---\n')[0]).not.toMatch(/Snoozed/);
});

test('assign by name: whoever leads is mentioned once, in the thread', async () => {
  expect(await ask(people.kofi, '/mlp assign @sana INC-1')).toMatch(/Giving INC-1 to .*Sana/);
  await world.until(/Kofi[^\n]* gave it to [^\n]*(Sana|<@U)/);
  expect(await ask(people.kofi, '/mlp assign @nobody-here INC-1')).toMatch(/I know no `@nobody-here` among those/);
  expect(await ask(people.sana, '/mlp incidents mine')).toMatch(/1 open \(led by you\)/);
  expect(await ask(people.kofi, '/mlp incidents mine')).toMatch(/Nothing is open \(led by you\)/);
  expect(await ask(people.kofi, '/mlp lead INC-1')).toMatch(/You lead/);
  await world.until(/Kofi[^\n]* took it over from/);
});

test('what is missing is asked for', async () => {
  expect(await ask(people.noah, '/mlp severity P1')).toMatch(/Which incident\?/);
  expect(await ask(people.noah, '/mlp lead')).toMatch(/Which incident\?/);
  expect(await ask(people.noah, '/mlp severity P9 INC-1')).toMatch(/is no severity\. Write P0/);
  expect(await ask(people.noah, '/mlp resolve INC-99')).toMatch(/There is no INC-99/);
  expect(await ask(people.noah, '/mlp merge INC-1 into INC-99')).toMatch(/There is no INC-99/);
  expect(await ask(people.noah, '/mlp split model-server INC-1')).toMatch(/Splitting/);
  await world.slack.until(() => JSON.stringify(world.slack.ephemerals(people.noah)).includes('nothing to split'), 'no');
});

test('the form of a message: what is chosen is a command', async () => {
  const kofi = world.slack.as(people.kofi);
  await kofi.shortcut('handle_incident', { channel, ts: world.rootTs() });
  await world.slack.until(
    () => JSON.stringify(kofi.view() ?? '').includes('What do you want to do with INC-1'),
    'the form',
  );
  await kofi.submit({
    What: 'Note on its timeline (write it below)',
    'Name, text or why': 'seen on the registry page',
  });
  await kofi.press({ channel, ts: world.rootTs() }, 'More…');
  await world.slack.until(
    () => JSON.stringify(kofi.view() ?? '').includes('What do you want to do with INC-1'),
    'again',
  );
  await kofi.submit({ What: 'Severity P2: something is broken' });
  const done = await world.until(/P2 \(set by Kofi Mensah\)[\s\S]*set the severity to P2/);
  expect(done).toMatch(/P2 \(set by Kofi Mensah\)/);
});

test('handover and the page of the bot', async () => {
  const said = await ask(people.kofi, '/mlp handover');
  expect(said).toMatch(/Handover:\* 1 open, 1 waiting for approval/);
  await world.slack.as(people.kofi).openHome();
  const home = (): string => JSON.stringify(world.slack.snapshot(people.kofi).home);
  await world.slack.until(() => home().includes('Open INC-1'), 'the page', 10_000);
  expect(home()).toMatch(/You lead[\s\S]*INC-1[\s\S]*Waiting for approval[\s\S]*nothing/);
});

test('resolve: on a word, with what was still seen, and a way back', async () => {
  expect(await ask(people.kofi, '/mlp resolve INC-1 the tag is pushed.')).toMatch(/Closing INC-1 on your word/);
  const closed = await world.until(/INC-1 · closed by hand/);
  expect(closed).toMatch(/:raised_hand:[^\n]*INC-1 · closed by hand/);
  expect(closed).toMatch(/\*Closed by\*[^\n]*Kofi[^\n]*: the tag is pushed$/m);
  expect(closed).toMatch(/\*I still saw:\* eu-west-1: image v2\.4\.1 not found/);
  await world.slack.as(people.kofi).press({ channel, ts: world.rootTs() }, 'Reopen');
  const open = await world.until(/Approve rollback[\s\S]*opened it again/, { limitMs: 30_000 });
  expect(open.split('\n---\n')[0]).not.toMatch(/closed/);
});
