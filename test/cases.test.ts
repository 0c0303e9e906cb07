import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { playbooks } from '../playbooks/index.ts';
import { at, namespace, region } from './playbooks/objects.ts';
import { jsonText, look, replay, told } from './playbooks/replay.ts';
import type { Recorded } from './playbooks/replay.ts';
import { scenarios } from './playbooks/scenarios.ts';
import { readerOf } from './playbooks/world.ts';

const folder = join(import.meta.dirname, '..', 'playbooks');
/** Expectations are only ever written on purpose: `UPDATE_CASES=1 npx vitest run test/cases.test.ts`, then read the diff. */
const update = process.env['UPDATE_CASES'] === '1';
const fileOf = (playbook: string, name: string, ending: string): string =>
  join(folder, playbook, 'cases', `${name}.${ending}`);

describe('cases are what the readings make of the made-up regions', () => {
  test.each(scenarios.map((one) => [`${one.playbook}/${one.name}`, one] as const))('%s', async (_name, scenario) => {
    const playbook = playbooks.find((one) => one.id === scenario.playbook);
    if (playbook === undefined) throw new Error(`there is no playbook ${scenario.playbook}`);
    const target = { region, ...(scenario.target ?? { namespace, name: 'model-server' }) };
    const readings = await look(playbook.open(target), readerOf(scenario.world()));
    const asked = scenario.asked === undefined ? {} : { asked: scenario.asked };
    const recorded: Recorded = { about: scenario.about, target, at, ...asked, readings };
    const file = fileOf(scenario.playbook, scenario.name, 'json');
    if (update) writeFileSync(file, `${jsonText(recorded)}\n`);
    expect(existsSync(file), `${file} is missing: UPDATE_CASES=1 writes it`).toBe(true);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(recorded);
  });
});

for (const playbook of playbooks) {
  const cases = join(folder, playbook.id, 'cases');
  const made = scenarios.filter((one) => one.playbook === playbook.id).map((one) => `${one.name}.json`);
  const onDisk = readdirSync(cases).filter((name) => name.endsWith('.json'));
  const names = [...new Set([...made, ...onDisk])].toSorted();
  describe(`${playbook.id}: what the bot says`, () => {
    test.each(names)('%s', (name) => {
      const recorded = JSON.parse(readFileSync(join(cases, name), 'utf8')) as Recorded;
      const said = told(recorded.about, replay(playbook, recorded));
      const file = join(cases, name.replace(/\.json$/, '.txt'));
      if (update) writeFileSync(file, said);
      expect(existsSync(file), `${file} is missing: UPDATE_CASES=1 writes it`).toBe(true);
      expect(said).toBe(readFileSync(file, 'utf8'));
    });
  });
}
