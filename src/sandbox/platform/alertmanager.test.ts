import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Alertmanager, type Receiver } from './alertmanager.ts';
import { heal, inject } from './control.ts';
import { SimulatedPlatform } from './platform.ts';
import { minutes } from './state.ts';

const start = Date.parse('2026-03-14T02:42:00Z');
const region = 'eu-west-1';

interface Post {
  readonly authorization: string | undefined;
  readonly body: {
    readonly status: string;
    readonly groupKey: string;
    readonly version: string;
    readonly truncatedAlerts: number;
    readonly groupLabels: Readonly<Record<string, string>>;
    readonly commonLabels: Readonly<Record<string, string>>;
    readonly alerts: readonly {
      readonly status: string;
      readonly startsAt: string;
      readonly endsAt: string;
      readonly fingerprint: string;
      readonly labels: Readonly<Record<string, string>>;
    }[];
  };
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A webhook that answers with the given statuses, then with 200. */
async function webhook(statuses: number[] = []): Promise<{ readonly posts: Post[]; readonly receiver: Receiver }> {
  const posts: Post[] = [];
  const server = createServer((request, response) => {
    void read(request).then((text) => {
      posts.push({ authorization: request.headers.authorization, body: JSON.parse(text) as Post['body'] });
      response.statusCode = statuses.shift() ?? 200;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(() => resolve())));
  const { port } = server.address() as AddressInfo;
  return { posts, receiver: { url: `http://127.0.0.1:${port}/webhooks/alertmanager`, token: 'secret-token' } };
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

const platformNow = (): SimulatedPlatform => new SimulatedPlatform({ clock: { nowMs: () => start }, seed: 'test' });

async function ticks(
  platform: SimulatedPlatform,
  alertmanager: Alertmanager,
  seconds: number,
  stepMs = 1000,
): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    platform.advance(stepMs);
    await alertmanager.tick();
  }
}

test('firing alerts are grouped by name and region, posted once, and posted as resolved when they are over', async () => {
  const platform = platformNow();
  const { posts, receiver } = await webhook();
  const alertmanager = new Alertmanager({ platform, receiver: () => receiver });
  await ticks(platform, alertmanager, 3);
  expect(posts).toEqual([]);
  inject(platform, 'image-missing', region, 26);
  await ticks(platform, alertmanager, 10);
  const names = posts.map((post) => post.body.groupLabels['alertname'] ?? '').sort();
  expect(names).toEqual(['KubeDeploymentReplicasMismatch', 'KubeDeploymentRolloutStuck', 'KubePodNotReady']);
  expect(posts[0]?.authorization).toBe('Bearer secret-token');
  const stuck = posts.find((post) => post.body.groupLabels['alertname'] === 'KubeDeploymentRolloutStuck')?.body;
  expect(stuck).toMatchObject({
    version: '4',
    status: 'firing',
    truncatedAlerts: 0,
    groupKey: '{}:{alertname="KubeDeploymentRolloutStuck", region="eu-west-1"}',
    commonLabels: { namespace: 'ml-platform', deployment: 'model-server', severity: 'warning' },
  });
  // After the ten minutes of the deadline and the fifteen of the rule.
  expect(stuck?.alerts[0]).toMatchObject({
    status: 'firing',
    startsAt: '2026-03-14T02:41:05Z',
    endsAt: '0001-01-01T00:00:00Z',
  });
  const pods = posts.find((post) => post.body.groupLabels['alertname'] === 'KubePodNotReady')?.body.alerts ?? [];
  expect(new Set(pods.map((one) => one.fingerprint)).size).toBe(6);

  posts.length = 0;
  heal(platform, 'image-missing', region);
  await ticks(platform, alertmanager, 200, 5000);
  const resolved = posts
    .filter((post) => post.body.status === 'resolved')
    .map((post) => post.body.groupLabels['alertname']);
  expect(new Set(resolved)).toEqual(new Set(names));
  const last = posts.findLast((post) => post.body.groupLabels['alertname'] === 'KubeDeploymentRolloutStuck')?.body;
  expect(last?.alerts.every((one) => one.status === 'resolved' && one.endsAt > one.startsAt)).toBe(true);
});

test('5xx is tried again until it is taken; 4xx is dropped', async () => {
  const platform = platformNow();
  const failing = await webhook([503, 500, 503]);
  const http: (number | null)[] = [];
  const retrying = new Alertmanager({
    platform,
    receiver: () => failing.receiver,
    onSent: (sent) => http.push(sent.http),
  });
  inject(platform, 'paused', 'us-east-1');
  inject(platform, 'controller-not-observing', region);
  await ticks(platform, retrying, 30);
  expect(http).toEqual([503, 500, 503, 200]);

  const refusing = await webhook([401]);
  const dropping = new Alertmanager({ platform, receiver: () => refusing.receiver });
  await ticks(platform, dropping, 30);
  expect(refusing.posts).toHaveLength(1);
});

test('a bot that is not there yet gets the alert once it is', async () => {
  const platform = platformNow();
  const { posts, receiver } = await webhook();
  let there: Receiver | null = null;
  const alertmanager = new Alertmanager({ platform, receiver: () => there });
  inject(platform, 'controller-not-observing', region);
  await ticks(platform, alertmanager, 5);
  expect(posts).toEqual([]);
  there = { ...receiver, url: 'http://127.0.0.1:1/' };
  await ticks(platform, alertmanager, 3);
  there = receiver;
  await ticks(platform, alertmanager, 20);
  expect(posts).toHaveLength(1);
});

test('a silent Prometheus "resolves" its alerts after a few minutes, though nothing got better', async () => {
  const platform = platformNow();
  const { posts, receiver } = await webhook();
  const alertmanager = new Alertmanager({ platform, receiver: () => receiver });
  inject(platform, 'controller-not-observing', region);
  await ticks(platform, alertmanager, 5);
  expect(posts.map((post) => post.body.status)).toEqual(['firing']);
  inject(platform, 'region-unreachable', region);
  await ticks(platform, alertmanager, 5);
  expect(posts).toHaveLength(1);
  await ticks(platform, alertmanager, 50, minutes(0.1));
  expect(posts.map((post) => post.body.status)).toEqual(['firing', 'resolved']);
});

test('the watchdog is sent only where it is wanted', async () => {
  const platform = platformNow();
  const { posts, receiver } = await webhook();
  await ticks(platform, new Alertmanager({ platform, receiver: () => receiver }), 3);
  expect(posts).toEqual([]);
  await ticks(platform, new Alertmanager({ platform, receiver: () => receiver, watchdog: true }), 3);
  expect(posts.map((post) => post.body.groupLabels['alertname'])).toEqual(['Watchdog', 'Watchdog', 'Watchdog']);
});
