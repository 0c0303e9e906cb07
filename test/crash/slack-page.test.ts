import { afterEach, describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import { once } from '../../src/engine/schedules.ts';
import { slackPages } from '../../src/engine/slack-page.ts';
import { World } from './harness.ts';
import { calling } from './pages.ts';
import { find, press, users } from './people.ts';

/** Slack takes no messages while somebody is to answer there: PagerDuty is told once, and that it is over. */

const CHANNEL = 'C0PLATFORM';
const token = (): Failure => new Failure('unauthorised', 'Slack does not take the token: set SLACK_BOT_TOKEN anew');
let world: World;
afterEach(() => world.close());

const begin = async (over: Parameters<typeof calling>[0] = {}): Promise<void> => {
  world = await World.start({ paging: true, change: calling(over) });
};

/** What the schedule does once a minute. */
async function minutes(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    await world.pass(60_000);
    const { parts } = world.replica;
    await once(parts, slackPages(parts, CHANNEL), 0).catch((error: unknown) => {
      if (!String(error).includes('could not be resolved')) throw error;
    });
    await world.settle();
  }
}

/** A fault of which users feel nothing, so that nobody is called for itself, and an approval that waits. */
async function waiting(): Promise<void> {
  world.inject('image-missing');
  await world.until('asked', () => find(world, 'approve') !== undefined);
  expect((await world.incident()).pages).toEqual([]);
}
const slackPagesThere = () => world.paging.incidents.filter((one) => one.key === `mlp-bot/slack/${CHANNEL}`);
const events = () => world.paging.sent.filter((one) => one.what === 'trigger').length;

describe('while an approval waits', () => {
  test('a refused token: at once, once, with what waits; resolved and said when Slack takes messages again', async () => {
    await begin();
    await waiting();
    world.chat.failure = token();
    await minutes(2);
    expect(slackPagesThere().map((one) => one.page)).toEqual([
      expect.objectContaining({
        to: 'oncall',
        severity: 'error',
        summary: expect.stringMatching(
          /^Slack takes no messages since 09:0\d UTC\. INC-1 \(P2, waiting for approval\) cannot be seen there$/,
        ),
        details: expect.objectContaining({
          why: expect.stringContaining('set SLACK_BOT_TOKEN anew'),
          'INC-1': expect.stringMatching(/^P2 · waiting for approval · .*model-server/),
        }),
      }),
    ]);
    await minutes(8);
    expect(events()).toBe(1);
    world.chat.failure = null;
    await minutes(2);
    expect(slackPagesThere().map((one) => one.status)).toEqual(['resolved']);
    await world.until('said', () => world.chat.text().includes('Slack takes messages again'));
    expect(world.chat.text()).toMatch(
      /Slack takes messages again, 2026-.*It took none since 2026-03-03T09:0\d.*SLACK_BOT_TOKEN.*PagerDuty was told 2026-03-03T09:0\S+ \(oncall\) of what could not be seen here: INC-1\. Resolved there now/,
    );
    await minutes(3);
    expect(world.chat.text().match(/Slack takes messages again/g)).toHaveLength(1);
    expect(events()).toBe(1);
  });

  test('no answer: after five minutes, not before', async () => {
    await begin();
    await waiting();
    world.chat.down = true;
    await minutes(4);
    expect(world.paging.incidents).toEqual([]);
    await minutes(3);
    expect(slackPagesThere()).toHaveLength(1);
  });

  test('away for less: nobody is called, and nothing is said', async () => {
    await begin();
    await waiting();
    world.chat.down = true;
    await minutes(3);
    world.chat.down = false;
    await minutes(5);
    expect(world.paging.incidents).toEqual([]);
    expect(world.chat.text()).not.toContain('Slack takes messages again');
  });

  test('its channel is gone, and no other stands in for it', async () => {
    await begin();
    await waiting();
    world.chat.failure = new Failure('not found', 'there is no such channel', { about: 'channel' });
    await minutes(3);
    expect(slackPagesThere()[0]?.page.details['why']).toMatch(/takes no messages \(there is no such channel\)/);
    world.chat.failure = null;
    await minutes(12);
    expect(slackPagesThere().map((one) => one.status)).toEqual(['resolved']);
  });

  test('a new process does not take it for over before it has sent something', async () => {
    await begin();
    await waiting();
    world.chat.failure = token();
    await minutes(2);
    world.replica.life.kill();
    await minutes(3);
    expect(slackPagesThere().map((one) => one.status)).toEqual(['triggered']);
    world.chat.failure = null;
    await minutes(2);
    expect(slackPagesThere().map((one) => one.status)).toEqual(['resolved']);
  });
});

