import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertmanager } from '../../src/adapters/alertmanager/alertmanager.ts';
import { Alertmanager as Simulated } from '../../src/sandbox/platform/alertmanager.ts';
import { heal, inject } from '../../src/sandbox/platform/control.ts';
import { startPlatform } from '../../src/sandbox/platform/server.ts';
import { need } from '../peers/need.ts';
import { startAlertmanager } from '../peers/prometheus.ts';
import { alertmanagerSuite } from './alertmanager-suite.ts';
import type { AlertmanagerWorld } from './alertmanager-suite.ts';

async function simulated(): Promise<AlertmanagerWorld> {
  const running = await startPlatform({
    port: 0,
    clock: { nowMs: () => Date.now() },
    seed: 'alerts',
    alertmanager: (platform) => new Simulated({ platform, receiver: () => null }),
  });
  const adapter = alertmanager({ name: 'it', url: `${running.url}/alertmanager`, regions: ['eu-west-1'] });
  return {
    alertmanager: adapter,
    fire: async () => {
      inject(running.platform, 'crash-loop', 'eu-west-1', 60);
      await running.alertmanager?.tick();
      const [first] = await adapter.firing(1_000);
      return first?.labels['alertname'] ?? 'none fires';
    },
    end: async () => {
      heal(running.platform, 'crash-loop', 'eu-west-1');
      running.platform.reset();
      await running.alertmanager?.tick();
    },
    stop: async () => {
      await adapter.close();
      await running.close();
    },
  };
}

async function real(): Promise<AlertmanagerWorld> {
  const peer = await startAlertmanager({
    config: {
      route: { receiver: 'mlp-bot', group_by: ['...'], group_wait: '0s', group_interval: '1s' },
      receivers: [{ name: 'mlp-bot', webhook_configs: [{ url: 'http://127.0.0.1:9/', send_resolved: true }] }],
    },
  });
  const adapter = alertmanager({ name: 'it', url: peer.url, regions: ['eu-west-1'] });
  const labels = { alertname: 'KubePodCrashLooping', region: 'eu-west-1' };
  return {
    alertmanager: adapter,
    fire: async () => {
      await peer.post([{ labels }]);
      return labels.alertname;
    },
    end: () => peer.post([{ labels, endsAt: new Date().toISOString() }]),
    stop: async () => {
      await adapter.close();
      await peer.stop();
    },
  };
}

alertmanagerSuite('the simulation', simulated);
need('alertmanager')('a real one', { timeout: 60_000 }, () => alertmanagerSuite('a real one', real));

describe('an Alertmanager that does not do what it should', () => {
  let answer: { status: number; body: string } | 'hangs' = 'hangs';
  const heard: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers.authorization);
    if (answer === 'hangs') return;
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  let url = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const adapter = (): ReturnType<typeof alertmanager> =>
    alertmanager({
      name: 'Alertmanager of eu-west-1',
      url,
      regions: ['eu-west-1'],
      headers: async () => ({ authorization: 'Bearer t0ken' }),
    });

  test('it hangs: timeout, and a silence may have been made', async () => {
    answer = 'hangs';
    await expect(adapter().firing(100)).rejects.toMatchObject({
      kind: 'timeout',
      message: 'Alertmanager of eu-west-1: no answer within 100 ms',
      maybeDone: false,
    });
    expect(heard.at(-1)).toBe('Bearer t0ken');
  });

  test.each([
    [{ status: 401, body: '' }, 'unauthorised', 'it answered 401'],
    [{ status: 503, body: '"not ready"' }, 'server error', 'not ready'],
    [{ status: 200, body: '<html>' }, 'unreadable', 'the answer is not one of its API'],
    [{ status: 200, body: '[{"fingerprint":1}]' }, 'unreadable', 'the answer is not one of its API'],
    [{ status: 400, body: '"password=hunter22 is wrong"' }, 'invalid', '[redacted'],
  ])('%j: %s', async (said, kind, words) => {
    answer = said;
    await expect(adapter().firing(1_000)).rejects.toMatchObject({ kind, message: expect.stringContaining(words) });
  });

  test('nobody listens: unreachable', async () => {
    await expect(
      alertmanager({ name: 'it', url: 'http://127.0.0.1:9', regions: [] }).firing(1_000),
    ).rejects.toMatchObject({ kind: 'unreachable' });
  });
});
