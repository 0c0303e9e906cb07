import type { DeploymentAct, DeploymentRehearse, KubernetesRead, ObjectName } from '../../core/ports/kubernetes.ts';
import type { Attempt } from '../../core/ports/platform.ts';
import { Connection } from './connection.ts';
import type { Source } from './credentials.ts';
import { Owners } from './owner.ts';
import { kubernetesRead } from './read.ts';
import { deploymentAct, deploymentRehearse, fence } from './write.ts';

export interface KubernetesOptions {
  /** A kubeconfig with a context per region, or the service account of the pod that the bot runs in (then there is one region). */
  readonly credentials: { readonly kubeconfigPath: string } | 'in cluster';
  readonly regions: readonly {
    readonly name: string;
    /** The kubeconfig's context; the region's name where it is left out. */
    readonly context?: string;
  }[];
  /** For each call, retries included; 10,000 where it is left out. Milliseconds. */
  readonly limitMs?: number;
}

/** One region's cluster. Every method throws a Failure. */
export interface KubernetesRegion {
  readonly name: string;
  read(signal: AbortSignal): KubernetesRead;
  rehearse(target: ObjectName, signal: AbortSignal): DeploymentRehearse;
  act(target: ObjectName, attempt: Attempt, signal: AbortSignal): DeploymentAct;
  /** Gives the Deployment's fence a new value and changes nothing else. */
  fence(target: ObjectName, token: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const defaultLimitMs = 10_000;

/** By name. Nothing is read or connected before the first call. */
export function kubernetesRegions(options: KubernetesOptions): ReadonlyMap<string, KubernetesRegion> {
  const regions = options.regions.map(({ name, context }) =>
    regionOf(name, sourceOf(options, context ?? name), options.limitMs ?? defaultLimitMs),
  );
  return new Map(regions.map((region) => [region.name, region]));
}

function sourceOf({ credentials }: KubernetesOptions, context: string): Source {
  return credentials === 'in cluster'
    ? { is: 'in cluster' }
    : { is: 'kubeconfig', path: credentials.kubeconfigPath, context };
}

function regionOf(name: string, source: Source, limitMs: number): KubernetesRegion {
  const connection = new Connection({ region: name, source, limitMs });
  const owners = new Owners(connection);
  return {
    name,
    read: (signal) => kubernetesRead(connection, owners, signal),
    rehearse: (target, signal) => deploymentRehearse(connection, target, signal),
    act: (target, attempt, signal) => deploymentAct(connection, target, attempt, signal),
    fence: (target, token, signal) => fence(connection, target, token, signal),
    close: () => connection.close(),
  };
}
