import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, PageKey, PagedIncident, PagedPerson, Paging, Sent } from '../../core/ports/paging.ts';
import { redact } from '../../core/redact.ts';
import type { z } from 'zod';
import { askApi, sendEvent, type Ask, type Server } from './client.ts';
import { eventOf, keyTrouble } from './event.ts';
import { incidentOf, keysOf, newest, reached } from './incidents.ts';
import { checked, onCall, personOf } from './people.ts';
import { repeat, usualLimits, type Limits, type Waiting } from './repeat.ts';
import { Notes, Person, type User } from './replies.ts';
import { read, sentEvent, sentNote, unknown } from './send.ts';

/** PagerDuty: pages by the Events API v2, everything else by REST. */

export interface Route {
  readonly name: string;
  /** Integration key of an Events API v2 integration; null: the variable that should hold it is not set. */
  readonly key: string | null;
  /** Ids on their side; null: not told, then less can be read back. */
  readonly service: string | null;
  readonly policy: string | null;
  readonly fallback: string | null;
}

export interface PagingOptions {
  readonly routes: readonly Route[];
  /** REST API token; null: pages are sent, nothing can be read back. */
  readonly token: string | null;
  /** https origins; null: PagerDuty's own (US). */
  readonly eventsUrl: string | null;
  readonly apiUrl: string | null;
  /** E-mail of the user in whose name notes are written: an account's token needs one. Null: the token's own user. */
  readonly from: string | null;
  /** Chat user ids by PagerDuty id or e-mail. */
  readonly people: Readonly<Record<string, string>>;
  readonly limits?: Limits;
  readonly waiting?: Waiting;
}

/** How the parts of this adapter ask REST. */
export interface Api {
  get<T>(
    path: string,
    query: NonNullable<Ask['query']>,
    shape: z.ZodType<T>,
    signal: AbortSignal | undefined,
  ): Promise<Answer<T>>;
  readonly person: (user: User) => PagedPerson;
}

const noToken = 'PAGERDUTY_TOKEN is not set, so I cannot look at PagerDuty';
const maxNote = 25_000;

export function pagerDuty(options: PagingOptions): Paging {
  const server: Server = {
    events: hostOf(options.eventsUrl, 'events.pagerduty.com'),
    api: hostOf(options.apiUrl, 'api.pagerduty.com'),
  };
  const api = apiOf(options, server);
  const { routes } = options;
  const routeOf = (name: string): Route | undefined => routes.find((one) => one.name === name);
  const event = (page: PageKey, more: object, signal?: AbortSignal): Promise<Sent> =>
    sendOne(options, server, { route: routeOf(page.to), page, more }, signal);
  const at = <T>(page: PageKey, look: (route: Route) => Promise<Answer<T>>): Promise<Answer<T>> => {
    const route = routeOf(page.to);
    return route === undefined
      ? Promise.resolve(unknown('invalid', `there is no route called ${page.to}`))
      : look(route);
  };
  return {
    routes: routes.map(({ name, fallback }) => ({ name, fallback })),
    trigger: (page, signal) => event(page, { event_action: 'trigger', ...eventOf(page) }, signal),
    acknowledge: (page, signal) => event(page, { event_action: 'acknowledge' }, signal),
    resolve: (page, signal) => event(page, { event_action: 'resolve' }, signal),
    incident: (page, signal) =>
      at<PagedIncident | null>(page, async (route) => {
        const found = await newest(api, route, page.key, signal);
        if (found.is === 'unknown') return found;
        return { is: 'read', value: found.value === null ? null : incidentOf(found.value, api.person) };
      }),
    reached: (page, signal) => at(page, (route) => reached(api, route, page.key, signal)),
    keysOf: (incidentId, signal) => keysOf(api, incidentId, signal),
    note: (incidentId, text, signal) => note(options, server, api, { incidentId, text }, signal),
    onCall: (names, signal) =>
      onCall(
        api,
        routes.filter((one) => names.length === 0 || names.includes(one.name)),
        signal,
      ),
    person: async (id, signal) => {
      const found = await api.get(`/users/${encodeURIComponent(id)}`, {}, Person, signal);
      return found.is === 'read' ? { is: 'read', value: api.person(found.value.user) } : found;
    },
    check: (signal) => checked(api, routes, signal),
  };
}

function apiOf(options: PagingOptions, server: Server): Api {
  const { token, limits = usualLimits, waiting = usualWaiting } = options;
  return {
    person: personOf(options.people),
    async get(path, query, shape, signal) {
      if (token === null) return unknown('unauthorised', noToken);
      const ask = { method: 'GET', path, query } as const;
      return read(await repeat((one) => askApi(server, token, ask, one), signal, limits, waiting), shape, token);
    },
  };
}

async function sendOne(
  { limits = usualLimits, waiting = usualWaiting }: PagingOptions,
  server: Server,
  { route, page, more }: { readonly route: Route | undefined; readonly page: PageKey; readonly more: object },
  signal: AbortSignal | undefined,
): Promise<Sent> {
  if (route === undefined) return { is: 'refused', kind: 'invalid', because: `there is no route called ${page.to}` };
  const { key } = route;
  if (key === null)
    return {
      is: 'refused',
      kind: 'unauthorised',
      because: `the routing key of ${page.to} is not set in the environment`,
    };
  const trouble = keyTrouble(page.key);
  if (trouble !== null) return { is: 'refused', kind: 'invalid', because: trouble };
  const event = { routing_key: key, dedup_key: page.key, ...more };
  return sentEvent(await repeat((one) => sendEvent(server, event, one), signal, limits, waiting), key);
}

/** A note has no key on their side: the notes that are there tell whether it was taken. */
async function note(
  { token, from, limits = usualLimits, waiting = usualWaiting }: PagingOptions,
  server: Server,
  api: Api,
  { incidentId, text }: { readonly incidentId: string; readonly text: string },
  signal: AbortSignal | undefined,
): Promise<Sent> {
  if (token === null) return { is: 'refused', kind: 'unauthorised', because: noToken };
  const path = `/incidents/${encodeURIComponent(incidentId)}/notes`;
  const content = redact(text).slice(0, maxNote).toWellFormed().trim();
  if (content === '') return { is: 'refused', kind: 'invalid', because: 'the note is empty' };
  const there = async (): Promise<Answer<boolean>> => {
    const notes = await api.get(path, {}, Notes, signal);
    return notes.is === 'unknown'
      ? notes
      : { is: 'read', value: notes.value.notes.some((one) => one.content.trim() === content) };
  };
  const before = await there();
  if (before.is === 'unknown') {
    const final = before.kind === 'unauthorised' || before.kind === 'forbidden' || before.kind === 'not found';
    return { ...before, is: final ? 'refused' : 'not sent' };
  }
  if (before.value) return { is: 'accepted' };
  const ask = { method: 'POST', path, body: { note: { content } }, ...(from === null ? {} : { from }) } as const;
  // Only what surely was not done is repeated blindly.
  const once = await repeat((one) => askApi(server, token, ask, one), signal, { ...limits, onlyOnce: true }, waiting);
  const sent = sentNote(once, token);
  if (sent.is !== 'unknown') return sent;
  const after = await there();
  return after.is === 'read' && after.value ? { is: 'accepted' } : sent;
}

/** "https://events.eu.pagerduty.com" → "events.eu.pagerduty.com". */
const hostOf = (origin: string | null, usual: string): string => (origin === null ? usual : new URL(origin).host);

const usualWaiting: Waiting = {
  wait: async (ms, signal) => {
    await sleep(ms, undefined, { signal });
  },
  random: Math.random,
};
