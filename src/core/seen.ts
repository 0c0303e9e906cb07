import type { Outcome } from './contract.ts';

/** One region's evidence, as a check or a remedy is handed it. */

/** What only adds detail, as outcomes. */
export function besideFor(
  also: readonly string[],
  evidence: Readonly<Record<string, Outcome<unknown>>>,
): Readonly<Record<string, Outcome<unknown>>> {
  const out: Record<string, Outcome<unknown>> = {};
  for (const id of also) {
    const outcome = evidence[id];
    if (outcome === undefined) out[id] = { known: false, why: 'was not looked at' };
    else out[id] = outcome.known ? { known: true, value: outcome.value } : { known: false, why: outcome.why };
  }
  return out;
}

/** What must be known; else the first that is not, with why. */
export function valuesOf(
  needs: readonly string[],
  evidence: Readonly<Record<string, Outcome<unknown>>>,
): { readonly seen: Readonly<Record<string, unknown>> } | { readonly missing: string } {
  const seen: Record<string, unknown> = {};
  for (const id of needs) {
    const outcome = evidence[id];
    if (outcome === undefined) return { missing: `${id}: was not looked at` };
    if (!outcome.known) return { missing: `${id}: ${outcome.why}` };
    seen[id] = outcome.value;
  }
  return { seen };
}
