import { afterAll, beforeAll, expect, it } from 'vitest';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { judge } from '../blockkit/validate.ts';
import { botUser } from './bot-rights.ts';
import { botWrites } from './bot-writes.ts';
import type { Region } from './control-plane.ts';
import {
  changes,
  looks,
  loseSecret,
  nodes,
  refusals,
  uncordon,
  workloads,
  type ChangeStory,
} from './command-stories.ts';
import { need } from './need.ts';
import { channel, deployments, startPlaybookWorld, type PlaybookWorld } from './playbook-world.ts';

const [region, other] = ['eu-west-1', 'us-east-1'];
const { sana, noah } = ids.users;

/** What people type in Slack, against real API servers: each change is shown, approved, written and followed; each look tells what is there. */
need('control-plane', 'prometheus')('commands on real API servers', { timeout: 130_000 }, () => {
  let world: PlaybookWorld;
  const began = new Date();
  const eu = (): Region => world.plane.region(region);

  beforeAll(async () => {
    world = await startPlaybookWorld({ regions: [region, other], workloads, nodes });
    await world.plane.region(other).admin.merge(`${deployments}/gateway`, { spec: { replicas: 2 } });
    await loseSecret(eu());
    for (const story of changes) await ask(story);
  }, 90_000);
  afterAll(async () => {
    await world?.stop();
    if (world !== undefined) judge(world.slack.sent);
  }, 30_000);

  const tell = (text: string): void => {
    if (process.env['MLP_TELL'] === '1') process.stdout.write(`\n${text}\n`);
  };
  async function ask(story: ChangeStory): Promise<void> {
    const person = world.slack.as(noah);
    await person.command(await story.command(eu()), { channel });
    if (story.form === undefined) return;
    const filled = (): boolean => JSON.stringify(person.view()?.blocks ?? []).includes('New value');
    await world.slack.until(filled, `the form of ${story.name}, not ${JSON.stringify(person.view())}`, 10_000);
    expect(await person.submit(story.form)).toEqual({ ok: true });
  }
  /** What the asker sees in answer, once it is no "Looking…" any more. */
  const answer = async (text: string, done: RegExp): Promise<string> => {
    const before = world.slack.ephemerals(noah).length;
    await world.slack.as(noah).command(text, { channel });
    const own = (): string => world.slack.channelText(channel, noah).split('\n---\n').slice(-3).join('\n---\n');
    await world.slack.until(() => world.slack.ephemerals(noah).length > before, `an answer to ${text}`, 10_000);
    await world.slack
      .until(() => done.test(own()), `${done} to ${text} in\n${own()}`, 15_000)
      .catch((error: unknown) => {
        throw new Error(`${String(error)}\n${own()}`);
      });
    return own();
  };

  /** Waits for the card, approves it, and gives the thread as it was asked. */
  const approve = async ({ title, approve: label }: ChangeStory): Promise<string> => {
    const thread = await world.threadWith(title, new RegExp(`\\[${label}\\][^]*\\[Deny`), 40_000);
    tell(thread);
    await world.press(sana, title, label);
    return thread;
  };
  const isDone = async ({ title, holds }: ChangeStory): Promise<boolean> => {
    tell(await world.threadWith(title, /\*Done:\*|· done/, 60_000));
    return holds(eu(), began);
  };

  it.each(changes)('$name is shown exactly, and approved', async (story) => {
    const thread = await approve(story);
    for (const one of story.shows) expect.soft(thread).toMatch(one);
    expect.soft(thread).toMatch(/server dry run accepted/);
    expect.soft(thread).toMatch(/asked by .*Noah/);
  });

  it.each(changes)('$name is done', async (story) => {
    expect(await isDone(story)).toBe(true);
  });

  const undone = changes.filter((one) => one.undo !== undefined);

  it.each(undone)('$name is taken back by a click: shown exactly, approved, done', async ({ title, undo }) => {
    await world.press(sana, title, 'Undo');
    const asked = await world.threadWith(title, /\[Approve undo\]/, 40_000);
    tell(asked);
    expect(asked).toMatch(undo?.shows ?? /never/);
    await world.press(sana, title, 'Approve undo');
    tell(await world.threadWith(title, / · done[^\n]*, taken back since/, 60_000));
    expect(await undo?.holds(eu())).toBe(true);
  });

  it('a cordoned node is uncordoned', async () => {
    await ask(uncordon);
    const thread = await approve(uncordon);
    for (const one of uncordon.shows) expect.soft(thread).toMatch(one);
    expect(await isDone(uncordon)).toBe(true);
  });

  it.each(refusals)('$typed is refused', async ({ typed, says, done: answered }) => {
    const said = await answer(typed, answered);
    tell(`${typed}\n${said}`);
    for (const one of says) expect.soft(said).toMatch(one);
  });

  it.each(looks)('$typed', async ({ typed, says, done: answered }) => {
    const said = await answer(typed, answered);
    tell(`${typed}\n${said}`);
    for (const one of says) expect.soft(said).toMatch(one);
  });

  it('what was written is what was approved, in the name of mlp-bot; looking lacks no right', () => {
    const written = botWrites(world.plane, began);
    tell(JSON.stringify(written, null, 1));
    expect(written.filter((one) => one.region !== region)).toEqual([]);
    expect(written.filter((one) => one.status >= 300)).toEqual([]);
    const patches = written.filter((one) => one.verb === 'patch');
    for (const { uri } of patches) expect(uri).toContain('fieldManager=mlp-bot');
    expect(written).toHaveLength(changes.length + undone.length + 1);
    const refused = world.plane.requests(region, { user: botUser }).filter((one) => one.status === 403);
    // Secrets are looked for with the tier that looks inside, which was not given.
    expect(refused.filter((one) => !/\/exec|\/secrets\//.test(one.uri))).toEqual([]);
  });
});
