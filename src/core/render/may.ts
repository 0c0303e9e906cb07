import { highestRisk } from '../incident/listed.ts';
import type { Proposal } from '../incident/state.ts';
import { namesOf } from '../policy.ts';
import { join, say, until, user } from '../words.ts';
import type { Words } from '../words.ts';
import { barredNow } from './only-looking.ts';
import type { View } from './phase.ts';
import { capital } from './small.ts';

/** Who may approve what is open, how many are still wanted, and until when; or why nobody may. */
export function mayLine(view: View, one: Proposal, not: Words | null = null): Words {
  const barred = barredNow(view, one);
  if (barred !== null)
    return say`*Nobody may approve now:* ${capital(barred)}. It is open until ${until(one.expiresAt)}`;
  const { votes, may } = one;
  const voters = join(
    votes.map((vote) => [user(vote.by)]),
    ', ',
  );
  const more = votes.length === 0 ? null : say` more, after ${voters},`;
  const who = namesOf(view.rules.policy, highestRisk(one));
  // Whoever has voted is no help any more.
  const now = may.now?.filter((name) => !votes.some((vote) => vote.name === name)) ?? null;
  return say`*May approve:* ${may.need - votes.length}${more} of ${who}${not}${nowNames(now)} · until ${until(one.expiresAt)}`;
}

export function nowNames(names: readonly string[] | null): string {
  if (names === null) return ' (who they are now: could not look up)';
  return names.length === 0 ? ' (nobody there now)' : ` (now: ${names.join(', ')})`;
}
