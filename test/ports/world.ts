import type { Platform } from '../../src/core/ports/platform.ts';

/** What the suite wants deployed. Label `app` is the name; the selector is `app=<name>`; one container called `main`. */
export interface Wanted {
  readonly image: string;
  readonly replicas: number;
  /** As written in the strategy, '25%' where left out. */
  readonly maxSurge?: string;
  readonly maxUnavailable?: string;
  readonly minReadySeconds?: number;
  readonly progressDeadlineSeconds?: number;
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
  /** An HTTP readiness probe: `GET :8080<path>` each second. */
  readonly readinessPath?: string;
  /** Taints that its pods tolerate, all with an effect; a value where it must be equal. */
  readonly tolerations?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** Required node affinity: label to value. */
  readonly nodeAffinity?: Readonly<Record<string, string>>;
  /** A hard topology spread of its own pods. */
  readonly spread?: { readonly topologyKey: string; readonly maxSkew: number };
  /** Plain variables: their values must never come out of the port. */
  readonly env?: Readonly<Record<string, string>>;
  /** Variables from keys: of a config map and of a secret. */
  readonly envFromConfigMap?: { readonly variable: string; readonly name: string; readonly key: string };
  readonly envFromSecret?: {
    readonly variable: string;
    readonly name: string;
    readonly key: string;
    readonly optional: boolean;
  };
}

/**
 * One cluster that the suite may play with: the simulation or a real API server. Everything happens in `namespace`, which is empty at
 * the start. Verbs answer when the server has accepted, not when controllers have followed.
 */
export interface World {
  /** What is tested. */
  readonly platform: Platform;
  readonly region: string;
  readonly namespace: string;
  /**
   * v1 and v2 run and become ready. `missing` cannot be pulled: pods show ErrImagePull, then ImagePullBackOff. `crashing` writes
   * the line `boom: cannot start` and exits with 3: pods show CrashLoopBackOff from the second exit on.
   */
  readonly images: { readonly v1: string; readonly v2: string; readonly missing: string; readonly crashing: string };
  deploy(name: string, wanted: Wanted): Promise<void>;
  /** As `kubectl set image deployment/<name> main=<image>`. */
  setImage(name: string, image: string): Promise<void>;
  /** As `kubectl set resources deployment/<name> -c main --limits=memory=<memory>`, by a manager of its own. */
  setMemory(name: string, memory: string, manager: string): Promise<void>;
  /** As `kubectl rollout pause`. */
  pause(name: string): Promise<void>;
  /** As `kubectl scale`: a change that is none of the template's. */
  scale(name: string, replicas: number): Promise<void>;
  /** As `kubectl scale` by somebody: through the scale subresource. */
  scaleBy(name: string, replicas: number, manager: string): Promise<void>;
  /** As `kubectl edit hpa`: its maximum alone. */
  boundBy(autoscaler: string, max: number, manager: string): Promise<void>;
  /** A node on which nothing runs. */
  addNode(name: string): Promise<void>;
  cordonBy(node: string, manager: string): Promise<void>;
  /** Its object is deleted, as a cloud does it. */
  removeNode(name: string): Promise<void>;
  /** Takes the right to list events in `default` away until `run` has ended. */
  withoutNodeEvents(run: () => Promise<void>): Promise<void>;
  configMap(name: string, keys: readonly string[]): Promise<void>;
  secret(name: string, keys: readonly string[]): Promise<void>;
  serviceAccount(name: string): Promise<void>;
  quota(name: string, hard: Readonly<Record<string, string>>): Promise<void>;
  removeQuota(name: string): Promise<void>;
  /** A container LimitRange with a `max`. */
  limitRange(name: string, max: Readonly<Record<string, string>>): Promise<void>;
  removeLimitRange(name: string): Promise<void>;
  /** A HorizontalPodAutoscaler that targets the deployment. */
  autoscale(name: string, deployment: string, min: number, max: number): Promise<void>;
  /** A Service `name` for the pods of this deployment, its port `http` 80 to 8080. */
  service(name: string, deployment: string): Promise<void>;
  /** A PodDisruptionBudget for the pods of this deployment: "50%" or a number. */
  budget(name: string, deployment: string, minAvailable: string): Promise<void>;
  removeBudget(name: string): Promise<void>;
  /** A NetworkPolicy on the pods of this deployment that lets in what is labelled `app=gateway` to 8080, from its own namespace. */
  policy(name: string, deployment: string): Promise<void>;
  /** A PersistentVolumeClaim of 1Gi, ReadWriteOnce, of the storage class `absent`: it stays Pending. */
  claim(name: string): Promise<void>;
  storageClass(name: string, binds: 'at once' | 'when first used'): Promise<void>;
  /** The level of the Pod Security Standards that the namespace enforces; null: none. */
  enforce(level: 'baseline' | 'restricted' | null): Promise<void>;
  /** Another namespace that is being deleted, and is kept by something in it. */
  goingNamespace(name: string): Promise<void>;
  /** A StatefulSet whose pods run v1; the label `app` is the name. `partition`: ordinal from which on a new template applies. */
  statefulSet(name: string, replicas: number, partition: number | null): Promise<void>;
  /** A ScaledObject that scales this deployment. The cluster knows the kind; no KEDA follows it. */
  scaledObject(name: string, deployment: string, min: number, max: number): Promise<void>;
  /** Takes the bot's right to do this remedy (a file of deploy/) away until `run` has ended; `right` is the one in it. */
  without(remedy: string, right: string, run: () => Promise<void>): Promise<void>;
  /** Lets admission refuse every update of this deployment with this message, dry runs too. Absent: that test is left out, with the reason printed. */
  denyUpdates?(name: string, message: string): Promise<void>;
  /** Runs once when the adapter's next write has arrived, before the server carries it out. Absent: as above. */
  beforeNextWrite?(run: () => Promise<void>): void;
  /** Lets time pass for controllers: a real world sleeps about 250 ms, the simulation moves its clock by a second. */
  pass(): Promise<void>;
  close(): Promise<void>;
}

/** Lets time pass until `look` gives something else than undefined. Fails after `limitMs` of real time, or 240 steps, with the last thing seen. */
export async function until<T>(
  world: World,
  what: string,
  look: () => Promise<T | undefined>,
  limitMs = 40_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (let step = 0; step < 240 && Date.now() < end; step += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await world.pass();
  }
  throw new Error(`did not happen in time: ${what}`);
}
