import { afterAll, beforeAll, expect, it } from 'vitest';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { judge } from '../blockkit/validate.ts';
import { botUser } from './bot-rights.ts';
import { botWrites } from './bot-writes.ts';
import type { Region } from './control-plane.ts';
import { changes, looks, nodes, workloads, type ChangeStory } from './command-stories.ts';
import { need } from './need.ts';
import { channel, deployments, startPlaybookWorld, type PlaybookWorld } from './playbook-world.ts';

const [region, other] = ['eu-west-1', 'us-east-1'];
const { sana, noah } = ids.users;

/** What people type in Slack, against real API servers: each change is shown, approved, written and followed; each look tells what is there. */
need('control-plane', 'prometheus')('commands on real API servers', { timeout: 100_000 }, () => {
  let world: PlaybookWorld;
  const began = new Date();
  const eu = (): Region => world.plane.region(region);

  beforeAll(async () => {
    world = await startPlaybookWorld({ regions: [region, other], workloads, nodes });
    await world.plane.region(other).admin.merge(`${deployments}/gateway`, { spec: { replicas: 2 } });
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
  const press = async (about: string, label: string): Promise<void> => {
    const ts = world.rootOf(about);
    const all = [...world.slack.replies(channel, ts), ...world.slack.roots(channel).filter((one) => one.ts === ts)];
    const card = all.find((one) => JSON.stringify(one.blocks).includes(`"${label}"`));
    if (card === undefined) throw new Error(`no [${label}] in\n${world.thread(about)}`);
    await world.slack.as(sana).press({ channel, ts: card.ts }, label);
  };
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

  it.each(changes)('$name is shown exactly, and approved', async ({ title, shows, approve }) => {
    const thread = await world.threadWith(title, new RegExp(`\\[${approve}\\][^]*\\[Deny`), 40_000);
    tell(thread);
    await press(title, approve);
    for (const one of shows) expect.soft(thread).toMatch(one);
    expect.soft(thread).toMatch(/server dry run accepted/);
    expect.soft(thread).toMatch(/asked by .*Noah/);
  });

  it.each(changes)('$name is done', async ({ title, holds }) => {
    const thread = await world.threadWith(title, /\*Done:\*|· done/, 60_000);
    tell(thread);
    expect(await holds(eu(), began)).toBe(true);
  });

  it.each(looks)('$typed', async ({ typed, says, done }) => {
    const said = await answer(typed, done);
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
    expect(written).toHaveLength(changes.length);
    const refused = world.plane.requests(region, { user: botUser }).filter((one) => one.status === 403);
    expect(refused.filter((one) => !one.uri.includes('/exec'))).toEqual([]);
  });
});
