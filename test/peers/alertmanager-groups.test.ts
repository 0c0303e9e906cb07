import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alertmanager } from '../../src/adapters/alertmanager/alertmanager.ts';
import { judgeRoutes } from '../../src/core/doctor/alert-routes.ts';
import { documentedPaging } from './documented-alertmanager.ts';
import { need } from './need.ts';
import { removeFolder, temporaryFolder } from './process.ts';
import { startAlertmanager } from './prometheus.ts';
import { until } from './until.ts';

/** Where the doctor says that one fault is one page, a real Alertmanager gives the bot and PagerDuty one key; where it warns, it gives two. */

const quick = { group_wait: '0s', group_interval: '1s' };
const labels = { alertname: 'KubePodCrashLooping', region: 'eu-west-1', severity: 'critical' };

need('alertmanager')('the groups of a real Alertmanager', { timeout: 60_000 }, () => {
  let url = '';
  let folder = '';
  let groupKeys: string[] = [];
  let dedupKeys: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const body = JSON.parse(text) as { readonly groupKey?: string; readonly dedup_key?: string };
      if (body.groupKey !== undefined) groupKeys.push(body.groupKey);
      if (body.dedup_key !== undefined) dedupKeys.push(body.dedup_key);
      response.writeHead(202, { 'content-type': 'application/json' }).end('{}');
    });
  });
  beforeAll(async () => {
    folder = temporaryFolder('alertmanager-groups');
    writeFileSync(join(folder, 'secret'), '0'.repeat(32));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    return removeFolder(folder);
  });

  const webhook = () => ({ webhook_configs: [{ url: `${url}/webhooks/alertmanager` }] });
  const pager = () => ({ pagerduty_configs: [{ url: `${url}/v2/enqueue`, routing_key: '0'.repeat(32) }] });
  const two = (groupBy: readonly string[], matchers: readonly string[]): object => ({
    route: {
      receiver: 'nobody',
      routes: [
        { receiver: 'mlp-bot', group_by: ['alertname', 'region'], continue: true, ...quick },
        { receiver: 'pager', group_by: groupBy, matchers, ...quick },
      ],
    },
    receivers: [{ name: 'nobody' }, { name: 'mlp-bot', ...webhook() }, { name: 'pager', ...pager() }],
  });

  const documented = (): string =>
    documentedPaging({
      bot: url,
      tokenFile: join(folder, 'secret'),
      pagerDuty: { url, keyFile: join(folder, 'secret') },
    });

  it.each([
    ['as in the docs', documented, 'ok', ['mlp-bot', 'mlp-bot-and-pager']],
    [
      'one receiver holds both',
      () => ({
        route: { receiver: 'mlp-bot', group_by: ['alertname', 'region'], ...quick },
        receivers: [{ name: 'mlp-bot', ...webhook(), ...pager() }],
      }),
      'ok',
    ],
    ['equal matchers and group_by, in another order', () => two(['region', 'alertname'], []), 'ok'],
    ['another group_by', () => two(['alertname'], []), 'warn'],
    ['other matchers', () => two(['alertname', 'region'], ['severity="critical"']), 'warn'],
  ])('%s', async (_, config, state, receivers = ['mlp-bot']) => {
    groupKeys = [];
    dedupKeys = [];
    const peer = await startAlertmanager({ config: config() });
    const adapter = alertmanager({ name: 'it', url: peer.url, regions: ['eu-west-1'] });
    try {
      await peer.post([{ labels }]);
      await until('both are told', () => (groupKeys.length > 0 && dedupKeys.length > 0 ? true : undefined));
      const status = await adapter.status(5_000);
      if ('unreadable' in status.config) throw new Error(status.config.unreadable);
      const line = judgeRoutes('it', status.config, receivers).find((one) => one.what.includes('PagerDuty'));
      const isSame =
        dedupKeys[0] ===
        createHash('sha256')
          .update(groupKeys[0] ?? '')
          .digest('hex');
      expect([line?.state, isSame]).toEqual([state, state === 'ok']);
    } finally {
      await adapter.close();
      await peer.stop();
    }
  });
});
