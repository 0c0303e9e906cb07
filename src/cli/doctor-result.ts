/** One line of the doctor's table. `note`: the bot runs, with less. */
export type Result =
  | { readonly state: 'ok'; readonly what: string; readonly words: string }
  | { readonly state: 'note' | 'failing'; readonly what: string; readonly words: string; readonly todo: string };

/** Aligned columns, what to do on its own line. */
export function tableOf(results: readonly Result[]): readonly string[] {
  const width = Math.max(...results.map((one) => one.what.length));
  return results.flatMap((one) => {
    const line = `${one.state === 'failing' ? 'FAILING' : one.state.padEnd(7)}  ${one.what.padEnd(width)}  ${one.words}`;
    return one.state === 'ok' ? [line] : [line, `${' '.repeat(width + 11)}→ ${one.todo}`];
  });
}
