import type { Press } from '../core/message.ts';
import type { Answer, Taken } from '../core/ports/intake.ts';
import { denyForm, escalateForm, wrongCauseForm } from '../core/render/forms.ts';
import type { Catalogue } from '../core/routing.ts';
import { askSplit, detail } from './answers.ts';
import { askWhy } from './break-glass.ts';
import { askMore } from './handling.ts';
import type { Parts } from './parts.ts';

/** Buttons and shortcuts: what is answered at once, and what of them may be stored. */

/** Answered with what is known already: nothing changes. */
const SHOWN: ReadonlySet<Press['does']> = new Set(['show-diff', 'steps', 'timeline', 'list-alerts']);

/** Null: nothing is left to ask or show, the press is stored. */
export async function answerPress(
  parts: Parts,
  { press, by, reason }: Extract<Taken, { is: 'pressed' }>,
): Promise<Answer | null> {
  if (SHOWN.has(press.does)) return { is: 'said', message: await detail(parts, press) };
  if (press.does === 'more') return askMore(parts, press.thread);
  if (reason !== null) return null;
  switch (press.does) {
    case 'escalate':
      return { is: 'ask', modal: escalateForm(press) };
    case 'split':
      return askSplit(parts, press);
    case 'deny':
      return { is: 'ask', modal: denyForm(press) };
    case 'wrong-cause':
      return { is: 'ask', modal: wrongCauseForm(press) };
    case 'break-glass':
      return askWhy(parts, press, by);
    default:
      return null;
  }
}

/** Only what a press may hold: what came back from the chat system is not trusted. */
export function known(press: Press): Press {
  const { does, thread, proposal, digest } = press;
  return { does, thread, ...(proposal === undefined ? {} : { proposal }), ...(digest === undefined ? {} : { digest }) };
}

/** Regions and services that the text of a message names, in its order, each once. */
export function namedIn(text: string, { regions, services }: Catalogue): readonly string[] {
  const words = text
    .slice(0, 400)
    .split(/[^A-Za-z0-9.-]+/)
    .filter((word) => {
      const lower = word.toLowerCase();
      return (
        services.some((one) => one.name === lower) ||
        regions.some((one) => one.name === lower || one.aliases.includes(lower))
      );
    });
  return [...new Set(words)];
}
