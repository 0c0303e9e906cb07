import type { Proposal } from '../incident/state.ts';

/** Exactly what is approved, and what the server's dry run says beyond it: a line that both have stands once. */
export function diffOf({ offer, rehearsal }: Proposal): readonly string[] {
  const said = new Set(offer.preview.map(essence));
  const more = rehearsal.filter((line) => !said.has(essence(line)));
  return more.length === 0 ? offer.preview : [...offer.preview, '', "what the server's dry run adds:", ...more];
}

/** "- image of server: a" and "- image: a" are the same change, and so are "limits memory" and "resources.limits.memory": sign, field, value. */
function essence(line: string): string {
  const told = /^([-+]) (.+?)(?: of [^:]+)?: (.*)$/.exec(line);
  if (told === null) return line.trim();
  const field = (told[2] ?? '')
    .replace(/^resources\./, '')
    .replace(/^variable /, 'env ')
    .replaceAll('.', ' ');
  return `${told[1]} ${field}: ${told[3]}`;
}
