import { parseIncidents } from './handling.ts';
import { oncall } from './incident.ts';
import type { Parsed } from './command.ts';
import { findRegion } from '../routing.ts';
import type { Catalogue } from '../routing.ts';
import { isFiller, unclear, unknownFlag, unknownRegion } from './target-words.ts';

/** Commands that list what is there: what is open, what runs, who is on call, what was refused. Pure. */

/** Null: the word lists nothing. */
export function parseList(word: string, rest: readonly string[], catalogue: Catalogue): Parsed | null {
  switch (word) {
    case 'status':
      return status(rest, catalogue);
    case 'incidents':
      return parseIncidents(rest, catalogue);
    case 'handover':
    case 'handoff':
      return { is: 'handover' };
    case 'runs':
      return { is: 'runs' };
    case 'temp':
    case 'temporary':
    case 'ledger':
      return { is: 'temp' };
    case 'oncall':
    case 'on-call':
      return oncall(rest);
    case 'playbooks':
      return { is: 'playbooks' };
    case 'undelivered':
      return undelivered(rest);
    case 'doctor':
      return { is: 'doctor' };
    default:
      return null;
  }
}

function undelivered(rest: readonly string[]): Parsed {
  const words = rest.filter((one) => !isFiller(one) && !/^(list|messages?)$/i.test(one));
  if (words.length === 0) return { is: 'undelivered', retry: false };
  if (words.every((one) => /^(retry|again|resend|them)$/i.test(one))) return { is: 'undelivered', retry: true };
  return unclear('`/mlp undelivered` lists what Slack refused, `/mlp undelivered retry` tries it once more.', [
    { label: 'List', command: 'undelivered' },
    { label: 'Try again', command: 'undelivered retry' },
  ]);
}

function status(rest: readonly string[], catalogue: Catalogue): Parsed {
  const flag = rest.find((one) => one.startsWith('-') && !REGION_FLAG.test(one));
  if (flag !== undefined) return unknownFlag(flag);
  const words = rest.map((one) => one.replace(REGION_FLAG, '')).filter((one) => one !== '' && !isFiller(one));
  const found = new Set<string>();
  for (const word of words) {
    const region = findRegion(word, catalogue);
    if (region === null) return unknownRegion(word, catalogue, 'status');
    found.add(region);
  }
  const [region = null, ...more] = found;
  if (more.length === 0) return { is: 'status', region };
  return unclear(
    `Which region? ${[...found].join(' or ')}. Without one I list all.`,
    [...found, ''].map((one) => ({ label: one === '' ? 'all regions' : one, command: `status ${one}`.trim() })),
  );
}
const REGION_FLAG = /^--(context|region)(=|$)/;
