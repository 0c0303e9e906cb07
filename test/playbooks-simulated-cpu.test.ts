import { highCpu } from '../playbooks/high-cpu/playbook.ts';
import { faultRuns } from './playbooks/fault-runs.ts';

faultRuns(highCpu, {
  'runaway-process': { found: 'one-hot-pod', offers: { 'replace-pod': 'ends it' } },
  'sidecar-hot': { found: 'sidecar', offers: { rollback: 'ends it' } },
  'cpu-per-request': { found: 'cost-per-request', offers: { rollback: 'ends it' } },
  'threads-cpu': { found: 'threads', offers: { 'set-threads': 'ends it' } },
  'cpu-at-limit': { found: 'throttled', offers: { rollback: 'ends it', 'set-cpu': 'ends it' } },
  'retry-storm': { found: 'retry-storm', offers: {} },
  'hpa-at-maximum': { found: 'hpa-at-maximum', offers: { 'autoscaler-bounds': 'ends it' } },
  // It is blind still, only with more pods.
  'hpa-blind': { found: 'hpa-blind', offers: { 'autoscaler-bounds': 'gives time' } },
  'keda-at-maximum': {
    found: 'hpa-at-maximum',
    name: 'api-gateway',
    offers: { 'scaled-object-bounds': 'ends it' },
  },
  'growth-no-hpa': { found: 'growth', offers: { scale: 'ends it' } },
  'stolen-cpu': { found: 'node-steal', offers: { cordon: { next: 'replace-pod' } } },
  'at-hpa-target': { found: null, offers: {} },
  'warm-up-cpu': { found: null, offers: {} },
  'batch-cpu': { found: null, name: 'replication-service', offers: {} },
});
