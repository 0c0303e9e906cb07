import type { Probed } from '../ports/probe.ts';
import { clock, say } from '../words.ts';
import type { Words } from '../words.ts';

/** What a public health page said, for the Users line. `all`: of one service and region from one place, oldest first. Null: none was asked. */
export function probedWords(all: readonly Probed[], what = '/health'): Words | null {
  const last = all.at(-1);
  const [first] = all;
  if (last === undefined || first === undefined) return null;
  const good = all.filter((one) => one.why === null).length;
  const counted =
    all.length === 1
      ? say`1 probe at ${clock(last.at)}`
      : say`${good} of ${all.length} probes since ${clock(first.at)}`;
  const now =
    last.why === null
      ? `gave ${last.status ?? ''} in ${last.tookMs} ms`
      : last.status === null
        ? `did not answer (${last.why})`
        : `did not answer well (${last.why})`;
  return say`Public ${what} ${now}, ${counted} from where I run`;
}

/** The last thirty of each service and region, in memory: what was seen while it mattered. */
export class ProbeRing {
  static readonly most = 30;
  readonly #all = new Map<string, Probed[]>();

  add(key: string, one: Probed): void {
    const kept = this.#all.get(key) ?? [];
    kept.push(one);
    if (kept.length > ProbeRing.most) kept.shift();
    this.#all.set(key, kept);
  }
  of(key: string): readonly Probed[] {
    return this.#all.get(key) ?? [];
  }
  forget(key: string): void {
    this.#all.delete(key);
  }
}
