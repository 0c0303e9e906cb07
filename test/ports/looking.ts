import { Failure } from '../../src/core/failure.ts';
import type { Deployment, KubernetesRead, ObjectName } from '../../src/core/ports/kubernetes.ts';
import { until, type World } from './world.ts';

export const limit = (): AbortSignal => AbortSignal.timeout(20_000);
export const reader = (world: World): KubernetesRead => world.platform.read(world.region, limit()).kubernetes;
export const named = (world: World, name: string): ObjectName => ({ namespace: world.namespace, name });

export async function deploymentOf(world: World, name: string): Promise<Deployment> {
  const found = await reader(world).deployment(named(world, name));
  if (found === null) throw new Error(`there is no deployment ${name}`);
  return found;
}

/** Waits until the controller has seen the newest spec and all its pods are available. */
export function rolledOut(world: World, name: string): Promise<Deployment> {
  return until(world, `${name} is rolled out`, async () => {
    const seen = await reader(world).deployment(named(world, name));
    if (seen === null || seen.observedGeneration < seen.generation) return undefined;
    const { wanted, updated, available, total } = seen.replicas;
    return updated === wanted && available === wanted && total === wanted ? seen : undefined;
  });
}

export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('expected a Failure, but it succeeded');
}
