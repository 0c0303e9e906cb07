import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { need } from './need.ts';
import { serveMetrics, startAlertmanager, startPrometheus, type Alertmanager, type Prometheus } from './prometheus.ts';
import { until } from './until.ts';

interface Notification {
  readonly authorization: string | undefined;
  readonly body: {
    readonly version: string;
    readonly status: string;
    readonly alerts: readonly { labels: Record<string, string> }[];
  };
}

need('prometheus', 'alertmanager')('a real Prometheus and two Alertmanagers', { timeout: 30_000 }, () => {
  const got: Notification[] = [];
  const ended: { stop(): Promise<void> }[] = [];
  let receiver: Server;
  let prometheus: Prometheus;
  let one: Alertmanager;
  let errors = 0;

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      request.on('end', () => {
        got.push({ authorization: request.headers.authorization, body: JSON.parse(text) as Notification['body'] });
        response.end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const webhook = { url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`, token: 'sesame' };
    const metrics = await serveMetrics(() => `# TYPE errors gauge\nerrors{service="model-server"} ${errors}\n`);
    one = await startAlertmanager({ webhook, cluster: true });
    const other = await startAlertmanager({ webhook, cluster: [one.clusterAddress ?? ''] });
    prometheus = await startPrometheus({
      rules: [{ alert: 'Errors', expr: 'errors > 0', labels: { severity: 'page' } }],
      scrape: [{ job: 'model-server', targets: [metrics.target] }],
      alertmanagers: [one.url, other.url],
      externalLabels: { region: 'eu-west-1' },
    });
    ended.push(metrics, one, other, prometheus);
  }, 40_000);

  afterAll(async () => {
    receiver?.closeAllConnections();
    receiver?.close();
    await Promise.all(ended.map((peer) => peer.stop()));
  });

  it('answers queries', async () => {
    const samples = await until('a sample', async () => {
      const found = await prometheus.query('errors');
      return found.length > 0 ? found : undefined;
    });
    expect(samples[0]?.value[1]).toBe('0');
    await expect(prometheus.query('errors >')).rejects.toThrow('parse error');
  });

  it('fires through both into the webhook once, and resolves', async () => {
    errors = 3;
    const firing = await until('the alert', () => got.find(({ body }) => body.status === 'firing'));
    expect(firing.body.version).toBe('4');
    expect(firing.authorization).toBe('Bearer sesame');
    expect(firing.body.alerts[0]?.labels).toMatchObject({
      alertname: 'Errors',
      region: 'eu-west-1',
      service: 'model-server',
    });
    expect((await one.alerts())[0]?.labels['alertname']).toBe('Errors');
    errors = 0;
    await until('resolved', () => got.find(({ body }) => body.status === 'resolved'));
    expect(got.filter(({ body }) => body.status === 'firing')).toHaveLength(1);
  });

  it('takes alerts by hand', async () => {
    await one.post([{ labels: { alertname: 'ByHand', region: 'us-east-1' } }]);
    const byHand = await until('the alert', () =>
      got.find(({ body }) => body.alerts[0]?.labels['alertname'] === 'ByHand'),
    );
    expect(byHand.body.status).toBe('firing');
  });
});
