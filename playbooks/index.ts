import type { Playbook } from '../src/core/contract.ts';
import { changeNode } from './change-node/playbook.ts';
import { change } from './change/playbook.ts';
import { highCpu } from './high-cpu/playbook.ts';
import { inferenceErrors } from './inference-errors/playbook.ts';
import { memoryLeak } from './memory-leak/playbook.ts';
import { rolloutStuck } from './rollout-stuck/playbook.ts';
import { slowInference } from './slow-inference/playbook.ts';
import { storm } from './storm/playbook.ts';
import { triage } from './triage/playbook.ts';

/** All playbooks. A test holds this list against the folders on disk. The last is for what no other owns. */
export const playbooks: readonly Playbook[] = [
  rolloutStuck,
  memoryLeak,
  inferenceErrors,
  slowInference,
  highCpu,
  change,
  changeNode,
  storm,
  triage,
];
