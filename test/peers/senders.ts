import { execFileSync } from 'node:child_process';
import { createHmac, createSign, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Amazon SNS and Grafana as they deliver: what they send, signed as they sign it. */

const topic = 'arn:aws:sns:eu-west-1:123456789012:alarms';
const certificatePath = `/SimpleNotificationService-${'0a'.repeat(16)}.pem`;
const grafanaSecret = 'peers-grafana-secret';
const timestampHeader = 'X-Grafana-Time';

export interface Senders {
  /** With which a bot takes what they send. */
  readonly env: Readonly<Record<string, string>>;
  /** Requests that came to SNS' own address. */
  readonly asked: readonly string[];
  /** The status that the bot answers. `forged`: its text was changed after it was signed. */
  alarm(to: string, name: string, state: 'ALARM' | 'OK', dimensions: Labels, forged?: 'forged'): Promise<number>;
  subscription(to: string): Promise<number>;
  grafana(to: string, status: 'firing' | 'resolved', labels: Labels, forged?: 'forged'): Promise<number>;
  stop(): Promise<void>;
}
type Labels = Readonly<Record<string, string>>;

/** `folder` gets the key. */
export async function startSenders(folder: string): Promise<Senders> {
  const [keyFile, certFile] = [join(folder, 'sns.key'), join(folder, 'sns.pem')];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=sns'];
  execFileSync('openssl', [...request, '-keyout', keyFile, '-out', certFile], { stdio: 'pipe', timeout: 20_000 });
  const [key, certificate] = [readFileSync(keyFile, 'utf8'), readFileSync(certFile, 'utf8')];
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.end(url === certificatePath ? certificate : '<ConfirmSubscriptionResponse/>');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const sns = async (to: string, fields: Labels, order: readonly string[], isForged: boolean): Promise<number> => {
    const all: Labels = { MessageId: randomUUID(), TopicArn: topic, Timestamp: new Date().toISOString(), ...fields };
    const text = order.map((name) => `${name}\n${all[name] ?? ''}\n`).join('');
    const Signature = createSign('RSA-SHA256').update(text).sign(key, 'base64');
    const SigningCertURL = `https://sns.eu-west-1.amazonaws.com${certificatePath}`;
    const signed = { ...all, SignatureVersion: '2', Signature, SigningCertURL };
    const body = JSON.stringify(isForged ? { ...signed, Timestamp: '2026-01-01T00:00:00.000Z' } : signed);
    return post(`${to}/webhooks/cloudwatch`, body, { 'content-type': 'text/plain; charset=UTF-8' });
  };
  return {
    env: {
      SNS_TOPIC_ARNS: topic,
      AWS_ENDPOINT_URL_SNS: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      GRAFANA_WEBHOOK_SECRET: grafanaSecret,
      GRAFANA_TIMESTAMP_HEADER: timestampHeader,
    },
    asked,
    alarm: (to, name, state, dimensions, forged) => {
      const fields = {
        Type: 'Notification',
        Subject: `${state}: "${name}"`,
        Message: alarmOf(name, state, dimensions),
      };
      const order = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];
      return sns(to, fields, order, forged !== undefined);
    },
    subscription: (to) => {
      const SubscribeURL = 'https://elsewhere.example/?Action=ConfirmSubscription';
      const fields = { Type: 'SubscriptionConfirmation', Message: 'You have chosen', Token: 'a-token', SubscribeURL };
      const order = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
      return sns(to, fields, order, false);
    },
    grafana: (to, status, labels, forged) => {
      const body = notification(status, labels);
      const time = String(Math.floor(Date.now() / 1000));
      const signature = createHmac('sha256', grafanaSecret).update(`${time}:`).update(body).digest('hex');
      return post(`${to}/webhooks/grafana`, forged === undefined ? body : `${body} `, {
        'content-type': 'application/json',
        'x-grafana-alerting-signature': signature,
        [timestampHeader]: time,
      });
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function post(url: string, body: string, headers: Labels): Promise<number> {
  const response = await fetch(url, { method: 'POST', body, headers, signal: AbortSignal.timeout(5000) });
  await response.arrayBuffer();
  return response.status;
}

const alarmOf = (name: string, state: 'ALARM' | 'OK', dimensions: Labels): string =>
  JSON.stringify({
    AlarmName: name,
    AlarmArn: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`,
    AlarmDescription: 'Too many failed requests at the load balancer',
    NewStateValue: state,
    OldStateValue: state === 'OK' ? 'ALARM' : 'OK',
    NewStateReason: 'Threshold Crossed: 3 datapoints were greater than the threshold (1.0)',
    StateChangeTime: new Date().toISOString().replace('Z', '+0000'),
    Region: 'EU (Ireland)',
    Trigger: {
      MetricName: 'HTTPCode_Target_5XX_Count',
      Namespace: 'AWS/ApplicationELB',
      Dimensions: Object.entries(dimensions).map(([label, value]) => ({ name: label, value })),
    },
  });

function notification(status: 'firing' | 'resolved', labels: Labels): string {
  const endsAt = status === 'resolved' ? new Date().toISOString() : '0001-01-01T00:00:00Z';
  const alert = {
    status,
    labels,
    annotations: { summary: 'Too many failed requests' },
    startsAt: new Date(Date.now() - 60_000).toISOString(),
    endsAt,
    generatorURL: 'https://grafana.example/alerting/grafana/abc/view',
    fingerprint: createHmac('sha256', 'fingerprint').update(JSON.stringify(labels)).digest('hex').slice(0, 16),
  };
  return JSON.stringify({ receiver: 'mlp-bot', status, alerts: [alert], version: '1', orgId: 1, truncatedAlerts: 0 });
}
