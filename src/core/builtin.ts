import type { Finding, RegionEvidence } from './diagnosis.ts';
import { harmWords, isGrave } from './harm.ts';
import type { Impact } from './impact.ts';
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

/** When a version came, as far as the remarks tell. */
export type Beside =
  | 'a rollout goes on'
  | 'a release came before'
  /** The same version with other values of its environment. */
  | 'variables were changed before'
  /** The same version with other settings: resources, probes, what cannot be seen. */
  | 'settings were changed before'
  /** A fix was written, and it has not risen since: neither is the fix why, nor was it enough. */
  | 'so before the fix'
  | 'nothing changed';

/** Users are hurt and no check says why: that is a finding, never "nothing wrong". What is known beside it is said; a cause is not claimed. */
export function hurtFinding(impact: Impact, beside: Beside): Finding {
  const harm = harmWords(impact);
  const why = harm.startsWith('get') ? harm : `are ${harm}`;
  const what = {
    'a rollout goes on': `users ${harm} during a rollout`,
    'a release came before': `users ${harm} after a release`,
    'variables were changed before': `users ${harm} after a change of variables`,
    'settings were changed before': `users ${harm} after a change of settings`,
    'so before the fix': `users still ${harm}, as before the fix`,
    'nothing changed': `users ${harm}, cause not known`,
  }[beside];
  return {
    ...NOTHING_MORE,
    check: 'users-hurt',
    severity: isGrave(impact) ? 'critical' : 'warning',
    found: say`not known. Nothing that I looked at explains why users ${why}${beside === 'so before the fix' ? '. It was so before the fix too' : ''}`,
    short: what,
    since: null,
    byHand: '',
  };
}

/** The remark that names incidents about parts of what was looked at. */
export const OPEN_BESIDE = 'Open incidents';
