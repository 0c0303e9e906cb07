import { expect, test } from 'vitest';
import { act, attempt, fenceOf, late, rehearse } from './acting-on.ts';
import { failureOf, limit, named, reader } from './looking.ts';
import { until, type World } from './world.ts';

export function boundsTests(get: () => World, kind: 'autoscaler' | 'scaled object'): void {
  const name = kind === 'autoscaler' ? 'bound-by-hpa' : 'bound-by-keda';
  const [min, max] = kind === 'autoscaler' ? ['minReplicas', 'maxReplicas'] : ['minReplicaCount', 'maxReplicaCount'];

  async function seen(): Promise<{ readonly uid: string; readonly min: number; readonly max: number }> {
    const world = get();
    if (kind === 'autoscaler') {
      const found = await reader(world).autoscaler(named(world, name));
      if (found === null) throw new Error('no autoscaler');
      return { uid: found.uid, min: found.min, max: found.max };
    }
    const all = await reader(world).custom('ScaledObject', world.namespace);
    const found = all?.find((one) => one.name === name);
    if (found === undefined) throw new Error('no ScaledObject');
    const spec = JSON.parse(found.spec) as { minReplicaCount: number; maxReplicaCount: number };
    return { uid: found.uid, min: spec.minReplicaCount, max: spec.maxReplicaCount };
  }

  test(`the bounds of a${kind === 'autoscaler' ? 'n' : ''} ${kind}: rehearsed, changed under a fence, once`, async () => {
    const world = get();
    await world.deploy(name, { image: world.images.v1, replicas: 2 });
    if (kind === 'autoscaler') await world.autoscale(name, name, 2, 6);
    else await world.scaledObject(name, name, 2, 6);
    const of = named(world, name);
    const when = await seen();
    expect(when).toMatchObject({ min: 2, max: 6 });
    expect(await rehearse(world, kind, of).rehearse({ min: 2, max: 9 }, when)).toEqual({
      is: 'diff',
      lines: [`- ${max}: 6`, `+ ${max}: 9`],
    });
    expect(await fenceOf(world, kind, of)).toBeNull();
    await act(world, kind, of, attempt('try-1', { expects: null })).change({ min: 3, max: 9 }, when);
    expect(await seen()).toEqual({ ...when, min: 3, max: 9 });
    expect(await fenceOf(world, kind, of)).toBe('try-1');
    await act(world, kind, of, attempt('try-2')).change({ min: 3, max: 9 }, when);
    expect(await fenceOf(world, kind, of)).toBe('try-1');

    const conflicts = [when, { ...when, min: 3, max: 9, uid: '00000000-0000-0000-0000-000000000000' }];
    for (const wrong of conflicts) {
      const thrown = await failureOf(act(world, kind, of, attempt('never')).change({ min: 1, max: 4 }, wrong));
      expect(thrown).toMatchObject({ kind: 'conflict', maybeDone: false });
      expect((await failureOf(rehearse(world, kind, of).rehearse({ min: 1, max: 4 }, wrong))).kind).toBe('conflict');
    }
    const now = { ...when, min: 3, max: 9 };
    expect((await failureOf(act(world, kind, of, late()).change({ min: 1, max: 4 }, now))).kind).toBe('timeout');
    await world.platform.fence(kind, world.region, of, 'successor', limit());
    const fenced = act(world, kind, of, attempt('predecessor', { expects: 'try-1' })).change({ min: 1, max: 4 }, now);
    expect(await failureOf(fenced)).toMatchObject({ kind: 'conflict', maybeDone: false });
    expect(await seen()).toEqual(now);
    expect(await fenceOf(world, kind, of)).toBe('successor');
    expect(min).toMatch(/^min/);
  });

  test(`without the right to change a${kind === 'autoscaler' ? 'n' : ''} ${kind}: refused, with the rule to add`, async () => {
    const world = get();
    const [remedy, resource, group] =
      kind === 'autoscaler'
        ? ['autoscaler-bounds', 'horizontalpodautoscalers', 'autoscaling']
        : ['scaled-object-bounds', 'scaledobjects', 'keda.sh'];
    const of = named(world, name);
    const words = `the bot lacks the right "patch ${resource}.${group} in namespace ${world.namespace}"; the rule to add: {apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["patch"]}`;
    await world.without(remedy, `patch ${resource}.${group}`, async () => {
      const now = await seen();
      const to = { min: now.min, max: now.max + 1 };
      const said = await until(world, 'the rehearsal is refused', async () => {
        const one = await rehearse(world, kind, of).rehearse(to, now);
        return one.is === 'refused' ? one : undefined;
      });
      expect(said.because).toContain(words);
      const thrown = await failureOf(act(world, kind, of, attempt('never')).change(to, now));
      expect(thrown).toMatchObject({ kind: 'forbidden', maybeDone: false });
      expect(thrown.message).toContain(words);
      expect(await seen()).toEqual(now);
    });
    const again = await seen();
    await until(world, 'it works again', async () => {
      const one = await rehearse(world, kind, of).rehearse({ min: again.min, max: again.max + 1 }, again);
      return one.is === 'diff' ? one : undefined;
    });
  });

  test(`no ${kind} of this name`, async () => {
    const world = get();
    const of = named(world, 'nothing');
    const when = { uid: 'u', min: 1, max: 2 };
    expect((await failureOf(act(world, kind, of, attempt('t')).change({ min: 1, max: 3 }, when))).kind).toBe(
      'not found',
    );
    expect((await failureOf(rehearse(world, kind, of).rehearse({ min: 1, max: 3 }, when))).kind).toBe('not found');
    expect(await fenceOf(world, kind, of)).toBeNull();
    expect((await failureOf(world.platform.fence(kind, world.region, of, 'x', limit()))).kind).toBe('not found');
  });
}
