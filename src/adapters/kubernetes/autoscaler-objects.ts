import { z } from 'zod';
import { count, listOf } from './fields.ts';
import { condition, metadata } from './objects.ts';

const quantity = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value === null || value === undefined ? null : String(value)));

/** What an autoscaler goes by: wanted (`target`) or seen (`current`). */
export const metricValue = z.object({
  averageUtilization: z.number().nullish(),
  averageValue: quantity,
  value: quantity,
});
const values = { target: metricValue.nullish(), current: metricValue.nullish() };
const metric = z.object({ name: z.string() });

export const metricSpec = z.object({
  type: z.string(),
  resource: z.object({ name: z.string(), ...values }).nullish(),
  containerResource: z.object({ name: z.string(), container: z.string(), ...values }).nullish(),
  pods: z.object({ metric, ...values }).nullish(),
  object: z.object({ metric, describedObject: z.object({ kind: z.string(), name: z.string() }), ...values }).nullish(),
  external: z.object({ metric, ...values }).nullish(),
});

export const autoscaler = z.object({
  metadata,
  spec: z.object({
    scaleTargetRef: z.object({ kind: z.string(), name: z.string() }),
    minReplicas: z
      .number()
      .nullish()
      .transform((value) => value ?? 1),
    maxReplicas: z.number(),
    metrics: listOf(metricSpec),
  }),
  status: z
    .object({
      currentReplicas: count,
      desiredReplicas: count,
      conditions: listOf(condition),
      currentMetrics: listOf(metricSpec),
    })
    .prefault({}),
});
