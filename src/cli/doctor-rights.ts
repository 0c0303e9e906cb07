import { whyOf } from '../core/failure.ts';
import type { KubernetesRead, Right } from '../core/ports/kubernetes.ts';
import { insideRights, remedyRights } from '../core/rights.ts';
import type { Result } from './doctor-result.ts';

/** What the authorizer of one region says that the bot may do: remedies and looking inside are off until somebody grants them, so a no is a note. */
export async function rightsIn(
  region: string,
  namespace: string,
  read: () => KubernetesRead,
): Promise<readonly Result[]> {
  const remedies = Object.entries(remedyRights).map(([name, right]) => ({ name, right }));
  const inside = insideRights.map(({ what: name, ...right }) => ({ name, right }));
  return Promise.all([
    asked(
      `${region}: remedies allowed in ${namespace}`,
      remedies,
      'kubectl apply -f deploy/remedy-<name>.yaml for each',
    ),
    asked(
      `${region}: may look inside in ${namespace}`,
      inside,
      'kubectl apply -f deploy/look-inside.yaml, or what of it you want',
    ),
  ]);

  async function asked(
    what: string,
    all: readonly { readonly name: string; readonly right: Pick<Right, 'verb' | 'resource'> }[],
    todo: string,
  ): Promise<Result> {
    try {
      const answers = await Promise.all(
        all.map(async ({ name, right }) => {
          const where = right.resource === 'nodes' ? {} : { namespace };
          return { name, right, allowed: (await read().mayI({ ...right, ...where })).allowed };
        }),
      );
      const yes = answers.filter((one) => one.allowed).map((one) => one.name);
      const no = answers.filter((one) => !one.allowed);
      const may = yes.length === 0 ? 'none' : yes.join(', ');
      if (no.length === 0) return { state: 'ok', what, words: may };
      const missing = no.map(({ name, right }) => `${name} (${right.verb} ${right.resource})`).join(', ');
      return { state: 'note', what, words: `${may}; not ${missing}`, todo: `${todo}, if it should` };
    } catch (error) {
      return { state: 'note', what, words: `not known: ${whyOf(error)}`, todo: 'ask again' };
    }
  }
}
