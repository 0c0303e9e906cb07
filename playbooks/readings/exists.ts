import type { Answer } from '../../src/core/contract.ts';
import { code, say } from '../../src/core/words.ts';
import { kubectl } from '../targets/deployment.ts';
import { deployment } from './deployment.ts';
import { onDeployment } from './on.ts';

/** The question that the others rest on: unknown readings of something that is not there would only say "could not tell". */
export const exists = onDeployment.check('exists', {
  severity: 'critical',
  ask: 'Is there such a deployment?',
  rulesOut: 'no such deployment',
  needs: [],
  also: [deployment],
  find: (_seen, also, { t }): Answer => {
    if (also.deployment.known) return 'clear';
    if (!also.deployment.why.startsWith('not found')) return { unsure: `deployment: ${also.deployment.why}` };
    return {
      found: say`there is no deployment ${code(t.name)} in ${code(t.namespace)} here. It was deleted, never made, or goes by another name`,
      short: `no deployment ${t.name}`,
      byHand: `${kubectl(t)} get deployments`,
      mistaken: true,
    };
  },
});
