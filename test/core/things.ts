import type { Offer, RegionDiagnosis } from '../../src/core/diagnose.ts';
import type { Impact } from '../../src/core/impact.ts';
import type { AlertSeen, Subject } from '../../src/core/incident/events.ts';
import type { Probed } from '../../src/core/probed.ts';
import { say } from '../../src/core/words.ts';

/** Alerts, diagnoses, offers and numbers for the tests of the core. */

export const regions = ['us-east-1', 'eu-west-1'] as const;
export const subject: Subject = {
  playbook: 'rollout-stuck',
  target: { namespace: 'ml-platform', name: 'model-server' },
  regions,
  focus: 'eu-west-1',
};

export function alertOf(status: AlertSeen['status'], more: Partial<AlertSeen> = {}): AlertSeen {
  return {
    fingerprint: 'f1',
    name: 'KubeDeploymentRolloutStuck',
    status,
    startsAt: '2026-03-02T02:15:00.000Z',
    region: 'eu-west-1',
    severity: 'warning',
    summary: 'stuck',
    link: '',
    ...more,
  };
}

export const calm: Impact = {
  level: 'none',
  requests: 8_000,
  errorRatio: 0.0002,
  latencySeconds: 0.148,
  limits: { errorRatio: 0.01, latencySeconds: 0.2 },
  window: '5 min',
  readiness: { ready: 9, wanted: 12 },
  unknown: [],
};
/** All pods are there: what can be called over. */
export const whole: Impact = { ...calm, readiness: { ready: 12, wanted: 12 } };
export const hurt: Impact = { ...calm, level: 'hurt', errorRatio: 0.05 };
export const sparse: Impact = { ...calm, level: 'too little traffic', requests: 3, errorRatio: 0.67 };

export function offer(more: Partial<Offer> = {}): Offer {
  return {
    remedy: 'rollback',
    plan: { to: 'v2.4.0' },
    risk: 'low',
    label: 'rollback',
    says: say`roll back to v2.4.0`,
    after: null,
    preview: ['image: v2.4.1 → v2.4.0'],
    knownGood: true,
    settleMs: 60_000,
    deadlineMs: 15 * 60_000,
    undo: { preview: ['image: v2.4.0 → v2.4.1'] },
    ...more,
  };
}

export function diagnosisOf(
  region: string,
  at: string,
  seen: {
    readonly bad: boolean;
    /** What is found, in short. */
    readonly fault?: string;
    readonly check?: string;
    readonly dark?: boolean;
    readonly offers?: readonly Offer[];
    readonly handOver?: RegionDiagnosis['findings'][number]['handOver'];
    readonly impact?: Impact;
    /** What its public page said. Left out: none is configured. */
    readonly probed?: Probed;
  },
): RegionDiagnosis {
  const dark = seen.dark ?? false;
  const given = seen.impact ?? calm;
  const users = seen.bad ? given : { ...given, readiness: whole.readiness };
  return {
    region,
    at,
    asked: 10,
    answered: dark ? 0 : 10,
    checks: 2,
    impact: {
      ...(dark ? { ...calm, level: 'not known' as const } : users),
      ...(seen.probed === undefined ? {} : { probed: seen.probed }),
    },
    findings: seen.bad
      ? [
          {
            check: seen.check ?? 'image-missing',
            severity: 'critical',
            found: say`the registry has no image`,
            short: seen.fault ?? 'image v2.4.1 not found',
            since: '2026-03-02T02:10:00.000Z',
            quotes: [],
            notKnown: null,
            byHand: 'kubectl get pods',
            refuse: null,
            handOver: seen.handOver ?? null,
          },
        ]
      : [],
    ruledOut: ['crash'],
    unsure: [],
    offers: seen.offers ?? [],
    notOffered: [],
    advice: [],
    remarks: [],
    unread: [],
    dark,
  };
}
