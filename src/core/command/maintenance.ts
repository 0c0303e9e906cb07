import type { Parsed } from './command.ts';
import { durationAt } from './silence.ts';
import { findRegion } from '../routing.ts';
import type { Catalogue } from '../routing.ts';
import { isFiller, unclear, unknownRegion } from './target-words.ts';

/** `/mlp maintenance eu 2h reason`, `/mlp maintenance end eu`, `/mlp maintenance`: a region that people work on, on purpose. Pure. */

export type MaintenanceWanted =
  | {
      readonly is: 'maintenance';
      readonly does: 'begin';
      readonly region: string;
      readonly ms: number;
      readonly reason: string;
    }
  | { readonly is: 'maintenance'; readonly does: 'end'; readonly region: string }
  | { readonly is: 'maintenance'; readonly does: 'list' };

const USAGE = 'Write where, for how long and why: `/mlp maintenance eu-west-1 2h the nodes are replaced`.';
const END = /^(end|off|over|stop)$/i;
const BEGIN = /^(begin|start|on|of)$/i;
const MOST_REASON = 200;

export function maintenance(rest: readonly string[], catalogue: Catalogue): Parsed {
  const words = rest.map((one) => one.replace(/^--(region|context)=?/, '')).filter((one) => one !== '');
  if (words.length === 0 || /^list$/i.test(words[0] ?? '')) return { is: 'maintenance', does: 'list' };
  // `end eu` and `eu end` are the same; a reason may have the word too.
  const ends = words.slice(0, 2).some((one) => END.test(one));
  while (words[0] !== undefined && (END.test(words[0]) || BEGIN.test(words[0]) || isFiller(words[0]))) words.shift();
  const region = findRegion(words[0] ?? '', catalogue);
  if (region === null && !ends && durationAt(words[0]) !== null) return unclear(`Which region? ${USAGE}`);
  if (region === null) {
    const asked = ends ? 'maintenance end' : 'maintenance';
    return words[0] === undefined ? unclear(`Which region? ${USAGE}`) : unknownRegion(words[0], catalogue, asked);
  }
  words.shift();
  if (ends) return { is: 'maintenance', does: 'end', region };
  const ms = durationAt(words.shift());
  if (ms === null) return unclear(USAGE);
  if (ms === 'out of range') return unclear('For 5 minutes to 7 days: `30m`, `2h`, `1d`.');
  const reason = words.join(' ').replaceAll('`', "'").slice(0, MOST_REASON);
  if (reason === '') return unclear(`It needs a reason: whoever is on call reads it at three in the morning. ${USAGE}`);
  return { is: 'maintenance', does: 'begin', region, ms, reason };
}
