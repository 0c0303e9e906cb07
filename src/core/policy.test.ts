import { describe, expect, test } from 'vitest';
import { people, rules } from '../../test/core/people.ts';
import type { Outcome } from './contract.ts';
import {
  groupsOf,
  judge,
  judgeBreakGlass,
  mayLift,
  modeOf,
  namesOf,
  needFor,
  preApproved,
  refusePerson,
} from './policy.ts';
import type { Freeze } from './freezes.ts';
import { frozenAt } from './freezes.ts';
import type { Ask, Policy, Who } from './policy.ts';

const { policy } = rules;
const at = '2026-03-02T02:16:00.000Z';
const target = { namespace: 'ml-platform', name: 'model-server' };
const ask: Ask = { risk: 'low', knownGood: true, region: 'eu-west-1', target, requester: null, votes: [], at };
const who = (id: string): Outcome<Who> => {
  const value = people[id];
  return value === undefined ? { known: false, why: 'timeout: no answer' } : { known: true, value };
};
const vote = (by: string): Ask['votes'][number] => ({ by, at, reason: null });
const said = (id: string, more: Partial<Ask> = {}, rule: Policy = policy): string => {
  const judgement = judge(rule, { ...ask, ...more }, who(id));
  return judgement.is === 'refused'
    ? judgement.because
    : judgement.is === 'counted'
      ? `${judgement.missing} missing`
      : 'enough';
};

describe('who may approve what', () => {
  test.each<[string, Ask['risk'], string]>([
    ['sana', 'low', 'enough'],
    ['sana', 'medium', 'enough'],
    ['sana', 'high', 'you are not in @ml-leads or @ml-approvers'],
    ['ben', 'low', 'enough'],
    ['ben', 'medium', 'enough'],
    ['ben', 'high', '1 missing'],
    ['dora', 'low', 'you are not in @ml-oncall or @ml-approvers'],
    ['dora', 'medium', 'you are not in @ml-approvers or @ml-oncall'],
    ['dora', 'high', '1 missing'],
    ['noah', 'low', 'you are not in @ml-oncall or @ml-approvers'],
    ['guest', 'low', 'guests cannot do this'],
    ['partner', 'high', 'people from other organisations cannot do this'],
    ['left', 'medium', 'your account is not active'],
    ['robot', 'low', 'apps cannot do this'],
    ['nobody', 'low', 'I could not check who you are (timeout: no answer); nothing was counted. Try again'],
  ])('%s, %s risk: %s', (id, risk, answer) => {
    expect(said(id, { risk })).toBe(answer);
  });

  test('two distinct people for high risk, whatever the config says', () => {
    expect(said('ben', { risk: 'high', votes: [vote('dora')] })).toBe('enough');
    expect(said('ben', { risk: 'high', votes: [vote('ben')] })).toBe(
      'your approval is counted already: another person is needed',
    );
    const loose = { ...policy, approvers: { ...policy.approvers, high: { ...policy.approvers.high, need: 1 } } };
    expect(needFor(loose, 'high')).toBe(2);
    expect(said('ben', { risk: 'high' }, loose)).toBe('1 missing');
  });

  test('who asked for it is not one of several; alone he may', () => {
    expect(said('ben', { risk: 'high', requester: 'ben' })).toBe('you asked for it: it needs 2 other people');
    expect(said('ben', { risk: 'medium', requester: 'ben' })).toBe('enough');
  });

  test('the person on call is enough alone where several are asked for, but not for high risk', () => {
    const many = { ...policy, approvers: { ...policy.approvers, medium: { ...policy.approvers.medium, need: 3 } } };
    expect(said('ben', { risk: 'medium' }, many)).toBe('2 missing');
    expect(said('sana', { risk: 'medium' }, many)).toBe('enough');
  });

  test('people named by id', () => {
    const named = { ...policy, approvers: { ...policy.approvers, low: { groups: [], users: ['noah'], need: 1 } } };
    expect(said('noah', {}, named)).toBe('enough');
    expect(namesOf(named, 'low')).toBe('@ml-oncall or 1 named person');
  });
});

describe('break-glass', () => {
  const glass = (id: string, reason: string, more: Partial<Ask> = {}): string => {
    const judgement = judgeBreakGlass(policy, { ...ask, risk: 'high', ...more }, who(id), reason);
    return judgement.is === 'refused' ? judgement.because : judgement.is;
  };
  test('on call, with a reason', () => {
    expect(glass('sana', 'nobody else is awake')).toBe('enough');
    expect(glass('sana', 'too short')).toBe('a reason is needed: at least 10 characters');
    expect(glass('sana', '               ')).toBe('a reason is needed: at least 10 characters');
    expect(glass('ben', 'nobody else is awake')).toBe('only the person on call may break the glass');
    expect(glass('guest', 'nobody else is awake')).toBe('guests cannot do this');
    expect(glass('nobody', 'nobody else is awake')).toMatch(/^I could not check who you are/);
  });
});

