import type { Finding, RegionEvidence } from './diagnosis.ts';
import { say } from './words.ts';

/** What is asked in every run, whatever the playbook: can the region be seen at all, and are users hurt without a cause being found? */

const NOTHING_MORE = { quotes: [], notKnown: null, refuse: null, handOver: null } as const;

/** Not one reading was answered: the region is dark, which is neither healthy nor a cause. */
export function darkFinding(region: string, evidence: RegionEvidence): Finding {
  const whys = [
    ...new Set(Object.values(evidence).flatMap((one) => (one.known || one.why.startsWith('needs ') ? [] : [one.why]))),
  ];
  const count = Object.keys(evidence).length;
  return {
    ...NOTHING_MORE,
    check: 'region-visible',
    severity: 'critical',
    found: say`I cannot see ${region}: none of ${count} readings was answered (${whys.slice(0, 2).join('; ')})`,
    short: 'I cannot see the region',
    since: null,
    notKnown: say`pods, rollouts, errors and logs there. My path to the region and the region itself look the same from here`,
    byHand: `kubectl --context=${region} get --raw /readyz`,
  };
}

/** Users are hurt and no check says why: that is a finding, never "nothing wrong". */
export function hurtFinding(checks: number): Finding {
  return {
    ...NOTHING_MORE,
    check: 'users-hurt',
    severity: 'critical',
    found: say`not found: none of my ${checks} questions explains what users see`,
    short: 'users affected, cause not found',
    since: null,
    byHand: '',
  };
}
