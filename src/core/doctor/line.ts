import { plural } from '../plural.ts';

/** What one look of the doctor has shown. Pure; `/mlp doctor` and `npm run doctor` show the same lines. */

/** `warn`: the bot runs, with less. `bad`: it will not do what it is there for. `unknown`: it could not be told, which is neither. */
export type State = 'ok' | 'warn' | 'bad' | 'unknown';
export type Line =
  | { readonly state: 'ok'; readonly what: string; readonly words: string }
  | { readonly state: Exclude<State, 'ok'>; readonly what: string; readonly words: string; readonly todo: string };

export const ok = (what: string, words: string): Line => ({ state: 'ok', what, words });
export const warn = (what: string, words: string, todo: string): Line => ({ state: 'warn', what, words, todo });
export const bad = (what: string, words: string, todo: string): Line => ({ state: 'bad', what, words, todo });
export const unknown = (what: string, words: string, todo: string): Line => ({ state: 'unknown', what, words, todo });

/** "2 bad, 1 warning, 1 could not be told, 31 ok". */
export function tally(lines: readonly Line[]): string {
  const count = (state: State): number => lines.filter((one) => one.state === state).length;
  const [bads, warns, unknowns] = [count('bad'), count('warn'), count('unknown')];
  return [
    ...(bads === 0 ? [] : [`${bads} bad`]),
    ...(warns === 0 ? [] : [plural(warns, 'warning')]),
    ...(unknowns === 0 ? [] : [`${unknowns} could not be told`]),
    `${count('ok')} ok`,
  ].join(', ');
}
