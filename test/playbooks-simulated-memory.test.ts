import { memoryLeak } from '../playbooks/memory-leak/playbook.ts';
import { faultRuns } from './playbooks/fault-runs.ts';

const nothing = { found: null, offers: {} };
/** A limit that is raised and a restart give time: the trend is gone for as long as the pods are young. */
const time = { 'set-memory': 'ends it', restart: 'ends it' } as const;

faultRuns(memoryLeak, {
  'leak-since-release': { found: 'leak', offers: { rollback: 'ends it', ...time } },
  'leak-with-oom-kills': { found: 'leak', offers: { rollback: 'ends it', ...time } },
  'leak-since-setting': { found: 'leak', offers: { rollback: 'ends it', ...time } },
  'leak-old': { found: 'leak', offers: time },
  'one-pod-leak': { found: 'one-pod-grows', offers: { 'replace-pod': 'ends it' } },
  'memory-near-limit': { found: 'near-limit', offers: { 'set-memory': 'ends it' } },
  'evicted-by-node': { found: 'node-pressure', offers: {} },
  'child-killed': { found: 'child-killed', offers: { 'set-memory': 'ends it' } },
  'page-cache': nothing,
  'cache-levels-off': nothing,
  'gc-sawtooth': nothing,
  'memory-by-day': nothing,
  'memory-step': nothing,
  'young-pods': nothing,
});
