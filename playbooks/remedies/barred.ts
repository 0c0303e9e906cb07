import { plural } from '../readings/wording.ts';
import type { Around } from './reach.ts';

/**
 * Why no new pod of this template (by digest) would be made in its namespace; null: nothing that was seen speaks against it. Both act on pods, so that
 * a Deployment's dry run passes (domain fact 10).
 */
export function barred({ namespace: seen }: Around, namespace: string, digest: string): string | null {
  if (!seen.known) return null;
  const { phase, terminatingSince, podSecurity, says } = seen.value;
  if (phase === 'Terminating') {
    const since = terminatingSince === null ? '' : ` since ${terminatingSince.slice(11, 16)} UTC`;
    return `namespace ${namespace} is being deleted${since}: nothing new can be made in it`;
  }
  const [first, second, ...rest] = says?.refuses[digest] ?? [];
  if (first === undefined || podSecurity === null) return null;
  const more = rest.length === 0 ? '' : `; and ${plural(rest.length, 'more reason')}`;
  return `Pod Security of namespace ${namespace} (${podSecurity.level}, ${podSecurity.version}) would refuse its new pods: ${first}${second === undefined ? '' : `; ${second}`}${more}`;
}
