import { expect, test } from 'vitest';
import { activeFaults, heal, inject, regionViews } from './control.ts';
import { theModel } from './faults/fault.ts';
import { SimulatedPlatform } from './platform.ts';
import { instant, windowOf } from './traffic.ts';
import { minutes } from './state.ts';
import { deploymentView, podRow } from './view.ts';

const region = 'eu-west-1';
const start = Date.parse('2026-03-14T02:42:00Z');
const platformAt = (startMs = start): SimulatedPlatform =>
  new SimulatedPlatform({ clock: { nowMs: () => startMs }, seed: 'test' });

/** All that can be seen of a region, as one text. */
function picture(platform: SimulatedPlatform): string {
  const cluster = platform.region(region).at(platform.now());
  return JSON.stringify([
    cluster.workloads.map(deploymentView),
    cluster.pods.map(podRow),
    cluster.events,
    cluster.nodes,
  ]);
}

test('three healthy regions: all served, nothing to see', () => {
  const platform = platformAt();
  const views = regionViews(platform);
  expect(views.map((one) => one.region)).toEqual(['us-east-1', 'eu-west-1', 'ap-southeast-1']);
  for (const view of views) {
    expect(view.nodes).toEqual({ ready: 6, total: 6 });
    expect(view.gpus).toEqual({ used: 12, total: 16 });
    const model = view.deployments.find((one) => one.name === 'model-server');
    expect(model).toMatchObject({ wanted: 12, ready: 12, paused: false });
    expect(new Set(model?.pods.map((pod) => pod.state))).toEqual(new Set(['ready']));
    expect(model?.traffic?.errorRatio).toBeLessThan(0.001);
    expect(model?.traffic?.p95Ms).toBeLessThan(200);
  }
  expect(activeFaults(platform)).toEqual([]);
});

test('the story of a missing image, as of 26 minutes later', () => {
  const platform = platformAt();
  inject(platform, 'image-missing', region);
  const cluster = platform.region(region).at(platform.now());
  const model = deploymentView(theModel(cluster));
  expect(model.replicas).toEqual({ wanted: 12, total: 15, updated: 6, ready: 9, available: 9, unavailable: 6 });
  expect(model.templateChangedBy).toEqual({ manager: 'argocd-controller', at: '2026-03-14T02:16:00Z' });
  expect(model.conditions).toContainEqual(
    expect.objectContaining({
      type: 'Progressing',
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      since: '2026-03-14T02:26:02Z',
    }),
  );
  const pulls = cluster.events.filter(
    (event) => event.reason === 'Failed' && event.message.startsWith('Failed to pull image'),
  );
  expect(pulls).toHaveLength(6);
  for (const event of pulls) {
    expect(event.count).toBe(10);
    expect(event.lastAt > '2026-03-14T02:40').toBe(true);
  }
  expect(activeFaults(platform)).toEqual([
    { id: 'image-missing', title: 'Image does not exist', region, sinceMs: start - minutes(26) },
  ]);
});

test('history is the same however it was reached: in one jump, in small steps, or put into the past later', () => {
  const inOneJump = platformAt();
  inject(inOneJump, 'crash-loop', region, 26);
  const inSteps = platformAt(start - minutes(26));
  inject(inSteps, 'crash-loop', region, 0);
  for (let second = 0; second < 26 * 60; second += 1) {
    inSteps.advance(1000);
    if (second % 7 === 0) inSteps.region(region).at(inSteps.now());
  }
  const later = platformAt();
  later.region(region).at(later.now());
  inject(later, 'crash-loop', region, 26);
  expect(picture(later)).toBe(picture(inOneJump));
  // A platform that started earlier has other ages of old pods, but the same broken ones.
  const broken = (platform: SimulatedPlatform): readonly unknown[] =>
    platform
      .region(region)
      .at(platform.now())
      .pods.filter((pod) => pod.readySince === null && pod.phase !== 'Succeeded')
      .map(podRow);
  expect(broken(inSteps)).toEqual(broken(inOneJump));
});

