import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type { Bounds, BoundsExpectation } from '../../core/ports/kubernetes.ts';
import { customKinds } from './custom.ts';
import { getting } from './reading.ts';
import { conflict, mustBe, nameOf, type Operation, type Patched, type Target } from './writing.ts';

const numberOr = (fallback: number) =>
  z
    .number()
    .nullish()
    .transform((value) => value ?? fallback);

/** `minReplicas` is 1 where it is left out (API reference of HorizontalPodAutoscalerSpec). */
export const autoscaler = bounds({
  noun: 'autoscaler',
  at: ({ of, signal }) =>
    Promise.resolve(getting({ signal }, '/apis/autoscaling/v2', 'horizontalpodautoscalers.autoscaling', of)),
  fields: { min: 'minReplicas', max: 'maxReplicas' },
  spec: z.object({ minReplicas: numberOr(1), maxReplicas: z.number() }).transform((spec) => ({
    min: spec.minReplicas,
    max: spec.maxReplicas,
  })),
});

/** 0 and 100 where they are left out (KEDA's reference of ScaledObject). Its HPA follows within KEDA's next look. */
export const scaledObject = bounds({
  noun: 'ScaledObject',
  at: async (target) => {
    const { group, plural } = customKinds.ScaledObject;
    const version = await target.groups.versionOf(group, target.signal, 5_000);
    if (version === null)
      throw new Failure('not found', `this cluster knows no ScaledObjects (${target.connection.region})`);
    return getting(target, `/apis/${group}/${version}`, `${plural}.${group}`, target.of);
  },
  fields: { min: 'minReplicaCount', max: 'maxReplicaCount' },
  spec: z.object({ minReplicaCount: numberOr(0), maxReplicaCount: numberOr(100) }).transform((spec) => ({
    min: spec.minReplicaCount,
    max: spec.maxReplicaCount,
  })),
});

interface Kind extends Pick<Patched<Bounds, BoundsExpectation>, 'noun' | 'at'> {
  readonly fields: Readonly<Record<'min' | 'max', string>>;
  readonly spec: z.ZodType<Bounds>;
}

function bounds({ fields, spec, ...kind }: Kind): Patched<Bounds, BoundsExpectation> {
  const schema = z.object({ spec });
  return {
    ...kind,
    operations: (target: Target, seen, to, when) => {
      const read = schema.safeParse(seen.raw);
      if (!read.success) throw new Failure('unreadable', `${nameOf(kind, target)}: the answer is not as expected`);
      const { min, max } = read.data.spec;
      mustBe(kind, target, seen, when.uid);
      if (min === to.min && max === to.max) return 'already so';
      if (min !== when.min || max !== when.max)
        throw conflict(
          kind,
          target,
          `its bounds were changed meanwhile (to ${min}–${max}, from ${when.min}–${when.max})`,
        );
      if (to.min > to.max) throw new Failure('invalid', `${nameOf(kind, target)}: ${to.min} is more than ${to.max}`);
      const wanted: Operation[] = [];
      // "add" also replaces: a field that has its default may not be there.
      if (min !== to.min) wanted.push({ op: 'add', path: `/spec/${fields.min}`, value: to.min });
      if (max !== to.max) wanted.push({ op: 'add', path: `/spec/${fields.max}`, value: to.max });
      return wanted;
    },
  };
}
