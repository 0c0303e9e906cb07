import { writeFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { heal } from '../../src/sandbox/platform/control.ts';
import { catalogue } from '../../src/sandbox/platform/control.ts';
import { World } from '../crash/harness.ts';
import { presses, types, users } from '../crash/people.ts';
import { asks, questionFor, watchRoots } from './roots.ts';

/**
 * Every fault that the sandbox can inject, as a story of its own: somebody asks, the bot looks, approvers approve whatever is offered,
 * and what no remedy reached is repaired by hand. `FAULT_TABLE=<file>` does so for all playbooks (a quarter of an hour), and writes and
 * prints what came of each as a Markdown table; `FAULT_TABLE_OF=<playbook>` keeps it to one. Without it only those of rollout-stuck are
 * run: the others' fixes are carried out one by one in test/playbooks-simulated*.test.ts.
 */
const region = 'eu-west-1';
const table = process.env['FAULT_TABLE'];
const only = table === undefined ? 'rollout-stuck' : process.env['FAULT_TABLE_OF'];
const faultRows: string[] = [];
const trapRows: string[] = [];
/** What is no fault, or leaves nothing wrong by itself. */
const QUIET = new Set(['healthy', 'still-progressing', 'metrics-silent', 'little-traffic']);
/** Traps of which something is said without anybody being called. */
const SAID = new Set(['release-fails-requests', 'cold-pods']);

// A region that hangs needs real time-outs: test/faults has it with real parts.
const told = catalogue.filter((one) => one.id !== 'region-unreachable' && asks[one.playbook ?? ''] !== undefined);
for (const fault of told.filter((one) => only === undefined || one.playbook === only)) {
  test(`${fault.id}: ${fault.title}`, { timeout: 180_000 }, async () => {
    const world = await World.start({ alerts: false });
    try {
      world.inject(fault.id, region);
      types(world, users.sana, questionFor(fault, region));
      for (const who of [users.kofi, users.mateo, users.linh]) presses(world, who, 'approve');
      watchRoots(world);
      await world.until('looked at once', async () => ((await world.incident()).round?.finishedAt ?? null) !== null);
      const first = await world.incident();
      const found = first.worst[region]?.findings[0]?.short ?? 'nothing wrong found';
      const offered = (first.diagnoses[region]?.offers ?? []).map((one) => one.label);
      const finished = async (): Promise<boolean> => {
        const { round, closed, proposals } = await world.incident();
        const underWay = proposals.some((one) => one.stage !== 'over');
        return closed !== null || (round !== null && round.number > 2 && round.finishedAt !== null && !underWay);
      };
      await world.until('looked at, and what was offered is over', finished, 60 * 60_000);
      heal(world.platform, fault.id, region);
      await world.until('closed', async () => (await world.incident()).closed !== null, 90 * 60_000);
      const end = await world.incident();
      const done = end.proposals.map((one) => `${one.offer.label}: ${one.ended?.how ?? one.stage}`).join(', ');
      const isTrap = fault.cause === null && fault.id !== 'release-fails-requests';
      const of = `${fault.playbook ?? ''} | ${fault.id}`;
      if (isTrap) trapRows.push(`| ${of} | ${found} | ${offered.join(', ') || 'nothing'} |`);
      else
        faultRows.push(
          `| ${of} | ${found} | ${offered.join(', ') || '–'} | ${done || '–'} | ${end.closed?.how ?? ''} |`,
        );
      // No cause that this playbook knows, but users are hurt: that is said.
      const isQuiet = QUIET.has(fault.id) || (fault.cause === null && !SAID.has(fault.id));
      expect(found === 'nothing wrong found', `found: ${found}`).toBe(isQuiet);
      expect(isTrap ? offered : []).toEqual([]);
      // A change that was made held, or was taken back: nothing is left half done.
      for (const one of end.proposals) expect(one.stage).toBe('over');
    } finally {
      await world.close();
    }
  });
}

/** Their windows show the harm of before for minutes after the fix: that is said, and is no new fault. */
test.each(['us-east-1', 'ap-southeast-1'])(
  'image-missing in %s: fixed, and nobody is called for what drains',
  async (where) => {
    const world = await World.start({ alerts: false });
    try {
      world.inject('image-missing', where);
      types(world, users.sana, `diagnose model-server ${where}`);
      presses(world, users.kofi, 'approve');
      await world.until('closed', async () => (await world.incident()).closed !== null, 40 * 60_000);
      const { closed, proposals } = await world.incident();
      expect([closed?.how, proposals.map((one) => one.ended?.how)]).toEqual(['fixed', ['verified']]);
      expect(world.chat.text(4_000)).not.toMatch(/no safe fix|cause not known/);
    } finally {
      await world.close();
    }
  },
);

afterAll(() => {
  if (table === undefined) return;
  const text = [
    '| playbook | fault | cause named | fixes offered | came to | closed as |',
    '|---|---|---|---|---|---|',
    ...faultRows,
    '',
    '| playbook | trap | said | offered |',
    '|---|---|---|---|',
    ...trapRows,
    '',
  ].join('\n');
  writeFileSync(table, text);
  process.stdout.write(`\n${text}`);
});
