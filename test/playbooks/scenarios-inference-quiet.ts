import { ago } from './objects.ts';
import type { OnePod } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { healthy } from './world.ts';
import type { World } from './world.ts';
import { served } from './world-served.ts';

/** An alert about errors, and nothing is wrong. */

const quiet = (name: string, about: string, world: () => World): Scenario => ({
  name: `quiet-${name}`,
  about,
  playbook: 'inference-errors',
  world,
});

export const quietInferenceScenarios: readonly Scenario[] = [
  quiet('healthy', 'All well', () => served(healthy())),
  quiet('client-errors', 'A third of the requests are rubbish from one client', () =>
    served(healthy(), {
      clients: {
        ratio: 0.3,
        code: '422',
        lines: ['ValidationError: client batch-scorer/1.4: field "tokens" is required'],
      },
    }),
  ),
  quiet('clients-give-up', 'A tenth of the callers closes before the answer', () =>
    served(healthy(), { clients: { ratio: 0.1, code: '499', lines: ['client closed the request'] } }),
  ),
  quiet('night', 'Two of ten requests failed', () =>
    served(healthy(), { rps: 10 / 300, ratio: () => 0.2, lines: ['ValueError: empty batch'] }),
  ),
  quiet('drain', 'A few errors while pods drained nine minutes ago', () =>
    served(healthy(), {
      ratio: (_pod: OnePod, minutesAgo) => (Math.round(minutesAgo) === 9 ? 0.2 : 0.0002),
      code: '502',
      lines: ['connection draining'],
      ready: (minutesAgo) => (minutesAgo > 9 ? 14 : 12),
    }),
  ),
  quiet('old-xid', 'A GPU remembers an error of days ago; its pods serve well', () =>
    served(healthy(), { xid: (one) => (one.row.node === 'gpu-1' ? 79 : 0) }),
  ),
  quiet('single-restart', 'One pod was killed for memory an hour and a half ago', () => {
    const world = healthy();
    const pods = world.pods.map((one, index): OnePod => {
      if (index > 0) return one;
      const last = {
        is: 'terminated',
        exitCode: 137,
        signal: 0,
        reason: 'OOMKilled',
        message: '',
        startedAt: ago(900),
        finishedAt: ago(90),
      } as const;
      return {
        row: { ...one.row, restarts: 1 },
        pod: { ...one.pod, containers: one.pod.containers.map((each) => ({ ...each, restarts: 1, last })) },
      };
    });
    return served({ ...world, pods });
  }),
  quiet('never-failed', 'A service that has never failed exports no line of errors', () => {
    const world = served(healthy());
    const { series } = world.measured;
    const answer: typeof series = (question, over) =>
      question.ask === 'errors' ? { is: 'no data', because: 'nothing was recorded' } : series(question, over);
    return { ...world, measured: { ...world.measured, series: answer } };
  }),
];
