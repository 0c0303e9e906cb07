import MiniSearch from 'minisearch';
import type { Playbook } from './contract.ts';

/** From people's words to playbooks, and from slips of the finger to what was meant. Pure. */

/** Words that every sentence has tell no playbook from another. */
const filler = new Set(
  'a an and are as at be by can do does for from has have how if in is it its me not of on or so that the they this to was what when where which who why with you'.split(
    ' ',
  ),
);
const termOf = (term: string): string | null => (filler.has(term.toLowerCase()) ? null : term.toLowerCase());

/** The playbook whose symptoms fit these words best; null when none fits well or two fit alike. */
export function symptomOf(words: string, playbooks: readonly Playbook[]): string | null {
  if (words.trim().length < 4) return null;
  const index = new MiniSearch<{ id: string; words: string }>({
    fields: ['words'],
    storeFields: ['id'],
    processTerm: termOf,
    searchOptions: { fuzzy: 0.2, prefix: true, combineWith: 'OR' },
  });
  index.addAll(playbooks.map((one) => ({ id: one.id, words: [one.title, one.about, ...one.symptoms].join(' ') })));
  const [best, second] = index.search(words);
  if (best === undefined || best.score < 1.5) return null;
  return second !== undefined && second.score > best.score * 0.9 ? null : String(best.id);
}

/** Those whose titles share telling words with this one, the most alike first. */
export function similarTo<T extends { readonly title: string }>(words: string, all: readonly T[]): readonly T[] {
  const index = new MiniSearch<{ id: number; title: string }>({
    fields: ['title'],
    processTerm: termOf,
    searchOptions: { fuzzy: 0.2, prefix: true, combineWith: 'OR' },
  });
  index.addAll(all.map(({ title }, id) => ({ id, title })));
  const found = index.search(words);
  const best = found[0]?.score ?? 0;
  return found.filter((one) => one.score > best / 3).flatMap((one) => all[Number(one.id)] ?? []);
}

/** The one word that is at most two slips away (one in short words); null when there is none or a tie. */
export function closest(word: string, known: readonly string[]): string | null {
  const wanted = word.toLowerCase();
  const allowed = wanted.length <= 4 ? 1 : 2;
  const near = [...new Set(known)]
    .map((one) => ({ one, slips: distance(wanted, one.toLowerCase()) }))
    .filter(({ slips }) => slips <= allowed)
    .toSorted((a, b) => a.slips - b.slips);
  const [best, second] = near;
  return best === undefined || best.slips === second?.slips ? null : best.one;
}

/** Optimal string alignment: insert, delete, replace, swap neighbours. */
export function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return 99;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const now = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let cost = Math.min((last[column] ?? 0) + 1, (now[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + same);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      now.push(cost);
    }
    before = last;
    last = now;
  }
  return last[b.length] ?? 0;
}
