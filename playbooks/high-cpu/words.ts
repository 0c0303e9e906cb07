import type { Outcome } from '../../src/core/contract.ts';
import type { Inside } from './inside.ts';
import { cores } from './picture.ts';

/** Without the kind of failure, where the rest says it better: "no such metric: …". */
export const bare = (why: string): string => why.replace(/^not found: (?=no |target is down)/, '');

/** What `top` showed, as the system's own words; none where it was not looked at, or another container was. */
export function topQuotes(inside: Outcome<Inside | null>, container: string): readonly string[] {
  if (!inside.known || inside.value === null || inside.value.container !== container) return [];
  const { pod, processes } = inside.value;
  if (processes.length === 0) return [];
  const rows = processes
    .slice(0, 3)
    .map((one) => `${one.name} ${cores(one.cores)}`)
    .join(', ');
  return [`top in ${pod} (one sample): ${rows}`];
}

/** ". In it `tokenizer-worker` uses 3.4 cores (one sample of top)": only when another process than the first is the hot one. */
export function topText(inside: Outcome<Inside | null>, pods: readonly string[]): string {
  if (!inside.known || inside.value === null || !pods.includes(inside.value.pod)) return '';
  const [first] = inside.value.processes;
  return first === undefined ? '' : `. In it the process ${first.name} uses ${cores(first.cores)} (one sample of top)`;
}
