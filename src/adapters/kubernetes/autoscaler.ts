import type { z } from 'zod';
import type { Autoscaler, ObjectName } from '../../core/ports/kubernetes.ts';
import * as objects from './autoscaler-objects.ts';
import { list } from './lists.ts';
import { specWriters } from './owners-of-parts.ts';
import { listing, type Reading } from './reading.ts';
import { conditionOf } from './template.ts';

type Metric = z.output<typeof objects.metricSpec>;
type Value = z.output<typeof objects.metricValue>;

/** The HorizontalPodAutoscaler that targets this Deployment. */
export async function autoscaler(on: Reading, { namespace, name }: ObjectName): Promise<Autoscaler | null> {
  const asked = listing(on, '/apis/autoscaling/v2', 'horizontalpodautoscalers.autoscaling', namespace);
  const all = await list(on.connection, objects.autoscaler, asked);
  const found = all.find(({ spec: { scaleTargetRef: to } }) => to.kind === 'Deployment' && to.name === name);
  return found === undefined ? null : autoscalerOf(found);
}

export function autoscalerOf({ metadata, spec, status }: z.output<typeof objects.autoscaler>): Autoscaler {
  return {
    name: metadata.name,
    min: spec.minReplicas,
    max: spec.maxReplicas,
    current: status.currentReplicas,
    desired: status.desiredReplicas,
    conditions: status.conditions.map(conditionOf),
    uid: metadata.uid,
    metrics: spec.metrics.map((metric) => {
      const { name, target } = partsOf(metric);
      const now = status.currentMetrics.map(partsOf).find((one) => one.name === name && one.type === metric.type);
      return { name, current: textOf(now?.current, ' of request'), target: textOf(target, '') };
    }),
    scaledObject:
      metadata.ownerReferences.find(({ controller, kind }) => controller && kind === 'ScaledObject')?.name ?? null,
    createdAt: metadata.creationTimestamp,
    specWriters: specWriters(metadata),
  };
}

interface Parts {
  readonly type: string;
  readonly name: string;
  readonly target: Value | undefined;
  readonly current: Value | undefined;
}

/** Each type keeps its values in a field of its own. */
function partsOf({ type, resource, containerResource, pods, object, external }: Metric): Parts {
  const parts = (
    name: string,
    of: { target?: Value | null | undefined; current?: Value | null | undefined },
  ): Parts => ({
    type,
    name,
    target: of.target ?? undefined,
    current: of.current ?? undefined,
  });
  if (resource) return parts(resource.name, resource);
  if (containerResource)
    return parts(`${containerResource.name} of container ${containerResource.container}`, containerResource);
  if (pods) return parts(`${pods.metric.name} per pod`, pods);
  if (object)
    return parts(`${object.metric.name} of ${object.describedObject.kind}/${object.describedObject.name}`, object);
  return external ? parts(external.metric.name, external) : parts(type, {});
}

/** The target needs no words for what its current value is a share of. */
function textOf(value: Value | undefined, share: string): string {
  if (typeof value?.averageUtilization === 'number') return `${value.averageUtilization}%${share}`;
  if (value?.averageValue) return `${value.averageValue} on average`;
  return value?.value ?? 'unknown';
}
