import { createHmac, createSign } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { TOKEN, startWorld } from '../acceptance/world.ts';
import type { World } from '../acceptance/world.ts';

/** The whole bot with all four webhooks open, and how each sender speaks to it. */

export const grafanaSecret = 'abuse-grafana-secret';
export const pagerDutySecret = 'abuse-pagerduty-secret';
export const topic = 'arn:aws:sns:eu-west-1:123456789012:alarms';
const path = `/SimpleNotificationService-${'0a'.repeat(16)}.pem`;

export interface Abused {
  readonly world: World;
  readonly url: string;
  /** The body as this sender signs it; its text is what it says. */
  signed(
    sender: Sender,
    body: string | Uint8Array,
  ): Promise<{ headers: Record<string, string>; body: string | Uint8Array }>;
  send(
    sender: string,
    body: string | Uint8Array,
    headers?: Record<string, string>,
  ): Promise<{ status: number; text: string }>;
  /** How many deliveries of this sender ended so. */
  counted(sender: string, outcome: string): Promise<number>;
  /** `/healthz` is asked again and again until it is over; the slowest answer in ms. */
  healthy<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly slowestMs: number }>;
  stop(): Promise<void>;
}
export type Sender = 'alertmanager' | 'grafana' | 'cloudwatch' | 'pagerduty';

export async function startAbused(): Promise<Abused> {
  const folder = mkdtempSync(join(tmpdir(), 'mlp-abuse-'));
  const [keyFile, certFile] = [join(folder, 'key'), join(folder, 'cert')];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=sns'];
  execFileSync('openssl', [...request, '-keyout', keyFile, '-out', certFile], { stdio: 'pipe', timeout: 20_000 });
  const [key, certificate] = [readFileSync(keyFile, 'utf8'), readFileSync(certFile, 'utf8')];
  rmSync(folder, { recursive: true });
  const sns = createServer((_request, response) => void response.end(certificate));
  await new Promise<void>((resolve) => void sns.listen(0, '127.0.0.1', resolve));
  const world = await startWorld((config) => ({
    ...config,
    pagerduty: {
      routes: [{ name: 'team', routingKeyEnv: 'ABUSE_KEY', service: null, policy: null, fallback: null }],
      from: null,
      people: {},
    },
  }));
  await world.restart({
    grafana: { secret: grafanaSecret, timestampHeader: null },
    sns: { topics: [topic], endpoint: `http://127.0.0.1:${(sns.address() as AddressInfo).port}` },
    pagerDuty: {
      token: null,
      eventsUrl: 'https://127.0.0.1:1',
      apiUrl: 'https://127.0.0.1:1',
      webhookSecrets: [pagerDutySecret],
    },
  });
  const url = `http://127.0.0.1:${world.bot().port}`;
  const send: Abused['send'] = async (sender, body, headers = {}) => {
    const response = await fetch(`${url}/webhooks/${sender}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
      signal: AbortSignal.timeout(60_000),
    });
    return { status: response.status, text: await response.text() };
  };
  return {
    world,
    url,
    send,
    signed: (sender, body) => Promise.resolve(signed(sender, body, key)),
    counted: async (sender, outcome) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text
        .split('\n')
        .find((one) => one.startsWith(`mlp_webhook_deliveries_total{webhook="${sender}",outcome="${outcome}"}`));
      return Number(line?.split(' ').at(-1) ?? 0);
    },
    healthy: async (work) => {
      const asking = { over: false };
      let slowestMs = 0;
      const watch = (async () => {
        while (!asking.over) {
          const from = performance.now();
          const response = await fetch(`${url}/healthz`);
          expect([response.status, await response.text()]).toEqual([200, 'ok\n']);
          slowestMs = Math.max(slowestMs, performance.now() - from);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      })();
      try {
        const result = await work();
        asking.over = true;
        await watch;
        return { result, slowestMs };
      } finally {
        asking.over = true;
        await watch.catch(() => undefined);
      }
    },
    stop: async () => {
      await world.stop();
      await new Promise((resolve) => void sns.close(resolve));
    },
  };
}

function signed(
  sender: Sender,
  body: string | Uint8Array,
  key: string,
): { headers: Record<string, string>; body: string | Uint8Array } {
  const hmac = (secret: string): string => createHmac('sha256', secret).update(body).digest('hex');
  switch (sender) {
    case 'alertmanager':
      return { body, headers: { authorization: `Bearer ${TOKEN}` } };
    case 'grafana':
      return { body, headers: { 'x-grafana-alerting-signature': hmac(grafanaSecret) } };
    case 'pagerduty':
      return { body, headers: { 'x-pagerduty-signature': `v1=${hmac(pagerDutySecret)}` } };
    case 'cloudwatch': {
      const fields: Record<string, string> = {
        Type: 'Notification',
        MessageId: crypto.randomUUID(),
        TopicArn: topic,
        Timestamp: new Date().toISOString(),
        Message: Buffer.from(body).toString(),
      };
      const order = ['Message', 'MessageId', 'Timestamp', 'TopicArn', 'Type'];
      const text = order.map((name) => `${name}\n${fields[name] ?? ''}\n`).join('');
      const signature = createSign('RSA-SHA256').update(text).sign(key, 'base64');
      return {
        headers: { 'content-type': 'text/plain; charset=UTF-8' },
        body: JSON.stringify({
          ...fields,
          SignatureVersion: '2',
          Signature: signature,
          SigningCertURL: `https://sns.eu-west-1.amazonaws.com${path}`,
        }),
      };
    }
  }
}

export function group(alerts: readonly object[]): string {
  return JSON.stringify({ version: '4', status: 'firing', groupKey: '{}:{alertname="x"}', alerts });
}
export function alertOf(labels: Record<string, string>, annotations: Record<string, string> = {}): object {
  return {
    status: 'firing',
    labels,
    annotations,
    startsAt: new Date().toISOString(),
    fingerprint: JSON.stringify(labels).slice(0, 120),
  };
}
