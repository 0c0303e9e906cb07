/** What `top -b -n 1` prints, with and without threads (`-H`). 1 core is 100 %. */

/** A thread that uses this part of a core, or more, was busy in the sample. */
export const busyThread = 0.02;

/** By the columns' own names, as `top` may be set up in another order. `top` itself is left out. */
export function rowsOf(lines: readonly string[]): readonly { readonly name: string; readonly cores: number }[] {
  const head = lines.findIndex((line) => /^\s*PID\b.*%CPU/.test(line));
  const columns = (lines[head] ?? '').trim().split(/\s+/);
  const [use, name] = [columns.indexOf('%CPU'), columns.indexOf('COMMAND')];
  if (head < 0 || use < 0 || name < 0) return [];
  return lines
    .slice(head + 1)
    .flatMap((line) => {
      const cells = line.trim().split(/\s+/);
      const cores = Number(cells[use]) / 100;
      return cells.length <= name || Number.isNaN(cores)
        ? []
        : [{ name: (cells[name] ?? '').slice(0, 40), cores: Number(cores.toFixed(3)) }];
    })
    .filter((one) => one.name !== 'top')
    .toSorted((a, b) => b.cores - a.cores);
}
