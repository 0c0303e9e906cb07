import type { Answer } from '../../src/core/contract.ts';
import { Failure } from '../../src/core/failure.ts';
import type { Namespace } from '../../src/core/ports/kubernetes.ts';
import { code, say } from '../../src/core/words.ts';
import { kubectl } from '../targets/deployment.ts';
import { onNamespace } from './namespace.ts';
import { onDeployment } from './on.ts';
import { standing } from './standing.ts';
import { brief } from './wording.ts';

type Phase = Pick<Namespace, 'phase' | 'terminatingSince' | 'waitsFor'>;

const asked = {
  severity: 'critical',
  ask: 'Is the namespace there to stay?',
  rulesOut: 'namespace being deleted',
} as const;

/** Nothing can be made in it any more, so that whatever else is wrong follows from it. */
export const namespaceGoes = onDeployment.check('namespace-goes', {
  ...asked,
  needs: [standing],
  find: (seen, _also, { t }) => goes(seen.namespace, t),
});

const phase = onNamespace.reading('namespace', {
  byHand: (t) => `${kubectl(t)} get namespace ${t.namespace} -o yaml`,
  read: async (read, t): Promise<Phase> => {
    const found = await read.kubernetes.namespace(t.namespace);
    if (found === null) throw new Failure('not found', `there is no namespace ${t.namespace}`);
    return { phase: found.phase, terminatingSince: found.terminatingSince, waitsFor: found.waitsFor };
  },
});
export { phase as namespacePhase };

export const wholeNamespaceGoes = onNamespace.check('namespace-goes', {
  ...asked,
  needs: [phase],
  find: (seen, _also, { t }) => goes(seen.namespace, t),
});

function goes(seen: Phase, t: { readonly region: string; readonly namespace: string }): Answer {
  if (seen.phase === 'Active') return 'clear';
  return {
    found: say`the namespace ${code(t.namespace)} is being deleted, which cannot be called off: nothing new can be made in it, and what is in it goes`,
    short: `namespace ${t.namespace} is being deleted`,
    ...(seen.terminatingSince === null ? {} : { since: seen.terminatingSince }),
    quotes: seen.waitsFor.slice(0, 3).map((one) => brief(one)),
    notKnown: say`who deleted it. The API server's audit log knows`,
    byHand: `${kubectl(t)} get namespace ${t.namespace} -o yaml`,
  };
}
