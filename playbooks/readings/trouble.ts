import type { ContainerState, ContainerStatus, Pod } from '../../src/core/ports/kubernetes.ts';
import type { PodGroup, Pods, Sample } from './pods.ts';

/** What holds one pod up. Each pod has one trouble: the first thing in its life that did not happen. */
export type Trouble =
  | { readonly is: 'not placed'; readonly reason: string; readonly message: string; readonly since: string | null }
  /** Placed, but its containers are not made yet: volumes, network, or the first pull. */
  | { readonly is: 'not created'; readonly reason: string; readonly message: string }
  | ({ readonly is: 'pull'; readonly reason: string; readonly message: string } & Where)
  /** Something that the container needs before it can be made: config map, secret, key, user. */
  | ({ readonly is: 'config'; readonly message: string } & Where)
  /** The runtime could not start its command. */
  | ({ readonly is: 'start'; readonly message: string; readonly exitCode: number } & Where)
  | ({ readonly is: 'ends'; readonly end: Ended } & Where)
  /** An init container or native sidecar that takes its time. */
  | ({ readonly is: 'init running' } & Where)
  | ({ readonly is: 'starting' } & Where)
  | ({ readonly is: 'not ready'; readonly since: string | null } & Where)
  /** All containers are ready, the pod is not: readiness gates, a silent node. */
  | { readonly is: 'pod not ready'; readonly reason: string; readonly message: string; readonly since: string | null }
  | { readonly is: 'refused'; readonly reason: string; readonly message: string };

export interface Where {
  readonly container: string;
  readonly image: string;
  readonly init: boolean;
  readonly restarts: number;
}
export type Ended = Extract<ContainerState, { is: 'terminated' }>;

const pulling =
  /^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|ImageInspectError|RegistryUnavailable)$/;
const starting = /^(RunContainerError|CreateContainerError|StartError|ContainerCannotRun|PostStartHookError)$/;

/** Null: nothing holds it up. */
export function troubleOf(pod: Pod): Trouble | null {
  if (pod.terminating) return null;
  if (pod.phase === 'Failed') return { is: 'refused', reason: pod.reason, message: pod.message };
  const placed = pod.conditions.find((one) => one.type === 'PodScheduled');
  if (pod.node === '' && placed?.status === 'False') {
    return { is: 'not placed', reason: placed.reason, message: placed.message, since: placed.since };
  }
  const init = pod.initContainers.filter((one) => !isDone(one) && !(one.ready && one.state.is === 'running'));
  for (const [status, isInit] of [
    ...init.map((one) => [one, true] as const),
    ...pod.containers.map((one) => [one, false] as const),
  ]) {
    const found = containerTrouble(status, isInit, pod);
    if (found !== null) return found;
  }
  const ready = pod.conditions.find((one) => one.type === 'Ready');
  if (ready?.status !== 'False' || pod.phase !== 'Running') return null;
  return { is: 'pod not ready', reason: ready.reason, message: ready.message, since: ready.since };
}

function isDone(status: ContainerStatus): boolean {
  return status.state.is === 'terminated' && status.state.exitCode === 0;
}

function containerTrouble(status: ContainerStatus, init: boolean, pod: Pod): Trouble | null {
  const where: Where = { container: status.name, image: status.image, init, restarts: status.restarts };
  const { state, last } = status;
  if (state.is === 'waiting') return waitingTrouble(state, status, where);
  if (state.is === 'terminated') {
    if (starting.test(state.reason)) return { is: 'start', message: state.message, exitCode: state.exitCode, ...where };
    return { is: 'ends', end: state, ...where };
  }
  // It runs just now. Having ended again and again says more than not being ready yet; once may be the start's bad luck.
  if (!status.ready && last?.is === 'terminated' && status.restarts > 1) return { is: 'ends', end: last, ...where };
  if (init) return { is: 'init running', ...where };
  if (status.ready) return null;
  if (status.started === false) return { is: 'starting', ...where };
  const unready = pod.conditions.find((one) => one.type === 'Ready')?.since ?? null;
  return { is: 'not ready', since: unready, ...where };
}

