import { Failure } from '../../core/failure.ts';
import type { KubernetesRead } from '../../core/ports/kubernetes.ts';
import type { ActOn, Attempt, Kind, Platform } from '../../core/ports/platform.ts';
import { Connection } from './connection.ts';
import type { Source } from './credentials.ts';
import { Groups } from './groups.ts';
import { kinds } from './kinds.ts';
import { Owners } from './owner.ts';
import { kubernetesRead } from './read.ts';

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
  /** What its API server's clock shows (ISO 8601, cut to the second). */
  serverClock(signal: AbortSignal): Promise<string>;
  rehearse<K extends Kind>(kind: K, target: ActOn[K]['target'], signal: AbortSignal): ActOn[K]['rehearse'];
  act<K extends Kind>(kind: K, target: ActOn[K]['target'], attempt: Attempt, signal: AbortSignal): ActOn[K]['act'];
  /** The fence that it carries; null: none, or no such object. */
  fenceOf(kind: Kind, target: ActOn[Kind]['target'], signal: AbortSignal): Promise<string | null>;
  /** Gives the fence a new value and changes nothing else. */
  fence(kind: Kind, target: ActOn[Kind]['target'], token: string, signal: AbortSignal): Promise<void>;
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
  const groups = new Groups(connection);
  const owners = new Owners(connection, groups);
  return {
    name,
    read: (signal) => kubernetesRead({ connection, groups, owners, signal }),
    serverClock: (signal) => connection.clock(signal),
    rehearse: (kind, of, signal) => kinds[kind].rehearse({ connection, groups, of, signal }),
    act: (kind, of, attempt, signal) => kinds[kind].act({ connection, groups, of, signal }, attempt),
    fenceOf: (kind, of, signal) => kinds[kind].fenceOf({ connection, groups, of, signal }),
    fence: (kind, of, token, signal) => kinds[kind].fence({ connection, groups, of, signal }, token),
    close: () => connection.close(),
  };
}

/** The part of the platform that these clusters are: everything but what else there is to read. */
export function clustersOf(
  regions: ReadonlyMap<string, KubernetesRegion>,
): Omit<Platform, 'read'> & { readonly at: (region: string) => KubernetesRegion } {
  const at = (region: string): KubernetesRegion => {
    const found = regions.get(region);
    if (found === undefined) throw new Failure('not found', `${region} is no region of the config`);
    return found;
  };
  return {
    at,
    regions: [...regions.keys()],
    serverClock: (region, signal) => at(region).serverClock(signal),
    rehearse: (kind, region, target, signal) => at(region).rehearse(kind, target, signal),
    act: (kind, region, target, attempt, signal) => at(region).act(kind, target, attempt, signal),
    fenceOf: (kind, region, target, signal) => at(region).fenceOf(kind, target, signal),
    fence: (kind, region, target, token, signal) => at(region).fence(kind, target, token, signal),
  };
}
