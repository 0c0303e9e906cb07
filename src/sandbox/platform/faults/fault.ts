import { wakeKubelets } from '../kubelet.ts';
import { namespace } from '../seed.ts';
import { registryOf, servingProgram } from '../seed-templates.ts';
import type { Cluster, Image, Program, Template, Workload } from '../state.ts';
import { withContainer } from '../template.ts';
import { deployTemplate, workloadOf } from '../write.ts';

export type PlaybookName =
  | 'storm'
  | 'rollout-stuck'
  | 'inference-errors'
  | 'slow-inference'
  | 'high-cpu'
  | 'memory-leak';

/** One thing that can go wrong, as a person might do it or meet it. */
export interface Fault {
  readonly id: string;
  readonly title: string;
  /** Where the page lists it. */
  readonly group: string;
  /** What a person who looks would see. */
  readonly about: string;
  /** The check of its playbook that a right diagnosis finds; null where there is nothing for it to find. */
  readonly cause: string | null;
  /** The playbook that it is for; left out: rollout-stuck. */
  readonly playbook?: PlaybookName;
  /** Trap: the alert fires, but nothing is wrong that anybody should act on. */
  readonly trap?: true;
  /** The alert that its effects make fire; left out or null: none but the usual rules'. */
  readonly alert?: string | null;
  /** Kinds of change that end it. */
  readonly cures?: readonly string[];
  /** Whether a rollback to the revision before brings the service back, or there is nothing to roll back. */
  readonly rollback: 'helps' | 'does not help' | 'nothing to roll back';
  /** How long ago it happened, where the person who injects it does not say; 0 for what can only happen now. */
  readonly minutesAgo: number;
  readonly inject: (cluster: Cluster, at: number) => void;
  /** What a person does by hand to end it. */
  readonly heal: { readonly title: string; readonly run: (cluster: Cluster, at: number) => void };
}

export const modelServer = 'model-server';

export function theModel(cluster: Cluster): Workload {
  const found = workloadOf(cluster, { namespace, name: modelServer });
  if (found === null) throw new Error('the platform has no model-server');
  return found;
}

/** "v2.4.0" becomes "v2.4.1". */
export function nextVersion(image: string): string {
  const match = /^(.*:v\d+\.\d+\.)(\d+)$/.exec(image);
  if (match === null) throw new Error(`no version in ${image}`);
  return `${match[1] ?? ''}${Number(match[2]) + 1}`;
}

const imageOfModel = (workload: Workload): string => workload.template.containers[0]?.image ?? '';

/** The newest version that anything here has heard of, so that a release is always a new one. */
function newestImage(cluster: Cluster): string {
  const known = [...cluster.images.keys()].filter((one) =>
    one.startsWith(`${registryOf(cluster.region)}/${modelServer}:`),
  );
  const order = (image: string): number => {
    const [, major = 0, minor = 0, patch = 0] = (/:v(\d+)\.(\d+)\.(\d+)$/.exec(image) ?? []).map(Number);
    return (major * 1000 + minor) * 1000 + patch;
  };
  return known.reduce((best, one) => (order(one) > order(best) ? one : best), imageOfModel(theModel(cluster)));
}

export interface Release {
  readonly pull?: Image['pull'];
  readonly pullSeconds?: number;
  readonly program?: Image['program'];
  readonly change?: (template: Template) => Template;
}

/** Argo CD rolls out the next version of model-server. */
export function release(cluster: Cluster, at: number, of: Release = {}): void {
  const model = theModel(cluster);
  const image = nextVersion(newestImage(cluster));
  const { pull = 'ok', pullSeconds = 20, program = servingProgram(), change = (same) => same } = of;
  cluster.images.set(image, { pull, pullSeconds, program });
  const next = withContainer(change(model.template), modelServer, (one) => ({ ...one, image }));
  deployTemplate(
    cluster,
    model,
    next,
    { manager: 'argocd-controller', cause: `release ${image.split(':').at(-1) ?? ''}` },
    at,
  );
}

/** Makes the newest version one that can be pulled and works, without another release. */
export function pushImage(cluster: Cluster): void {
  cluster.images.set(newestImage(cluster), { pull: 'ok', pullSeconds: 20, program: servingProgram() });
}

/** A repaired release: the template that last had available pods, with a new version. */
export function releaseRepaired(cluster: Cluster, at: number): void {
  const model = theModel(cluster);
  const good = model.sets.filter((set) => set.available > 0).sort((a, b) => b.available - a.available)[0];
  release(cluster, at, { change: (now) => good?.template ?? now });
}

export const inNamespace = (kind: string, name: string): string => `${kind}/${namespace}/${name}`;

/** A person nudges the controllers: they retry at once instead of after their back-off. */
export function nudge(cluster: Cluster, at: number): void {
  for (const workload of cluster.workloads) {
    for (const set of workload.sets) if (set.retryAt !== null) set.retryAt = at;
  }
  wakeKubelets(cluster, at);
}

export const repairedRelease = { title: 'Release a repaired version', run: releaseRepaired } as const;

/** Asks for more of something, for model-server's container. */
export const asking =
  (resource: string, quantity: string) =>
  (of: Template): Template =>
    withContainer(of, modelServer, (one) => ({
      ...one,
      requests: { ...one.requests, [resource]: quantity },
      limits: resource === 'cpu' ? one.limits : { ...one.limits, [resource]: quantity },
    }));

/** The next version's program does not get ready. */
export function failing(id: string, title: string, about: string, cause: string, run: Program): Fault {
  return {
    id,
    title,
    group: 'Start',
    about,
    cause,
    rollback: 'helps',
    minutesAgo: 26,
    inject: (cluster, at) => release(cluster, at, { program: run }),
    heal: repairedRelease,
  };
}
