import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type { ObjectName, Owner } from '../../core/ports/kubernetes.ts';
import { path, type Connection } from './connection.ts';
import type { Groups } from './groups.ts';
import { list } from './lists.ts';
import type { ApiDeployment } from './objects.ts';

const none: Owner = { kind: 'none', name: '', reverts: 'no' };
/** Where Argo CD keeps its Applications unless told otherwise. */
const argoNamespace = 'argocd';

const canary = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ targetRef: z.object({ kind: z.string().nullish(), name: z.string() }) }),
});
const application = z.object({
  spec: z.object({
    syncPolicy: z
      .object({ automated: z.object({ selfHeal: z.boolean().nullish(), enabled: z.boolean().nullish() }).nullish() })
      .nullish(),
  }),
});
const kustomization = z.object({ spec: z.object({ suspend: z.boolean().nullish() }) });
const helmRelease = z.object({
  spec: z.object({
    suspend: z.boolean().nullish(),
    driftDetection: z.object({ mode: z.string().nullish() }).nullish(),
  }),
});

/** Finds who else has a say about a Deployment, from its marks and, where they can be read, the owners' own objects. */
export class Owners {
  readonly #connection: Connection;
  readonly #groups: Groups;

  constructor(connection: Connection, groups: Groups) {
    this.#connection = connection;
    this.#groups = groups;
  }

