import type { Outcome } from '../../src/core/contract.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { containerUseOf } from '../readings/container-use.ts';
import type { ContainerUse } from '../readings/container-use.ts';
import { quantity } from '../readings/quantity.ts';
import { brief, plural } from '../readings/wording.ts';

/** A lower limit against what is used: below it pods are killed, or throttled. */

/** A limit within a tenth of the use kills at the next busy minute. */
const margin = 1.1;

type Against = { readonly no: string } | { readonly line: string | null; readonly isRisky: boolean };
const nothing: Against = { line: null, isRisky: false };

/** `from` null: there was no limit. A limit that is not lowered holds what is used already. */
export function againstUse(
  of: { readonly resource: string; readonly container: string; readonly from: string | null; readonly to: string },
  seen: Outcome<ContainerUse>,
): Against {
  const { resource, container, from, to } = of;
  const limit = quantity(to) ?? 0;
  if (resource === 'nvidia.com/gpu' || (from !== null && limit >= (quantity(from) ?? 0))) return nothing;
  const unknown = (why: string): Against => ({
    line: `how much ${resource} its pods use now: unknown (${brief(why, 140)}): a limit of ${to} may ${resource === 'memory' ? 'kill' : 'throttle'} them`,
    isRisky: true,
  });
  if (!seen.known) return unknown(seen.why.split('; the rule to add')[0] ?? seen.why);
  const all = seen.value[resource === 'memory' ? 'memory' : 'cpu'].filter((one) => one.container === container);
  if (all.length === 0) return unknown(`no numbers of container ${container}`);
  const values = all.map((one) => one.value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const uses = `${plural(all.length, 'pod')} ${all.length === 1 ? 'uses' : 'use'} ${range(resource, least, most)} now${resource === 'memory' ? ` (${seen.value.memoryBy})` : ''}`;
  if (resource === 'memory') {
    if (most < limit) {
      if (most * margin <= limit) return { line: uses, isRisky: false };
      return { no: `${uses}: a limit of ${to} leaves them less than a tenth, and would kill them soon` };
    }
    return { no: `${uses}: a limit of ${to} would kill them` };
  }
  return most >= limit
    ? { line: `${uses}: they will be throttled at ${to}`, isRisky: true }
    : { line: uses, isRisky: false };
}

interface Limit {
  readonly from: string | null;
  readonly to: string | null;
}
/** A way back was planned before anybody knew what its pods would use by then: asked once more before it is written. */
export const lowers = ({ from, to }: Limit): boolean =>
  to !== null && (from === null || (quantity(to) ?? 0) < (quantity(from) ?? 0));

/** Why a lower memory limit would kill now; null: it would not, or what is used cannot be seen. Never throws. */
export async function killsNow(
  read: Read,
  of: { readonly namespace: string; readonly name: string; readonly selector: string; readonly container: string },
  { from, to }: Limit,
): Promise<string | null> {
  try {
    const value = await containerUseOf(read, of, of.selector);
    const limit = { resource: 'memory', container: of.container, from, to: to ?? '0' };
    const against = againstUse(limit, { known: true, value });
    return 'no' in against ? against.no : null;
  } catch {
    return null;
  }
}

function range(resource: string, least: number, most: number): string {
  const [unit, word, digits] = resource === 'memory' ? [2 ** 30, 'GiB', 1] : [1, 'CPUs', 2];
  const [a, b] = [(least / unit).toFixed(digits), (most / unit).toFixed(digits)];
  return a === b ? `${a} ${word}` : `${a}–${b} ${word}`;
}
