import { Failure } from '../../src/core/failure.ts';
import type { Question, Series } from '../../src/core/ports/metrics.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { promqlByHand } from '../../src/core/promql.ts';
import { hours, median, minutes, summed, valuesOf } from '../readings/measures.ts';
import { deployment } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { shiftOf } from './picture.ts';
import type { Shift } from './picture.ts';
import { of, over, shorter, totalOf } from './use.ts';

/** Requests per second of all pods together. `served` false: the metrics store answers, and this deployment counts no requests (a batch, a worker). */
export type Traffic =
  | {
      readonly served: true;
      readonly requests: Series;
      /** Failed ones; null: could not be read. */ readonly errors: Series | null;
    }
  | { readonly served: false; readonly why: string };

export const traffic = onDeployment.reading('traffic', {
  withinMs: 8_000,
  byHand: (t) => promqlByHand({ ask: 'requests', of: of(t), by: 'all' }),
  read: async (read, t): Promise<Traffic> => {
    const [requests, errors] = await Promise.all([
      read.metrics.series({ ask: 'requests', of: of(t), by: 'all' }, over),
      read.metrics.series({ ask: 'errors', of: of(t), by: 'all' }, over).catch(() => null),
    ]);
    if (requests.is === 'target is down') throw new Failure('not found', `${requests.is}: ${requests.because}`);
    if (requests.is !== 'series') return { served: false, why: `${requests.is}: ${requests.because}` };
    return { served: true, requests: shorter(summed(requests.series)), errors: errorsIn(errors) };
  },
});

/** No series of failed requests beside counted requests means that none failed. */
function errorsIn(answer: Awaited<ReturnType<Read['metrics']['series']>> | null): Series | null {
  if (answer === null || answer.is === 'target is down') return null;
  return answer.is === 'series' ? shorter(summed(answer.series)) : { labels: {}, points: [] };
}

/** The same hour of the day before: what is usual at this time. Null: not recorded. */
export interface Yesterday {
  /** Of the container that serves, in all pods. */
  readonly cores: number | null;
  readonly requests: number | null;
}
const day = { forMs: minutes(30), stepMs: minutes(5), agoMs: hours(24) - minutes(15) };

export const yesterday = onDeployment.reading('a day before', {
  after: [deployment],
  withinMs: 8_000,
  byHand: (t) =>
    promqlByHand({ ask: 'requests', of: of(t), by: 'all' }).replace('instant', 'instant --time=<A_DAY_AGO>'),
  read: async (read, t, seen): Promise<Yesterday> => {
    const main = seen.deployment.template.containers[0]?.name ?? '';
    const middle = async (question: Question): Promise<number | null> => {
      const answer = await read.metrics.series(question, day);
      if (answer.is !== 'series') return null;
      const mine = answer.series.filter(({ labels }) => (labels['container'] ?? main) === main);
      return mine.length === 0 ? null : median(valuesOf(totalOf(mine)));
    };
    const [cores, requests] = await Promise.all([
      middle({ ask: 'cpu', of: of(t) }),
      middle({ ask: 'requests', of: of(t), by: 'all' }),
    ]);
    return { cores, requests };
  },
});

/** What is so every day at this hour is no change, however steep the way up. */
export function dailyShift(line: Series, at: string, day: number | null): Shift | null {
  const found = shiftOf(line, at, day);
  return found === null || day === null || found.now > day * 1.2
    ? found
    : { before: day, now: found.now, ratio: day > 0 ? found.now / day : 1, since: null, against: 'a day before' };
}
