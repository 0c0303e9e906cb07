import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { judge } from '../blockkit/validate.ts';
import { channel, namespace, region, startHaWorld, type HaWorld } from './ha-world.ts';
import { need } from './need.ts';
import { until } from './until.ts';

const [model, features] = ['model-server', 'feature-store'];
const groupKey = `{}/{severity="critical"}:{alertname="KubeDeploymentRolloutStuck", namespace="${namespace}", region="${region}"}`;
const key = createHash('sha256').update(groupKey).digest('hex');
const gone = 60_000;

/** Two Prometheus, two Alertmanagers in a cluster, PagerDuty, SNS and Grafana, all telling one bot of the same faults. */
need('control-plane', 'prometheus', 'alertmanager')('alerts from a pair', { timeout: 120_000 }, () => {
  let world: HaWorld;

  beforeAll(async () => {
    world = await startHaWorld([model, features]);
  }, 90_000);
  afterAll(async () => {
    await world?.stop();
    if (world !== undefined) judge(world.slack.sent);
  }, 30_000);

  const tell = (text: string): void => {
    if (process.env['MLP_TELL'] === '1') process.stdout.write(`\n${text}\n`);
  };
  const roots = (): number => world.slack.roots(channel).length;
  const pages = () => world.pagerDuty.happenings.incidents;
  const page = () => pages().find((one) => one.alerts.some((alert) => alert.key === key));
  /** Deliveries of Alertmanager that the bot stored. */
  const delivered = (): Promise<number> =>
    world.bot.count('mlp_webhook_deliveries_total', { webhook: 'alertmanager', outcome: 'stored' });
  const holds = (which: 0 | 1, name: string): Promise<true> =>
    until(`alertmanager ${which} holds ${name}`, async () =>
      (await world.alertmanagers[which].alerts()).some((one) => one.labels['deployment'] === name) ? true : undefined,
    );
  interface Event {
    readonly event_action: string;
    readonly dedup_key: string;
    readonly client?: string;
    readonly payload?: { readonly custom_details?: Readonly<Record<string, unknown>> };
  }
  const triggers = (): readonly Event[] =>
    world.pagerDuty.requests
      .filter(({ path }) => path === '/v2/enqueue')
      .map(({ body }) => JSON.parse(body) as Event)
      .filter((one) => one.event_action === 'trigger');
  const told = (): readonly string[] =>
    (page()?.log ?? []).flatMap((one) => (one.told === null ? [] : [`${one.told.user} by ${one.told.how}`]));

  it('one fault, told by both: one incident, one page, with the key of Alertmanager', async () => {
    await world.breakIt(model);
    const thread = await world.threadWith(model, /\[Approve rollback\]/, gone);
    await Promise.all([holds(0, model), holds(1, model)]);
    await until('Alertmanager and the bot ask PagerDuty', () => (triggers().length > 1 ? true : undefined));
    expect(new Set(triggers().map((one) => one.client === 'Alertmanager')).size).toBe(2);
    expect(new Set(triggers().map((one) => one.dedup_key))).toEqual(new Set([key]));
    tell(thread);
    expect(roots()).toBe(1);
    expect(pages()).toHaveLength(1);
    expect(page()?.alerts).toHaveLength(1);
  });

  it('SNS and Grafana tell of it too: they join, signed; what is forged is refused', async () => {
    const { senders, bot } = world;
    expect(await senders.subscription(bot.url)).toBe(200);
    expect(senders.asked.filter((url) => url.includes('Action=ConfirmSubscription'))).toHaveLength(1);
    const of = { Namespace: namespace, Deployment: model };
    expect(await senders.alarm(bot.url, `${model}-5xx`, 'ALARM', of, 'forged')).toBe(403);
    const labels = { alertname: 'TooManyErrors', region, namespace, deployment: model, severity: 'critical' };
    expect(await senders.grafana(bot.url, 'firing', labels, 'forged')).toBe(401);
    expect(await senders.alarm(bot.url, `${model}-5xx`, 'ALARM', of)).toBe(200);
    expect(await senders.grafana(bot.url, 'firing', labels)).toBe(200);
    expect(await world.bot.count('mlp_alerts_stored')).toBe(3);
    expect(roots()).toBe(1);
    expect(pages()).toHaveLength(1);
  });

  it('one person is called, once, and acknowledges it in PagerDuty: its signed webhook says so', async () => {
    await until('a phone rings', () => (told().length > 0 ? true : undefined));
    expect(told()).toEqual(['PSANA01 by push', 'PSANA01 by phone']);
    world.pagerDuty.act(page()?.id ?? '', 'PSANA01', { does: 'acknowledge' });
    tell(await world.threadWith(model, /\*People:\*[^\n]*acknowledged by @?Sana Okafor/, gone));
    const answered = await until('PagerDuty was answered', () =>
      world.pagerDuty.webhooks.deliveries.find((one) => one.type === 'incident.acknowledged'),
    );
    expect(answered.status).toBe(202);
  });

  it('a second fault of the same group, told by one alone, as the other is killed: nothing is lost', async () => {
    await world.kill(0);
    await world.breakIt(features);
    const thread = await world.threadWith(`*${features}`, /\[Approve rollback\]/, gone);
    tell(world.slack.channelText(channel));
    expect(thread).toMatch(/the registry registry\.example has no image `feature-store:v2\.4\.1`/);
    expect(pages()).toHaveLength(1);
  });

  it('the killed one comes back alone and remembers nothing: it tells all of it again, and nothing is new', async () => {
    const before = { delivered: await delivered(), roots: roots() };
    await world.startAgain(0, 'alone');
    await Promise.all([holds(0, model), holds(0, features)]);
    await until('it tells the bot', async () => ((await delivered()) > before.delivered ? true : undefined));
    expect(roots()).toBe(before.roots);
    expect(pages()).toHaveLength(1);
    tell(world.slack.channelText(channel));
  });

  it('one of the two is mended: its group still fires, its incident closes, the page stays', async () => {
    await world.mend(features);
    const thread = await world.threadWith(features, /Looked again until .*: over\. Closed/, gone);
    tell(thread);
    const partly = triggers().filter(({ payload }) => payload?.custom_details?.['num_resolved'] === '1');
    expect(partly.map((one) => one.dedup_key)).toContain(key);
    expect(page()?.status).toBe('acknowledged');
    expect(world.thread(model)).toMatch(/\[Approve rollback\]/);
  });

  it('the other is mended by the fix: closed once all of its sources say so and it was seen', async () => {
    // Sana leads: the button is on the card in the thread.
    const { slack } = world;
    const root = slack.roots(channel).find(({ ts }) => slack.thread(channel, ts).includes(`*${model}`));
    const all = [...slack.replies(channel, root?.ts ?? ''), ...(root === undefined ? [] : [root])];
    const card = all.find((one) => JSON.stringify(one.blocks).includes('"Approve rollback"'));
    await slack.as(ids.users.sana).press({ channel, ts: card?.ts ?? '' }, 'Approve rollback');
    tell(
      await world.threadWith(
        model,
        new RegExp(`fixed, waiting[^]*Waiting:\\*[^\\n]*${model}-5xx, TooManyErrors still firing`),
        gone,
      ),
    );
    const of = { Namespace: namespace, Deployment: model };
    const labels = { alertname: 'TooManyErrors', region, namespace, deployment: model, severity: 'critical' };
    expect(await world.senders.alarm(world.bot.url, `${model}-5xx`, 'OK', of)).toBe(200);
    expect(await world.senders.grafana(world.bot.url, 'resolved', labels)).toBe(200);
    tell(await world.threadWith(model, /Looked again until .*: over\. Closed/, gone));
    await until('PagerDuty hears of it', () => (page()?.status === 'resolved' ? true : undefined));
    tell(world.slack.channelText(channel));
    expect(pages()).toHaveLength(1);
    expect(told()).toHaveLength(2);
    expect(roots()).toBe(2);
  });
});
