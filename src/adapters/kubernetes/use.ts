import { Failure } from '../../core/failure.ts';
import type { NodeUsage, PodUse } from '../../core/ports/kubernetes.ts';
import * as objects from './around-objects.ts';
import { pageOf } from './objects.ts';
import type { Request } from './connection.ts';
import { amountOf } from './nodes.ts';
import { listing, type Reading } from './reading.ts';
import type { z } from 'zod';

/** `kubectl top`. The metrics API knows no pages. */
const api = '/apis/metrics.k8s.io/v1beta1';

export async function podUse(on: Reading, namespace: string, labelSelector: string): Promise<readonly PodUse[]> {
  const asked = listing(on, api, 'pods.metrics.k8s.io', namespace);
  const found = await samples(on, objects.use, { ...asked, query: { labelSelector } });
  return found.map(({ metadata, timestamp, window, containers }) => ({
    pod: metadata.name,
    at: timestamp,
    windowS: secondsOf(window),
    containers: containers.map(({ name, usage }) => ({ name, ...amountsOf(usage) })),
  }));
}

export async function nodeUsage(on: Reading): Promise<readonly NodeUsage[]> {
  const found = await samples(on, objects.nodeUsage, listing(on, api, 'nodes.metrics.k8s.io'));
  return found.map(({ metadata, timestamp, usage }) => ({ node: metadata.name, at: timestamp, ...amountsOf(usage) }));
}

async function samples<T extends z.ZodType>(
  { connection }: Reading,
  item: T,
  asked: Request,
): Promise<readonly z.output<T>[]> {
  try {
    return (await connection.json(pageOf(item), asked)).items;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // A list of nothing is empty; 404 is for an API that nobody serves, 503 for one whose server does not answer.
    if (error.kind === 'not found') throw new Failure('not found', `there is no metrics server (${connection.region})`);
    if (error.kind === 'server error')
      throw new Failure('server error', `the metrics server does not answer: ${error.message}`, { cause: error });
    throw error;
  }
}

function amountsOf(usage: Readonly<Record<string, string>>): { readonly cores: number; readonly memoryBytes: number } {
  return { cores: amountOf(usage['cpu'] ?? '0'), memoryBytes: amountOf(usage['memory'] ?? '0') };
}

const unitSeconds: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001, us: 1e-6, µs: 1e-6, ns: 1e-9 };

/** Go's text of a duration: `1m30.5s`. Seconds; 0 for what is none. */
export function secondsOf(duration: string): number {
  let seconds = 0;
  for (const [, number = '', unit = ''] of duration.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)/g))
    seconds += Number(number) * (unitSeconds[unit] ?? 0);
  return seconds;
}
