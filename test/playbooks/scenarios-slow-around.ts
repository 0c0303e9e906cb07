import { Failure } from '../../src/core/failure.ts';
import { ago, readyPod } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { inPart, isYoung, scaledOut, slowly } from './scenarios-slow.ts';
import { dark, healthy } from './world.ts';
import { released } from './world-served.ts';
import { from, slowFor } from './world-slow.ts';

/** Requests that take too long for what lies around the pods, since a change, or for no reason that can be told. */

export const aroundSlowScenarios: readonly Scenario[] = [
  slowly('cross-region', 'Calls go to the feature store of another region', {
    lines: Array.from(
      { length: 9 },
      () => 'WARN feature-store call to feature-store.us-east-1.internal took 94 ms (cross-region)',
    ),
  }),
  slowly('logs-forbidden', 'Requests are slow, and logs may not be read', {}, () => ({
    ...healthy(),
    fails: { log: new Failure('forbidden', 'pods/log is not allowed for mlp-bot') },
  })),
  slowly('dns-tail', 'p95 is fine, and one request in forty takes five seconds', {
    p95: () => 0.146,
    p99: from(5.07, 0.226),
    p95Of: () => 0.146,
    took: (index) => (index % 40 === 7 ? 5.08 : 0.06 + (index % 20) * 0.004),
  }),
  slowly(
    'dns-tail-logs-forbidden',
    'p99 is 5 s; logs may not be read',
    { p95: () => 0.146, p99: from(5.07, 0.226), p95Of: () => 0.146 },
    () => ({ ...healthy(), fails: { log: new Failure('forbidden', 'pods/log is not allowed for mlp-bot') } }),
  ),
  slowly('since-change', 'Slower since a release, and nothing else to be seen', {}, released),
  slowly(
    'since-change-young',
    'Slower since a release ten minutes ago: its pods may still warm up',
    { p95: from(0.349, 0.146, 8), p99: from(0.541, 0.226, 8), p95Of: slowFor(() => true, 0.349, 0.146, 8) },
    () => {
      const world = released();
      const [old, fresh] = world.revisions;
      if (old === undefined || fresh === undefined || world.deployment === null) throw new Error('no such world');
      const newer = { ...fresh, createdAt: ago(10) };
      return {
        ...world,
        deployment: { ...world.deployment, templateChangedBy: { manager: 'argocd-controller', at: ago(10) } },
        revisions: [old, newer],
        pods: Array.from({ length: 12 }, (_, index) => readyPod(newer, index, ago(9))),
      };
    },
  ),
  slowly('unexplained', 'Slow for twenty minutes, and nothing that is looked at explains it', {}),
  slowly('unexplained-last-bucket', 'So slow that the histogram has no bucket for it', {
    p95: from(2.5, 0.146),
    p99: from(2.5, 0.226),
  }),
  slowly('unexplained-long', 'Slow for longer than is looked at', {
    p95: () => 0.349,
    p99: () => 0.541,
    p95Of: () => 0.349,
  }),
  slowly('from-logs', 'There is no histogram: the logs tell how long requests take', { without: ['latency', 'queue'] }),
  slowly('from-logs-fast', 'There is no histogram, and the logs say that requests are fast', {
    without: ['latency', 'queue'],
    took: (index) => 0.06 + (index % 20) * 0.004,
  }),
  slowly(
    'cold-pods',
    'Four pods more since six minutes ago: they warm up',
    {
      ...inPart,
      p95: from(0.311, 0.146, 5),
      p95Of: slowFor(isYoung, 0.43, 0.146, 60),
    },
    () => scaledOut(6),
  ),
  slowly(
    'no-metrics',
    'The metrics store holds nothing, and logs may not be read',
    {
      without: [
        'latency',
        'requests',
        'queue',
        'in flight',
        'input size',
        'model loads',
        'cpu',
        'gpu busy',
        'gpu memory',
        'node disk',
        'node steal',
      ],
    },
    () => ({ ...healthy(), fails: { log: new Failure('forbidden', 'pods/log is not allowed for mlp-bot') } }),
  ),
  { name: 'dark', about: 'Nothing answers', playbook: 'slow-inference', world: dark },
  {
    name: 'no-deployment',
    about: 'There is no such deployment',
    playbook: 'slow-inference',
    world: () => ({ ...healthy(), deployment: null, revisions: [], pods: [] }),
  },
];
