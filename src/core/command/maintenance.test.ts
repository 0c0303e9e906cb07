import { expect, test } from 'vitest';
import { catalogue } from '../../../test/core/catalogue.ts';
import { parseCommand } from './command.ts';

/** Two ways to keep alerts quiet, and how each ends. */

function short(text: string): string {
  const parsed = parseCommand(text, catalogue);
  switch (parsed.is) {
    case 'unclear':
      return `? ${parsed.because}`;
    case 'maintenance':
      if (parsed.does === 'list') return 'list';
      return parsed.does === 'end'
        ? `end ${parsed.region}`
        : `${parsed.region} ${parsed.ms / 60_000} min: ${parsed.reason}`;
    case 'silence':
      return `silence ${parsed.incident ?? 'here'} ${parsed.ms / 60_000} min: ${parsed.reason}`;
    case 'unsilence':
      return `heard ${parsed.incident ?? 'here'}`;
    default:
      return parsed.is;
  }
}

test.each([
  ['maintenance', 'list'],
  ['maint list', 'list'],
  ['maintenance eu 2h the nodes are replaced', 'eu-west-1 120 min: the nodes are replaced'],
  ['maintenance start eu-west-1 30m end of life of the pool', 'eu-west-1 30 min: end of life of the pool'],
  ['maintenance --region=eu 1d nodes', 'eu-west-1 1440 min: nodes'],
  ['maintenance end eu', 'end eu-west-1'],
  ['maintenance eu end', 'end eu-west-1'],
  ['maintenance off eu-west-1', 'end eu-west-1'],
  ['silence INC-7 2h nodes', 'silence 7 120 min: nodes'],
  ['silence end INC-7', 'heard 7'],
  ['silence INC-7 end', 'heard 7'],
  ['silence end', 'heard here'],
  ['silence INC-7 2h end of the test', 'silence 7 120 min: end of the test'],
  ['unsilence inc-7', 'heard 7'],
])('%s', (text, meant) => expect(short(text)).toBe(meant));

test.each([
  ['maintenance eu', /for how long and why/],
  ['maintenance 2h nodes', /^\? Which region\?/],
  ['maintenance eu 2h', /It needs a reason/],
  ['maintenance eu 1m x', /For 5 minutes to 7 days/],
  ['maintenance eu 8d x', /For 5 minutes to 7 days/],
  ['maintenance end', /Which region/],
  ['maintenance mars 2h x', /mars/],
  ['silence end INC-7 now then', /silence end INC-214/],
])('%s is asked about', (text, because) => expect(short(text)).toMatch(because));