  async of(deployment: ApiDeployment, signal: AbortSignal): Promise<Owner> {
    const { metadata } = deployment;
    const controller = metadata.ownerReferences.find((one) => one.controller);
    if (controller !== undefined) {
      const kind = controller.apiVersion.startsWith('flagger.app/') ? 'flagger' : 'controller';
      return { kind, name: `${controller.kind}/${controller.name}`, reverts: 'at once' };
    }
    const target = { namespace: metadata.namespace, name: metadata.name };
    const flagger = await this.#flagger(target, signal);
    if (flagger !== null) return flagger;
    const argo = argoName(deployment);
    if (argo !== null) return { kind: 'argo-cd', name: argo.name, reverts: await this.#argo(argo, signal) };
    return (await this.#flux(deployment, signal)) ?? helmOf(deployment);
  }

  /** The version of a group; null also when that cannot be read. */
  #version(group: string, signal: AbortSignal): Promise<string | null> {
    return orElse(null, this.#groups.versionOf(group, signal));
  }

  /** A canary's target has no mark of its own: the Canary points at it. */
  async #flagger(target: ObjectName, signal: AbortSignal): Promise<Owner | null> {
    const version = await this.#version('flagger.app', signal);
    if (version === null) return null;
    const { namespace } = target;
    const at = `${path(`/apis/flagger.app/${version}/namespaces`, namespace)}/canaries`;
    const canaries = await orElse(
      [],
      list(this.#connection, canary, { verb: 'list', resource: 'canaries.flagger.app', namespace, path: at, signal }),
    );
    const found = canaries.find(
      ({ spec }) => spec.targetRef.name === target.name && (spec.targetRef.kind ?? 'Deployment') === 'Deployment',
    );
    return found === undefined ? null : { kind: 'flagger', name: `Canary/${found.metadata.name}`, reverts: 'at once' };
  }

  async #argo({ name, namespace }: ObjectName, signal: AbortSignal): Promise<Owner['reverts']> {
    const version = await this.#version('argoproj.io', signal);
    if (version === null) return 'not known';
    const at = path(`/apis/argoproj.io/${version}/namespaces`, namespace, 'applications', name);
    const asked = { verb: 'get', resource: 'applications.argoproj.io', namespace, name, path: at, signal } as const;
    const found = await orElse(null, this.#connection.jsonOrNull(application, asked));
    if (found === null) return 'not known';
    const automated = found.spec.syncPolicy?.automated ?? null;
    return automated !== null && automated.enabled !== false && automated.selfHeal === true
      ? 'at once'
      : 'at its next deploy';
  }

  async #flux({ metadata }: ApiDeployment, signal: AbortSignal): Promise<Owner | null> {
    const { labels, annotations } = metadata;
    const kustomized = labels['kustomize.toolkit.fluxcd.io/name'];
    if (kustomized !== undefined) {
      const kind = 'flux-kustomization';
      if (annotations['kustomize.toolkit.fluxcd.io/reconcile'] === 'disabled')
        return { kind, name: kustomized, reverts: 'no' };
      const namespace = labels['kustomize.toolkit.fluxcd.io/namespace'] ?? metadata.namespace;
      const at = path(
        `/apis/kustomize.toolkit.fluxcd.io/${(await this.#version('kustomize.toolkit.fluxcd.io', signal)) ?? 'v1'}/namespaces`,
        namespace,
        'kustomizations',
        kustomized,
      );
      const asked = {
        verb: 'get',
        resource: 'kustomizations.kustomize.toolkit.fluxcd.io',
        namespace,
        name: kustomized,
        path: at,
        signal,
      } as const;
      const found = await orElse(null, this.#connection.jsonOrNull(kustomization, asked));
      return {
        kind,
        name: kustomized,
        reverts: found?.spec.suspend === true ? 'at its next deploy' : 'at its next interval',
      };
    }
    const released = labels['helm.toolkit.fluxcd.io/name'];
    if (released === undefined) return null;
    const namespace = labels['helm.toolkit.fluxcd.io/namespace'] ?? metadata.namespace;
    const at = path(
      `/apis/helm.toolkit.fluxcd.io/${(await this.#version('helm.toolkit.fluxcd.io', signal)) ?? 'v2'}/namespaces`,
      namespace,
      'helmreleases',
      released,
    );
    const asked = {
      verb: 'get',
      resource: 'helmreleases.helm.toolkit.fluxcd.io',
      namespace,
      name: released,
      path: at,
      signal,
    } as const;
    const found = await orElse(null, this.#connection.jsonOrNull(helmRelease, asked));
    if (found === null) return { kind: 'flux-helm', name: released, reverts: 'not known' };
    const corrects = found.spec.suspend !== true && found.spec.driftDetection?.mode === 'enabled';
    return { kind: 'flux-helm', name: released, reverts: corrects ? 'at its next interval' : 'at its next deploy' };
  }
}

/** Argo CD tracks by annotation (`app:apps/Deployment:ns/name`), by its own label, or by `app.kubernetes.io/instance` (its old default). */
function argoName({ metadata }: ApiDeployment): ObjectName | null {
  const { labels, annotations, managedFields } = metadata;
  const tracking = annotations['argocd.argoproj.io/tracking-id']?.split(':', 1)[0];
  const isManaged = managedFields.some((one) => one.manager.startsWith('argocd-'));
  const told =
    tracking ??
    labels['argocd.argoproj.io/instance'] ??
    (isManaged ? (labels['app.kubernetes.io/instance'] ?? '') : undefined);
  if (told === undefined) return null;
  const [namespace, name] = told.includes('_') ? told.split('_', 2) : [argoNamespace, told]; // `namespace_app` for apps in any namespace
  return { namespace: namespace ?? argoNamespace, name: name ?? told };
}

function helmOf({ metadata }: ApiDeployment): Owner {
  const release = metadata.annotations['meta.helm.sh/release-name'];
  if (release !== undefined) return { kind: 'helm', name: release, reverts: 'at its next deploy' };
  if (metadata.labels['app.kubernetes.io/managed-by'] !== 'Helm') return none;
  return { kind: 'helm', name: metadata.labels['app.kubernetes.io/instance'] ?? '', reverts: 'at its next deploy' };
}

/** An owner's own object only adds detail: what cannot be read is *not known*, and the Deployment is read all the same. */
async function orElse<T>(instead: T, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Failure) return instead;
    throw error;
  }
}
