import { bad, ok, unknown, warn } from '../../core/doctor/line.ts';
import type { Line } from '../../core/doctor/line.ts';
import { whyOf } from '../../core/failure.ts';
import type { KubernetesRead } from '../../core/ports/kubernetes.ts';
import { clusterRights, insideRights, readRights, remedyRights, ruleFor } from '../../core/rights.ts';
import type { TierRight } from '../../core/rights.ts';

/** What the authorizer of one region says that the bot may do (SelfSubjectAccessReview), by the tiers of deploy/. */

interface Asked extends TierRight {
  readonly allowed: boolean;
}

/** What the whole cluster holds, and then each namespace. */
export async function rightsOf(
  region: string,
  namespaces: readonly string[],
  read: () => KubernetesRead,
): Promise<readonly Line[]> {
  const all = await Promise.all([
    tier(`${region}: may read the cluster`, clusterRights, undefined, read, clusterLine),
    ...namespaces.flatMap((namespace) => [
      tier(`${region}: may read ${namespace}`, readRights, namespace, read, readLine),
      tier(`${region}: may look inside ${namespace}`, insideRights, namespace, read, insideLine),
      tier(`${region}: remedies in ${namespace}`, remedies, namespace, read, remediesLine),
    ]),
  ]);
  return all;
}

const remedies: readonly TierRight[] = Object.entries(remedyRights).map(([what, right]) => ({ ...right, what }));

async function tier(
  what: string,
  rights: readonly TierRight[],
  namespace: string | undefined,
  read: () => KubernetesRead,
  judge: (what: string, all: readonly Asked[]) => Line,
): Promise<Line> {
  try {
    const answers = new Map<string, Promise<boolean>>();
    const all = rights.map(async (one) => {
      const { verb, resource } = one;
      const place = one.namespace ?? (resource === 'nodes' ? undefined : namespace);
      // Several remedies need the same right: asked once.
      const key = `${verb} ${resource} ${place ?? ''}`;
      const asked =
        answers.get(key) ??
        read()
          .mayI({ verb, resource, ...(place === undefined ? {} : { namespace: place }) })
          .then((it) => it.allowed);
      answers.set(key, asked);
      return { ...one, allowed: await asked };
    });
    return judge(what, await Promise.all(all));
  } catch (error) {
    return unknown(what, whyOf(error), 'ask again');
  }
}

function readLine(what: string, all: readonly Asked[]): Line {
  const missing = all.filter((one) => !one.allowed);
  if (missing.length === 0) return ok(what, `all ${all.length} rights of deploy/read.yaml`);
  const words = `${all.length - missing.length} of ${all.length} rights; not: ${listed(missing)}`;
  const todo = `kubectl apply -f deploy/read.yaml there, or add: ${rules(missing)}`;
  const blind = missing.some((one) => one.vital === true);
  return blind ? bad(what, words, todo) : warn(what, words, `${todo}. Until then that is "could not tell"`);
}

function clusterLine(what: string, all: readonly Asked[]): Line {
  const missing = all.filter((one) => !one.allowed);
  if (missing.length === 0) return ok(what, `all ${all.length} rights of deploy/read-cluster.yaml`);
  return warn(
    what,
    `${all.length - missing.length} of ${all.length} rights; not: ${listed(missing)}`,
    `kubectl apply -f deploy/read-cluster.yaml, or add: ${rules(missing)}. Until then that is "could not tell"`,
  );
}

/** Off until somebody grants it: fine. */
function insideLine(what: string, all: readonly Asked[]): Line {
  const missing = all.filter((one) => !one.allowed);
  const may = all.filter((one) => one.allowed).map((one) => one.what);
  if (missing.length === 0) return ok(what, may.join(', '));
  if (may.length === 0) return ok(what, 'nothing, as it is until deploy/look-inside.yaml is applied');
  return ok(what, `${may.join(', ')}; not ${listed(missing)}`);
}

/** Off until somebody grants it too; but then the bot only proposes. */
function remediesLine(what: string, all: readonly Asked[]): Line {
  const missing = all.filter((one) => !one.allowed);
  const may = all.filter((one) => one.allowed).map((one) => one.what);
  if (missing.length === 0) return ok(what, may.join(', '));
  return warn(
    what,
    `${may.length === 0 ? 'none' : may.join(', ')}; not ${listed(missing)}`,
    'kubectl apply -f deploy/remedy-<name>.yaml for each that it should do; the others fail with the rule to add',
  );
}

const MOST = 8;
function listed(all: readonly Asked[]): string {
  const named = all.slice(0, MOST).map((one) => `${one.what} (${one.verb} ${one.resource})`);
  return `${named.join(', ')}${all.length > MOST ? ` and ${all.length - MOST} more` : ''}`;
}
function rules(all: readonly Asked[]): string {
  return [...new Set(all.slice(0, 3).map(ruleFor))].join(' ') + (all.length > 3 ? ' …' : '');
}
