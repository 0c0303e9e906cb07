import type { Answered, MetricsRead, Question, Series, Window } from '../../src/core/ports/metrics.ts';
import { noMetrics } from '../ports/without.ts';

/** What a metrics store would say of pods that work hard and whose memory grows, so that every reading of theirs is made. */
export function servedMetrics(podsOf: (deployment: string) => readonly string[], now: () => number): MetricsRead {
  return { ...noMetrics(), series: (question, over) => Promise.resolve(answer(question, over, podsOf, now())) };
}

function answer(
  question: Question,
  over: Window,
  podsOf: (deployment: string) => readonly string[],
  nowMs: number,
): Answered {
  const line = (labels: Series['labels'], value: (minutesAgo: number) => number): Series => {
    // On whole steps, as the adapter asks: two questions have the same moments.
    const end = Math.floor((nowMs - (over.agoMs ?? 0)) / over.stepMs) * over.stepMs;
    const steps = Math.floor(over.forMs / over.stepMs);
    const points = Array.from({ length: steps + 1 }, (_, index) => {
      const at = end - (steps - index) * over.stepMs;
      return [at / 1000, value((nowMs - at) / 60_000)] as const;
    });
    return { labels, points };
  };
  const series = (...all: readonly Series[]): Answered => ({ is: 'series', series: all, note: null });
  if (!('of' in question)) return { is: 'no data', because: 'nothing was recorded' };
  const pods = podsOf(question.of.name);
  const each = (value: (minutesAgo: number) => number): Answered =>
    series(...pods.map((pod) => line({ pod, container: 'serve', id: `/${pod}` }, value)));
  switch (question.ask) {
    case 'cpu':
      return each((minutesAgo) => (minutesAgo > 60 ? 0.4 : 1.9));
    case 'memory rss':
    case 'memory working set':
      return each((minutesAgo) => (900 - minutesAgo / 4) * 2 ** 20);
    case 'requests':
      return question.by === 'pod' ? each(() => 10) : series(line({}, () => 20));
    case 'errors':
      return series(line({ code: '500' }, (minutesAgo) => (minutesAgo > 30 ? 0 : 4)));
    case 'latency':
      return question.by === 'pod' ? each(() => 0.9) : series(line({}, (minutesAgo) => (minutesAgo > 30 ? 0.1 : 0.9)));
    case 'replicas wanted':
    case 'replicas ready':
      return series(line({}, () => pods.length));
    default:
      return { is: 'no data', because: 'nothing was recorded' };
  }
}
