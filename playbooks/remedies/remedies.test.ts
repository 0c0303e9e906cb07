import { describe, expect, test } from 'vitest';
import type { Owner } from '../../src/core/ports/kubernetes.ts';
import { plain } from '../../src/core/words.ts';
import { changePlan, changing } from './change.ts';
import type { ChangePlan } from './change.ts';
import { editPlan, editing } from './edit.ts';
import { afterwards, bindsOf } from './state.ts';
import type { DeploymentState } from './state.ts';

const end = (version: string) => ({
  replicaSet: `rs-${version}`,
  replicaSetName: `m-${version}`,
  digest: version,
  version,
});
const plan: ChangePlan = {
  namespace: 'ml-platform',
  name: 'model-server',
  uid: 'dep',
  from: end('v2.4.1'),
  to: end('v2.4.0'),
  worked: 'available now',
  caution: '',
  unchecked: [],
  paused: { from: false, to: false },
  strategy: 'RollingUpdate 25%/25%',
  lines: ['- image of server: a:v2.4.1', '+ image of server: a:v2.4.0'],
  pods: { remove: 6, start: 3, keep: 9 },
  owner: { kind: 'none', name: '', reverts: 'no' },
};
const before: DeploymentState = {
  there: true,
  uid: 'dep',
  observed: true,
  templateDigest: 'v2.4.1',
  restartedAt: null,
  paused: false,
  strategy: 'RollingUpdate 25%/25%',
  owner: plan.owner,
  wanted: 12,
  total: 15,
  updated: 6,
  ready: 9,
  available: 9,
  floor: 9,
  revisions: { 'rs-v2.4.0': 'v2.4.0', 'rs-v2.4.1': 'v2.4.1' },
};
const after: DeploymentState = {
  ...before,
  templateDigest: 'v2.4.0',
  total: 12,
  updated: 12,
  ready: 12,
  available: 12,
};

describe('is the plan still right?', () => {
  test.each([
    [{}, 'yes'],
    [{ wanted: 20, available: 3, ready: 3 }, 'yes'],
    [{ there: false }, 'the deployment does not exist any more'],
    [{ uid: 'other' }, 'it was deleted and made anew since'],
    [{ templateDigest: 'v2.4.2' }, 'its pod template was changed since'],
    [{ templateDigest: 'v2.4.0' }, 'it is at v2.4.0 already'],
    [{ paused: true }, 'it was paused since'],
    [{ strategy: 'Recreate' }, 'its rollout strategy was changed since'],
    [{ revisions: {} }, 'the ReplicaSet of v2.4.0 is gone'],
  ])('%o: %s', (change, says) => {
    const verdict = changing.fits(plan, { ...before, ...change });
    expect(verdict.is === 'yes' ? 'yes' : verdict.because).toBe(says);
  });
});

describe('did it work?', () => {
  test.each([
    [{}, 'yes'],
    [{ observed: false }, 'not yet'],
    [{ updated: 9, available: 9 }, 'not yet'],
    [{ total: 13 }, 'not yet'],
    [{ available: 8 }, 'worse'],
    [{ there: false }, 'no'],
    [{ templateDigest: 'v2.4.1' }, 'no'],
    [{ templateDigest: 'v2.4.2' }, 'no'],
  ])('%o: %s', (change, is) => {
    expect(changing.verify(plan, before, { ...after, ...change }).is).toBe(is);
  });

  test('fewer than the strategy allows, but no fewer than before, is not worse', () => {
    expect(changing.verify(plan, { ...before, available: 2 }, { ...after, available: 2 }).is).toBe('not yet');
    // Recreate takes all of them away on its way.
    expect(changing.verify(plan, before, { ...after, available: 0, floor: 0 }).is).toBe('not yet');
  });

  test('who has undone it is named', () => {
    const owner: Owner = { kind: 'argo-cd', name: 'models', reverts: 'at once' };
    const verdict = changing.verify(plan, before, { ...after, templateDigest: 'v2.4.1', owner });
    expect(verdict).toEqual({ is: 'no', because: 'it is back at v2.4.1: Argo CD (models) has undone it' });
  });
});

