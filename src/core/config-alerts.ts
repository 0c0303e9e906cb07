import { z } from 'zod';

/** How alerts are taken in: which labels name what, when many are a storm, when silence is news. Pure. */

const name = z.string().min(1).max(100);

export const AlertsSchema = z
  .strictObject({
    regionLabels: z
      .array(name)
      .default(['region', 'aws_region', 'cluster', 'kubernetes_cluster'])
      .describe('Labels that may name the region, in this order.'),
    watchdogSilentMs: z
      .number()
      .int()
      .min(60_000)
      .default(300_000)
      .describe('A region whose Watchdog came before and is silent for so long is an incident (ms).'),
    storm: z
      .strictObject({
        workloads: z.number().int().min(2).default(5).describe('From so many workloads of one region on.'),
        withinMs: z.number().int().min(1_000).default(120_000).describe('Beginning to alert within so long.'),
      })
      .prefault({})
      .describe('When many alerts are one storm: one thread takes them all.'),
    maxBytes: z
      .number()
      .int()
      .min(100_000)
      .default(5_000_000)
      .describe('Limit of one delivery; what is beyond it is said, not stored.'),
  })
  .prefault({});
