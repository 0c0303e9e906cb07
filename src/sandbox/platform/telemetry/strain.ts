import type { Effect } from './effects.ts';

/** What a pod's effects come to, as factors and sums. */
export interface Strain {
  /** Its part of the requests, 1 for an even one. */
  readonly weight: number;
  /** How many times longer a request takes, and what of its capacity is left. */
  readonly slow: number;
  readonly capacity: number;
  /** CPU per request, and cores beside. */
  readonly cpu: number;
  readonly extraCores: number;
  /** Shares of its requests. */
  readonly errors: number;
  readonly clientErrors: number;
  /** Requests that wait beside those that load explains. */
  readonly queue: number;
  readonly inputs: number;
  readonly loadsPerS: number;
  /** Null where load decides. */
  readonly gpuBusy: number | null;
  readonly gpuMemory: number | null;
  readonly tail: { readonly seconds: number; readonly share: number } | null;
}

type Mutable = { -readonly [K in keyof Strain]: Strain[K] };

export function strainOf(effects: readonly Effect[]): Strain {
  const out: Mutable = {
    weight: 1,
    slow: 1,
    capacity: 1,
    cpu: 1,
    extraCores: 0,
    errors: 0,
    clientErrors: 0,
    queue: 0,
    inputs: 1,
    loadsPerS: 0,
    gpuBusy: null,
    gpuMemory: null,
    tail: null,
  };
  for (const effect of effects) strain(out, effect);
  return out;
}

function strain(out: Mutable, effect: Effect): void {
  switch (effect.is) {
    case 'cpu per request':
      out.cpu *= effect.factor;
      break;
    case 'extra cpu':
      out.extraCores += effect.cores;
      break;
    case 'gpu idle':
      out.gpuBusy = 0.09;
      out.cpu *= 1.2;
      out.slow *= 2.4;
      break;
    case 'gpu saturated':
      out.capacity *= effect.capacity;
      break;
    case 'gpu busy':
      out.gpuBusy = effect.share;
      out.gpuMemory = effect.memory;
      break;
    case 'threads':
      out.cpu *= 1.2;
      out.slow *= 2.1;
      break;
    case 'queueing':
      out.queue += effect.waiting;
      out.slow *= effect.factor;
      break;
    case 'unbalanced':
      out.weight *= effect.share;
      break;
    case 'model swapping':
      out.loadsPerS += effect.perMinute / 60;
      out.slow *= 1 + (effect.perMinute * effect.loadSeconds) / 12;
      break;
    case 'slower':
      out.slow *= effect.factor;
      break;
    case 'tail':
      out.tail = effect;
      break;
    case 'slow disk':
      out.slow *= 2.6;
      break;
    case 'noisy neighbour':
      out.slow *= 1 / Math.max(0.1, 1 - 1.4 * effect.steal);
      break;
    case 'longer inputs':
      out.inputs *= effect.factor;
      out.slow *= effect.factor ** 0.8;
      out.cpu *= effect.factor ** 0.17;
      break;
    case 'errors':
      out.errors += effect.ratio;
      break;
    case 'client errors':
      out.clientErrors += effect.ratio;
      break;
    default:
      break;
  }
}