function waitingTrouble(
  state: Extract<ContainerState, { is: 'waiting' }>,
  status: ContainerStatus,
  where: Where,
): Trouble {
  const { reason, message } = state;
  if (pulling.test(reason)) return { is: 'pull', reason, message, ...where };
  if (reason === 'CreateContainerConfigError') return { is: 'config', message, ...where };
  const last = status.last?.is === 'terminated' ? status.last : null;
  if (starting.test(reason))
    return { is: 'start', message: message || (last?.message ?? ''), exitCode: last?.exitCode ?? 128, ...where };
  if (last !== null && starting.test(last.reason))
    return { is: 'start', message: last.message, exitCode: last.exitCode, ...where };
  if (last !== null) return { is: 'ends', end: last, ...where };
  return { is: 'not created', reason, message };
}

/** When this container's present instance began to run; null when it does not run. */
export function runningSince(pod: Pod, container: string): string | null {
  const found = [...pod.containers, ...pod.initContainers].find((one) => one.name === container);
  return found?.state.is === 'running' ? found.state.since : null;
}

/** Volumes mounted and network there: the images are being pulled, or the first container is being made. */
export function preparedSince(pod: Pod): string | null {
  return pod.conditions.find((one) => one.type === 'PodReadyToStartContainers' && one.status === 'True')?.since ?? null;
}

/** Pods of the present template with the same kind of trouble. */
export interface Affected<K extends Trouble> {
  readonly trouble: K;
  readonly pod: Pod;
  /** How many of the fresh pods have it, as far as samples tell. */
  readonly pods: number;
  /** All of them were looked at, or their status says it alone. */
  readonly exact: boolean;
  /** How many were read in full. */
  readonly read: number;
  readonly of: number;
  readonly restarts: number;
  /** When the oldest of them was made. */
  readonly oldestAt: string;
}

/**
 * Counts the pods whose trouble `wanted` accepts. A status group counts in full when all of its samples agree,
 * otherwise only those that were looked at.
 */
export function affected<K extends Trouble>(
  pods: Pods,
  samples: readonly Sample[],
  wanted: (trouble: Trouble, pod: Pod) => trouble is K,
): Affected<K> | null;
export function affected(
  pods: Pods,
  samples: readonly Sample[],
  wanted: (trouble: Trouble, pod: Pod) => boolean,
): Affected<Trouble> | null;
export function affected(
  pods: Pods,
  samples: readonly Sample[],
  wanted: (trouble: Trouble, pod: Pod) => boolean,
): Affected<Trouble> | null {
  let first: { trouble: Trouble; pod: Pod } | null = null;
  let exact = true;
  const hit: { group: PodGroup; pods: number; read: number; restarts: number }[] = [];
  for (const [index, group] of pods.fresh.groups.entries()) {
    const looked = samples.filter((sample) => sample.group === index);
    const with_ = looked.flatMap(({ pod }) => {
      const trouble = troubleOf(pod);
      return trouble !== null && wanted(trouble, pod) ? [{ trouble, pod }] : [];
    });
    const [one] = with_;
    if (one === undefined) continue;
    first ??= one;
    const all = with_.length === looked.length;
    exact &&= all;
    hit.push({ group, pods: all ? group.pods : with_.length, read: with_.length, restarts: group.restarts });
  }
  if (first === null) return null;
  return {
    ...first,
    pods: hit.reduce((sum, one) => sum + one.pods, 0),
    exact,
    read: hit.reduce((sum, one) => sum + one.read, 0),
    of: pods.fresh.total,
    restarts: hit.reduce((sum, one) => sum + one.restarts, 0),
    oldestAt: hit.map((one) => one.group.oldestAt).toSorted()[0] ?? '',
  };
}
