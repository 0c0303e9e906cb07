import type { Words } from '../words.ts';

/** A summary is twelve lines with its title, its row of buttons and its note: what gives way first where that is not enough. */

/** Title, buttons and note take three of the twelve. */
export const MOST = 9;

export interface Line {
  readonly words: Words;
  /** 0: it stays; the higher, the earlier it gives way. What gives way stands in the thread. */
  readonly yields: number;
}

export const must = (words: Words): Line => ({ words, yields: 0 });
export const may = (words: Words, yields: number): Line => ({ words, yields });

/** In their order, without those that give way first; of two that yield alike, the later one goes. */
export function fitted(lines: readonly Line[], most: number = MOST): readonly Words[] {
  let kept = lines;
  while (kept.length > most) {
    const highest = Math.max(...kept.map((one) => one.yields));
    const at = kept.findLastIndex((one) => one.yields === highest);
    kept = kept.filter((_one, index) => index !== at);
  }
  return kept.map((one) => one.words);
}