describe('PagerDuty itself', () => {
  test('refuses one way: the other; is down: again a minute later, with the same key', async () => {
    await begin();
    await waiting();
    world.paging.troubles.push({ to: 'oncall', is: 'refused' });
    world.chat.failure = token();
    await minutes(2);
    expect(slackPagesThere().map((one) => one.to)).toEqual(['lead']);
    expect(world.paged).toEqual(['accepted']);
  });

  test('gives no answer: the same key again, one incident, which is resolved wherever it is', async () => {
    await begin();
    await waiting();
    world.paging.troubles.push({ to: 'oncall', is: 'unknown, taken' });
    world.chat.failure = token();
    await minutes(1);
    expect(world.paged).toEqual(['not yet']);
    await minutes(2);
    expect(slackPagesThere()).toHaveLength(1);
    world.paging.down = true;
    world.chat.failure = null;
    await minutes(2);
    expect(slackPagesThere().map((one) => one.status)).toEqual(['triggered']);
    world.paging.down = false;
    await minutes(2);
    expect(slackPagesThere().map((one) => one.status)).toEqual(['resolved']);
  });

  test('has it although this process never learned so: resolved all the same', async () => {
    await begin();
    await waiting();
    world.paging.troubles.push({ to: 'oncall', is: 'unknown, taken' });
    world.chat.failure = token();
    await minutes(1);
    world.chat.failure = null;
    await minutes(2);
    expect(slackPagesThere().map((one) => one.status)).toEqual(['resolved']);
    // It was not known that anybody was called, so nothing is said of it.
    expect(world.chat.text()).not.toContain('PagerDuty was told');
  });
});

describe('who is not called', () => {
  test('nothing waits for anybody', async () => {
    await begin();
    await world.pass(1_000);
    world.chat.failure = token();
    await minutes(10);
    expect(world.paging.sent).toEqual([]);
  });

  test.each<Parameters<typeof calling>[0]>([
    { never: { regions: ['eu-west-1'], services: [] } },
    { slackUnusable: { page: [], afterMs: 0 } },
  ])('%j', async (over) => {
    await begin(over);
    await waiting();
    world.chat.failure = token();
    await minutes(4);
    expect(world.paging.sent).toEqual([]);
  });
});

test('a call for an incident says that its thread is behind', async () => {
  await begin({ byPriority: { P0: ['oncall'], P1: [], P2: [], P3: [] } });
  await waiting();
  world.chat.failure = token();
  await world.until('known', async () => (await world.store.setting('slack-unusable')) !== null, 3 * 60_000);
  const from = world.clock.now();
  const labels = {
    alertname: 'KubeDeploymentReplicasMismatch',
    namespace: 'ml-platform',
    deployment: 'model-server',
    region: 'eu-west-1',
    severity: 'P0',
  };
  const alert = {
    fingerprint: 'p0',
    status: 'firing',
    labels,
    annotations: {},
    startsAt: new Date(from).toISOString(),
    link: '',
  } as const;
  world.deliver('p0', (engine) => engine.intake.takeAlerts([alert], null));
  await world.until('called', () => world.paging.incidents.length === 1, 2_000);
  expect(world.paging.incidents[0]?.page.details['Slack']).toMatch(
    /^takes no messages since 09:\d\d UTC \(.*SLACK_BOT_TOKEN.*\): its thread is behind$/,
  );
  // A person who presses what is still to be seen is answered as ever.
  press(world, users.sana, find(world, 'mine')!);
  await world.until('taken', async () => (await world.incident()).onIt === users.sana);
});
