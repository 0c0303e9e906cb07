import type { Paging } from '../../core/ports/paging.ts';
import { pagerDuty } from './paging.ts';

/** What the config says (`pagerduty:`). */
export interface Configured {
  readonly routes: readonly {
    readonly name: string;
    readonly routingKeyEnv: string;
    readonly service: string | null;
    readonly policy: string | null;
    readonly fallback: string | null;
  }[];
  readonly from: string | null;
  readonly people: Readonly<Record<string, string>>;
}
export interface Secrets {
  readonly pagerDuty: {
    readonly token: string | null;
    readonly eventsUrl: string | null;
    readonly apiUrl: string | null;
  };
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Null: the config names no PagerDuty. Nothing is asked before the first page. */
export function configuredPaging(config: Configured | null, { pagerDuty: secrets, variables }: Secrets): Paging | null {
  if (config === null) return null;
  const keyOf = (variable: string): string | null => {
    const value = variables[variable]?.trim() ?? '';
    return value === '' ? null : value;
  };
  return pagerDuty({
    routes: config.routes.map(({ routingKeyEnv, ...route }) => ({ ...route, key: keyOf(routingKeyEnv) })),
    from: config.from,
    people: config.people,
    token: secrets.token,
    eventsUrl: secrets.eventsUrl,
    apiUrl: secrets.apiUrl,
  });
}

/** What the config needs of the environment and does not find there: a sentence for each. The bot starts all the same. */
export function pagingDisagreements(
  config: Configured | null,
  { pagerDuty: { token }, variables }: Secrets,
): readonly string[] {
  if (config === null) return [];
  const keyless = config.routes.filter(({ routingKeyEnv }) => (variables[routingKeyEnv]?.trim() ?? '') === '');
  const missing = Map.groupBy(keyless, ({ routingKeyEnv }) => routingKeyEnv);
  return [
    ...[...missing].map(
      ([variable, routes]) =>
        `${variable} is not set: nobody can be called by ${routes.map((one) => one.name).join(', ')}`,
    ),
    ...(token === null ? ['PAGERDUTY_TOKEN is not set: whom a call reached, and who is on call, cannot be said'] : []),
  ];
}
