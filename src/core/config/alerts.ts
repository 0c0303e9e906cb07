import { z } from 'zod';
import { FLAPPING } from '../incident/flapping.ts';
import { patternOf } from '../route-rules.ts';

/** How alerts are taken in: which labels name what, when many are a storm, when silence is news. Pure. */

const name = z.string().min(1).max(100);

function isPattern(text: string): boolean {
  try {
    patternOf(text);
    return true;
  } catch {
    return false;
  }
}

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
    routes: z
      .array(
        z.strictObject({
          match: z
            .record(
              z.string().min(1).max(200),
              z.string().max(500).refine(isPattern, 'write a text, or a regular expression as /…/'),
            )
            .refine((all) => Object.keys(all).length > 0, 'name at least one label')
            .describe('Labels and what they say: a text, or /…/ for a regular expression over the whole value.'),
          playbook: name.nullable().default(null).describe('Id of a playbook; null: the one that owns the alert.'),
          region: name.nullable().default(null).describe('Name of a region; null: by the labels.'),
          service: name.nullable().default(null).describe('Name of a service, which it is about; null: by the labels.'),
          channel: z
            .string()
            .regex(/^[CG][A-Z0-9]+$/, 'write a channel id such as C0123ABC, not a name')
            .nullable()
            .default(null)
            .describe('Where its incident is posted; null: the channel of its service.'),
          ignore: z.boolean().default(false).describe('It opens nothing.'),
        }),
      )
      .default([])
      .describe('Where alerts go whose labels do not say it; the first that fits decides. Default: none.'),
    urgent: z
      .record(z.string(), z.array(z.string().transform((one) => one.toLowerCase())))
      .default({ severity: ['p0', 'emergency'], priority: ['p0'] })
      .describe('Labels and values by which an alert itself says that it is P0.'),
    storm: z
      .strictObject({
        workloads: z.number().int().min(2).default(5).describe('From so many workloads of one region on.'),
        withinMs: z.number().int().min(1_000).default(120_000).describe('Beginning to alert within so long.'),
      })
      .prefault({})
      .describe('When many alerts are one storm: one thread takes them all.'),
    flapping: z
      .strictObject({
        times: z.number().int().min(2).max(50).default(FLAPPING.times).describe('So often must it begin to fire.'),
        withinMs: z.number().int().min(60_000).default(FLAPPING.withinMs).describe('Within so long.'),
        quietMs: z
          .number()
          .int()
          .min(0)
          .max(24 * 3_600_000)
          .default(FLAPPING.quietMs)
          .describe('Held open for so long after its last turn.'),
      })
      .prefault({})
      .describe('When an alert that comes and goes is one incident, held open until it keeps quiet.'),
    maxBytes: z
      .number()
      .int()
      .min(100_000)
      .default(5_000_000)
      .describe('Limit of one delivery; what is beyond it is said, not stored.'),
  })
  .prefault({});
