import type { Playbook } from '../src/core/contract.ts';
import { rolloutStuck } from './rollout-stuck/playbook.ts';

/** All playbooks. A test holds this list against the folders on disk. */
export const playbooks: readonly Playbook[] = [rolloutStuck];
