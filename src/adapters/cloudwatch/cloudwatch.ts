import type { CloudWatchClient, DescribeAlarmsCommandInput } from '@aws-sdk/client-cloudwatch';
import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type { AlarmState, CloudWatch } from '../../core/ports/alert-sources.ts';
import { CompositeAlarm, firingOf, MetricAlarm, nameIn, stateOf } from './alarms.ts';
import type { Alarm } from './alarms.ts';
import { failureOf } from './failures.ts';

/** CloudWatch's alarms in one region of AWS, read only (`cloudwatch:DescribeAlarms`). The SDK is loaded with the first question. */

export interface CloudWatchOptions {
  /** Of AWS: "eu-west-1". */
  readonly awsRegion: string;
  /** As the config calls it. */
  readonly region: string;
  /** Only alarms whose names begin so; '' or left out: all. */
  readonly prefix?: string;
  /** For tests; else the SDK's own (`AWS_ENDPOINT_URL`). */
  readonly endpoint?: string;
}

/** One try; the SDK makes up to four. */
const TRY_MS = 4_000;
const CONNECT_MS = 2_000;
const PAGE = 100;
/** Ten thousand alarms that fire at once are no answer any more. */
const MOST_PAGES = 100;

export function cloudwatch(options: CloudWatchOptions): CloudWatch & { close(): Promise<void> } {
  const name = `CloudWatch of ${options.region}`;
  let opened: Promise<Sdk> | null = null;
  const sdk = (): Promise<Sdk> => {
    opened ??= open(options);
    return opened;
  };
  const all = (input: DescribeAlarmsCommandInput, signal: AbortSignal): Promise<readonly Alarm[]> =>
    sdk().then((it) => pages(it, name, input, signal));
  return {
    name,
    is: 'cloudwatch',
    regions: [options.region],
    async firing(limitMs) {
      const signal = AbortSignal.timeout(Math.ceil(limitMs));
      const { prefix = '' } = options;
      const input: DescribeAlarmsCommandInput = {
        StateValue: 'ALARM',
        ...(prefix === '' ? {} : { AlarmNamePrefix: prefix }),
      };
      const found = await within(all(input, signal), signal, name, limitMs);
      // An alarm may change while its page is made, and an emulator takes one filter at a time.
      return found.filter((one) => one.StateValue === 'ALARM').map(firingOf);
    },
    async states(alarms, limitMs) {
      const signal = AbortSignal.timeout(Math.ceil(limitMs));
      const names = [...new Set(alarms.flatMap((one) => nameIn(options.awsRegion, one) ?? []))];
      const found: AlarmState[] = [];
      for (let from = 0; from < names.length; from += PAGE) {
        const input = { AlarmNames: names.slice(from, from + PAGE) };
        found.push(...(await within(all(input, signal), signal, name, limitMs)).map(stateOf));
      }
      return found;
    },
    close: async () => (await opened)?.client.destroy(),
  };
}

interface Sdk {
  readonly client: CloudWatchClient;
  readonly describe: (input: DescribeAlarmsCommandInput, signal: AbortSignal) => Promise<unknown>;
}

async function open({ awsRegion, endpoint }: CloudWatchOptions): Promise<Sdk> {
  const { CloudWatchClient: Client, DescribeAlarmsCommand } = await import('@aws-sdk/client-cloudwatch');
  const client = new Client({
    region: awsRegion,
    maxAttempts: 4,
    retryMode: 'adaptive',
    // By itself the SDK only warns when a request takes too long.
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: TRY_MS, throwOnRequestTimeout: true },
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  return {
    client,
    describe: (input, signal) => client.send(new DescribeAlarmsCommand(input), { abortSignal: signal }),
  };
}

const Page = z.object({
  MetricAlarms: z.array(MetricAlarm).default([]),
  CompositeAlarms: z.array(CompositeAlarm).default([]),
  NextToken: z.string().optional(),
});

async function pages(
  { describe }: Sdk,
  name: string,
  input: DescribeAlarmsCommandInput,
  signal: AbortSignal,
): Promise<readonly Alarm[]> {
  const found: Alarm[] = [];
  let token: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    // Without AlarmTypes composite alarms are left out.
    const asked: DescribeAlarmsCommandInput = {
      ...input,
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: PAGE,
      ...(token === undefined ? {} : { NextToken: token }),
    };
    const answer = Page.safeParse(await describe(asked, signal));
    if (!answer.success) throw new Failure('unreadable', `${name}: the answer is not one of its API`);
    found.push(...answer.data.MetricAlarms, ...answer.data.CompositeAlarms);
    token = answer.data.NextToken;
    if (token === undefined || token === '') return found;
  }
  throw new Failure('unreadable', `${name}: more than ${MOST_PAGES * PAGE} alarms`);
}

/** Also where the SDK waits for something that no signal ends: credentials, its own back-off. */
async function within<T>(answer: Promise<T>, signal: AbortSignal, name: string, limitMs: number): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    const stop = (): void =>
      reject(new Failure('timeout', `${name}: no answer within ${Math.ceil(limitMs)} ms`, { cause: signal.reason }));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([answer, late]);
  } catch (error) {
    throw failureOf(error, name, { limitMs: Math.ceil(limitMs) });
  }
}
