import type { Cluster, Template } from '../state.ts';

/**
 * What a fault does to pods and nodes beside what controllers know of: telemetry, logs and alerts follow from it. Open: a new kind is a new
 * member here, one line in `strain.ts` (load) or in the measure that it shows in.
 */
export type Effect =
  /** Resident memory grows for as long as the container runs; at its limit it is OOM-killed. */
  | { readonly is: 'memory leak'; readonly bytesPerS: number }
  /** Once, and stays. */
  | { readonly is: 'memory step'; readonly bytes: number }
  /** Grows and levels off: a cache, allocator arenas. */
  | { readonly is: 'memory levels off'; readonly bytes: number; readonly halfS: number }
  /** A garbage collector's teeth. */
  | { readonly is: 'memory sawtooth'; readonly bytes: number; readonly periodS: number }
  /** Follows the traffic of the day. */
  | { readonly is: 'memory by day'; readonly bytes: number }
  /** Files read: only the working set shows it, and the kernel gives it back. */
  | { readonly is: 'page cache'; readonly bytesPerS: number; readonly most: number }
  /** Requests cost more CPU than they did. */
  | { readonly is: 'cpu per request'; readonly factor: number }
  /** Cores that no request needs; `process` is what `top` shows. */
  | { readonly is: 'extra cpu'; readonly cores: number; readonly process: string }
  /** A second container of the pod uses them. */
  | { readonly is: 'sidecar cpu'; readonly container: string; readonly cores: number }
  /** More (or fewer) requests; retries bring errors of their own and the same ids again. */
  | { readonly is: 'requests'; readonly factor: number; readonly why: 'growth' | 'retries' | 'none' }
  /** The GPU waits for preprocessing on the CPU. */
  | { readonly is: 'gpu idle' }
  /** The GPU has no time left: capacity shrinks to this share. */
  | { readonly is: 'gpu saturated'; readonly capacity: number }
  /** A busy GPU that answers as fast as ever. */
  | { readonly is: 'gpu busy'; readonly share: number; readonly memory: number }
  /** As many threads as the node has cores: they wait for each other. */
  | { readonly is: 'threads'; readonly count: number }
  /** Requests wait for a worker, while the workers have time. */
  | { readonly is: 'queueing'; readonly waiting: number; readonly factor: number }
  /** These pods get this share of an even part. */
  | { readonly is: 'unbalanced'; readonly share: number }
  /** Models are put out and loaded again. */
  | { readonly is: 'model swapping'; readonly perMinute: number; readonly loadSeconds: number }
  /** Everything takes this many times longer. */
  | { readonly is: 'slower'; readonly factor: number }
  /** This share of the requests waits so long (name resolution: exactly 5 s). */
  | { readonly is: 'tail'; readonly seconds: number; readonly share: number }
  | { readonly is: 'slow disk' }
  | { readonly is: 'noisy neighbour'; readonly steal: number }
  | { readonly is: 'longer inputs'; readonly factor: number }
  /** This share of the requests fails; each failure writes these lines. */
  | { readonly is: 'errors'; readonly ratio: number; readonly code: string; readonly lines: readonly string[] }
  | { readonly is: 'client errors'; readonly ratio: number; readonly code: string; readonly lines: readonly string[] }
  /** The driver's error on a node's GPU. */
  | { readonly is: 'xid'; readonly number: number }
  /** Lines that it writes now and then. */
  /** Its autoscaler goes up and down between these bounds. */
  | { readonly is: 'flapping'; readonly low: number; readonly high: number; readonly periodS: number }
  /** Nothing beside what the model works out itself (a CPU limit that throttles): it only ties the alert to it. */
  | { readonly is: 'by itself' }
  | { readonly is: 'says'; readonly everyS: number; readonly lines: readonly string[] }
  /** A process of the container is OOM-killed every so often; the container lives on. */
  | { readonly is: 'child killed'; readonly everyS: number }
  /** What `nvidia-smi` and `torch` see of a neighbour's process on the same GPU. */
  | { readonly is: 'gpu neighbour'; readonly bytes: number; readonly pid: number; readonly process: string }
  /** The node's, or the whole region's, exporter does not answer. */
  | { readonly is: 'exporter down'; readonly job: string }
  /** A metrics store that never heard of this job. */
  | { readonly is: 'no exporter'; readonly job: string };

