import { Failure } from '../core/failure.ts';
import type { People } from '../core/ports/chat.ts';
import { ONCALL, isOncall } from '../core/words.ts';
import type { OnCall, Paging } from '../core/ports/paging.ts';
import type { Message } from '../core/message.ts';
import { sentence, unclearMessage } from '../core/render/help.ts';
import { oncallMessage } from '../core/render/oncall.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';

/** Who is on call, and which incident a person is wanted for. */

/** A slash command has three seconds in all. */
const ASK_MS = 2_000;

export async function answerOncall(parts: Parts, route: string | null): Promise<Message> {
  const paging = parts.paging ?? null;
  if (paging === null || paging.routes.length === 0)
    return sentence('No way to call people is configured here (`pagerduty` in the config): I know nobody on call.');
  const known = paging.routes.map((one) => one.name);
  if (route !== null && !known.includes(route))
    return sentence(`I know no route \`${route.slice(0, 40)}\`. There are: ${known.join(', ')}.`);
  const routes = route === null ? known : [route];
  const answer = await paging.onCall(routes, AbortSignal.timeout(ASK_MS));
  return oncallMessage(routes, answer, iso(parts.clock.now()));
}

/** People whose groups may be whoever is on call now. Not known who: a Failure, as for any group that cannot be looked up. */
export function withOncall(people: People, paging: Paging | null): People {
  const now = async (group: string): Promise<readonly { readonly name: string; readonly id: string | null }[]> => {
    if (paging === null) throw new Failure('not found', 'no way to call people is configured');
    const answer = await paging.onCall([group.slice(ONCALL.length)], AbortSignal.timeout(ASK_MS));
    if (answer.is === 'unknown')
      throw new Failure(answer.kind, `who is on call is not known: ${answer.because.slice(0, 200)}`);
    return Promise.all(
      firstLevel(answer.value).map(async ({ who: { name, email, chatId } }) => ({
        name,
        id: chatId ?? (email === null ? null : await people.byEmail(email)),
      })),
    );
  };
  return {
    person: (id) => people.person(id),
    byEmail: (address) => people.byEmail(address),
    members: async (group) =>
      isOncall(group) ? (await now(group)).flatMap(({ id }) => id ?? []) : people.members(group),
    strangers: async (group) =>
      isOncall(group) ? (await now(group)).flatMap(({ name, id }) => (id === null ? [name] : [])) : [],
  };
}

/** Who is told first, by route. Whoever comes after is not on call yet. */
function firstLevel(all: readonly OnCall[]): readonly OnCall[] {
  return all.filter(
    (one) => !all.some((other) => other.route === one.route && other.policy === one.policy && other.level < one.level),
  );
}

const MOST_ASKED = 5;

/** The one that is named, that of the thread, or the only one that is open; else which there are, to press. */
export async function whichToEscalate(
  { store }: Parts,
  number: number | null,
  thread: string | null,
  why: string,
): Promise<{ readonly is: 'that'; readonly stream: string } | { readonly is: 'ask'; readonly message: Message }> {
  if (number !== null) {
    const found = await store.byNumber(number);
    return found === null
      ? { is: 'ask', message: sentence(`There is no INC-${number}. Nobody was called.`) }
      : { is: 'that', stream: found.stream };
  }
  if (thread !== null) return { is: 'that', stream: thread };
  const open = (await store.streams({ open: true, limit: MOST_ASKED + 1 })).filter(
    (one) => one.summary.number !== null,
  );
  const [only, ...more] = open;
  if (only === undefined)
    return {
      is: 'ask',
      message: sentence('No incident is open: `/mlp diagnose` opens one, then call. Nobody was called.'),
    };
  if (more.length === 0) return { is: 'that', stream: only.stream };
  return {
    is: 'ask',
    message: unclearMessage({
      is: 'unclear',
      because: `For which incident? Nobody was called yet.${open.length > MOST_ASKED ? ' For another one write its number: `/mlp escalate INC-1`.' : ''}`,
      choices: open.slice(0, MOST_ASKED).map(({ summary }) => ({
        label: [`INC-${summary.number}`, summary.title, ...summary.regions].join(' · '),
        command: `escalate INC-${summary.number} ${why}`.trim().slice(0, 400),
      })),
    }),
  };
}