describe('taking it back', () => {
  test('the other way round, removed lines first', () => {
    const undo = changing.undo(plan);
    if ('impossible' in undo) throw new Error(undo.impossible);
    expect(changePlan.parse(undo)).toEqual(undo);
    expect([undo.from.version, undo.to.version]).toEqual(['v2.4.0', 'v2.4.1']);
    expect(undo.lines).toEqual(['- image of server: a:v2.4.0', '+ image of server: a:v2.4.1']);
    expect(changing.risk(undo)).toBe('medium');
    expect(changing.knownGood(undo)).toBe(false);
  });

  test('is impossible where the present template never had a ReplicaSet', () => {
    const fresh = { ...plan, from: { ...plan.from, replicaSet: '' } };
    expect(changing.undo(fresh)).toHaveProperty('impossible');
  });
});

test('an approval is bound to what the plan was made from, not to what moves by itself', () => {
  const moved = { ...before, wanted: 20, total: 1, updated: 1, ready: 1, available: 1, observed: false };
  expect(bindsOf(moved)).toEqual(bindsOf(before));
  const owner: Owner = { kind: 'helm', name: 'x', reverts: 'at its next deploy' };
  for (const change of [{ templateDigest: 'x' }, { paused: true }, { strategy: 'Recreate' }, { owner }]) {
    expect(bindsOf({ ...before, ...change })).not.toEqual(bindsOf(before));
  }
});

test('what the owner will do is said', () => {
  const owner = (kind: Owner['kind'], reverts: Owner['reverts']): string => {
    const words = afterwards({ kind, name: 'm', reverts }, 'the rollback');
    return words === null ? '' : plain(words);
  };
  expect(owner('none', 'no')).toBe('');
  expect(owner('argo-cd', 'at once')).toContain('Argo CD (m) undoes the rollback at once');
  expect(owner('argo-cd', 'no')).toContain('self-heal is off');
  expect(owner('flux-kustomization', 'at its next interval')).toContain('next interval');
  expect(owner('helm', 'at its next deploy')).toContain('next deploy');
  expect(owner('controller', 'not known')).toContain('may undo');
});

describe('what differs from its source afterwards', () => {
  const owned = (kind: Owner['kind']): ChangePlan => ({ ...plan, owner: { kind, name: 'x', reverts: 'no' } });

  test('where an owner deploys it from one, that is named; nothing is claimed where nobody does', () => {
    const what = 'deployment ml-platform/model-server: v2.4.0 instead of v2.4.1';
    expect(changing.differs(owned('argo-cd'))).toEqual({ source: 'Git', what });
    expect(changing.differs(owned('flux-kustomization'))).toEqual({ source: 'Git', what });
    expect(changing.differs(owned('helm'))).toEqual({ source: 'the Helm chart', what });
    expect(changing.differs(owned('controller'))).toEqual({ source: 'its source', what });
    expect(changing.differs(plan)).toBeNull();
  });

  test('resuming a rollout changes nothing that a source declares', () => {
    const resumed = { ...owned('argo-cd'), to: plan.from, paused: { from: true, to: false } };
    expect(changing.differs(resumed)).toBeNull();
  });

  test('a value, or the number of replicas, as what it is instead of what it was', () => {
    const edit = {
      namespace: 'a',
      name: 'b',
      uid: 'u',
      digest: 'd',
      paused: false,
      strategy: '',
      owner: { kind: 'argo-cd', name: 'x', reverts: 'no' },
      container: 'server',
      values: { 'env.MODEL_VERSION': { from: 'v2', to: 'v1' }, replicas: { from: '4', to: '6' } },
      restarts: 0,
      reach: [],
      caution: '',
      recreates: false,
      goal: null,
    } as const;
    expect(editing.differs(editPlan.parse(edit))).toEqual({
      source: 'Git',
      what: 'deployment a/b: variable MODEL_VERSION v1 instead of v2, 6 replicas instead of 4',
    });
  });
});
