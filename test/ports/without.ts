import type { MetricsRead } from '../../src/core/ports/metrics.ts';
import type { ServiceFacts } from '../../src/core/ports/platform.ts';

/** Facts of a service that the config does not name. */
export const noConfig = (): ServiceFacts => ({
  shards: false,
  variables: { modelVersion: 'MODEL_VERSION', batchSize: 'BATCH_SIZE', threads: 'OMP_NUM_THREADS' },
  limits: null,
  minRequests: 50,
});

/** A region without a metrics store: no data, no rules. */
export const noMetrics = (): MetricsRead => ({
  instant: () => Promise.resolve([]),
  series: () => Promise.resolve({ is: 'no such metric', because: 'there is no metrics store' }),
  targets: () => Promise.resolve([]),
  rules: () => Promise.resolve([]),
  alerts: () => Promise.resolve([]),
  about: () => Promise.resolve([]),
  version: () => Promise.resolve('0.0.0'),
});
