import { servingProgram } from '../seed-templates.ts';
import { program, withContainer } from '../template.ts';
import type { Template } from '../state.ts';
import { failing, modelServer, release, type Fault } from './fault.ts';

const slowToLoad = program({
  warmSeconds: 120,
  lines: ['INFO model-server starting', 'INFO loading weights: 41 %'],
});

const withoutStartupProbe = (of: Template): Template =>
  withContainer(of, modelServer, (one) => ({ ...one, startup: null }));

/** New pods whose containers run, but not as their probes want. */
export const probeFaults: readonly Fault[] = [
  {
    ...failing(
      'readiness-failing',
      'Readiness probe fails',
      'New pods run but stay 0/1: /health answers 503',
      'readiness',
      program({
        warmSeconds: 35,
        readyStatus: 503,
        lines: ['INFO listening on :8080', 'WARN /health 503: feature store not reachable'],
      }),
    ),
    group: 'Probes',
  },
  {
    ...failing(
      'liveness-killing',
      'Liveness probe kills',
      'New pods are killed by their liveness probe after half a minute: loading takes two, the startup probe was dropped',
      'slow-start',
      slowToLoad,
    ),
    group: 'Probes',
    inject: (cluster, at) => release(cluster, at, { program: slowToLoad, change: withoutStartupProbe }),
  },
  {
    ...failing(
      'hangs-after-release',
      'New version hangs once it serves',
      'The rollout completes, then its pods hang after a minute and are killed again and again: an outage that Progressing does not show',
      'liveness',
      program({
        warmSeconds: 35,
        hangsAfterSeconds: 70,
        lines: ['INFO listening on :8080', 'WARN worker pool exhausted, requests wait'],
      }),
    ),
    group: 'Probes',
  },
  {
    ...failing(
      'startup-too-slow',
      'Start-up slower than its probe',
      'New pods are killed by their startup probe after five minutes; loading takes seven',
      'slow-start',
      {
        ...servingProgram(),
        warmSeconds: 420,
        lines: ['INFO model-server starting', 'INFO compiling kernels, this may take several minutes'],
      },
    ),
    group: 'Probes',
  },
];
