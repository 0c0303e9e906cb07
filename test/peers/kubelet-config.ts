import { KubeError, type KubeClient } from './kube-client.ts';
import type { Container, Pod, Volume } from './kube-types.ts';

type Kind = 'configmap' | 'secret';
interface Keyed {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

async function find(client: KubeClient, kind: Kind, namespace: string, name: string): Promise<Keyed | undefined> {
  try {
    return await client.get<Keyed>(`/api/v1/namespaces/${namespace}/${kind}s/${name}`);
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}

/** Why a container cannot be configured, in the kubelet's words (kubelet_pods.go, v1.36): its environment names what is not there. */
export async function missingConfig(
  client: KubeClient,
  namespace: string,
  container: Container,
): Promise<string | undefined> {
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    for (const [kind, ref] of [
      ['configmap', configMapRef],
      ['secret', secretRef],
    ] as const) {
      if (ref === undefined || ref.optional) continue;
      if (!(await find(client, kind, namespace, ref.name))) return `${kind} "${ref.name}" not found`;
    }
  }
  for (const { valueFrom } of container.env ?? []) {
    for (const [kind, spelled, ref] of [
      ['configmap', 'ConfigMap', valueFrom?.configMapKeyRef],
      ['secret', 'Secret', valueFrom?.secretKeyRef],
    ] as const) {
      if (ref === undefined || ref.optional) continue;
      const found = await find(client, kind, namespace, ref.name);
      if (!found) return `${kind} "${ref.name}" not found`;
      if (found.data?.[ref.key] === undefined)
        return `couldn't find key ${ref.key} in ${spelled} ${namespace}/${ref.name}`;
    }
  }
  return undefined;
}

/** Why a volume cannot be mounted, in the words of its plugin; undefined when it can. */
export async function missingVolume(client: KubeClient, pod: Pod, volume: Volume): Promise<string | undefined> {
  const { namespace } = pod.metadata;
  const sources = [
    { kind: 'configmap' as const, name: volume.configMap?.name, source: volume.configMap },
    { kind: 'secret' as const, name: volume.secret?.secretName, source: volume.secret },
    ...(volume.projected?.sources ?? []).flatMap((one) => [
      { kind: 'configmap' as const, name: one.configMap?.name, source: one.configMap },
      { kind: 'secret' as const, name: one.secret?.name, source: one.secret },
    ]),
  ];
  for (const { kind, name, source } of sources) {
    if (name === undefined || source === undefined || source.optional) continue;
    const found = await find(client, kind, namespace, name);
    if (!found) return `${kind} "${name}" not found`;
    const gone = (source.items ?? []).find(
      ({ key }) => found.data?.[key] === undefined && found.binaryData?.[key] === undefined,
    );
    if (gone)
      return kind === 'secret'
        ? `references non-existent secret key: ${gone.key}`
        : `configmap references non-existent config key: ${gone.key}`;
  }
  return undefined;
}
