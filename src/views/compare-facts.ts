import { lastLoad, LOAD_TAIL } from '../../playbooks/readings/load-line.ts';
import { Failure } from '../core/failure.ts';
import type { Autoscaler, Deployment, KubernetesRead, Node, PodRow } from '../core/ports/kubernetes.ts';
import type { Read } from '../core/ports/platform.ts';
import { tried, untold } from './found.ts';
import {
  configMapsOf,
  environmentText,
  imageName,
  placementText,
  probesText,
  resourcesText,
  rolloutText,
} from './template.ts';

/** What one deployment is in one region, by facts that can be held against those of another. */

export interface Facts {
  /** By what they are: "image", "replicas". */
  readonly facts: Readonly<Record<string, string>>;
  readonly untold: readonly string[];
}

/** A fact that could not be seen is neither equal nor different. */
export const UNSEEN = '(not seen)';
export const LOADED = 'model loaded';

export async function factsOf(read: Read, of: { readonly namespace: string; readonly name: string }): Promise<Facts> {
  const { kubernetes } = read;
  const { namespace, name } = of;
  const deployment = await kubernetes.deployment(of);
  if (deployment === null) throw new Failure('not found', `there is no deployment ${name} in ${namespace}`);
  const { modelVersion, batchSize, threads } = read.service(of).variables;
  const [main] = deployment.template.containers;
  const listed = [...new Set([modelVersion, batchSize, threads])];
  const titled = (one: string): string => (one === modelVersion ? `model version (${one})` : one);
  const [variables, autoscaler, rows, nodes, ...maps] = await Promise.all([
    tried(kubernetes.variables(of, main?.name ?? '', listed)),
    tried(kubernetes.autoscaler(of)),
    tried(kubernetes.pods(namespace, deployment.selector)),
    tried(kubernetes.nodes()),
    ...configMapsOf(deployment.template).map(async (map) => ({
      map,
      found: await tried(kubernetes.configMap({ namespace, name: map })),
    })),
  ]);
  const loaded = rows.known ? await tried(loadedBy(kubernetes, of, rows.value, main?.name ?? '')) : rows;
  const config = maps.map(({ map, found }) => [
    `config map ${map}`,
    found.known ? (found.value === null ? 'not there' : found.value.digest.slice(0, 8)) : UNSEEN,
  ]);
  return {
    facts: {
      ...templateFacts(deployment),
      ...Object.fromEntries(
        listed.map((one) => [titled(one), variables.known ? (variables.value[one] ?? 'not set') : UNSEEN]),
      ),
      // Most services write nothing of the kind: then there is nothing to compare.
      ...(loaded.known ? (loaded.value === null ? {} : { [LOADED]: loaded.value }) : { [LOADED]: UNSEEN }),
      ...Object.fromEntries(config),
      ...(autoscaler.known ? scalerFacts(autoscaler.value) : { autoscaler: UNSEEN }),
      zones: rows.known && nodes.known ? zonesOf(rows.value, nodes.value) : UNSEEN,
    },
    untold: untold({
      variables,
      'the autoscaler': autoscaler,
      pods: rows,
      nodes,
      ...(rows.known ? { 'which model was loaded': loaded } : {}),
      ...Object.fromEntries(maps.map(({ map, found }) => [`config map ${map}`, found])),
    }),
  };
}

/** By the log of its youngest pod that is ready; null: it says nothing of it. */
async function loadedBy(
  kubernetes: KubernetesRead,
  { namespace }: { readonly namespace: string },
  rows: readonly PodRow[],
  container: string,
): Promise<string | null> {
  const ready = rows.filter((one) => !one.terminating && one.containers > 0 && one.readyContainers === one.containers);
  const youngest = ready.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))[0];
  if (youngest === undefined) return null;
  const { lines } = await kubernetes.log(
    { namespace, name: youngest.name },
    { container, previous: false, tail: LOAD_TAIL },
  );
  const version = lastLoad(lines)?.version ?? null;
  return version === null ? null : `${version} (by its youngest pod)`;
}

function templateFacts({ template, replicas, strategy, paused, owner }: Deployment): Readonly<Record<string, string>> {
  const several = template.containers.length > 1;
  const ofEach = template.containers.flatMap((one) => {
    const of = several ? ` of ${one.name}` : '';
    return [
      [`image${of}`, imageText(imageName(one.image), rolloutText(replicas))],
      [`registry${of}`, one.image.slice(0, Math.max(0, one.image.lastIndexOf('/'))) || 'none named'],
      [`resources${of}`, resourcesText(one)],
      [`environment${of}`, environmentText(one) || 'none'],
      [`probes${of}`, probesText(one)],
      [`command${of}`, one.command.join(' ') || "the image's own"],
    ];
  });
  return {
    ...Object.fromEntries(ofEach),
    ...Object.fromEntries(template.initContainers.map((one) => [`image of ${one.name}`, imageName(one.image)])),
    replicas: `${replicas.ready} of ${replicas.wanted} ready`,
    // The image above is the one that is wanted.
    rollout: rolloutText(replicas),
    'rollout strategy': `${strategy.type}, ${strategy.maxSurge} more, ${strategy.maxUnavailable} fewer`,
    placement: placementText(template),
    'service account': template.serviceAccount,
    volumes:
      template.volumes
        .map((one) => `${one.name} (${one.from}${one.source === '' ? '' : ` ${one.source}`})`)
        .join(', ') || 'none',
    paused: paused ? 'yes' : 'no',
    owner: owner.kind === 'none' ? 'none' : `${owner.kind} ${owner.name}`,
  };
}

/** What is wanted is not what runs until a rollout is over: then it is equal to nothing. */
function imageText(wanted: string, rollout: string): string {
  return rollout === 'complete' ? wanted : `${wanted} is wanted, ${rollout}`;
}

function scalerFacts(one: Autoscaler | null): Readonly<Record<string, string>> {
  if (one === null) return { autoscaler: 'none' };
  const targets = one.metrics.map(({ name, target }) => `${name} ${target}`).join(', ');
  return { autoscaler: `${one.min} to ${one.max}${targets === '' ? '' : `, ${targets}`}` };
}

/** "a, b, c": where its pods are; how many in each is the scheduler's. The zone's last letter, as its beginning is the region. */
function zonesOf(rows: readonly PodRow[], nodes: readonly Node[]): string {
  const zone = (name: string): string => {
    const label = nodes.find((one) => one.name === name)?.labels['topology.kubernetes.io/zone'];
    return label === undefined ? (name === '' ? 'not placed' : 'no zone known') : label.slice(label.search(/[a-z]$/));
  };
  const live = rows.filter((row) => !row.terminating);
  return [...new Set(live.map((row) => zone(row.node)))].toSorted().join(', ') || 'no pods';
}
