import { namespace } from '../seed.ts';
import { nudge, release, theModel, type Fault, type PlaybookName } from './fault.ts';
import type { Cluster, Pod, SimNode, Template, Workload } from '../state.ts';
import type { Effect, EffectAlert, PlacedEffect, Where } from '../telemetry/effects.ts';
import { merged, withContainer, withValues } from '../template.ts';
import { deployTemplate, workloadOf } from '../write.ts';
import { setBounds, setScaledObject } from '../around/bounding.ts';

/** Faults that are declared, not programmed: what changed, and what it does to pods from then on. */

/** One effect, and where it holds; a `where` without workload and node is model-server's. */
export interface Placing {
  readonly effect: Effect;
  readonly where?: Where;
  /** Left out: the fault's own. Null: this one alone rings no bell. */
  readonly alert?: EffectAlert | null;
  /** It ends by itself after so many seconds. */
  readonly forS?: number;
  /** It began so many seconds before the fault. */
  readonly beforeS?: number;
}

export interface Strained {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly playbook: PlaybookName;
  /** Its alert; null for what nobody is told of. */
  readonly alert: EffectAlert | null;
  /** The check that finds it; null for a trap. */
  readonly cause: string | null;
  readonly trap?: true;
  readonly minutesAgo?: number;
  readonly rollback?: Fault['rollback'];
  /** Which kinds of change end it: what a remedy must be able to do. */
  readonly cures?: readonly Cure[];
  /** What is done first: a release, an edit, a scale-out. */
  readonly change?: (cluster: Cluster, at: number) => void;
  /** After the change. */
  readonly effects: (cluster: Cluster, at: number) => readonly Placing[];
  /** What a person does besides, to end it by hand. */
  readonly repair?: { readonly title: string; readonly run: (cluster: Cluster, at: number) => void };
}

export type Cure = 'rollback' | 'restart' | 'set-env' | 'set-resources' | 'scale' | 'bounds' | 'replace-pod' | 'cordon';

const groups: Readonly<Record<PlaybookName, string>> = {
  storm: 'Region',
  'rollout-stuck': 'Rollout',
  'inference-errors': 'Inference errors',
  'slow-inference': 'Slow inference',
  'high-cpu': 'High CPU',
  'memory-leak': 'Memory leak',
};

export function strained(of: Strained): Fault {
  const { id, title, about, playbook, cause, alert } = of;
  return {
    id,
    title,
    group: groups[playbook],
    about,
    cause,
    playbook,
    ...(of.trap === undefined ? {} : { trap: of.trap }),
    cures: of.cures ?? [],
    alert,
    rollback: of.rollback ?? (of.cures?.includes('rollback') === true ? 'helps' : 'nothing to roll back'),
    minutesAgo: of.minutesAgo ?? 26,
    inject(cluster, at) {
      of.change?.(cluster, at);
      place(cluster, id, at, alert, of.effects(cluster, at));
    },
    heal: {
      title: of.repair?.title ?? 'Take its cause away',
      run(cluster, at) {
        endEffects(cluster, id, at);
        of.repair?.run(cluster, at);
        nudge(cluster, at);
      },
    },
  };
}

/** Without a place of their own they are model-server's. */
function place(
  cluster: Cluster,
  fault: string,
  at: number,
  alert: EffectAlert | null,
  placings: readonly Placing[],
): void {
  for (const { effect, where = {}, forS, beforeS = 0, ...one } of placings) {
    const isElsewhere = where.workload !== undefined || where.node !== undefined;
    const made: PlacedEffect = {
      fault,
      effect,
      where: isElsewhere ? where : { ...where, workload: 'model-server' },
      alert: one.alert === undefined ? alert : one.alert,
      since: at - beforeS * 1000,
      until: forS === undefined ? null : at + forS * 1000,
    };
    cluster.effects.push(made);
  }
}

export function endEffects(cluster: Cluster, fault: string, at: number): void {
  for (const one of cluster.effects) {
    if (one.fault === fault && (one.until === null || one.until > at)) one.until = at;
  }
}

/** The image that model-server's template names now: `where: { image: image(cluster) }` after a release ties an effect to it. */
export const image = (cluster: Cluster): string => theModel(cluster).template.containers[0]?.image ?? '';

/** The next version is rolled out. */
export const releases = (cluster: Cluster, at: number): void => release(cluster, at);

/** `kubectl set env deployment/model-server NAME=value`, by a person. */
export const setsEnv =
  (name: string, value: string | null) =>
  (cluster: Cluster, at: number): void =>
    edits((of) => withValues(of, 'model-server', { [name]: value }), 'kubectl-set')(cluster, at);

/** `kubectl set resources deployment/model-server --limits=cpu=… --requests=cpu=…`, by a person; null takes the limit away. The server refuses a request above its limit. */
export const limitsCpu =
  (cpu: string | null) =>
  (cluster: Cluster, at: number): void =>
    edits(
      (of) =>
        withContainer(of, 'model-server', (one) => ({
          ...one,
          requests: merged(one.requests, { cpu: cpu ?? '4' }),
          limits: merged(one.limits, { cpu }),
        })),
      'kubectl-set',
    )(cluster, at);

export const edits =
  (change: (of: Template) => Template, manager: string) =>
  (cluster: Cluster, at: number): void => {
    const model = theModel(cluster);
    deployTemplate(cluster, model, change(model.template), { manager, cause: null }, at);
  };

/** More pods are wanted: by the autoscaler's lower bound, as somebody would do it who knows it. */
export const scalesTo =
  (count: number) =>
  (cluster: Cluster): void => {
    const scaler = cluster.autoscalers.find((one) => one.workload === 'model-server');
    if (scaler !== undefined) setBounds(cluster, scaler, { min: count, max: scaler.max }, 'kubectl-patch');
  };

/** The autoscaler of a workload may not go above this. */
export function limitsPods(cluster: Cluster, workload: string, max: number): void {
  const scaler = cluster.autoscalers.find((one) => one.workload === workload);
  if (scaler === undefined) return;
  const to = { min: Math.min(scaler.min, max), max };
  const item = cluster.around.custom.get('ScaledObject')?.find((one) => one.name === scaler.scaledObject);
  if (item === undefined) setBounds(cluster, scaler, to, 'kubectl-edit');
  else setScaledObject(cluster, item, to, 'kubectl-edit');
}

/** Pods of model-server that serve, oldest first. */
export const servingPods = (cluster: Cluster): readonly Pod[] =>
  cluster.pods
    .filter((pod) => pod.workload === 'model-server' && pod.readySince !== null && pod.deletedAt === null)
    .sort((a, b) => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1));

/** The `index`th GPU node. */
export function gpuNode(cluster: Cluster, index: number): SimNode {
  const found = cluster.nodes.filter((node) => node.labels['mlp/pool'] === 'gpu')[index];
  if (found === undefined) throw new Error(`there is no GPU node ${index}`);
  return found;
}

export function workload(cluster: Cluster, name: string): Workload {
  const found = workloadOf(cluster, { namespace, name });
  if (found === null) throw new Error(`there is no ${name}`);
  return found;
}

export const gib = (count: number): number => count * 2 ** 30;
