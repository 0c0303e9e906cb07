import { Failure, whyOf } from '../core/failure.ts';
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
    // After the clock was set back nobody knows how old an answer is.
    if (now < at || now - at >= KEEP_MS) {
      at = now;
      const all = parts.regions.map((region) =>
        Promise.all([askKubernetes(parts, region, namespace), askPrometheus(parts, region)]),
      );
      known = Promise.all(all).then((regions) => regions.flat().filter((one) => one !== null));
    }
    return known;
  };
}

/** One cheap look: an object that need not exist. */
async function askKubernetes(parts: Parts, region: string, namespace: string): Promise<RegionHealth> {
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

/** Null: the config names none here. */
async function askPrometheus(parts: Parts, region: string): Promise<RegionHealth | null> {
  const name = `metrics ${region}`;
  const from = parts.clock.now();
  try {
    const version = await parts.platform.read(region, AbortSignal.timeout(LIMIT_MS)).metrics.version();
    const tookMs = Math.round(parts.clock.now() - from);
    return { name, ok: true, words: `Prometheus ${version === '' ? '' : `${version} `}answers in ${tookMs} ms` };
  } catch (error) {
    if (error instanceof Failure && error.kind === 'not found') return null;
    return { name, ok: false, words: `Prometheus: ${whyOf(error)}` };
  }
}
