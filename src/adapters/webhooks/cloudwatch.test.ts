import { execFileSync } from 'node:child_process';
import { createSign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import type { AlertIn } from '../../core/routing.ts';
import { cloudwatchHandler } from './cloudwatch.ts';
import { certificatePathOf, originOf, regionOfTopic } from './sns-message.ts';

/** `POST /webhooks/cloudwatch` as SNS sees it: deliveries signed with a certificate that a stand-in for SNS serves. */

const topic = 'arn:aws:sns:eu-west-1:123456789012:alarms';
const path = `/SimpleNotificationService-${'0a'.repeat(16)}.pem`;
const certificateUrl = `https://sns.eu-west-1.amazonaws.com${path}`;

let key = '';
let certificate = '';
let other = '';
let server: Server;
let endpoint = '';
let asked: string[] = [];
let answers = 200;
let took: readonly AlertIn[][] = [];
let counted: string[] = [];
let fails = false;

/** Self-signed, as openssl makes them. */
function made(folder: string, name: string): { key: string; certificate: string } {
  const [keyFile, certFile] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=sns', '-keyout', keyFile];
  execFileSync('openssl', [...args, '-out', certFile], { stdio: 'pipe', timeout: 20_000 });
  return { key: readFileSync(keyFile, 'utf8'), certificate: readFileSync(certFile, 'utf8') };
}

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sns-'));
  ({ key, certificate } = made(folder, 'sns'));
  other = made(folder, 'other').key;
  rmSync(folder, { recursive: true });
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(answers).end(request.url === path ? certificate : '<ConfirmSubscriptionResponse/>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());
beforeEach(() => {
  [asked, answers, took, counted, fails] = [[], 200, [], [], false];
});

type Fields = Record<string, string | null>;
function signed(fields: Fields, version: '1' | '2' = '2', by = key): Fields {
  const order =
    fields['Type'] === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = order.flatMap((name) => (fields[name] == null ? [] : [`${name}\n${fields[name]}\n`])).join('');
  const sign = createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256').update(text);
  return { ...fields, SignatureVersion: version, Signature: sign.sign(by, 'base64') };
}

const alarm = (over: Record<string, unknown> = {}): string =>
  JSON.stringify({
    AlarmName: 'model-server-5xx',
    AlarmArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:model-server-5xx',
    AlarmDescription: 'errors',
    NewStateValue: 'ALARM',
    NewStateReason: 'Threshold Crossed: 3 datapoints were greater than 1.0',
    StateChangeTime: '2026-11-24T02:18:00.123+0000',
    Region: 'EU (Ireland)',
    OldStateValue: 'OK',
    Trigger: { MetricName: 'HTTPCode_Target_5XX_Count', Dimensions: [{ name: 'LoadBalancer', value: 'app/ml/1' }] },
    ...over,
  });
let count = 0;
const notification = (over: Fields = {}): Fields => ({
  Type: 'Notification',
  MessageId: `m-${(count += 1)}`,
  TopicArn: topic,
  Subject: 'ALARM: "model-server-5xx"',
  Message: alarm(),
  Timestamp: '2026-11-24T02:18:01.000Z',
  SigningCertURL: certificateUrl,
  UnsubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe',
  ...over,
});

function handler(topics: readonly string[] = [topic]): (request: Request) => Promise<Response> {
  return cloudwatchHandler({
    topics,
    endpoint,
    maxBytes: 300_000,
    log: () => undefined,
    count: (outcome) => void counted.push(outcome),
    take: async (alerts) => {
      if (fails) throw new Failure('server error', 'disk full');
      took = [...took, [...alerts]];
    },
  });
}
async function post(body: unknown, door = handler(), headers: Record<string, string> = {}): Promise<number> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await door(
    new Request('http://bot/webhooks/cloudwatch', {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=UTF-8', ...headers },
      body: text,
    }),
  );
  return response.status;
}

describe('a notification', () => {
  test.each(['1', '2'] as const)('signed in version %s is an alert, its region from the ARN', async (version) => {
    expect(await post(signed(notification(), version))).toBe(200);
    expect(took).toMatchObject([
      [
        {
          status: 'firing',
          labels: { alertname: 'model-server-5xx', region: 'eu-west-1', load_balancer: 'app/ml/1' },
          startsAt: '2026-11-24T02:18:00.123+00:00',
        },
      ],
    ]);
  });

  test('without a subject is signed without one', async () => {
    expect(await post(signed(notification({ Subject: null })))).toBe(200);
  });

  test('OK resolves the same alert', async () => {
    await post(signed(notification()));
    await post(signed(notification({ Message: alarm({ NewStateValue: 'OK' }) })));
    expect(took.flat().map((one) => one.status)).toEqual(['firing', 'resolved']);
    expect(new Set(took.flat().map((one) => one.fingerprint)).size).toBe(1);
  });

  test.each([
    ['too little data', alarm({ NewStateValue: 'INSUFFICIENT_DATA' })],
    ['no alarm', '{"budgetName":"x"}'],
    ['plain words', 'hello'],
  ])('%s: 2xx, nothing stored', async (_what, message) => {
    expect(await post(signed(notification({ Message: message })))).toBe(200);
    expect([took, counted]).toEqual([[], ['ignored']]);
  });

  test('a composite alarm has no trigger', async () => {
    const composite = alarm({ Trigger: undefined, AlarmRule: 'ALARM("a") AND ALARM("b")' });
    expect(await post(signed(notification({ Message: composite })))).toBe(200);
    expect(took).toHaveLength(1);
  });

  test('that comes again does nothing; one that could not be stored is taken the next time', async () => {
    const [door, message] = [handler(), signed(notification())];
    fails = true;
    expect(await post(message, door)).toBe(503);
    fails = false;
    expect([await post(message, door), await post(message, door)]).toEqual([200, 200]);
    expect(took).toHaveLength(1);
    expect(counted).toEqual(['refused', 'stored', 'ignored']);
  });
});

describe('forgeries', () => {
  test.each<[string, () => Fields, number]>([
    ['another key', () => signed(notification(), '2', other), 403],
    ['another message', () => ({ ...signed(notification()), Message: alarm({ AlarmName: 'x' }) }), 403],
    ['a subject slipped in', () => ({ ...signed(notification({ Subject: null })), Subject: 'x' }), 403],
    ['another version', () => ({ ...signed(notification(), '1'), SignatureVersion: '2' }), 403],
    ['another topic', () => signed(notification({ TopicArn: `${topic}-2` })), 403],
    ['no signature', () => notification(), 400],
    ['a signature that is no base64', () => ({ ...signed(notification()), Signature: '!' }), 403],
    ["somebody else's certificate", () => signed(notification({ SigningCertURL: `https://evil.example${path}` })), 403],
  ])('%s', async (_what, message, status) => {
    expect(await post(message())).toBe(status);
    expect(took).toEqual([]);
  });

  test('raw delivery, and what is no delivery at all', async () => {
    expect(await post(alarm(), handler(), { 'x-amz-sns-rawdelivery': 'true' })).toBe(400);
    expect(await post('['.repeat(50_000))).toBe(400);
    expect(await post('x'.repeat(400_000))).toBe(413);
    expect(await post(signed(notification()), handler([]))).toBe(401);
  });
});

test('a subscription is confirmed with its token at the origin that we chose', async () => {
  const confirmation = signed({
    Type: 'SubscriptionConfirmation',
    MessageId: 'c-1',
    TopicArn: topic,
    Message: 'You have chosen to subscribe',
    Timestamp: '2026-11-24T02:18:01.000Z',
    SigningCertURL: certificateUrl,
    Token: 'a b&c',
    SubscribeURL: 'https://evil.example/?Action=ConfirmSubscription',
  });
  expect(await post(confirmation)).toBe(200);
  expect(asked).toEqual([
    path,
    `/?Action=ConfirmSubscription&TopicArn=${encodeURIComponent(topic)}&Token=a+b%26c&Version=2010-03-31`,
  ]);
  answers = 500;
  expect(await post({ ...confirmation })).toBe(503);
});

describe('where the certificate may come from', () => {
  test.each([
    [certificateUrl, path],
    ['http://sns.eu-west-1.amazonaws.com' + path, null],
    [`https://sns.us-east-1.amazonaws.com${path}`, null],
    [`https://sns.eu-west-1.amazonaws.com.evil.example${path}`, null],
    [`https://sns.eu-west-1.amazonaws.com:443${path}`, null],
    [`https://user@sns.eu-west-1.amazonaws.com${path}`, null],
    [`${certificateUrl}?x=1`, null],
    [`${certificateUrl}#x`, null],
    ['https://sns.eu-west-1.amazonaws.com/bucket/SimpleNotificationService-0.pem', null],
    [`https://sns.s3.amazonaws.com${path}`, null],
    ['not a url', null],
  ])('%s', (url, wanted) => {
    expect(certificatePathOf(url, 'eu-west-1')).toBe(wanted);
  });

  test("the region is the topic's, the origin AWS' or the emulator's", () => {
    expect(regionOfTopic(topic)).toBe('eu-west-1');
    expect(regionOfTopic('arn:aws:sqs:eu-west-1:123456789012:alarms')).toBeNull();
    expect(originOf(topic, 'eu-west-1', null)).toBe('https://sns.eu-west-1.amazonaws.com');
    expect(originOf('arn:aws-cn:sns:cn-north-1:123456789012:a', 'cn-north-1', null)).toBe(
      'https://sns.cn-north-1.amazonaws.com.cn',
    );
    expect(originOf(topic, 'eu-west-1', 'http://localhost:4566/')).toBe('http://localhost:4566');
  });
});
