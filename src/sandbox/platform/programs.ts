import { program as aProgram } from './template.ts';
import { chance } from './random.ts';
import { iso, seconds, type Cluster, type Pod, type PodContainer, type Program } from './state.ts';

/**
 * What runs in this container, given its image and what its environment held when it was created: what is deleted later is missed only
 * by containers that start after that.
 */
export function programOf(cluster: Cluster, container: PodContainer): Program {
  const known = cluster.images.get(container.spec.image)?.program ?? aProgram();
  if (container.missed !== null) {
    const ends = { afterSeconds: 2, exitCode: 1, signal: 0, reason: 'Error' };
    return { ...known, ends, lines: [...startLines(container), ...container.missed] };
  }
  const lines = known.lines.length > 0 ? known.lines : known.ends === null ? startLines(container) : [];
  return { ...known, lines };
}

/** What the program will complain about because a key that it needs is not there now; null when nothing is missing. */
export function missedAtStart(cluster: Cluster, pod: Pod, container: PodContainer): readonly string[] | null {
  for (const need of cluster.images.get(container.spec.image)?.program.needs ?? []) {
    const keys = cluster.objects.get(`${need.kind}/${pod.namespace}/${need.name}`)?.keys;
    if (keys?.includes(need.key) !== true) return need.complains;
  }
  return null;
}

function startLines(container: PodContainer): readonly string[] {
  const { name, image } = container.spec;
  const version = image.split(':').at(-1) ?? '';
  const at = iso(container.startedAt);
  return [
    `${at} INFO ${name} ${version} starting`,
    `${iso(container.startedAt + seconds(1))} INFO workers=4 device=cuda:0`,
    `${iso(container.startedAt + seconds(2))} INFO loading weights, checksum ${Math.floor(chance(image) * 2 ** 32).toString(16)}`,
  ];
}

/** What the kubelet says when an object of the environment is missing: the container is not created then. */
export function reasonNotToStart(cluster: Cluster, pod: Pod, container: PodContainer): string | null {
  for (const env of container.spec.env) {
    if (env.is === 'value' || env.optional) continue;
    const map = env.is === 'config map' || env.is === 'whole config map';
    const keys = cluster.objects.get(`${map ? 'ConfigMap' : 'Secret'}/${pod.namespace}/${env.name}`)?.keys;
    if (keys === undefined) return `${map ? 'configmap' : 'secret'} "${env.name}" not found`;
    if ((env.is === 'config map' || env.is === 'secret') && !keys.includes(env.key)) {
      return `couldn't find key ${env.key} in ${map ? 'ConfigMap' : 'Secret'} ${pod.namespace}/${env.name}`;
    }
  }
  return null;
}
