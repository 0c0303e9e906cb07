import { afterAll, beforeAll, expect, test } from 'vitest';
import { alertmanager } from '../../src/adapters/alertmanager/alertmanager.ts';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

/** *Silence* in Alertmanager: shown exactly, once however often it is pressed, said in the summary, ended again. And `/mlp why`. */

let world: World;
let asked: ReturnType<typeof alertmanager>;
beforeAll(async () => {
  world = await startWorld();
  asked = alertmanager({ name: 'x', url: `${world.platform.url}/alertmanager`, regions: [] });
  world.inject('image-missing', 'eu-west-1');
  await world.until(/Approve rollback/, { limitMs: 30_000 });
}, 60_000);
afterAll(async () => {
  await asked.close();
  await world.stop();
});

async function ask(who: string, text: string): Promise<string> {
  const before = world.slack.ephemerals(who).length;
  await world.slack.as(who).command(text, { channel });
  await world.slack.until(() => world.slack.ephemerals(who).length > before, `an answer to ${text}`, 10_000);
  return JSON.stringify(world.slack.ephemerals(who).at(-1));
}
const silences = async (state: string): Promise<readonly unknown[]> =>
  (await asked.silences.all(2_000)).filter((one) => one.state === state);

test('who may not approve low risk may not silence; without a reason or time nobody may', async () => {
  expect(await ask(people.ria, '/mlp silence INC-1 2h x')).toMatch(/Not done: /);
  expect(await ask(people.kofi, '/mlp silence INC-1 2h')).toMatch(/A silence needs a reason/);
  expect(await ask(people.kofi, '/mlp silence INC-1')).toMatch(/for how long and why/);
  expect(await ask(people.kofi, '/mlp silence INC-99 2h x')).toMatch(/There is no INC-99/);
  expect(await silences('active')).toEqual([]);
});

test('shown first, made once, said in the summary, ended', async () => {
  const shown = await ask(people.kofi, '/mlp silence INC-1 2h registry is mended');
  expect(shown).toMatch(/Silence in Alertmanager[^"]*INC-1/);
  expect(shown).toMatch(/alertname=/);
  expect(shown).toMatch(/eu-west-1/);
  expect(await silences('active')).toEqual([]);
  const command = /silence INC-1 120m confirm:[0-9a-f]{12}\.[0-9a-z]+ registry is mended/.exec(shown)?.[0] ?? '';
  expect(command).not.toBe('');
  expect(await ask(people.kofi, `/mlp ${command}`)).toMatch(/Silenced until \d\d:\d\d UTC/);
  const made = await silences('active');
  expect(made.length).toBeGreaterThan(0);
  expect(await ask(people.kofi, `/mlp ${command}`)).toMatch(/Silenced until/);
  expect(await silences('active')).toHaveLength(made.length);
  await world.until(/Silenced in Alertmanager[^\n]*until[^\n]*Kofi[^\n]*registry is mended/);
  expect(await ask(people.kofi, '/mlp incidents')).toMatch(/INC-1>[^"]*silenced until/);
  expect(await ask(people.kofi, '/mlp handover')).toMatch(/INC-1>[^"]*silenced until/);
  // What was shown is what is made: other words for it are shown again.
  expect(await ask(people.kofi, `/mlp ${command.replace('120m', '180m')}`)).toMatch(/has changed since it was shown/);
  expect(await ask(people.kofi, '/mlp silence end INC-1')).toMatch(/INC-1 is heard again/);
  expect(await silences('active')).toEqual([]);
  await world.until(/ended the silence in Alertmanager/);
  expect(await ask(people.kofi, '/mlp unsilence INC-1')).toMatch(/is not silenced by me/);
}, 60_000);

test('/mlp why: of an incident, by name, and of what never came', async () => {
  const own = await ask(people.kofi, '/mlp why INC-1');
  expect(own).toMatch(/which owns this alert/);
  expect(own).toMatch(/INC-1 has it/);
  const name = /\*([A-Za-z]+)\*: firing since/.exec(own)?.[1] ?? '';
  expect(await ask(people.kofi, `/mlp why ${name}`)).toMatch(/INC-1 has it/);
  expect(await ask(people.kofi, '/mlp why NeverHeard')).toMatch(/never seen here[^"]*[\s\S]*Missing/);
  expect(await ask(people.kofi, '/mlp why KubePodNotReady region=eu deployment=model-server')).toMatch(
    /INC-1 would take it/,
  );
});
