import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cloudwatch } from '../../src/adapters/cloudwatch/cloudwatch.ts';
import { failureOf } from '../../src/adapters/cloudwatch/failures.ts';
import { alarmOf } from '../../src/adapters/webhooks/cloudwatch-alarm.ts';
import { motoCredentials, startMoto } from '../peers/moto.ts';
import type { Moto } from '../peers/moto.ts';
import { need } from '../peers/need.ts';

const region = 'eu-west-1';
const at = (endpoint: string, more: object = {}): ReturnType<typeof cloudwatch> =>
  cloudwatch({ awsRegion: region, region: 'eu', endpoint, ...more });

let credentials: { restore(): void };
beforeAll(() => {
  credentials = motoCredentials();
});
afterAll(() => credentials.restore());

need('moto')('CloudWatch (moto)', { timeout: 90_000 }, () => {
  let moto: Moto;
  let admin: CloudWatchClient;
  beforeAll(async () => {
    moto = await startMoto();
    admin = new CloudWatchClient({ region, endpoint: moto.url });
    for (let number = 0; number < 120; number += 1)
      await admin.send(
        new PutMetricAlarmCommand({
          AlarmName: number === 0 ? 'HighLatency: model-server' : `other-${number}`,
          MetricName: 'TargetResponseTime',
          Namespace: 'AWS/ApplicationELB',
          Dimensions: [{ Name: 'LoadBalancer', Value: 'app/model-server/1' }],
          ComparisonOperator: 'GreaterThanThreshold',
          EvaluationPeriods: 1,
          Period: 60,
          Statistic: 'Average',
          Threshold: 1,
          ActionsEnabled: number !== 2,
        }),
      );
    await set('HighLatency: model-server', 'ALARM');
    await set('other-2', 'ALARM');
    await set('other-3', 'OK');
  }, 90_000);
  afterAll(async () => {
    admin.destroy();
    await moto.stop();
  });
  const set = (name: string, state: 'ALARM' | 'OK'): Promise<unknown> =>
    admin.send(
      new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason: 'a test', StateReasonData: '{}' }),
    );

  test('what fires, with the labels and the fingerprint of its webhook', async () => {
    const adapter = at(moto.url);
    const firing = await adapter.firing(10_000);
    expect(new Set(firing.map((one) => one.labels['alertname']))).toEqual(
      new Set(['HighLatency: model-server', 'other-2']),
    );
    const own = firing.find((one) => one.labels['alertname'] === 'HighLatency: model-server');
    const arn = `arn:aws:cloudwatch:${region}:123456789012:alarm:HighLatency: model-server`;
    const sent = alarmOf(
      JSON.stringify({
        AlarmName: 'HighLatency: model-server',
        AlarmArn: arn,
        NewStateValue: 'ALARM',
        Trigger: {
          MetricName: 'TargetResponseTime',
          Dimensions: [{ name: 'LoadBalancer', value: 'app/model-server/1' }],
        },
      }),
    );
    if (sent === null || typeof sent === 'string') throw new Error('the webhook reads it otherwise');
    expect(own).toMatchObject({ fingerprint: sent.fingerprint, labels: sent.labels, status: 'active' });
    expect(Math.abs(Date.parse(own?.startsAt ?? '') - Date.now())).toBeLessThan(120_000);
    // It tells nobody, but it fires all the same.
    expect(firing.find((one) => one.labels['alertname'] === 'other-2')?.status).toBe('suppressed');
    await adapter.close();
  });

  test('the state of some, by name and by ARN; what is not there, or elsewhere, is left out', async () => {
    const adapter = at(moto.url);
    const found = await adapter.states(
      [
        'other-3',
        `arn:aws:cloudwatch:${region}:123456789012:alarm:HighLatency: model-server`,
        'arn:aws:cloudwatch:us-east-1:123456789012:alarm:other-4',
        'there-is-no-such-alarm',
        ...Array.from({ length: 110 }, (_, index) => `other-${index + 5}`),
      ],
      10_000,
    );
    const states = Object.fromEntries(found.map((one) => [one.name, one.state]));
    expect(states).toMatchObject({
      'other-3': 'OK',
      'HighLatency: model-server': 'ALARM',
      'other-100': 'OK',
    });
    expect(Object.keys(states)).toHaveLength(112);
    expect(states['other-4']).toBeUndefined();
    await adapter.close();
  });

  test('only those whose names begin so', async () => {
    const adapter = at(moto.url, { prefix: 'other-' });
    expect((await adapter.firing(10_000)).map((one) => one.labels['alertname'])).toEqual(['other-2']);
    await adapter.close();
  });

  test('it hangs: timeout at our limit, and it answers again afterwards', async () => {
    const adapter = at(moto.url);
    await adapter.firing(10_000);
    moto.pause();
    const from = performance.now();
    await expect(adapter.firing(500)).rejects.toMatchObject({
      kind: 'timeout',
      message: 'CloudWatch of eu: no answer within 500 ms',
    });
    expect(performance.now() - from).toBeLessThan(2_000);
    moto.resume();
    expect(await adapter.firing(10_000)).toHaveLength(2);
    await adapter.close();
  });
});

