import type { Answer, Asked, Bag, CheckOf, Outcome } from '../../src/core/contract.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';

type Known = CheckOf<DeploymentTarget, string, string>;
type Evidence = Readonly<Record<string, Outcome<unknown>>>;

/**
 * Causes that explain others: a container is throttled *because* it runs too many threads. What is explained by another that is found is
 * not repeated as a cause of its own, and is not called ruled out either. `by`: each cause with those that it explains; `last`: what every
 * other explains, and each of them those after it. The answers of all are asked for with the evidence alone, so that the order does not matter.
 */
export function explaining<const C extends readonly Known[]>(
  checks: C,
  by: Readonly<Partial<Record<C[number]['id'], readonly C[number]['id'][]>>>,
  last: readonly C[number]['id'][],
): C {
  const explains = (id: string): readonly string[] => {
    const own = (by as Readonly<Record<string, readonly string[]>>)[id] ?? [];
    return [...own, ...last.slice((last as readonly string[]).indexOf(id) + 1)];
  };
  const needed = [...new Set(checks.flatMap((one) => [...one.needs, ...one.also]))];
  const wrapped = checks.map((one): Known => {
    const above = checks.filter((other) => other !== one && explains(other.id).includes(one.id));
    const below = checks.filter((other) => other !== one && explains(one.id).includes(other.id));
    if (above.length === 0 && below.length === 0) return one;
    const also = needed.filter((id) => !one.needs.includes(id));
    return {
      ...one,
      also,
      find: (seen, beside, on) => {
        const answer = one.find(seen, beside, on);
        if (!isFound(answer)) return answer;
        const all = evidenceOf(seen, beside);
        if (above.some((other) => isFound(answerOf(other, all, on)))) return 'clear';
        const open = below.filter((other) => answerOf(other, all, on) !== 'clear').map((other) => other.rulesOut);
        return open.length === 0 ? answer : { ...answer, keepsOpen: [...(answer.keepsOpen ?? []), ...open] };
      },
    };
  });
  // The same checks, so that playbooks can still name them; what they look at beside is all looked at.
  return wrapped as unknown as C;
}

const isFound = (answer: Answer): answer is Exclude<Answer, 'clear' | { unsure: string }> =>
  answer !== 'clear' && 'found' in answer;

/** What a check has been handed, by reading. */
export function evidenceOf(seen: Bag, beside: Bag): Evidence {
  const known = Object.entries(seen).map(([id, value]) => [id, { known: true, value }] as const);
  return { ...(beside as Evidence), ...Object.fromEntries(known) };
}

/** As the engine asks a check: an unknown reading that it needs is "could not tell". */
export function answerOf(check: Known, all: Evidence, on: Asked<DeploymentTarget>): Answer {
  const seen: Record<string, unknown> = {};
  for (const id of check.needs) {
    const outcome = all[id];
    if (!outcome?.known) return { unsure: outcome?.why ?? 'was not looked at' };
    seen[id] = outcome.value;
  }
  const also = Object.fromEntries(check.also.map((id) => [id, all[id] ?? { known: false, why: 'was not looked at' }]));
  return check.find(seen, also, on);
}
