import type { Answer, OnCall, PagedPerson } from '../../core/ports/paging.ts';
import type { Api, Route } from './paging.ts';
import { OnCalls, Policy, Service, type User } from './replies.ts';
import { unknown } from './send.ts';
import { z } from 'zod';

/** Who is on call, and who people are. */

const maxPages = 5;
const pageSize = 100;

/** `people`: chat user ids by PagerDuty id or e-mail. */
export function personOf(people: Readonly<Record<string, string>>): (user: User) => PagedPerson {
  const known = new Map(Object.entries(people).map(([name, chat]) => [name.toLowerCase(), chat]));
  return ({ id, name, summary, email }) => ({
    id,
    name: name ?? summary ?? id,
    email: email ?? null,
    chatId: known.get(id.toLowerCase()) ?? (email == null ? undefined : known.get(email.toLowerCase())) ?? null,
  });
}

/** Level by level, lowest first. A policy that two routes share is said for both. */
export async function onCall(
  api: Api,
  routes: readonly Route[],
  signal: AbortSignal | undefined,
): Promise<Answer<readonly OnCall[]>> {
  const policies = new Map<string, string[]>();
  for (const route of routes) {
    const policy = await policyOf(api, route, signal);
    if (policy.is === 'unknown') return policy;
    if (policy.value !== null) policies.set(policy.value, [...(policies.get(policy.value) ?? []), route.name]);
  }
  if (policies.size === 0) return { is: 'read', value: [] };
  const found: OnCall[] = [];
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await api.get(
      '/oncalls',
      {
        'escalation_policy_ids[]': [...policies.keys()],
        'include[]': ['users'],
        limit: String(pageSize),
        offset: String(page * pageSize),
      },
      OnCalls,
      signal,
    );
    if (answer.is === 'unknown') return answer;
    for (const one of answer.value.oncalls)
      for (const route of policies.get(one.escalation_policy.id) ?? [])
        found.push({
          route,
          policy: one.escalation_policy.summary ?? one.escalation_policy.id,
          level: one.escalation_level,
          who: api.person(one.user),
          schedule: one.schedule?.summary ?? one.schedule?.id ?? null,
          until: one.end ?? null,
        });
    if (answer.value.more !== true) break;
  }
  const order = routes.map((one) => one.name);
  return {
    is: 'read',
    value: found.toSorted((a, b) => order.indexOf(a.route) - order.indexOf(b.route) || a.level - b.level),
  };
}

/** The policy that the config names, else that of the service that it names; null: neither. */
async function policyOf(api: Api, route: Route, signal: AbortSignal | undefined): Promise<Answer<string | null>> {
  if (route.policy !== null || route.service === null) return { is: 'read', value: route.policy };
  const service = await api.get(`/services/${encodeURIComponent(route.service)}`, {}, Service, signal);
  return service.is === 'unknown'
    ? service
    : { is: 'read', value: service.value.service.escalation_policy?.id ?? null };
}

/** A sentence for each trouble; unknown where the token is not accepted or nobody answers. */
export async function checked(
  api: Api,
  routes: readonly Route[],
  signal: AbortSignal | undefined,
): Promise<Answer<readonly string[]>> {
  const token = await api.get('/abilities', {}, z.looseObject({}), signal);
  if (token.is === 'unknown') return token;
  const troubles: string[] = [];
  for (const { name, policy, service } of routes) {
    if (policy === null && service === null)
      troubles.push(`${name}: the config names neither service nor policy, so I cannot say who is on call there`);
    for (const [what, id, shape] of [
      ['escalation_policies', policy, Policy],
      ['services', service, Service],
    ] as const) {
      if (id === null) continue;
      const found = await api.get<unknown>(`/${what}/${encodeURIComponent(id)}`, {}, shape, signal);
      if (found.is === 'read') continue;
      if (found.kind !== 'not found') return unknown(found.kind, found.because, found.retryAfterMs);
      troubles.push(`${name}: PagerDuty knows no ${what === 'services' ? 'service' : 'escalation policy'} ${id}`);
    }
  }
  return { is: 'read', value: troubles };
}
