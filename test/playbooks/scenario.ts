import type { Json } from '../../src/core/json.ts';
import type { World } from './world.ts';

/** A made-up region, from which a case's evidence is recorded through the real readings. */
export interface Scenario {
  /** The case's file name. */
  readonly name: string;
  readonly about: string;
  readonly playbook: string;
  readonly world: () => World;
  /** A change that a person asks for; left out: what the findings call for. */
  readonly asked?: { readonly remedy: string; readonly details: Json };
  /** Below the region; model-server when left out. */
  readonly target?: { readonly namespace: string; readonly name: string };
}
