import { expect, test } from 'vitest';
import type { RegionDiagnosis } from '../diagnosis.ts';
import { say } from '../words.ts';
import { diagnosisOf } from '../../../test/core/things.ts';
import { changedBeside } from './beside.ts';
import { EMPTY } from './state.ts';

type Remark = RegionDiagnosis['remarks'][number];
const region = 'eu-west-1';

function noted(before: Remark | null, now: Remark | null, own = false): readonly string[] {
  const look = (minute: number, remark: Remark | null): RegionDiagnosis => ({
    ...diagnosisOf(region, `2026-03-02T02:${minute}:00.000Z`, { bad: true }),
    remarks: remark === null ? [] : [remark],
  });
  const known = look(20, before);
  const state = { ...EMPTY, diagnoses: { [region]: known }, worst: own ? { [region]: known } : {} };
  return changedBeside(state, look(21, now)).map((event) => (event.is === 'noted' ? event.what : event.is));
}

const release = say`v2.4.0 → v2.4.1 by Argo CD`;
const edit = say`memory by hand (kubectl-edit)`;
const known: Remark = { label: 'Change', words: release, newest: { mark: 'digest of 17', words: release } };

test('a later edit is noted as what it is, though the release is still what is blamed', () => {
  const words = say`${release}. Later, beside it: ${edit}`;
  expect(noted(known, { label: 'Change', words, newest: { mark: 'digest of 18', words: edit } })).toEqual([
    'eu-west-1: somebody changed it beside me: memory by hand (kubectl-edit)',
  ]);
});

test('the same change told in other words is none', () => {
  const words = say`${release}, or something else`;
  expect(noted(known, { label: 'Change', words, newest: { mark: 'digest of 17', words: release } })).toEqual([]);
});

test('what an older version stored is compared by its words', () => {
  const old: Remark = { label: 'Change', words: release };
  expect(noted(old, known)).toEqual([]);
  expect(noted(old, { ...known, words: edit })).toHaveLength(1);
});

test('what the bot itself changed for another incident is nobody else’s doing, and not told of other regions', () => {
  const mine = say`v2.4.1 → v2.4.0 at 13:11 UTC by me`;
  const now: Remark = { label: 'Change', words: mine, newest: { mark: 'digest of 18', words: mine } };
  expect(noted(known, now)).toEqual([]);
  expect(noted(known, now, true)).toEqual([
    'eu-west-1: I changed it meanwhile, for another incident: v2.4.1 → v2.4.0 at 13:11 UTC by me',
  ]);
});

test('a look that shows no change says nothing', () => {
  expect(noted(known, null)).toEqual([]);
  expect(noted(null, known)).toEqual([]);
});

test('a change by hand that repaired it leaves nothing to blame, and is told all the same', () => {
  const runs = say`now v2.4.0 since 13:05 UTC by hand (kubectl-set)`;
  const well: Remark = { label: 'Rollout', words: say`complete`, newest: { mark: 'digest of 19', words: runs } };
  expect(noted(known, well)).toEqual([
    'eu-west-1: somebody changed it beside me: now v2.4.0 since 13:05 UTC by hand (kubectl-set)',
  ]);
  const unchanged: Remark = { ...well, newest: { mark: 'digest of 17', words: release } };
  expect(noted(known, unchanged)).toEqual([]);
  expect(noted(unchanged, known)).toEqual([]);
  expect(noted({ label: 'Rollout', words: say`complete` }, well)).toEqual([]);
});
