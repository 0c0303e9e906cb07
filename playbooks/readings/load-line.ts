/** What a server writes to its log when it has loaded its model. Pure. */

export interface Load {
  readonly at: string | null;
  /** Null: the line names none. */
  readonly version: string | null;
  readonly seconds: number | null;
}

/** So many lines from the end: it stands at the start of a log. */
export const LOAD_TAIL = 2_500;
const loadLine = /model[_ ]load(?:ed)?\b|\bloaded model\b/i;

/** The last one; null: none of these lines tells of it. */
export function lastLoad(lines: readonly string[]): Load | null {
  const line = lines.findLast((one) => loadLine.test(one) && !/fail|error/i.test(one));
  if (line === undefined) return null;
  const at = Date.parse(/^\[?(\S+)/.exec(line)?.[1] ?? '');
  const seconds = /model_load(?:ed)?[=: ]+(\d+(?:\.\d+)?)\s*s\b/.exec(line)?.[1];
  return {
    at: Number.isNaN(at) ? null : new Date(at).toISOString(),
    version: /\bversion[=: ]+"?([\w.+-]+)/.exec(line)?.[1] ?? null,
    seconds: seconds === undefined ? null : Number(seconds),
  };
}
