import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alertmanagerHandler } from '../../src/adapters/webhooks/alertmanager-handler.ts';
import type { AlertIn } from '../../src/core/routing.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { startHttp } from '../../src/http/server.ts';
import { need } from './need.ts';
import { removeFolder, temporaryFolder } from './process.ts';
import { startAlertmanager, type Alertmanager } from './prometheus.ts';
import { until } from './until.ts';

const address = 'http://mlp-bot.mlp-bot.svc';
const tokenFile = '/etc/alertmanager/secrets/mlp-bot/token';
const token = 'a-token-of-the-docs-test';

/** The first YAML of the page, with the two things replaced that are elsewhere here. */
function documented(to: { readonly url: string; readonly tokenFile: string }): string {
  const page = readFileSync(join(import.meta.dirname, '../../docs/alertmanager.md'), 'utf8');
  const [, yaml] = page.split(/```yaml\n([\s\S]*?)```/);
  expect(yaml?.split(address)).toHaveLength(2);
  expect(yaml?.split(tokenFile)).toHaveLength(2);
  return yaml?.replace(address, to.url).replace(tokenFile, to.tokenFile) ?? '';
}

interface Arrived extends AlertIn {
  readonly afterMs: number;
}

need('alertmanager')('the Alertmanager configuration of the docs', { timeout: 30_000 }, () => {
  const arrived: Arrived[] = [];
  const outcomes: string[] = [];
  const ends: (() => Promise<unknown>)[] = [];
  let alertmanager: Alertmanager;
  let sentAt = 0;

  beforeAll(async () => {
    const folder = temporaryFolder('alertmanager-docs');
    ends.push(() => removeFolder(folder));
    writeFileSync(join(folder, 'token'), `${token}\n`);
    const http = await startHttp({
      port: 0,
      slack: null,
      metrics: createMetrics(
        async () => ({ inbox: 0, outbox: 0, dead: 0, open: 0, overdue: 0, alerts: 0 }),
        async () => ({ number: 0 }),
      ),
      health: async () => [],
      webhooks: {
        alertmanager: alertmanagerHandler({
          token,
          maxBytes: 1_000_000,
          take: async (alerts) => {
            const afterMs = performance.now() - sentAt;
            arrived.push(...alerts.map((one) => ({ ...one, afterMs })));
          },
          log: () => undefined,
          count: (outcome) => void outcomes.push(outcome),
        }),
      },
    });
    ends.push(http.stop);
    alertmanager = await startAlertmanager({
      config: documented({ url: `http://127.0.0.1:${http.port}`, tokenFile: join(folder, 'token') }),
    });
    ends.push(() => alertmanager.stop());
  }, 30_000);
  afterAll(async () => {
    for (const end of ends.toReversed()) await end();
  });

  const labels = { alertname: 'KubeDeploymentRolloutStuck', region: 'eu-west-1', deployment: 'model-server' };
  const post = async (more: object): Promise<void> => {
    sentAt = performance.now();
    await alertmanager.post([{ labels, annotations: { summary: 'stuck' }, ...more }]);
  };
  const next = (status: 'firing' | 'resolved', deployment: string): Promise<Arrived> =>
    until(`${deployment} ${status}`, () =>
      arrived.find((one) => one.status === status && one.labels['deployment'] === deployment),
    );

  it('brings a firing alert within three seconds, with the bearer token', async () => {
    await post({});
    const firing = await next('firing', 'model-server');
    expect(firing.labels).toEqual(labels);
    expect(firing.annotations).toEqual({ summary: 'stuck' });
    expect(firing.afterMs).toBeLessThan(3000);
    expect(outcomes).toEqual(['stored']);
  });

  it('brings a second alert of the same rule as fast, by itself', async () => {
    sentAt = performance.now();
    await alertmanager.post([{ labels: { ...labels, deployment: 'feature-store' } }]);
    expect((await next('firing', 'feature-store')).afterMs).toBeLessThan(3000);
    expect(arrived).toHaveLength(2);
  });

  it('brings resolved after its group interval of 5 s at the latest', async () => {
    await post({ endsAt: new Date().toISOString() });
    const resolved = await next('resolved', 'model-server');
    expect(resolved.afterMs).toBeLessThan(5000 + 3000);
    expect(new Set(outcomes)).toEqual(new Set(['stored']));
  });
});
