import type { People } from '../core/ports/chat.ts';
import type { Answer, PagedPerson, Paging } from '../core/ports/paging.ts';

/** So long may finding out who somebody is here take: what is to be said does not wait longer (ms). */
const FIND_MS = 1_000;
const KEPT_MS = 3_600_000;
const MOST_KEPT = 500;

/**
 * A way to people that knows who they are in the chat: by the config, else by e-mail. Only for showing and naming: where it cannot be found
 * out in time, the name is left. Who may approve is looked up by `withOncall`, which takes no failure for an answer.
 */
export function withChatIds(paging: Paging, people: Pick<People, 'byEmail'>, now: () => number): Paging {
  const found = new Map<string, { readonly who: PagedPerson; readonly at: number }>();

  /** Their logs and webhooks name people without an address. */
  async function addressed(who: PagedPerson, signal: AbortSignal): Promise<PagedPerson> {
    if (who.email !== null) return who;
    const kept = found.get(who.id);
    if (kept !== undefined && now() - kept.at < KEPT_MS) return kept.who;
    const answer = await paging.person(who.id, signal);
    if (answer.is === 'unknown') return who;
    if (found.size >= MOST_KEPT) found.clear();
    found.set(who.id, { who: answer.value, at: now() });
    return answer.value;
  }

  async function known(who: PagedPerson, caller?: AbortSignal): Promise<PagedPerson> {
    if (who.chatId !== null) return who;
    const limit = AbortSignal.timeout(FIND_MS);
    const signal = caller === undefined ? limit : AbortSignal.any([caller, limit]);
    const find = async (): Promise<PagedPerson> => {
      const { email, chatId } = await addressed(who, signal);
      const id = chatId ?? (email === null ? null : await people.byEmail(email));
      return id === null ? who : { ...who, email, chatId: id };
    };
    return Promise.race([find().catch(() => who), ended(signal).then(() => who)]);
  }
  const all = async <T, U>(answer: Answer<T>, change: (value: T) => Promise<U>): Promise<Answer<U>> =>
    answer.is === 'unknown' ? answer : { is: 'read', value: await change(answer.value) };

  return {
    routes: paging.routes,
    trigger: (page, signal) => paging.trigger(page, signal),
    acknowledge: (page, signal) => paging.acknowledge(page, signal),
    resolve: (page, signal) => paging.resolve(page, signal),
    incident: (page, signal) => paging.incident(page, signal),
    keysOf: (id, signal) => paging.keysOf(id, signal),
    note: (id, text, signal) => paging.note(id, text, signal),
    check: (signal) => paging.check(signal),
    person: async (id, signal) => all(await paging.person(id, signal), (who) => known(who, signal)),
    onCall: async (routes, signal) =>
      all(await paging.onCall(routes, signal), async (list) =>
        Promise.all(list.map(async (one) => ({ ...one, who: await known(one.who, signal) }))),
      ),
    reached: async (page, signal) =>
      all(await paging.reached(page, signal), async (reached) => {
        const { incident } = reached;
        const acked = incident?.acknowledgedBy.map(async (one) => known(one, signal)) ?? [];
        const acknowledgedBy = await Promise.all(acked);
        if (reached.is !== 'notified')
          return incident === null ? reached : { ...reached, incident: { ...incident, acknowledgedBy } };
        const whom = reached.whom.map(async (one) => ({ ...one, who: await known(one.who, signal) }));
        return { ...reached, incident: { ...reached.incident, acknowledgedBy }, whom: await Promise.all(whom) };
      }),
  };
}

async function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
