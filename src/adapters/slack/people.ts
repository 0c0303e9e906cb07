import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type { People, Person } from '../../core/ports/chat.ts';
import type { Message } from '../../core/message.ts';
import type { Words } from '../../core/words.ts';
import type { Calls } from './client.ts';
import { within } from './limit.ts';
import type { Names } from './mrkdwn.ts';

/** Who is who in Slack. Who a person is, is asked anew each time; a group's members are kept for moments, names for a minute. A failed look-up throws. */

const userInfo = z.object({
  user: z.object({
    id: z.string(),
    team_id: z.string().optional(),
    name: z.string().optional(),
    deleted: z.boolean().optional(),
    is_bot: z.boolean().optional(),
    is_restricted: z.boolean().optional(),
    is_ultra_restricted: z.boolean().optional(),
    is_stranger: z.boolean().optional(),
    enterprise_user: z.object({ teams: z.array(z.string()).optional() }).optional(),
    profile: z.object({ display_name: z.string().optional(), real_name: z.string().optional() }).optional(),
  }),
});
const userFound = z.object({ user: z.object({ id: z.string() }) });
const groupUsers = z.object({ users: z.array(z.string()) });

export interface NamedPeople extends People {
  /** The names of everybody who is named in it; who cannot be looked up within the time is left out. Never throws. */
  names(message: Message, withinMs?: number): Promise<Names>;
}

/**
 * `usergroups.users.list` is tier 2 (about 20 calls a minute for the whole workspace), and one click asks for every group of the policy:
 * a handful of people deciding in the same minute would use it up, and each look-up after that would fail, which means no. Somebody taken
 * out of a group may so approve for at most this much longer, far less than it takes a group's change to reach people; whether an account
 * is active is never kept. Counted from before the question was sent; a failure is not kept and is not answered with what was known before.
 */
export const MEMBERS_MS = 30_000;
const NAME_MS = 60_000;
/** Addresses change rarely. One that nobody had may be given to somebody soon. */
const ADDRESS_MS = { found: 3_600_000, nobody: 600_000 } as const;
/** `users.lookupByEmail` is tier 3 (about 50 calls a minute for the whole workspace): the rest is left to others. */
const ADDRESSES_A_MINUTE = 20;
/** A post does not wait longer for a name. */
const NAMES_MS = 2_000;
const NAME_AFTER_FAILURE_MS = 10_000;
const NAMES_KEPT = 2_000;

export function slackPeople(calls: Calls, ownTeam: () => string | null, now: () => number = Date.now): NamedPeople {
  const flights = new Map<string, Promise<unknown>>();
  const groups = new Map<string, { readonly users: readonly string[]; readonly asked: number }>();
  const kept = new Map<string, { readonly name: string | null; readonly until: number }>();
  const byEmail = addresses(calls, now);

  /** Equal questions under way are one question: two clicks within a moment cost one look-up. Nothing outlives its flight. */
  function single<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const flying = flights.get(key);
    if (flying !== undefined) return flying as Promise<T>;
    const flight = ask().finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  }

  function keep(id: string, name: string | null, forMs: number): void {
    if (kept.size >= NAMES_KEPT) kept.clear();
    kept.set(id, { name, until: now() + forMs });
  }

  async function person(id: string): Promise<Person> {
    const found = await single(`user/${id}`, () => calls.call('people', 'users.info', { user: id }, userInfo));
    const it = personOf(found.user, ownTeam());
    keep(id, it.name, NAME_MS);
    return it;
  }

  async function name(id: string): Promise<string | null> {
    const known = kept.get(id);
    if (known !== undefined && known.until > now()) return known.name;
    try {
      return (await person(id)).name;
    } catch {
      // An old name is better than an id; and one failure must not slow down every post.
      keep(id, known?.name ?? null, NAME_AFTER_FAILURE_MS);
      return known?.name ?? null;
    }
  }

  return {
    person,
    byEmail: (address) => {
      const key = address.trim().toLowerCase();
      return single(`address/${key}`, () => byEmail(key));
    },
    async members(group) {
      const known = groups.get(group);
      const age = known === undefined ? -1 : now() - known.asked;
      // A clock that was set back makes nothing young again.
      if (known !== undefined && age >= 0 && age < MEMBERS_MS) return known.users;
      groups.delete(group);
      return single(`group/${group}`, async () => {
        const asked = now();
        const { users } = await calls.call('people', 'usergroups.users.list', { usergroup: group }, groupUsers);
        groups.set(group, { users, asked });
        return users;
      });
    },
    async names(message, withinMs = NAMES_MS) {
      const ids = named(message);
      const found = await Promise.all(
        ids.map(async (id) => {
          const got = await within(name(id), withinMs);
          return [id, got.is === 'done' ? got.value : (kept.get(id)?.name ?? null)] as const;
        }),
      );
      return new Map(found.filter((it): it is readonly [string, string] => it[1] !== null));
    },
  };
}

/** A failure is not kept; nobody is kept for a while, so that a stranger costs one look-up and not one for each page. */
function addresses(calls: Calls, now: () => number): (address: string) => Promise<string | null> {
  const known = new Map<string, { readonly id: string | null; readonly until: number }>();
  let asked: readonly number[] = [];
  return async (address) => {
    const found = known.get(address);
    if (found !== undefined && found.until > now()) return found.id;
    asked = asked.filter((at) => now() - at < 60_000);
    if (asked.length >= ADDRESSES_A_MINUTE)
      throw new Failure('too many requests', `more than ${ADDRESSES_A_MINUTE} addresses in a minute are not looked up`);
    asked = [...asked, now()];
    const id = await calls.call('people', 'users.lookupByEmail', { email: address }, userFound).then(
      ({ user }) => user.id,
      (error: unknown) => {
        if (error instanceof Failure && error.kind === 'not found') return null;
        throw error;
      },
    );
    if (known.size >= NAMES_KEPT) known.clear();
    known.set(address, { id, until: now() + (id === null ? ADDRESS_MS.nobody : ADDRESS_MS.found) });
    return id;
  };
}

function personOf(user: z.infer<typeof userInfo>['user'], ownTeam: string | null): Person {
  const team = user.team_id ?? '';
  const home = ownTeam !== null && (team === ownTeam || (user.enterprise_user?.teams ?? []).includes(ownTeam));
  const shown = [user.profile?.real_name, user.profile?.display_name, user.name].find(
    (it) => it !== undefined && it.trim() !== '',
  );
  return {
    id: user.id,
    name: shown ?? user.id,
    team,
    active: user.deleted !== true,
    guest: user.is_restricted === true || user.is_ultra_restricted === true,
    // Not known to be of this workspace is external: where it matters the answer must be no.
    external: user.is_stranger === true || !home,
    bot: user.is_bot === true || user.id === 'USLACKBOT',
  };
}

/** Ids of people in a message's words and in its lock-screen line. */
function named(message: Message): readonly string[] {
  const ids = new Set<string>();
  for (const match of message.lock.matchAll(/@([UW][A-Z0-9]{2,})/g)) ids.add(match[1] ?? '');
  for (const block of message.blocks) {
    const all: readonly Words[] = block.is === 'lines' ? block.lines : block.is === 'note' ? [block.words] : [];
    for (const words of all)
      for (const span of words) if (span.is === 'user' || span.is === 'mention') ids.add(span.id);
  }
  return [...ids].filter((id) => /^[UW][A-Z0-9]{2,}$/.test(id)).slice(0, 30);
}
