import type { Connection, Request } from './connection.ts';
import type { Groups } from './groups.ts';
import type { Owners } from './owner.ts';

/** Everything that a look needs, until `signal` ends it. */
export interface Reading {
  readonly connection: Connection;
  readonly groups: Groups;
  readonly owners: Owners;
  readonly signal: AbortSignal;
}

/** A list of one kind in a namespace, or (without one) in all of them: `deployments.apps` below `/apis/apps/v1`. */
export function listing(
  { signal }: Pick<Reading, 'signal'>,
  api: string,
  resource: string,
  namespace?: string,
): Request {
  const plural = resource.split('.', 1)[0] ?? resource;
  const where = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return {
    verb: 'list',
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    path: `${api}${where}/${plural}`,
    signal,
  };
}

/** One object by its name. */
export function getting(
  { signal }: Pick<Reading, 'signal'>,
  api: string,
  resource: string,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Request {
  const { path, ...rest } = listing({ signal }, api, resource, namespace === '' ? undefined : namespace);
  return { ...rest, verb: 'get', name, path: `${path}/${encodeURIComponent(name)}` };
}
