import type { Evidence } from './evidence.ts';

/** What the deployment is set to, was set to, and wants. */

/** The batch size's variable, what it is and what it was; null: not known. */
export function batchOf(seen: Evidence): {
  readonly name: string;
  readonly now: string | null;
  readonly before: string | null;
  readonly changedAt: string | null;
  readonly grew: boolean;
} | null {
  if (!seen.config.known || !seen.variables.known) return null;
  const name = seen.config.value.variables.batchSize;
  const { values, before } = seen.variables.value;
  const [now, old] = [values[name] ?? null, before?.values[name] ?? null];
  const grew = now !== null && old !== null && Number(now) > Number(old);
  return { name, now, before: old, changedAt: before?.changedAt ?? null, grew };
}

/** The model's version as set, as it was set before, and what the youngest pods say that they loaded. */
export function modelOf(seen: Evidence): {
  readonly name: string;
  readonly now: string | null;
  readonly before: string | null;
  readonly changedAt: string | null;
  readonly loaded: readonly string[];
} | null {
  if (!seen.config.known || !seen.variables.known) return null;
  const name = seen.config.value.variables.modelVersion;
  const { values, before } = seen.variables.value;
  const loads = seen['loaded model'].known ? seen['loaded model'].value.loads : [];
  return {
    name,
    now: values[name] ?? null,
    before: before?.values[name] ?? null,
    changedAt: before?.changedAt ?? null,
    loaded: [...new Set(loads.flatMap((one) => one.version ?? []))],
  };
}

/** The version that all pods that say so loaded, where it is none that was set. */
export function otherModelLoaded(seen: Evidence): string | null {
  const model = modelOf(seen);
  const [loaded, ...more] = model?.loaded ?? [];
  if (model?.now === null || model === null || loaded === undefined || more.length > 0) return null;
  const same = (one: string): string => one.replace(/^v/, '');
  return same(loaded) === same(model.now) ? null : loaded;
}

export function notReady(seen: Evidence): number {
  if (!seen.deployment.known) return 0;
  const { wanted, ready } = seen.deployment.value.replicas;
  return Math.max(0, wanted - ready);
}
