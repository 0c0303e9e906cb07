import { z } from 'zod';
import { Failure } from '../core/failure.ts';
import type { Outside } from '../core/incident/commands.ts';
import type { Json } from '../core/json.ts';
import type { InboxRow } from '../core/ports/store.ts';

/** Commands as rows of the inbox: written by any replica, read by the one that drives the stream, which may be an older one. */
const ROW_VERSION = 1;

export function rowOf(command: Outside): Json {
  return { v: ROW_VERSION, ...command } as unknown as Json;
}

const Subject = z.looseObject({
  playbook: z.string(),
  target: z.json(),
  regions: z.array(z.string()),
  focus: z.string().nullable(),
});
const AlertShape = z.looseObject({
  fingerprint: z.string(),
  name: z.string(),
  status: z.enum(['firing', 'resolved']),
  startsAt: z.string(),
});
const BesideShape = z.looseObject({
  stream: z.string(),
  number: z.number().nullable(),
  title: z.string(),
  why: z.string(),
  alerts: z.number(),
});
const Shape = z.discriminatedUnion('is', [
  z.looseObject({
    is: z.literal('alert'),
    alert: AlertShape,
    subject: Subject,
    channel: z.string(),
    key: z.string(),
  }),
  z.looseObject({
    is: z.literal('group'),
    into: z.string(),
    number: z.number().nullable(),
    link: z.string().nullable(),
    by: z.string(),
    byPerson: z.boolean(),
    why: z.string(),
    since: z.string(),
    region: z.string().nullable(),
  }),
  z.looseObject({
    is: z.literal('joined'),
    beside: BesideShape,
    alerts: z.array(z.looseObject({ alert: AlertShape })),
  }),
  z.looseObject({ is: z.literal('apart'), beside: BesideShape }),
  z.looseObject({ is: z.literal('ask'), by: z.string(), subject: Subject, channel: z.string(), key: z.string() }),
  z.looseObject({
    is: z.literal('change'),
    change: z.looseObject({
      id: z.string(),
      by: z.string(),
      playbook: z.string(),
      remedies: z.array(z.string()).min(1),
      details: z.record(z.string(), z.json()),
      title: z.string(),
      target: z.json(),
      regions: z.array(z.string()).min(1),
    }),
    subject: Subject,
    channel: z.string(),
    key: z.string(),
  }),
  z.looseObject({
    is: z.literal('found'),
    by: z.number().nullable(),
    subject: Subject,
    channel: z.string(),
    key: z.string(),
  }),
  z.looseObject({
    is: z.literal('press'),
    press: z.looseObject({ does: z.string(), thread: z.string() }),
    by: z.string(),
    reason: z.string().nullable(),
  }),
  z.looseObject({ is: z.literal('note'), by: z.string(), what: z.string() }),
  z.looseObject({ is: z.literal('handle'), by: z.string(), what: z.looseObject({ does: z.string() }) }),
  z.looseObject({
    is: z.literal('paged-event'),
    event: z.looseObject({
      id: z.string(),
      by: z.looseObject({ is: z.string() }),
      what: z.looseObject({ does: z.string() }),
    }),
  }),
  z.looseObject({ is: z.literal('refresh') }),
  z.looseObject({ is: z.literal('silence-gone'), ids: z.array(z.string()) }),
  z.looseObject({
    is: z.literal('announce'),
    notice: z.union([
      z.looseObject({
        on: z.boolean(),
        by: z.string(),
        at: z.string(),
        underWay: z.array(z.string()),
        mayLift: z.string(),
      }),
      z.looseObject({ lost: z.string(), at: z.string() }),
      z.looseObject({ shown: z.looseObject({ lock: z.string(), blocks: z.array(z.json()) }), at: z.string() }),
    ]),
    channels: z.array(z.string()),
  }),
]);

/**
 * The command, or why it is none: such a row is set aside, or it would hold up everything behind it. A row of a newer version is
 * somebody else's to read: Failure `unreadable`, and the stream is left alone.
 */
export function readRow(row: InboxRow): { readonly command: Outside } | { readonly unreadable: string } {
  const version = z.looseObject({ v: z.number().default(ROW_VERSION) }).safeParse(row.body);
  if (version.success && version.data.v > ROW_VERSION)
    throw new Failure('unreadable', `an inbox row of version ${version.data.v}: a newer mlp-bot wrote it`);
  const parsed = Shape.safeParse(row.body);
  if (parsed.success) return { command: row.body as unknown as Outside };
  return { unreadable: z.prettifyError(parsed.error).slice(0, 300) };
}
