import { whyOf } from '../../src/core/failure.ts';
import { deployment } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { kubectl } from '../targets/deployment.ts';
import { anyHot } from './picture.ts';
import { cpu } from './use.ts';

/** Whether the same requests come again, from what a few pods write of each request. The lines themselves are not kept. Null: no pod works hard. */
export interface Retries {
  readonly pods: number;
  readonly of: number;
  /** Lines with a request's id, and how many of these ids came before. */
  readonly requests: number;
  readonly again: number;
  /** Lines that tell which attempt it is, and those that tell of a second or later one. */
  readonly attempts: number;
  readonly later: number;
}

const tail = 400;
export const retryMinutes = 10;
const mostPods = 3;

export const retries = onDeployment.reading('retries', {
  after: [deployment, podRows, cpu],
  withinMs: 10_000,
  byHand: (t) => `${kubectl(t)} logs deployment/${t.name} --since=${retryMinutes}m --tail=${tail}`,
  read: async (read, t, seen): Promise<Retries | null> => {
    if (!anyHot(seen.deployment, seen.cpu)) return null;
    const container = seen.deployment.template.containers[0]?.name ?? '';
    const ready = seen['pod rows'].rows.filter((one) => one.ready);
    const all = await Promise.all(
      ready.slice(0, mostPods).map(async ({ name }) => {
        try {
          const options = { container, previous: false, tail, sinceS: retryMinutes * 60 };
          return (await read.kubernetes.log({ namespace: t.namespace, name }, options)).lines;
        } catch (error) {
          return { error };
        }
      }),
    );
    const read_ = all.filter((one) => Array.isArray(one));
    const failed = all.find((one) => !Array.isArray(one)) as { error: unknown } | undefined;
    if (read_.length === 0 && failed !== undefined) throw new Error(whyOf(failed.error));
    return { pods: read_.length, of: ready.length, ...retriesIn(read_) };
  },
});

const id = /\b(?:request[_-]?id|req[_-]?id|trace[_-]?id|x-request-id|id)["']?[=:]\s*["']?([A-Za-z0-9-]{6,64})\b/i;
const attempt = /\b(?:attempt|retry|retry[_-]?count|x-retry-attempt)["']?[=:]\s*["']?(\d{1,3})\b/i;

/** An id that is seen again is a retry whichever pod gets it; within one request a pod may well write its id twice, with one status. */
export function retriesIn(
  logs: readonly (readonly string[])[],
): Pick<Retries, 'requests' | 'again' | 'attempts' | 'later'> {
  const ids = new Map<string, number>();
  let [attempts, later] = [0, 0];
  for (const lines of logs) {
    for (const line of lines) {
      // One line for each request: the one that tells how it ended.
      if (!/\b(?:status|code)["']?[=:]\s*["']?\d{3}\b/.test(line)) continue;
      const found = id.exec(line)?.[1];
      if (found !== undefined) ids.set(found, (ids.get(found) ?? 0) + 1);
      const told = attempt.exec(line);
      if (told === null) continue;
      attempts += 1;
      if (Number(told[1]) >= (/retry/i.test(told[0]) ? 1 : 2)) later += 1;
    }
  }
  const requests = [...ids.values()].reduce((sum, one) => sum + one, 0);
  return { requests, again: requests - ids.size, attempts, later };
}