/** Where an effect holds. What is left out does not matter; every field that is given must fit. */
export interface Where {
  readonly workload?: string;
  /** Only pods that run this image: a rollback ends it. */
  readonly image?: string;
  /** Only pods whose first container has this plain variable at this value (null: not set): setting it to another ends it. */
  readonly variable?: { readonly name: string; readonly value: string | null };
  /** Only these pods: replacing them ends it. */
  readonly uids?: readonly string[];
  readonly node?: string;
  /** Only containers that started before this moment (Unix ms): a restart ends it. */
  readonly startedBefore?: number;
  /** Only pods that started after it. */
  readonly startedAfter?: number;
  /** Only while the pod is younger. */
  readonly youngerThanS?: number;
  /** Only pods that have a container of this name. */
  readonly container?: string;
  /** Only pods with this CPU limit: another one ends it. */
  readonly cpuLimit?: string;
  /** Only pods with this memory limit: another one ends it. */
  readonly memoryLimit?: string;
  /** Only in this part of each period, counted from `since`. */
  readonly within?: { readonly periodS: number; readonly fromS: number; readonly toS: number };
  /** Only while there are fewer ready pods: scaling ends it. */
  readonly fewerThan?: number;
}

export type EffectAlert = 'ModelInferenceErrors' | 'SlowInference' | 'HighCPUUsage' | 'MemoryLeakSuspected';

export interface PlacedEffect {
  /** The fault that brought it: healing that takes it away. */
  readonly fault: string;
  readonly effect: Effect;
  readonly where: Where;
  /** The rule that fires while it strains a pod that serves; null: none. */
  readonly alert: EffectAlert | null;
  /** Unix ms; null until further notice. */
  readonly since: number;
  until: number | null;
}

/** A pod, there or gone, as far as effects look at it. */
export interface Subject {
  readonly workload: string;
  readonly uid: string;
  readonly node: string;
  readonly template: Template;
  readonly createdAt: number;
}

/** Effects on one pod at one moment. `startedAt`: of its container's run then; `ready`: how many pods serve. */
export function effectsOn(
  cluster: Cluster,
  of: Subject,
  at: number,
  { startedAt = of.createdAt, ready = 0 }: { readonly startedAt?: number; readonly ready?: number } = {},
): readonly PlacedEffect[] {
  return cluster.effects.filter((one) => {
    const { where } = one;
    return (
      holds(one, at) &&
      (where.workload === undefined || where.workload === of.workload) &&
      (where.node === undefined || where.node === of.node) &&
      (where.workload !== undefined || where.node !== undefined) &&
      (where.image === undefined || where.image === of.template.containers[0]?.image) &&
      (where.variable === undefined || valueOf(of.template, where.variable.name) === where.variable.value) &&
      (where.uids === undefined || where.uids.includes(of.uid)) &&
      (where.startedBefore === undefined || startedAt < where.startedBefore) &&
      (where.startedAfter === undefined || startedAt >= where.startedAfter) &&
      (where.youngerThanS === undefined || at - of.createdAt < where.youngerThanS * 1000) &&
      (where.container === undefined || of.template.containers.some((one) => one.name === where.container)) &&
      (where.cpuLimit === undefined || of.template.containers[0]?.limits['cpu'] === where.cpuLimit) &&
      (where.memoryLimit === undefined || of.template.containers[0]?.limits['memory'] === where.memoryLimit) &&
      (where.fewerThan === undefined || ready < where.fewerThan)
    );
  });
}

export function holds({ since, until, where: { within } }: PlacedEffect, at: number): boolean {
  if (at < since || (until !== null && at >= until)) return false;
  if (within === undefined) return true;
  const s = ((at - since) / 1000) % within.periodS;
  return s >= within.fromS && s < within.toS;
}

function valueOf(template: Template, name: string): string | null {
  const first = template.containers[0]?.name ?? '';
  return template.values[first]?.[name] ?? null;
}

/** Effects of a whole workload or region that are no pod's: requests, exporters. */
export function effectsOf(cluster: Cluster, workload: string, at: number): readonly Effect[] {
  return cluster.effects
    .filter((one) => holds(one, at) && (one.where.workload ?? workload) === workload)
    .map((one) => one.effect);
}
