import { amount } from '../quantity.ts';
import type { Cluster } from '../state.ts';
import { effectsOn, type PlacedEffect } from './effects.ts';
import { cycle, noise, runAt, type Instance } from './load.ts';

/** Memory of one container's run: warm-up, plateau, and what effects add; bytes. */

const limitOf = (of: Instance): number | null => {
  const text = of.template.containers[0]?.limits['memory'];
  return text === undefined ? null : amount(text);
};

function plateauOf(of: Instance): number {
  const main = of.template.containers[0];
  return 0.6 * amount(main?.requests['memory'] ?? main?.limits['memory'] ?? '128Mi');
}

/** Without noise, and without the limit. */
function grown(cluster: Cluster, of: Instance, startedAt: number, at: number): number {
  const warm = plateauOf(of) * (1 - 0.75 * Math.exp(-(at - startedAt) / 180_000));
  let out = warm;
  for (const one of effectsOn(cluster, of, at, { startedAt })) out += addedBy(cluster, one, startedAt, at);
  return out;
}

function addedBy(cluster: Cluster, { effect, since }: PlacedEffect, startedAt: number, at: number): number {
  const forS = (at - Math.max(since, startedAt)) / 1000;
  switch (effect.is) {
    case 'memory leak':
      return effect.bytesPerS * forS;
    case 'memory step':
      return effect.bytes;
    case 'memory levels off':
      return effect.bytes * (1 - 0.5 ** (forS / effect.halfS));
    case 'memory sawtooth':
      return effect.bytes * ((forS % effect.periodS) / effect.periodS);
    case 'memory by day':
      return (effect.bytes * (cycle(cluster, at) - 0.62)) / 0.38;
    default:
      return 0;
  }
}

/** Null while no container runs. */
export function rssAt(cluster: Cluster, of: Instance, at: number): number | null {
  const run = runAt(of, at);
  if (run === null) return null;
  const value = grown(cluster, of, run.startedAt, at) * noise(cluster, `${of.uid} rss`, at, 0.004);
  return Math.min(value, limitOf(of) ?? Infinity);
}

export function workingSetAt(cluster: Cluster, of: Instance, at: number): number | null {
  const rss = rssAt(cluster, of, at);
  const run = runAt(of, at);
  if (rss === null || run === null) return null;
  const limit = limitOf(of) ?? 2 * plateauOf(of);
  let pages = 0.05 * limit * (1 - Math.exp(-(at - run.startedAt) / 1_800_000));
  for (const { effect, since } of effectsOn(cluster, of, at, { startedAt: run.startedAt })) {
    if (effect.is !== 'page cache') continue;
    pages += Math.min(effect.most, (effect.bytesPerS * (at - Math.max(since, run.startedAt))) / 1000);
  }
  return Math.min(limit, rss + pages);
}

/** When a run that leaks reaches its limit (Unix ms); Infinity when it does not. */
export function killedAt(cluster: Cluster, of: Instance, startedAt: number, now: number): number {
  const limit = limitOf(of);
  if (limit === null) return Infinity;
  const leaks = effectsOn(cluster, of, now, { startedAt });
  let rate = 0;
  for (const { effect } of leaks) if (effect.is === 'memory leak') rate += effect.bytesPerS;
  if (rate <= 0) return Infinity;
  const left = limit - grown(cluster, of, startedAt, now);
  if (left <= 0) return now;
  // What the warm-up still takes is taken off: then this moment is never too late, and it is looked at again when it has come.
  const warming = plateauOf(of) * 0.75 * Math.exp(-(now - startedAt) / 180_000);
  return now + Math.max(5000, ((left - warming) / rate) * 1000);
}
