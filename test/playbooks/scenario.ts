import type { World } from './world.ts';

/** A made-up region, from which a case's evidence is recorded through the real readings. */
export interface Scenario {
  /** The case's file name. */
  readonly name: string;
  readonly about: string;
  readonly playbook: string;
  readonly world: () => World;
  /** Below the region; model-server when left out. */
  readonly target?: { readonly namespace: string; readonly name: string };
}
