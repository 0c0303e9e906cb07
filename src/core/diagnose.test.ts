import { describe, expect, test } from 'vitest';
import type { Answer, Check, Found, Opened, Proposed } from './contract.ts';
import { diagnoseRegion } from './diagnose.ts';
import type { Recorded, RegionDiagnosis, RegionEvidence } from './diagnose.ts';
import { plain, say } from './words.ts';

/** Evidence in, findings and offers out; a small playbook made for the purpose. */

const at = '2026-03-02T02:42:00.000Z';
const seen = (value: unknown): Recorded => ({ known: true, value, at, tookMs: 5, byHand: 'kubectl get x' });
const unseen = (why: string): Recorded => ({ known: false, why, at, tookMs: 5, byHand: 'kubectl get x' });
const found = (short: string, more: Partial<Found> = {}): Found => ({ found: say`it is ${short}`, short, ...more });
function check(
  id: string,
  find: Check<string, string>['find'],
  more: Partial<Check<string, string>> = {},
): Check<string, string> {
  return { id, severity: 'critical', ask: `${id}?`, rulesOut: `no ${id}`, needs: ['pods'], also: [], find, ...more };
}
const proposed: Proposed = {
  remedy: 'rollback',
  plan: { to: 1 },
  kind: 'deployment',
  target: { namespace: 'n', name: 'x' },
  risk: 'low',
  label: 'rollback',
  says: say`roll back`,
  after: null,
  temporary: null,
  preview: ['a → b'],
  knownGood: true,
  settleMs: 1,
  deadlineMs: 2,
  observe: async () => null,
  binds: () => null,
  fits: () => ({ is: 'yes' }),
  holds: () => false,
  verify: () => ({ is: 'yes' }),
  progress: () => '',
  rehearse: async () => ({ is: 'diff', lines: [] }),
  execute: async () => undefined,
  undo: { impossible: 'no way back' },
};
function remedy(
  id: string,
  when: readonly string[],
  propose: Opened['remedies'][number]['propose'],
  needs: readonly string[] = [],
): Opened['remedies'][number] {
  return { id, when, needs, asks: null, propose, open: () => proposed };
}
function diagnose(evidence: RegionEvidence, some: Partial<Opened>): RegionDiagnosis {
  const look = [{ id: 'pods', after: [], withinMs: 1, byHand: 'kubectl get pods', read: async () => null }];
  const opened: Opened = {
    name: 'x',
    key: 'n/x',
    look,
    checks: [],
    remedies: [],
    advice: [],
    remarks: [],
    charts: [],
    ...some,
  };
  return diagnoseRegion({
    focus: null,
    fixedAt: null,
    drainMs: 600_000,
    opened,
    region: 'eu-west-1',
    evidence,
    health: null,
    at,
    runId: 'r',
  });
}
const boom = (): never => {
  throw new Error('undefined is not a function');
};

describe('checks', () => {
  test('found, clear, could not tell', () => {
    const d = diagnose(
      { pods: seen(1), logs: unseen('forbidden: pods/log') },
      {
        checks: [
          check('crash', () => found('crashing')),
          check('image', () => 'clear'),
          check('leak', () => 'clear', { needs: ['logs'] }),
          check('quota', (): Answer => ({ unsure: 'the quota does not say' })),
          check('node', () => 'clear', { needs: ['nodes'] }),
        ],
      },
    );
    expect(d.findings.map((one) => [one.check, one.byHand])).toEqual([['crash', 'kubectl get pods']]);
    expect(d.ruledOut).toEqual(['no image']);
    expect(d.unsure.map((one) => [one.check, one.why])).toEqual([
      ['leak', 'logs: forbidden: pods/log'],
      ['quota', 'the quota does not say'],
      ['node', 'nodes: was not looked at'],
    ]);
    expect(d).toMatchObject({ asked: 2, answered: 1, dark: false });
  });

  test('a mistake in a check is could not tell, and hides nothing else', () => {
    const d = diagnose({ pods: seen(1) }, { checks: [check('bad', boom), check('good', () => found('broken'))] });
    expect(d.unsure[0]?.why).toBe('the check itself failed: undefined is not a function');
    expect(d.findings.map((one) => one.check)).toEqual(['good']);
  });

  test('what it also would like to know arrives as an outcome, unknown or not', () => {
    const asks: unknown[] = [];
    const look = check('crash', (_seen, also) => (asks.push(also), found('crashing')), { also: ['logs', 'events'] });
    diagnose({ pods: seen(1), logs: unseen('forbidden') }, { checks: [look] });
    expect(asks).toEqual([
      { logs: { known: false, why: 'forbidden' }, events: { known: false, why: 'was not looked at' } },
    ]);
  });

  test('critical before warning, else in the order of the playbook', () => {
    const warn = { severity: 'warning' } as const;
    const checks = [
      check('a', () => found('a'), warn),
      check('b', () => found('b')),
      check('c', () => found('c'), warn),
      check('d', () => found('d')),
    ];
    expect(diagnose({ pods: seen(1) }, { checks }).findings.map((one) => one.check)).toEqual(['b', 'd', 'a', 'c']);
  });
});

