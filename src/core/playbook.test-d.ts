import { z } from 'zod';
import type { Playbook, Risk, TargetKind, Verdict } from './contract.ts';
import type { Deployment } from './ports/kubernetes.ts';
import type { ActOn, Read } from './ports/platform.ts';
import { about } from './playbook.ts';
import { say } from './words.ts';

/**
 * What must not compile. `tsc` reads this file with the rest: an `@ts-expect-error` above a line that compiles is an error itself.
 * Everything here is type-checked only and never run.
 */

interface Target {
  readonly region: string;
  readonly namespace: string;
  readonly name: string;
}
const schema = z.object({ region: z.string(), namespace: z.string(), name: z.string() });
const kind: TargetKind<Target> = { schema, from: () => ({ missing: '' }), name: (t) => t.name, key: (t) => t.name };
const on = about('region', kind);

const byHand = () => '';
const pods = on.reading('pods', { byHand, read: (read, t) => read.kubernetes.pods(t.namespace, '') });
const other = on.reading('other', { byHand, read: () => Promise.resolve(1) });
const history = on.reading('history', { byHand, read: (read, t) => read.kubernetes.revisions(t) });
const whole = on.reading('whole', {
  byHand,
  read: async (read, t): Promise<Deployment | null> => await read.kubernetes.deployment(t),
});

// A reading looks, and brings back JSON.
// @ts-expect-error a reading cannot act
on.reading('x', { byHand, read: (read) => read.kubernetes.change({}, {}) });
// @ts-expect-error Date is not JSON
on.reading('x', { byHand, read: async () => new Date(0) });
// @ts-expect-error Map
on.reading('x', { byHand, read: async () => ({ a: [new Map<string, string>()] }) });
// @ts-expect-error undefined
on.reading('x', { byHand, read: async () => ({ a: undefined }) });
// @ts-expect-error undefined at the top
on.reading('x', { byHand, read: async () => undefined });
// @ts-expect-error nothing
on.reading('x', { byHand, read: async () => {} });
// @ts-expect-error bigint
on.reading('x', { byHand, read: async () => 1n });
// @ts-expect-error function
on.reading('x', { byHand, read: async () => ({ a: () => 1 }) });
// @ts-expect-error unknown
on.reading('x', { byHand, read: async () => ({ a: 1 as unknown }) });
// @ts-expect-error unknown at the top
on.reading('x', { byHand, read: async () => JSON.parse('1') as unknown });
on.reading('x', { byHand, read: () => Promise.resolve(null) });

// A check sees what it needs, and cannot wait.
const c0 = { severity: 'warning', ask: '', rulesOut: '' } as const;
// @ts-expect-error a check sees what it needs and nothing else
on.check('x', { ...c0, needs: [pods], find: ({ other: _other }) => 'clear' });
// @ts-expect-error a check cannot wait, so it cannot read or act
on.check('x', { ...c0, needs: [pods], find: async ({ pods: _pods }) => 'clear' });
// @ts-expect-error typo in the value
on.check('x', { ...c0, needs: [pods], find: ({ pods }) => (pods[0]?.statos === '' ? 'clear' : 'clear') });
// @ts-expect-error the dependent reading sees only what it waits for
on.reading('x', { after: [other], byHand, read: async (_r, _t, { pods: _pods }) => 1 });
const three = on.reading('three', {
  after: [pods, other],
  byHand,
  read: (_r, _t, { pods, other }) => Promise.resolve(pods.length + other),
});
const four = on.reading('four', { after: [three], byHand, read: (_r, _t, { three }) => Promise.resolve(three + 1) });
export const n: Promise<number> = four.read({} as Read, {} as Target, {});
// @ts-expect-error a reading that only adds detail may be unknown
on.check('x', { ...c0, needs: [pods], also: [other], find: (_s, { other }) => (other + 1 > 0 ? 'clear' : 'clear') });
on.check('x', { ...c0, needs: [pods], find: (_s, _a, { t, at }) => ({ unsure: `${t.name} ${at}` }) });
const c3 = on.check('c3', {
  ...c0,
  needs: [pods],
  also: [other],
  find: (_s, { other }) => (other.known && other.value > 0 ? 'clear' : 'clear'),
});

// A playbook looks at what its checks, remedies, advice and remarks need.
const p0 = { id: 'p', title: '', guide: '', about: '', alerts: [], symptoms: [], remedies: [], advice: [] } as const;
// @ts-expect-error and must be looked at too
on.playbook({ ...p0, look: [pods], checks: [c3] });
const c = on.check('c', {
  ...c0,
  needs: [pods],
  find: ({ pods }) => (pods[0] === undefined ? { unsure: 'no pods' } : 'clear'),
});
// @ts-expect-error needs must be looked at
on.playbook({ ...p0, look: [other], checks: [c] });
const aside = on.remark('aside', { needs: [other], say: (_t, { other }) => say`${other}` });
// @ts-expect-error a remark's too
on.playbook({ ...p0, look: [pods], checks: [c], remarks: [aside] });
on.playbook({ ...p0, look: [pods, other], checks: [c], remarks: [aside] });

