import type { Act } from '../core/looking/view.ts';
import { code, say, since, user } from '../core/words.ts';
import type { Words } from '../core/words.ts';
import { near } from './change-scale.ts';
import type { Change } from './change-scale.ts';

/** Our own record of a write, and the cluster's. Milliseconds. */
const ACT_MS = 120_000;

/** What the cluster tells, with what our own records know of it; and what only they know. */
export function told(
  all: readonly Change[],
  acts: readonly Act[],
): readonly { readonly at: string; readonly words: Words }[] {
  const used = new Set<Act>();
  const seen = all.map((one) => {
    const act =
      one.who === 'mlp-bot'
        ? acts.find((other) => !used.has(other) && near(other.at, one.at, ACT_MS) && isSame(one, other))
        : undefined;
    if (act !== undefined) used.add(act);
    const what = act !== undefined && one.vague === true ? act.says : one.what;
    return {
      at: one.at,
      words: say`${since(one.at)} ${what}${one.who === '' ? null : say` · by ${one.who}`}${act === undefined ? null : byWhom(act)}`,
    };
  });
  const rest = acts
    .filter((one) => !used.has(one))
    .map((one) => ({ at: one.at, words: say`${since(one.at)} ${one.says} · by mlp-bot${byWhom(one)}` }));
  return [...seen, ...rest].toSorted((a, b) => b.at.localeCompare(a.at));
}

/** One write may be near another. */
function isSame({ what }: Change, { says }: Act): boolean {
  const kind = (text: string): string =>
    /cordon/.test(text)
      ? 'node'
      : /autoscaler|ScaledObject/i.test(text)
        ? 'bounds'
        : /^(\S+: )?(scale|replicas)/.test(text)
          ? 'replicas'
          : 'template';
  return kind(what) === kind(says);
}

function byWhom({ askedBy, approvedBy, number, temporary, undo }: Act): Words {
  const asked = askedBy === null || askedBy === approvedBy ? null : say`, asked by ${user(askedBy)}`;
  const approved = approvedBy === null ? say`, approved by the policy` : say`, approved by ${user(approvedBy)}`;
  const where = number === null ? '' : ` (INC-${number})`;
  return say`${undo ? ' (taking a change back)' : ''}${asked}${approved}${where}${temporary ? say` · for a while: ${code('/mlp temp')}` : null}`;
}