describe('a region that does not answer', () => {
  test('is dark, not healthy: nothing is ruled out', () => {
    const d = diagnose(
      { pods: unseen('timeout'), nodes: unseen('timeout') },
      { checks: [check('crash', () => 'clear')] },
    );
    expect(d).toMatchObject({ dark: true, asked: 2, answered: 0, ruledOut: [] });
    expect(d.findings.map((one) => one.check)).toEqual(['region-visible']);
    expect(d.unread).toHaveLength(2);
  });
  test('nothing asked is not dark', () => {
    expect(diagnose({}, {}).dark).toBe(false);
  });
});

describe('remedies', () => {
  const crash = check('crash', () => found('crashing'));
  test('are offered for what was found only', () => {
    const d = diagnose(
      { pods: seen(1) },
      {
        checks: [crash],
        remedies: [remedy('rollback', ['crash'], () => proposed), remedy('resume', ['paused'], () => proposed)],
      },
    );
    expect(d.offers.map((one) => [one.remedy, one.undo])).toEqual([['rollback', { impossible: 'no way back' }]]);
    expect(d.notOffered).toEqual([]);
    expect(JSON.parse(JSON.stringify(d))).toEqual(d);
  });

  test('are refused while a finding forbids them, with its words', () => {
    const secret = check('secret', () =>
      found('secret missing', { refuse: { remedies: ['restart'], because: say`the ready pods hold it in memory` } }),
    );
    const d = diagnose(
      { pods: seen(1) },
      { checks: [secret], remedies: [remedy('restart', ['secret'], () => proposed)] },
    );
    expect(d.offers).toEqual([]);
    expect(d.notOffered).toEqual([{ remedy: 'restart', because: 'secret missing: it would make things worse' }]);
    expect(plain(d.findings[0]?.refuse?.because ?? [])).toBe('the ready pods hold it in memory');
  });

  test('that need what could not be read, say no, or fail: each with why', () => {
    const d = diagnose(
      { pods: seen(1), revisions: unseen('timeout') },
      {
        checks: [crash],
        remedies: [
          remedy('a', ['crash'], () => proposed, ['revisions']),
          remedy('b', ['crash'], () => ({ no: 'there is only one revision' })),
          remedy('c', ['crash'], boom),
          remedy('rollback', ['crash'], () => proposed),
        ],
      },
    );
    expect(d.notOffered).toEqual([
      { remedy: 'a', because: 'could not read revisions: timeout' },
      { remedy: 'b', because: 'there is only one revision' },
      { remedy: 'c', because: 'the remedy itself failed: undefined is not a function' },
    ]);
    expect(d.offers).toHaveLength(1);
  });

  test('advice and remarks that fail are left out', () => {
    const d = diagnose(
      { pods: seen(1) },
      {
        checks: [crash],
        advice: [
          { when: ['crash'], needs: [], say: boom },
          { when: ['crash'], needs: ['pods'], say: () => ({ fix: say`fix it`, steps: [] }) },
        ],
        remarks: [
          { label: 'Bad', needs: [], say: boom },
          { label: 'None', needs: [], say: () => null },
          { label: 'Change', needs: ['pods'], say: () => say`v1 → v2` },
        ],
      },
    );
    expect(d.advice).toHaveLength(1);
    expect(d.remarks.map((one) => one.label)).toEqual(['Change']);
  });
});