describe('where and when', () => {
  const freeze: Freeze = {
    is: 'between',
    name: 'launch',
    from: '2026-03-02T00:00:00+01:00',
    to: '2026-03-03T00:00:00+01:00',
    regions: ['eu-west-1'],
  };
  const frozen: Policy = { ...policy, freezes: [freeze] };

  test('a region that is only observed', () => {
    const observed: Policy = { ...policy, modes: { ...policy.modes, byRegion: { 'eu-west-1': 'observe' } } };
    expect(said('sana', {}, observed)).toBe('eu-west-1 is in mode observe: I only look there');
    expect(said('sana', { region: 'us-east-1' }, observed)).toBe('enough');
    expect(judgeBreakGlass(observed, ask, who('sana'), 'nobody else is awake')).toMatchObject({ is: 'refused' });
    expect(modeOf(observed, 'us-east-1', target)).toBe('propose');
  });

  test('a freeze holds from its first moment to before its last, in its regions', () => {
    const frozenIn = (region: string, moment: string, regions = freeze.regions): boolean =>
      frozenAt([{ ...freeze, regions }], region, moment) !== null;
    expect(frozenIn('eu-west-1', '2026-03-01T23:00:00.000Z')).toBe(true);
    expect(frozenIn('eu-west-1', '2026-03-01T22:59:59.999Z')).toBe(false);
    expect(frozenIn('eu-west-1', '2026-03-02T22:59:59.999Z')).toBe(true);
    expect(frozenIn('eu-west-1', '2026-03-02T23:00:00.000Z')).toBe(false);
    expect(frozenIn('us-east-1', at)).toBe(false);
    expect(frozenIn('us-east-1', at, [])).toBe(true);
  });

  test('of the modes that name the region or the service the most careful counts', () => {
    const where = { namespace: 'ml-platform', name: 'model-server' };
    const modes = (more: Partial<Policy['modes']>): Policy => ({ ...policy, modes: { ...policy.modes, ...more } });
    const both = modes({
      default: 'propose',
      byRegion: { 'eu-west-1': 'act', 'us-east-1': 'observe' },
      byService: [
        { ...where, region: null, mode: 'act' },
        { ...where, region: 'ap-southeast-1', mode: 'observe' },
        { namespace: 'ml-platform', name: 'api-gateway', region: null, mode: 'observe' },
      ],
    });
    expect(modeOf(both, 'eu-west-1', where)).toBe('act');
    expect(modeOf(both, 'us-east-1', where)).toBe('observe');
    expect(modeOf(both, 'ap-southeast-1', where)).toBe('observe');
    expect(modeOf(both, 'eu-west-1', { namespace: 'ml-platform', name: 'api-gateway' })).toBe('observe');
    // The same name elsewhere is another service; one without a namespace may be this one.
    expect(modeOf(both, 'eu-west-1', { namespace: 'other', name: 'api-gateway' })).toBe('act');
    expect(modeOf(both, 'eu-west-1', { name: 'api-gateway' })).toBe('observe');
    expect(modeOf(both, 'sa-east-1', { namespace: 'ml-platform', name: 'feature-store' })).toBe('propose');
    // Who says nothing of this region does not loosen it.
    expect(
      modeOf(
        modes({ default: 'observe', byService: [{ ...where, region: 'eu-west-1', mode: 'act' }] }),
        'us-east-1',
        where,
      ),
    ).toBe('observe');
    expect(said('sana', { region: 'ap-southeast-1' }, both)).toBe(
      'model-server in ap-southeast-1 is in mode observe: I only look there',
    );
    expect(said('sana', { target: { namespace: 'ml-platform', name: 'api-gateway' } }, both)).toBe(
      'api-gateway is in mode observe: I only look there',
    );
    const offer = { remedy: 'rollback', risk: 'low' as const, knownGood: true };
    const ready = { ...both, modes: { ...both.modes, preApproved: ['rollback'] } };
    expect(preApproved(ready, { region: 'eu-west-1', target: where }, offer, at)).toBe(true);
    expect(preApproved(ready, { region: 'ap-southeast-1', target: where }, offer, at)).toBe(false);
  });

  test('it never blocks the way back to what is known to have worked', () => {
    expect(said('sana', { knownGood: false }, frozen)).toBe(
      'changes are frozen in eu-west-1 until 2026-03-03T00:00:00+01:00 (launch)',
    );
    expect(said('sana', { knownGood: true }, frozen)).toBe('enough');
  });

  test('what mode act runs by itself', () => {
    const modes = {
      default: 'act' as const,
      byRegion: { 'us-east-1': 'propose' as const },
      byService: [],
      preApproved: ['rollback'],
    };
    const act: Policy = { ...policy, modes };
    const offer = { remedy: 'rollback', risk: 'low' as const, knownGood: true };
    expect(preApproved(act, { region: 'eu-west-1', target }, offer, at)).toBe(true);
    expect(preApproved(act, { region: 'us-east-1', target }, offer, at)).toBe(false);
    expect(preApproved(policy, { region: 'eu-west-1', target }, offer, at)).toBe(false);
    expect(preApproved(act, { region: 'eu-west-1', target }, { ...offer, risk: 'medium' }, at)).toBe(false);
    expect(preApproved(act, { region: 'eu-west-1', target }, { ...offer, knownGood: false }, at)).toBe(false);
    expect(preApproved(act, { region: 'eu-west-1', target }, { ...offer, remedy: 'restart' }, at)).toBe(false);
    expect(preApproved({ ...act, freezes: [freeze] }, { region: 'eu-west-1', target }, offer, at)).toBe(false);
  });
});

test('stopping is for any member, lifting for who may approve high risk', () => {
  for (const id of ['sana', 'ben', 'dora', 'noah']) expect(refusePerson(who(id))).toBeNull();
  for (const id of ['guest', 'partner', 'left', 'robot', 'nobody']) expect(refusePerson(who(id))).not.toBeNull();
  expect(['sana', 'ben', 'dora', 'noah'].map((id) => mayLift(policy, who(id)))).toEqual([
    'you are not in @ml-leads or @ml-approvers',
    null,
    null,
    'you are not in @ml-leads or @ml-approvers',
  ]);
  expect(mayLift(policy, who('nobody'))).toMatch(/^I could not check who you are/);
  expect(groupsOf(policy)).toEqual(['S-oncall', 'S-approve', 'S-leads']);
});
