import { expect, test } from 'vitest';
import type { Check, Opened, Proposed } from './contract.ts';
import { diagnoseRegion } from './diagnose.ts';
import type { RegionDiagnosis } from './diagnose.ts';
import { say } from './words.ts';

/** Which remedy stands first, and so has the first button. */

const at = '2026-03-02T02:42:00.000Z';

function check(id: string, severity: 'critical' | 'warning' = 'critical'): Check<string, string> {
  const find = (): ReturnType<Check<string, string>['find']> => ({ found: say`it is ${id}`, short: id });
  return { id, severity, ask: `${id}?`, rulesOut: `no ${id}`, needs: ['pods'], also: [], find };
}

function remedy(id: string, when: readonly string[], over: Partial<Proposed> = {}): Opened['remedies'][number] {
  const proposed: Proposed = {
    remedy: id,
    plan: {},
    kind: 'deployment',
    target: { namespace: 'n', name: 'x' },
    risk: 'low',
    label: id,
    says: say`${id}`,
    after: null,
    temporary: null,
    preview: [id],
    knownGood: false,
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
    ...over,
  };
  return { id, when, needs: [], asks: null, propose: () => proposed, open: () => proposed };
}

function diagnose(checks: Opened['checks'], remedies: Opened['remedies']): RegionDiagnosis {
  const look = [{ id: 'pods', after: [], withinMs: 1, byHand: '', read: async () => null }];
  return diagnoseRegion({
    focus: null,
    fixedAt: null,
    drainMs: 0,
    opened: { name: 'x', key: 'n/x', look, checks, remedies, advice: [], remarks: [], charts: [] },
    region: 'eu-west-1',
    evidence: { pods: { known: true, value: 1, at, tookMs: 5, byHand: '' } },
    health: null,
    at,
    runId: 'r',
  });
}

const names = (of: RegionDiagnosis): readonly string[] => of.offers.map((one) => one.remedy);

test('what mends exactly what was found stands before what is only suspected, wherever the playbook lists it', () => {
  const said = diagnose(
    [check('oom')],
    [remedy('rollback', ['oom'], { suspected: true }), remedy('set-memory', ['oom']), remedy('restart', ['oom'])],
  );
  expect(names(said)).toEqual(['set-memory', 'restart', 'rollback']);
  expect(said.offers.map((one) => one.suspected ?? false)).toEqual([false, false, true]);
});

test('a rollback that was measured keeps its place', () => {
  const remedies = [remedy('rollback', ['throttled']), remedy('set-cpu', ['throttled'])];
  expect(names(diagnose([check('throttled')], remedies))).toEqual(['rollback', 'set-cpu']);
});

test('the fixes of the cause stand before those of what is said beside it', () => {
  const said = diagnose(
    [check('near-limit', 'warning'), check('since-change')],
    [remedy('set-memory', ['near-limit']), remedy('rollback', ['since-change'], { suspected: true })],
  );
  expect(names(said)).toEqual(['rollback', 'set-memory']);
});

test('detail for a remedy arrives as an outcome, also where it was not looked at', () => {
  const got: unknown[] = [];
  const one = remedy('rollback', ['oom']);
  const curious = {
    ...one,
    also: ['pods', 'variables'],
    propose: (...args: Parameters<typeof one.propose>) => {
      got.push(args[3]);
      return one.propose(...args);
    },
  };
  diagnose([check('oom')], [curious]);
  expect(got).toEqual([{ pods: { known: true, value: 1 }, variables: { known: false, why: 'was not looked at' } }]);
});

const lines = ['- variable BATCH_SIZE of server: 32', '+ variable BATCH_SIZE of server: 8'];

test('the same change twice is offered once, as what changes nothing else', () => {
  const set = remedy('set-batch-size', ['oom'], { changes: lines, label: 'set batch size' });
  const both = diagnose([check('oom')], [set, remedy('rollback', ['oom'], { changes: lines })]);
  expect(names(both)).toEqual(['set-batch-size']);
  expect(both.notOffered).toEqual([
    { remedy: 'rollback', because: 'set batch size changes the same, and nothing else' },
  ]);
  const more = [...lines, '- image of server: b', '+ image of server: a'];
  const other = diagnose([check('oom')], [set, remedy('rollback', ['oom'], { changes: more })]);
  expect(names(other)).toEqual(['set-batch-size', 'rollback']);
  const good = diagnose([check('oom')], [set, remedy('rollback', ['oom'], { changes: lines, knownGood: true })]);
  expect(names(good)).toEqual(['set-batch-size', 'rollback']);
});
