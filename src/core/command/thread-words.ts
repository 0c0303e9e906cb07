import { isChange } from './change-what.ts';
import { parseCommand } from './command.ts';
import type { Parsed } from './command.ts';
import type { Subject } from '../incident/events.ts';
import type { Json } from '../json.ts';
import type { Catalogue } from '../routing.ts';
import { symptomOf } from '../symptoms.ts';
import { quoted, serviceOf } from './target-words.ts';

/** What was said to the bot in the thread of an incident: about that incident, unless it clearly names something else. Pure. */

export type InThread =
  /** A fresh look in this thread; `note` tells the asker how it was understood, null: there is nothing to explain. */
  | { readonly is: 'again'; readonly note: string | null }
  /** A command like any other. */
  | { readonly is: 'command'; readonly note: string | null }
  /** Not understood: what can be said here. */
  | { readonly is: 'usage'; readonly because: string };

const AGAIN = /^(please\s+)?(diagnose|check|look|again|retry|refresh)?(\s+(this|it|again|now|please))*[.!?]*$/i;
const KINDS = /(^|\s)(deploy|deployment|deployments|pod|pods|po|svc|service)s?\/\S/i;

export const IN_THREAD =
  'In this thread: `@mlp diagnose` looks again, `@mlp show`, `@mlp scale 14`, `@mlp why not rollback`, `@mlp note …`, `@mlp undo`, `@mlp stop`.';

export function inThread(said: string, parsed: Parsed, target: Json, catalogue: Catalogue): InThread {
  const text = said.trim();
  if (AGAIN.test(text)) return { is: 'again', note: null };
  const mine = nameIn(target);
  const what = mine === '' ? 'everything in this thread' : mine;
  if (parsed.is === 'unclear') return { is: 'usage', because: parsed.because };
  if (parsed.is === 'why-not' && !/^why\s+not\b/i.test(text))
    return symptomOf(text, catalogue.playbooks) === null
      ? { is: 'usage', because: `I do not understand ${quoted(text)}.` }
      : { is: 'again', note: `I take that as a question about ${what} and look again here.` };
  if (parsed.is !== 'diagnose') return { is: 'command', note: null };
  const named = KINDS.test(text) || serviceOf(parsed.name, catalogue) !== null;
  if (parsed.name === '' || parsed.name === mine)
    return { is: 'again', note: `I take that as a question about ${what} and look again here.` };
  if (named)
    return {
      is: 'command',
      note: `${parsed.name} is not what this thread is about: I look at it in a thread of its own.`,
    };
  return {
    is: 'usage',
    because: `I know no ${quoted(parsed.name)}; this thread is about ${what}. For another deployment write \`diagnose deploy/${parsed.name}\`.`,
  };
}

/**
 * "scale 14" in the thread of an incident: of what it is about, in the region that it is about. Null: no change, or one that is not clear
 * even so.
 */
export function changeHere(
  said: string,
  { target, focus, regions }: Pick<Subject, 'target' | 'focus' | 'regions'>,
  catalogue: Catalogue,
): Parsed | null {
  if (!isChange(said.trim().split(/\s+/)[0]?.toLowerCase() ?? '')) return null;
  const region = focus ?? (regions.length === 1 ? (regions[0] ?? '') : '');
  const name = nameIn(target);
  const { namespace = '' } = (typeof target === 'object' && target !== null ? target : {}) as { namespace?: string };
  const whole = `deploy/${name}${namespace === '' ? '' : ` -n ${namespace}`}`;
  for (const text of [said, `${said} ${region}`, `${said} ${whole}`, `${said} ${whole} ${region}`]) {
    const parsed = parseCommand(text, catalogue);
    if (parsed.is === 'change' || parsed.is === 'set-form') return parsed;
  }
  return null;
}

function nameIn(target: Json): string {
  const { name } = (typeof target === 'object' && target !== null ? target : {}) as { name?: string };
  return name ?? '';
}