const plan = z.object({ namespace: z.string(), name: z.string(), to: z.string() });
type Plan = z.infer<typeof plan>;
const base = {
  title: '',
  label: '',
  when: ['c'],
  needs: [],
  risk: (): Risk => 'low',
  says: () => say``,
  after: () => null,
  preview: () => [],
  knownGood: () => false,
  settleMs: 0,
  deadlineMs: 0,
  target: () => ({ namespace: 'n', name: 'n' }),
  observe: () => Promise.resolve(1),
  binds: () => null,
  fits: (): Verdict => ({ is: 'yes' }),
  holds: () => true,
  rehearse: () => Promise.resolve({ is: 'refused', because: '' } as const),
  verify: (): Verdict => ({ is: 'yes' }),
  progress: () => '',
  undo: { impossible: 'gone' },
} as const;
const rollback = <const W extends string>(o: { readonly when: readonly W[] }) =>
  on.remedy('rollback', {
    ...base,
    acts: 'deployment',
    when: o.when,
    needs: [history],
    schema: plan,
    plan: (t, { history }) => ({ namespace: t.namespace, name: t.name, to: history[0]?.uid ?? '' }),
    execute: (act, p: Plan) =>
      act.change({ template: { replicaSet: p.to, digest: '' } }, { uid: '', templateDigest: '', paused: false }),
    undo: (p) => (p.to === '' ? { impossible: 'nothing to go back to' } : { ...p, to: '' }),
  });
// @ts-expect-error a remedy's readings must be looked at
on.playbook({ ...p0, look: [pods], checks: [c], remedies: [rollback({ when: ['c'] })] });
// @ts-expect-error when must name a check
on.playbook({ ...p0, look: [pods, history], checks: [c], remedies: [rollback({ when: ['nope'] })] });
const tip = on.advice({ when: ['nope'], needs: [], say: () => ({ fix: say``, steps: [] }) });
// @ts-expect-error so must advice
on.playbook({ ...p0, look: [pods, history], checks: [c], advice: [tip] });
const one = on.playbook({ ...p0, look: [pods, history], checks: [c], remedies: [rollback({ when: ['c'] })] });

// A wider target takes the narrower target's readings, checks and remedies; not the other way round.
const wideSchema = schema.extend({ model: z.string() });
const wideKind: TargetKind<z.infer<typeof wideSchema>> = {
  ...kind,
  schema: wideSchema,
  name: (t) => t.model,
  key: () => '',
};
const model = about('region', wideKind);
const ofModel = model.reading('m', { byHand: (t) => t.model, read: (_r, t) => Promise.resolve(t.model) });
const wide = model.playbook({
  ...p0,
  look: [pods, history, ofModel],
  checks: [c],
  remedies: [rollback({ when: ['c'] })],
});
// @ts-expect-error a narrower playbook has no such target
on.playbook({ ...p0, look: [ofModel], checks: [] });
const modelCheck = model.check('mc', { ...c0, needs: [], find: (_s, _a, { t }) => ({ unsure: t.model }) });
// @ts-expect-error nor does it for a check
on.playbook({ ...p0, look: [pods], checks: [modelCheck] });

// Platform scope: every region's outcome, unknown included.
const all = about('platform', kind);
all.check('x', {
  ...c0,
  needs: [pods],
  find: ({ pods }) => (Object.values(pods).every((o) => o.known && o.value.length > 0) ? 'clear' : { unsure: '' }),
});
// @ts-expect-error an outcome is not a value
all.check('x', { ...c0, needs: [pods], find: ({ pods }) => (pods['eu']?.length === 0 ? 'clear' : 'clear') });

// A remedy acts on its own kind, by a plan that is JSON and fits its schema.
const number = z.object({ n: z.number() });
const act = (does: ActOn['deployment']['act']) => does.change({}, { uid: '', templateDigest: '', paused: false });
const onKind = { ...base, acts: 'deployment' } as const;
const r = { ...onKind, schema: number, plan: () => ({ n: 1 }) };
on.remedy('r', { ...r, execute: act });
// @ts-expect-error the wrong kind of act
on.remedy('r', { ...r, execute: (does) => does.remove('key') });
// @ts-expect-error no such kind
on.remedy('r', { ...r, execute: act, acts: 'bucket' });
const dated = z.object({ n: z.date() });
// @ts-expect-error a plan is JSON
on.remedy('r', { ...onKind, execute: act, schema: dated, plan: () => ({ n: new Date(0) }) });
// @ts-expect-error an observation is JSON as well
on.remedy('r', { ...r, execute: act, observe: () => Promise.resolve(new Date(0)) });
// @ts-expect-error the plan must fit its schema
on.remedy('r', { ...onKind, execute: act, schema: number, plan: () => ({ m: 1 }) });
// @ts-expect-error undo must be a plan of the same remedy
on.remedy('r', { ...r, execute: act, undo: () => ({ m: 1 }) });
const maybe = z.object({ n: z.number().optional() });
// @ts-expect-error zod's optional() admits undefined
on.remedy('r', { ...r, execute: act, schema: maybe });
const exact = z.object({ n: z.number().exactOptional() });
on.remedy('r', { ...r, execute: act, schema: exact });
// @ts-expect-error observing cannot act
on.remedy('r', { ...r, execute: act, observe: (read) => read.kubernetes.change({}, {}) });

export const list: readonly Playbook[] = [one, wide];
export const seen = whole;
