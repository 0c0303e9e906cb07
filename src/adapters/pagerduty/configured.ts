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

/** What config and environment must agree about: a sentence for each route whose key is not set. */
export function pagingDisagreements(
  config: Configured | null,
  { pagerDuty: { token }, variables }: Secrets,
): readonly string[] {
  if (config === null) return [];
  const missing = new Set(config.routes.map((one) => one.routingKeyEnv).filter((one) => (variables[one] ?? '') === ''));
  return [
    ...[...missing].map(
      (one) => `${one} is not set: the integration key of the route that names it in pagerduty.routes`,
    ),
    ...(token === null ? ['PAGERDUTY_TOKEN is not set: without it I cannot say whom a page reached'] : []),
  ];
}
