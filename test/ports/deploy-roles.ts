import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Region } from '../peers/control-plane.ts';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly subjects?: readonly object[];
  readonly rules?: readonly Rule[];
}

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** The objects of a file in deploy/. */
export function manifests(file: string): readonly Manifest[] {
  const text = readFileSync(new URL(`../../deploy/${file}`, import.meta.url), 'utf8');
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((one) => one !== null);
}

const rbac = '/apis/rbac.authorization.k8s.io/v1';

/** Each single right of a file's roles: "list deployments.apps". */
export function rightsIn(file: string): readonly string[] {
  return manifests(file).flatMap(({ rules = [] }) => rules.flatMap(rightsOf));
}

export function rightsOf({ apiGroups, resources, verbs }: Rule): readonly string[] {
  return verbs.flatMap((verb) =>
    resources.flatMap((resource) =>
      apiGroups.map((group) => {
        const [plural, subresource] = resource.split('/', 2);
        const whole = `${plural}${group === '' ? '' : `.${group}`}`;
        return `${verb} ${whole}${subresource === undefined ? '' : `/${subresource}`}`;
      }),
    ),
  );
}

/** Applies the roles of these files as they are, and binds them to this user (in this namespace) instead of the bot's service account. */
export async function grant(region: Region, files: readonly string[], user: string, namespace: string): Promise<void> {
  for (const file of files) {
    for (const one of manifests(file)) {
      if (one.kind === 'ClusterRole') await once(region, `${rbac}/clusterroles`, one);
      if (!one.kind.endsWith('Binding')) continue;
      const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
      const isWide = one.kind === 'ClusterRoleBinding';
      // Events of nodes are in `default`, wherever the services are.
      const where = one.metadata.namespace === 'default' ? 'default' : namespace;
      const metadata = { name: `${one.metadata.name}-${user}`, ...(isWide ? {} : { namespace: where }) };
      const at = isWide ? `${rbac}/clusterrolebindings` : `${rbac}/namespaces/${where}/rolebindings`;
      await once(region, at, { ...one, metadata, subjects });
    }
  }
}

async function once(region: Region, path: string, object: object): Promise<void> {
  try {
    await region.admin.post(path, object);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('already exists')) throw error;
  }
}
