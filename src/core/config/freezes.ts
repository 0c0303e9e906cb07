import { z } from 'zod';
import { DAYS, unknownZone } from '../freezes.ts';
import type { Freeze } from '../freezes.ts';

/** The three ways to write a freeze into the config, and which sentence helps where it is none of them. Pure. */

const INSTANT = z.iso.datetime({ offset: true });
const WALL = /^\d{4}-\d\d-\d\d(T([01]\d|2[0-3]):[0-5]\d)?$/;
const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;

export const FreezeSchema = z
  .strictObject({
    name: z.string().min(1).max(253).describe('What people call it: it is said in the refusal.'),
    zone: z.string().optional().describe('A time zone such as Europe/Berlin: from and to are by its clocks.'),
    days: z.array(z.enum(DAYS)).min(1).optional().describe('Every week on these days, [fri, sat]; needs a zone.'),
    from: z
      .string()
      .optional()
      .describe('With days 18:00, left out 00:00. With a zone 2026-12-18T18:00 or 2026-12-18. Else with an offset.'),
    to: z.string().optional().describe('Like from; the first moment that is free again. With days, left out: 24:00.'),
    regions: z.array(z.string().min(1)).default([]).describe('Left out: all.'),
  })
  .superRefine((one, context) => {
    for (const [field, message] of problemsOf(one)) context.addIssue({ code: 'custom', path: [field], message });
  });
type Written = z.output<typeof FreezeSchema>;

function* problemsOf(one: Omit<Written, 'name' | 'regions'>): Generator<readonly [string, string]> {
  if (one.zone !== undefined) {
    const wrong = unknownZone(one.zone);
    if (wrong !== null) yield ['zone', wrong.startsWith('write') ? wrong : `${wrong}: write one such as Europe/Berlin`];
  } else if (one.days !== undefined)
    yield ['zone', 'missing: write the time zone of these days, such as Europe/Berlin'];
  if (one.days !== undefined) {
    for (const field of ['from', 'to'] as const) {
      const value = one[field];
      if (value !== undefined && !CLOCK.test(value) && !(field === 'to' && value === '24:00'))
        yield [field, 'write a time of day such as 18:00, for days and dates are not both possible'];
    }
    return;
  }
  let read = 0;
  for (const field of ['from', 'to'] as const) {
    const value = one[field];
    const good =
      value !== undefined &&
      (one.zone === undefined ? INSTANT.safeParse(value).success : WALL.test(value)) &&
      isDate(value);
    if (good) read += 1;
    else if (one.zone === undefined)
      yield [field, 'write a time with an offset such as 2026-12-18T18:00:00+01:00, or add a zone'];
    else yield [field, 'write a time by the clocks of the zone such as 2026-12-18T18:00, or a date'];
  }
  // Without an offset both are read alike, whatever the zone.
  if (read === 2 && Date.parse(utc(one.from)) >= Date.parse(utc(one.to)))
    yield ['to', '"from" must be before "to": write a later time'];
}

/** Also what V8 would roll over: 2026-02-30. */
function isDate(text: string): boolean {
  const day = text.slice(0, 10);
  const ms = Date.parse(`${day}T00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

function utc(text = ''): string {
  return WALL.test(text) && text.length > 10 ? `${text}Z` : text;
}

export function freezeOf({ name, regions, zone, days, from, to }: Written): Freeze {
  if (zone === undefined) return { is: 'between', name, regions, from: from ?? '', to: to ?? '' };
  if (days === undefined) return { is: 'dates', name, regions, zone, from: from ?? '', to: to ?? '' };
  return { is: 'days', name, regions, zone, days, from: from ?? '00:00', to: to ?? '24:00' };
}
