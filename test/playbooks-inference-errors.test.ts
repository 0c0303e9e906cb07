import { inferenceErrors } from '../playbooks/inference-errors/playbook.ts';
import { faultRuns } from './playbooks/fault-runs.ts';

/** What is found for each fault that makes requests fail, and what becomes of each fix that is offered. */
faultRuns(inferenceErrors, {
  'cuda-oom-fragmentation': { found: 'cuda-oom-fragmentation', offers: { restart: 'ends it' } },
  'cuda-oom-neighbour': { found: 'cuda-oom-neighbour', offers: { cordon: { next: 'replace-pod' } } },
  'cuda-oom-batch': { found: 'cuda-oom-batch', offers: { 'set-batch-size': 'ends it' } },
  'cuda-oom-sequence': { found: 'cuda-oom-sequence', offers: { 'set-batch-size': 'ends it' } },
  'gpu-xid': { found: 'gpu-broken', offers: { cordon: { next: 'replace-pod' } } },
  'model-file-missing': { found: 'model-missing', offers: { 'set-model-version': 'ends it' } },
  'model-version-mismatch': {
    found: 'version-mismatch',
    offers: { 'set-model-version': 'ends it' },
  },
  'model-load-failing': { found: 'model-load-failing', offers: { rollback: 'ends it' } },
  'model-load-slow': { found: 'model-load-slow', offers: { rollback: 'ends it' } },
  'nan-outputs': { found: 'bad-outputs', offers: { rollback: 'ends it' } },
  'oom-under-load': { found: 'oom-under-load', offers: { rollback: 'ends it', 'set-memory': 'gives time' } },
  'errors-since-release': { found: 'since-change', offers: { rollback: 'ends it' } },
  'dependency-errors': { found: 'dependency', offers: {} },
  'errors-one-pod': { found: 'one-pod', offers: { 'replace-pod': 'ends it' } },
  'keep-alive-502': { found: 'keep-alive', offers: {} },
  'drain-502': { found: 'no-drain', offers: {} },
  'client-errors': { found: null, offers: {} },
  'clients-give-up': { found: null, offers: {} },
  'night-errors': { found: null, offers: {} },
  'drain-errors': { found: null, offers: {} },
});
