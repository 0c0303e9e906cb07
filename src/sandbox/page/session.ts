import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PageAct, PageActRequest, PageActResult, PageGroup, PageSnapshot, PageUser } from '../slack/page-api.ts';
import type { Place } from './place.ts';

/** Who and what there is, by id. Stays the same object while nobody changes, so that messages need not be drawn again. */
export interface Directory {
  readonly me: PageUser;
  readonly bot: string;
  readonly users: readonly PageUser[];
  readonly groups: readonly PageGroup[];
  readonly channelNames: Readonly<Record<string, string>>;
  readonly shortcuts: PageSnapshot['shortcuts'];
}

export interface Session {
  act(act: PageAct): Promise<PageActResult>;
  go(at: Place['at']): void;
  /** Says a sentence in the corner for a few seconds, and to screen readers. */
  toast(sentence: string): void;
}

export const DirectoryContext = createContext<Directory | null>(null);
export const SessionContext = createContext<Session | null>(null);

export function useDirectory(): Directory {
  const found = useContext(DirectoryContext);
  if (found === null) throw new Error('no directory around this component');
  return found;
}

export function useSession(): Session {
  const found = useContext(SessionContext);
  if (found === null) throw new Error('no session around this component');
  return found;
}

export function directoryOf(snapshot: PageSnapshot): Directory {
  return {
    me: snapshot.me,
    bot: snapshot.bot.user,
    users: snapshot.users,
    groups: snapshot.groups,
    channelNames: Object.fromEntries(snapshot.channels.map((channel) => [channel.id, channel.name])),
    shortcuts: snapshot.shortcuts,
  };
}

/** Longer than the three seconds that the bot has to acknowledge. */
const actLimitMs = 8000;

export async function sendAct(user: string, act: PageAct): Promise<PageActResult> {
  const request: PageActRequest = { user, act };
  const answer = await postJson('/page/act', request);
  return answer.ok ? (answer.body as PageActResult) : { ok: false, kind: 'act', error: answer.error };
}

export type Posted = { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly error: string };

/** Never throws: a request that failed is a sentence. */
export async function postJson(url: string, body: unknown): Promise<Posted> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(actLimitMs),
    });
    const text = await response.text();
    if (response.ok) return { ok: true, body: JSON.parse(text) as unknown };
    return { ok: false, error: errorOf(text) ?? `The sandbox answered ${response.status}.` };
  } catch {
    return { ok: false, error: 'The sandbox did not answer. Is it still running?' };
  }
}

function errorOf(text: string): string | null {
  try {
    const body = JSON.parse(text) as { readonly error?: unknown };
    return typeof body.error === 'string' ? body.error : null;
  } catch {
    return null;
  }
}
