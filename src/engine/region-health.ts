import { whyOf } from '../core/failure.ts';
import type { Parts } from './parts.ts';

/** Whether each region answers, for `/readyz`: asked at most every fifteen seconds, whoever asks how often. */
export interface RegionHealth {
  readonly name: string;
  readonly ok: boolean;
  readonly words: string;
}

const KEEP_MS = 15_000;
const LIMIT_MS = 3_000;

export function regionHealth(parts: Parts, namespace: string): () => Promise<readonly RegionHealth[]> {
  let at = Number.NEGATIVE_INFINITY;
  let known: Promise<readonly RegionHealth[]> = Promise.resolve([]);
  return () => {
    const now = parts.clock.now();
    if (now - at >= KEEP_MS) {
      at = now;
      known = Promise.all(parts.regions.map((region) => ask(parts, region, namespace)));
    }
    return known;
  };
}

/** One cheap look: an object that need not exist. */
async function ask(parts: Parts, region: string, namespace: string): Promise<RegionHealth> {
  const name = `region ${region}`;
  const from = parts.clock.now();
  try {
    const { kubernetes } = parts.platform.read(region, AbortSignal.timeout(LIMIT_MS));
    await kubernetes.deployment({ namespace, name: 'mlp-bot' });
    return { name, ok: true, words: `Kubernetes answers in ${Math.round(parts.clock.now() - from)} ms` };
  } catch (error) {
    return { name, ok: false, words: `Kubernetes: ${whyOf(error)}` };
  }
}
