import { Failure } from '../../core/failure.ts';
import type { ActOn, Attempt, Kind } from '../../core/ports/platform.ts';
import type { Connection } from './connection.ts';
import { deploymentAct, deploymentRehearse, fence, fenceOf } from './write.ts';

/** One object that may be changed, until `signal` ends it. */
export interface Target {
  readonly connection: Connection;
  readonly of: ActOn[Kind]['target'];
  readonly signal: AbortSignal;
}

/** What one kind of object needs to be changed. */
export interface Changing<K extends Kind> {
  act(target: Target, attempt: Attempt): ActOn[K]['act'];
  rehearse(target: Target): ActOn[K]['rehearse'];
  fence(target: Target, token: string): Promise<void>;
  fenceOf(target: Target): Promise<string | null>;
}

const notYet = {
  act: () => ({ change: notWritten, evict: notWritten, schedulable: notWritten }),
  rehearse: () => ({ rehearse: notWritten }),
  fence: notWritten,
  fenceOf: notWritten,
};
function notWritten(): Promise<never> {
  return Promise.reject(new Failure('invalid', 'not written yet'));
}

/** The one place to add a kind. */
export const kinds: { readonly [K in Kind]: Changing<K> } = {
  deployment: { act: deploymentAct, rehearse: deploymentRehearse, fence, fenceOf },
  autoscaler: notYet,
  'scaled object': notYet,
  pod: notYet,
  node: notYet,
};
