import { afterAll, beforeAll, expect, it } from 'vitest';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { judge } from '../blockkit/validate.ts';
import { botUser } from './bot-rights.ts';
import { botWrites } from './bot-writes.ts';
import { nodes, workloads } from './faulty-services.ts';
import { faults, half, traps, type FaultStory } from './playbook-stories.ts';
import { need } from './need.ts';
import { startPlaybookWorld, type PlaybookWorld } from './playbook-world.ts';

const region = 'eu-west-1';
const { sana } = ids.users;

/**
 * The whole bot against a real API server, its controllers and a Prometheus with a past: two faults of each playbook and something that only
 * looks like one, all at once. What is written is what the API server's audit log says.
 */
need('control-plane', 'prometheus')('faults and traps of each playbook', { timeout: 200_000 }, () => {
  let world: PlaybookWorld;
  const began = new Date();

  beforeAll(async () => {
    world = await startPlaybookWorld({ regions: [region], workloads, nodes });
    for (const { alert, name } of [...faults, ...traps]) await world.alert(alert, name);
  }, 90_000);
  afterAll(async () => {
    await world?.stop();
    if (world !== undefined) judge(world.slack.sent);
  }, 30_000);

  /** With MLP_TELL=1 each thread is shown as it is asked about, and at its end. */
  const tell = (thread: string): void => {
    if (process.env['MLP_TELL'] === '1') process.stdout.write(`\n${thread}\n`);
  };
  it.each(traps)('$name: $about', async ({ name, says, never }) => {
    const thread = await world.threadWith(`*${name}`, says[0], 40_000);
    tell(thread);
    for (const one of says) expect(thread).toMatch(one);
    for (const one of never) expect(thread).not.toMatch(one);
    expect(thread).not.toMatch(/\[Approve|May approve|What would change/);
  });

  it.each(faults)('$name: $about: the cause with its evidence, and a fix', async (story) => {
    const { name, cause, evidence, diff, approve } = story;
    const asked = await world.threadWith(
      `*${name}`,
      new RegExp(`(?=[^]*\\[${approve}\\][^]*\\[Deny)(?=[^]*evidence in thread)(?=[^]*· evidence\\n)`),
      60_000,
    );
    tell(asked);
    await world.press(sana, `*${name}`, approve);
    for (const one of [...cause, ...evidence, diff]) expect.soft(asked).toMatch(one);
    expect(asked).toMatch(/server dry run accepted/);
  });

  it.each(faults)('$name: written, followed, seen to be better', { timeout: 320_000 }, async (story) => {
    const { name, done, next } = story;
    // Judged once its pods have been ready for the 30 s of their rates, and Slack shows it a while later: a dozen stories share a channel.
    let thread = await world.threadWith(`*${name}`, done, 240_000);
    if (next !== undefined) {
      await world.threadWith(`*${name}`, new RegExp(`\\[${next.approve}\\][^]*\\[Deny`), 60_000);
      await world.press(sana, `*${name}`, next.approve);
      thread = await world.threadWith(`*${name}`, next.done, 60_000);
    }
    tell(thread);
    expect.soft(thread).toMatch(/approved by Sana Okafor|approved .* by .*Sana Okafor|Sana Okafor approved/);
    expect(await story.holds(world.plane.region(region))).toBe(true);
  });

  const over = /Looked again until .*: over\. Closed/;

  it('resolved is not believed: what is still wrong stays open', async () => {
    await world.alert(half.alert, half.name, 'resolved');
    expect(await world.threadWith(`*${half.name}`, half.says, 60_000)).not.toMatch(over);
  });

  it.each(faults.filter((one) => one.name !== half.name))(
    '$name: resolved makes the bot look again, and closes it',
    async ({ name, alert }) => {
      await world.alert(alert, name, 'resolved');
      const thread = await world.threadWith(`*${name}`, over, 90_000);
      tell(thread);
      expect(thread).toMatch(/white_check_mark: \*/);
    },
  );

  it('what had said resolved is over only when it was seen to be', async () => {
    const still = await world.threadWith(`*${half.name}`, half.says, 60_000);
    tell(still);
    expect(still).not.toMatch(over);
    await world.press(sana, `*${half.name}`, half.approve);
    const thread = await world.threadWith(`*${half.name}`, over, 120_000);
    tell(thread);
    expect(thread).toMatch(/white_check_mark: \*/);
  });

  it('nothing else was written, each write once, in the name of mlp-bot, and no right was missing', () => {
    const written = botWrites(world.plane, began);
    const steps = faults.flatMap((one: FaultStory) => [
      one.writes,
      ...(one.next === undefined ? [] : [one.next.writes]),
    ]);
    const expected = [...steps, half.writes];
    const texts = written.map(
      ({ status, uri, paths }) => `${status} ${uri.replace(/\?.*/, '')} ${paths.filter(isChange).join(' ')}`,
    );
    const times = (wanted: RegExp): number => expected.filter((one) => String(one) === String(wanted)).length;
    for (const one of expected)
      expect({ wanted: String(one), times: texts.filter((text) => one.test(text)).length }).toEqual({
        wanted: String(one),
        times: times(one),
      });
    expect(texts).toHaveLength(expected.length);
    const patches = written.filter((one) => one.verb === 'patch');
    for (const { uri } of patches) expect(uri).toContain('fieldManager=mlp-bot');
    const refused = world.plane.requests(region, { user: botUser }).filter((one) => one.status === 403);
    // Looking inside is a tier of its own, and was not given.
    expect(refused.filter((one) => !one.uri.includes('/exec'))).toEqual([]);
  });
});

const always = new Set(['/metadata/resourceVersion', '/metadata/annotations', '/metadata/annotations/mlp-bot~1fence']);
const isChange = (path: string): boolean => !always.has(path);
