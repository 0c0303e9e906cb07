import type { Message } from '../message.ts';
import type { Incident } from '../incident/state.ts';
import { ago, join, say, since } from '../words.ts';
import type { Words } from '../words.ts';
import { plural } from '../plural.ts';

/** When each region's Watchdog, the alert that always fires, was heard last. Silence says that alerts from there do not arrive. */
export interface Heard {
  readonly region: string;
  /** ISO 8601; null: never. */
  readonly last: string | null;
}

/** So long is silence between two of them no news (ms): they come about every minute. */
const QUIET_MS = 5 * 60_000;

export function withWatchdogs(message: Message, heard: readonly Heard[], at: string): Message {
  if (heard.length === 0) return message;
  const words = heard.map(({ region, last }) => {
    if (last === null) return say`${region} never came`;
    const silent = Date.parse(at) - Date.parse(last) > QUIET_MS;
    return say`${silent ? ':warning: ' : ''}${region} ${ago(last)}`;
  });
  const note = { is: 'note', words: say`Watchdog, last heard: ${join(words, ' · ')}` } as const;
  return { ...message, blocks: [...message.blocks, note] };
}

/** The alert that says it: its begin is when the Watchdog was heard last. */
export const SILENT = 'MlpWatchdogSilent';

/** What of a region's alerts is not to be believed while its Watchdog is silent; null: nothing. */
export function distrustLine({ alerts }: Incident): Words | null {
  const silent = Object.values(alerts).filter((one) => one.name === SILENT && one.status === 'firing');
  const [first] = silent;
  if (first === undefined) return null;
  const resolved = Object.values(alerts).filter((one) => one.status === 'resolved' && one.name !== SILENT).length;
  const went =
    resolved === 0
      ? say`What is called "resolved" since then is not to be believed`
      : say`${plural(resolved, 'alert')} here went "resolved": not to be believed if since then`;
  const where = silent.map((one) => one.region ?? 'a region').join(', ');
  return say`*Do not trust:* the Watchdog of ${where} came last ${since(first.startsAt)}: alerts there do not reach me. ${went}. Look at its Prometheus and Alertmanager`;
}