test('other seeds give other names', () => {
  const other = new SimulatedPlatform({ clock: { nowMs: () => start }, seed: 'other' });
  expect(picture(other)).not.toBe(picture(platformAt()));
});

test('a fault that is put before earlier repairs starts the region afresh', () => {
  const platform = platformAt();
  inject(platform, 'image-missing', region, 26);
  platform.region(region).at(platform.now());
  heal(platform, 'image-missing', region);
  platform.advance(minutes(12));
  expect(theModel(platform.region(region).at(platform.now())).status.ready).toBe(12);
  inject(platform, 'quota-exceeded', region, 26);
  expect(activeFaults(platform).map((one) => one.id)).toEqual(['quota-exceeded']);
  expect(theModel(platform.region(region).at(platform.now())).status.ready).toBe(9);
});

test('two faults in one region are both there', () => {
  const platform = platformAt();
  inject(platform, 'image-missing', region, 26);
  platform.region(region).at(platform.now());
  inject(platform, 'metrics-silent', region);
  const cluster = platform.region(region).at(platform.now());
  expect(instant(cluster, 'service:errors:ratio5m{service="model-server"}', platform.now())).toEqual([]);
  expect(theModel(cluster).status.ready).toBe(9);
});

test('reset makes everything healthy again', () => {
  const platform = platformAt();
  inject(platform, 'node-gone', region);
  platform.setLine(region, { hangs: true });
  platform.reset();
  expect(activeFaults(platform)).toEqual([]);
  expect(regionViews(platform)[1]).toMatchObject({ link: { kind: 'normal' }, nodes: { ready: 6 } });
});

test('events are forgotten an hour after they were last seen', () => {
  const platform = platformAt();
  inject(platform, 'image-missing', region, 26);
  heal(platform, 'image-missing', region);
  platform.advance(minutes(30));
  expect(platform.region(region).at(platform.now()).events.length).toBeGreaterThan(0);
  platform.advance(minutes(61));
  inject(platform, 'changed-by-hand', region);
  platform.advance(1000);
  const cluster = platform.region(region).at(platform.now());
  expect(cluster.events.filter((event) => event.reason === 'Failed')).toEqual([]);
});

test('users are hurt by what takes capacity away: near the limit requests are slow and fail', () => {
  const platform = platformAt();
  inject(platform, 'secret-deleted', 'us-east-1');
  const { errors, p95Seconds, count } = windowOf(
    platform.region('us-east-1').at(platform.now()),
    'model-server',
    platform.now(),
  );
  expect(count).toBeGreaterThan(12_000);
  expect(p95Seconds).toBeGreaterThan(0.2);
  expect(errors).toBeGreaterThan(0.003);
  expect(errors).toBeLessThan(0.01);
});

test('too little traffic to tell: a handful of requests, none is NaN', () => {
  const platform = platformAt();
  inject(platform, 'little-traffic', region);
  const cluster = platform.region(region).at(platform.now());
  const [few] = instant(cluster, 'service:requests:count5m{service="model-server",region="eu-west-1"}', platform.now());
  expect(few?.value).toBeLessThan(10);
  for (const service of cluster.services) service.requestsPerSecond = 0;
  platform.region(region).do({ at: platform.now(), kind: 'write', what: 'silence', run: () => undefined });
  platform.advance(minutes(10));
  const none = instant(
    platform.region(region).at(platform.now()),
    'service:errors:ratio5m{service="model-server"}',
    platform.now(),
  );
  expect(none).toEqual([expect.objectContaining({ value: null })]);
});

test.each(['sum(rate(x[5m]))', 'service:errors:ratio5m{service=~"a|b"}', 'up', 'service:errors:ratio5m offset 1h', ''])(
  'a query that is no plain selector of a known series is refused: %s',
  (query) => {
    const platform = platformAt();
    const cluster = platform.region(region).at(platform.now());
    expect(() => instant(cluster, query, platform.now())).toThrow('the sandbox answers only plain selectors');
  },
);
