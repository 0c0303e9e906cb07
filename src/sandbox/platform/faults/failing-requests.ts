import type { Fault } from './fault.ts';
import { strained, type Strained } from './strained.ts';

/** What every fault of playbook inference-errors is made of. */

export const errors = (
  ratio: number,
  code: string,
  ...lines: readonly string[]
): { is: 'errors'; ratio: number; code: string; lines: readonly string[] } => ({
  is: 'errors',
  ratio,
  code,
  lines,
});

export const fault = (of: Omit<Strained, 'playbook' | 'alert'> & { readonly alert?: Strained['alert'] }): Fault =>
  strained({ playbook: 'inference-errors', alert: 'ModelInferenceErrors', ...of });
