import { newsOf } from './belonging.ts';
import type { Sights } from './belonging.ts';

/** A look that somebody asked for, with its outcome once every region has answered. */
export interface Ask {
  readonly who: string;
  readonly at: string;
  readonly round: number;
  readonly done: { readonly at: string; readonly found: string | null } | null;
}

/** What the look that was asked for found, as it was then. */
export function answeredAsk(
  ask: Ask,
  round: number | undefined,
  { diagnoses, worst, elsewhere }: Pick<Sights, 'diagnoses' | 'worst' | 'elsewhere'>,
  at: string,
): Ask {
  if (ask.done !== null || ask.round !== round) return ask;
  const all = Object.values(diagnoses).filter((d) => d.findings.length > 0);
  const main = all.find((d) => worst[d.region] !== undefined) ?? all[0];
  const found = main === undefined ? null : `${main.region}: ${newsOf({ elsewhere }, main)}`;
  return { ...ask, done: { at, found } };
}
