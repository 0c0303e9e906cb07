import { describe, expect, test } from 'vitest';
import { frozenAt, unknownZone } from './freezes.ts';
import type { Freeze } from './freezes.ts';

const until = (freezes: readonly Freeze[], at: string, region = 'eu-west-1'): string | null =>
  frozenAt(freezes, region, at)?.until ?? null;
const zone = 'Europe/Berlin';
/** In Berlin the clocks go from 02:00 to 03:00 on 2026-03-29 (01:00 UTC), and from 03:00 to 02:00 on 2026-10-25 (01:00 UTC). */
const nights: Freeze = {
  is: 'days',
  name: 'nights',
  regions: [],
  zone,
  days: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  from: '22:00',
  to: '06:00',
};

describe('by the clock of a place', () => {
  test.each([
    ['winter: 22:00 is 21:00 UTC', '2026-03-27T20:59:59.999Z', null],
    ['winter: it began', '2026-03-27T21:00:00.000Z', '2026-03-28 06:00 Europe/Berlin (05:00 UTC)'],
    ['winter: the next morning', '2026-03-28T04:59:59.999Z', '2026-03-28 06:00 Europe/Berlin (05:00 UTC)'],
    ['winter: it is over', '2026-03-28T05:00:00.000Z', null],
    [
      'the night of the change ends an hour sooner',
      '2026-03-29T03:59:59.999Z',
      '2026-03-29 06:00 Europe/Berlin (04:00 UTC)',
    ],
    ['over, by the summer clock', '2026-03-29T04:00:00.000Z', null],
    ['summer: 22:00 is 20:00 UTC', '2026-03-29T20:00:00.000Z', '2026-03-30 06:00 Europe/Berlin (04:00 UTC)'],
    ['the night back is an hour longer', '2026-10-25T04:59:59.999Z', '2026-10-25 06:00 Europe/Berlin (05:00 UTC)'],
    ['over, by the winter clock', '2026-10-25T05:00:00.000Z', null],
  ])('%s', (_what, at, end) => {
    expect(until([nights], at)).toBe(end);
  });

  test('an hour that is not there or is there twice: rather frozen too long', () => {
    const early: Freeze = { ...nights, from: '02:30', to: '02:45' };
    // Spring: 02:30 never shows. From what it would be by the summer clock to what it would be by the winter clock.
    expect(until([early], '2026-03-29T00:29:59.000Z')).toBeNull();
    expect(until([early], '2026-03-29T00:30:00.000Z')).not.toBeNull();
    expect(until([early], '2026-03-29T01:44:59.000Z')).not.toBeNull();
    expect(until([early], '2026-03-29T01:45:00.000Z')).toBeNull();
    // Autumn: 02:30 to 02:45 shows twice, an hour apart; between the two it stays frozen.
    expect(until([early], '2026-10-25T00:29:59.000Z')).toBeNull();
    expect(until([early], '2026-10-25T00:30:00.000Z')).toBe('2026-10-25 02:45 Europe/Berlin (01:45 UTC)');
    expect(until([early], '2026-10-25T01:00:00.000Z')).not.toBeNull();
    expect(until([early], '2026-10-25T01:44:59.000Z')).not.toBeNull();
    expect(until([early], '2026-10-25T01:45:00.000Z')).toBeNull();
  });

  test('days that follow each other are one freeze, with one end', () => {
    const weekend: Freeze[] = [
      { is: 'days', name: 'weekend', regions: [], zone, days: ['fri'], from: '16:00', to: '24:00' },
      { is: 'days', name: 'weekend', regions: [], zone, days: ['sat', 'sun'], from: '00:00', to: '24:00' },
    ];
    expect(until(weekend, '2026-03-27T14:59:00.000Z')).toBeNull();
    expect(until(weekend, '2026-03-27T15:00:00.000Z')).toBe('2026-03-30 00:00 Europe/Berlin (2026-03-29 22:00 UTC)');
    expect(until(weekend, '2026-03-29T21:59:00.000Z')).not.toBeNull();
    expect(until(weekend, '2026-03-29T22:00:00.000Z')).toBeNull();
    // What never ends has no endless search.
    expect(until([{ ...nights, from: '00:00', to: '24:00' }], '2026-03-27T12:00:00.000Z')).toMatch(/^2026-05-/);
  });

  test('dates, with and without a time of day, in their regions', () => {
    const year: Freeze = {
      is: 'dates',
      name: 'y',
      regions: ['eu-west-1'],
      zone,
      from: '2026-12-18T18:00',
      to: '2027-01-04',
    };
    expect(until([year], '2026-12-18T16:59:59.000Z')).toBeNull();
    expect(until([year], '2026-12-18T17:00:00.000Z')).toBe('2027-01-04 00:00 Europe/Berlin (2027-01-03 23:00 UTC)');
    expect(until([year], '2027-01-03T23:00:00.000Z')).toBeNull();
    expect(until([year], '2026-12-24T00:00:00.000Z', 'us-east-1')).toBeNull();
  });

  test('half hours, the other side of the date line, and the southern summer', () => {
    const at = (place: string): Freeze => ({ ...nights, zone: place, days: ['mon'], from: '00:00', to: '01:00' });
    expect(until([at('Asia/Kolkata')], '2026-03-29T18:30:00.000Z')).toBe(
      '2026-03-30 01:00 Asia/Kolkata (2026-03-29 19:30 UTC)',
    );
    expect(until([at('Asia/Kolkata')], '2026-03-29T18:29:59.000Z')).toBeNull();
    expect(until([at('Pacific/Kiritimati')], '2026-03-29T10:00:00.000Z')).not.toBeNull();
    expect(until([at('Australia/Lord_Howe')], '2026-03-29T13:00:00.000Z')).not.toBeNull();
  });
});

test('zones that are none', () => {
  expect(unknownZone('Europe/Berlin')).toBeNull();
  expect(unknownZone('UTC')).toBeNull();
  expect(unknownZone('Europe/Berln')).toBe('no such time zone is known');
  expect(unknownZone('+01:00')).toBe('write a place such as Europe/Berlin, not an offset');
});
