import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, percentile, rounded, waitFor, type Figures } from './figures.ts';
import { channel, people, regions, startSimulated, type Simulated } from './simulated.ts';

const posts = 8;
const rounds = 5;
const bursts = 6;
const atOnce = 20;
/** Far enough away for the diagnoses of a burst to be under way while the others are asked for. */
const awayMs = 100;

/** How fast the bot answers: an alert with its first message, and a person with an acknowledgement. */
export async function answering(): Promise<Figures> {
  const world = await startSimulated({ services: atOnce * bursts + posts, faults: [['image-missing', 'eu-west-1']] });
  try {
    world.latency(awayMs);
    const firstPosts = await timesToFirstPost(world);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const acks: (readonly number[])[] = [];
    for (let round = 0; round < rounds; round += 1) acks.push(await acknowledgements(world));
    delay.disable();
    return {
      first_post_ms: rounded(Math.max(...firstPosts)),
      first_post_median_ms: rounded(percentile(firstPosts, 0.5)),
      // The median round: what else the machine does in one of them is not the bot's.
      ack_p99_ms: rounded(median(acks.map((round) => percentile(round, 0.99))), 1),
      ack_worst_ms: rounded(Math.max(...acks.flat())),
      ack_median_ms: rounded(median(acks.flat()), 1),
      // How late this process itself was, which plays Slack and the platform: as much of the above is the machine's, not the bot's.
      ack_bench_delay_p99_ms: rounded(delay.percentile(99) / 1e6, 1),
      acks_measured: acks.flat().length,
    };
  } finally {
    await world.stop();
  }
}

/** One incident after the other: the first is a real fault, the others are alerts about what turns out to be well. Milliseconds. */
async function timesToFirstPost({ slack, alert, services }: Simulated): Promise<readonly number[]> {
  const times: number[] = [];
  for (const name of ['model-server', ...services.slice(0, posts - 1)]) {
    const before = slack.roots(channel).length;
    const from = performance.now();
    await alert(name, 'eu-west-1');
    await slack.until(() => slack.roots(channel).length > before, `a message about ${name}`, 20_000);
    times.push(performance.now() - from);
    // Slack takes a post a second: what the last alert still has to say is not this figure's matter.
    await sleep(2_500);
  }
  return times;
}

/**
 * Bursts of twenty diagnoses over three regions each, each of another target: equal questions within five seconds would be asked once. While they run, further commands and clicks arrive every
 * 25 ms. Each acknowledgement counts, those of the burst itself too. Milliseconds.
 */
async function acknowledgements(world: Simulated): Promise<readonly number[]> {
  const { slack, bot, services } = world;
  const times: number[] = [];
  const timed = async (asked: () => Promise<unknown>): Promise<void> => {
    const from = performance.now();
    await asked();
    times.push(performance.now() - from);
  };
  const bystander = slack.as(people.noah);
  const oncall = slack.as(people.sana);
  const root = slack.roots(channel).find((one) => slack.thread(channel, one.ts).includes('[Approve rollback'));
  if (root === undefined) throw new Error(`no message with a button:\n${slack.channelText(channel)}`);
  const where = { channel, ts: root.ts };
  const looks = (): Promise<number> => bot.count('mlp_look_seconds_count');
  for (let burst = 0; burst < bursts; burst += 1) {
    const before = await looks();
    const under = services.slice(posts + atOnce * burst).slice(0, atOnce);
    const asked = under.map((name) => timed(() => oncall.command(`/mlp diagnose ${name}`, { channel })));
    const round = { over: false };
    const done = waitFor(
      'twenty diagnoses',
      async () => {
        await sleep(100);
        return (await looks()) - before >= atOnce * regions.length ? true : undefined;
      },
      60_000,
    ).finally(() => {
      round.over = true;
    });
    await Promise.all(asked);
    for (let turn = 0; !round.over; turn += 1) {
      const press = (): Promise<unknown> => bystander.press(where, 'Approve rollback');
      await timed(turn % 2 === 0 ? press : () => oncall.command('/mlp status', { channel }));
      await sleep(25);
    }
    await done;
  }
  return times;
}