describe('a CloudWatch that refuses', () => {
  type Said = { readonly status: number; readonly body: string };
  let answers: readonly Said[] = [];
  let asked = 0;
  const server = createServer((_, response) => {
    const answer = answers[asked % answers.length] ?? { status: 404, body: '' };
    asked += 1;
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(answer.body);
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

  test.each([
    [400, 'AccessDeniedException', 'forbidden'],
    [403, 'UnrecognizedClientException', 'unauthorised'],
    [403, 'ExpiredTokenException', 'unauthorised'],
    [500, 'InternalFailure', 'server error'],
    [400, 'ValidationError', 'invalid'],
  ])('%i %s: %s', async (status, type, kind) => {
    answers = [{ status, body: JSON.stringify({ __type: type, message: 'because' }) }];
    const adapter = at(url);
    await expect(adapter.firing(8_000)).rejects.toMatchObject({
      kind,
      message: expect.stringMatching(/^CloudWatch of eu: /),
    });
    await adapter.close();
  });

  test('being throttled, after the SDK has tried again', () => {
    const error = Object.assign(new Error('Rate exceeded'), {
      name: 'ThrottlingException',
      $metadata: { httpStatusCode: 400 },
    });
    expect(failureOf(error, 'it', { limitMs: 1 })).toMatchObject({
      kind: 'too many requests',
      message: 'it: ThrottlingException: Rate exceeded',
    });
  });

  test('composite alarms too, over several pages; one whose actions are suppressed tells nobody', async () => {
    const shared = { StateValue: 'ALARM', StateUpdatedTimestamp: 1_772_000_000, ActionsEnabled: true };
    const arn = (name: string): string => `arn:aws:cloudwatch:${region}:123456789012:alarm:${name}`;
    const all = ['one', 'two'].map((name) => ({
      ...shared,
      AlarmName: name,
      AlarmArn: arn(name),
      AlarmRule: 'ALARM("x")',
    }));
    const [one, two] = all;
    asked = 0;
    answers = [
      { status: 200, body: JSON.stringify({ CompositeAlarms: [one], NextToken: 'more' }) },
      { status: 200, body: JSON.stringify({ CompositeAlarms: [{ ...two, ActionsSuppressedBy: 'Alarm' }] }) },
    ];
    const adapter = at(url);
    expect(await adapter.firing(5_000)).toMatchObject([
      { labels: { alertname: 'one', region }, status: 'active', startsAt: '2026-02-25T06:13:20.000Z' },
      { labels: { alertname: 'two' }, status: 'suppressed' },
    ]);
    await adapter.close();
  });

  test('nobody listens: unreachable', async () => {
    const adapter = at('http://127.0.0.1:65531');
    await expect(adapter.firing(8_000)).rejects.toMatchObject({ kind: 'unreachable' });
    await adapter.close();
  });

  test('without credentials: unauthorised, in time', async () => {
    credentials.restore();
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/nowhere',
      AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
    });
    const adapter = at(url);
    await expect(adapter.firing(5_000)).rejects.toMatchObject({ kind: 'unauthorised' });
    await adapter.close();
    for (const name of ['AWS_EC2_METADATA_DISABLED', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) {
      const value = before[name];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    credentials = motoCredentials();
  });
});
