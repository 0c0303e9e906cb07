import type { AlertmanagerConfig, AlertReceiver, AlertRoute } from '../ports/alert-sources.ts';
import { bad, ok, warn } from './line.ts';
import type { Line } from './line.ts';

/** Whether Alertmanager tells the bot what it needs, soon enough, and in the groups that it tells PagerDuty in. */

/** A route with what it has from its parents (alertmanager `dispatch/route.go`). */
interface Leg {
  readonly receiver: string;
  /** What a group's key begins with: the matchers of each route on the way. */
  readonly path: string;
  readonly groupBy: string;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
}

const TOP: Leg = { receiver: '', path: '', groupBy: '', groupWaitMs: 30_000, groupIntervalMs: 300_000 };
const SLOW_MS = 30_000;
const DOCS = 'docs/alertmanager.md';

/** `names`: of the receivers that post to the bot. */
export function judgeRoutes(what: string, config: AlertmanagerConfig, names: readonly string[]): readonly Line[] {
  const mine = config.receivers.filter((one) => names.includes(one.name) && one.webhooks.length > 0);
  const gone = names.filter((name) => !mine.some((one) => one.name === name));
  if (gone.length > 0)
    return gone.map((name) =>
      notThere(
        what,
        name,
        config.receivers.find((one) => one.name === name),
        config,
      ),
    );
  const legs = legsOf(config.route, TOP);
  const own = legs.filter((one) => names.includes(one.receiver));
  if (own.length === 0)
    return [
      bad(
        `${what}: route to the bot`,
        `no route leads to its receiver ${names.join(', ')}: no alert arrives`,
        `add the route of ${DOCS}`,
      ),
    ];
  return [
    ...timely(what, own),
    ...whole(
      what,
      mine.flatMap((one) => one.webhooks),
    ),
    ...sameGroups(what, config, { mine, own, legs }),
  ];
}

function notThere(
  what: string,
  receiver: string,
  found: AlertReceiver | undefined,
  { receivers }: AlertmanagerConfig,
): Line {
  const name = `${what}: route to the bot`;
  const others = receivers.filter((one) => one.webhooks.length > 0).map((one) => one.name);
  const near = others.length === 0 ? 'none has a webhook' : `with a webhook: ${others.slice(0, 5).join(', ')}`;
  const words =
    found === undefined
      ? `it has no receiver called ${receiver} (${near})`
      : `its receiver ${receiver} has no webhook (${near})`;
  return bad(name, words, `add it as in ${DOCS}, or write its name into alertmanager.receivers of the region`);
}

function legsOf(route: AlertRoute, parent: Leg): readonly Leg[] {
  const leg: Leg = {
    receiver: route.receiver ?? parent.receiver,
    path: `${parent.path}/{${route.matchers.join(',')}}`,
    groupBy: route.groupBy === null ? parent.groupBy : route.groupBy.join(','),
    groupWaitMs: route.groupWaitMs ?? parent.groupWaitMs,
    groupIntervalMs: route.groupIntervalMs ?? parent.groupIntervalMs,
  };
  return [leg, ...route.routes.flatMap((one) => legsOf(one, leg))];
}

function timely(what: string, own: readonly Leg[]): readonly Line[] {
  const name = `${what}: how soon it tells the bot`;
  const wait = Math.max(...own.map((one) => one.groupWaitMs));
  const between = Math.max(...own.map((one) => one.groupIntervalMs));
  const said = `group_wait ${spell(wait)}, group_interval ${spell(between)}`;
  if (wait >= SLOW_MS)
    return [warn(name, `${said}: the first message is so late`, `set group_wait: 0s on that route, as in ${DOCS}`)];
  if (between > 60_000)
    return [
      warn(name, `${said}: resolved, and what joins a group, is so late`, `set group_interval: 5s, as in ${DOCS}`),
    ];
  return [ok(name, said)];
}

/** Everything, and also that it is over. */
function whole(what: string, webhooks: AlertReceiver['webhooks']): readonly Line[] {
  const name = `${what}: what it tells the bot`;
  const cut = webhooks.find((one) => one.maxAlerts > 0);
  const silent = webhooks.some((one) => !one.sendResolved);
  const lines: Line[] = [];
  if (silent)
    lines.push(
      warn(
        name,
        'send_resolved is false: the bot is not told that an alert is over',
        'set send_resolved: true, so that it looks again at once',
      ),
    );
  if (cut !== undefined)
    lines.push(
      warn(
        name,
        `max_alerts ${cut.maxAlerts}: of a larger group the rest is left out`,
        'remove max_alerts; the bot takes large groups',
      ),
    );
  return lines.length > 0 ? lines : [ok(name, 'all alerts of a group, firing and resolved')];
}

/** One fault, one page: the bot's key and that of Alertmanager's own PagerDuty receiver are equal only where their groups are. */
function sameGroups(
  what: string,
  { receivers }: AlertmanagerConfig,
  {
    mine,
    own,
    legs,
  }: {
    readonly mine: readonly AlertReceiver[];
    readonly own: readonly Leg[];
    readonly legs: readonly Leg[];
  },
): readonly Line[] {
  const name = `${what}: same groups for PagerDuty`;
  const paging = receivers.filter((one) => one.pagerduty.length > 0);
  const ways = legs.filter((one) => paging.some((it) => it.name === one.receiver));
  if (ways.length === 0) return [ok(name, 'it pages nobody by itself')];
  const holdsBoth = (name: string): boolean => mine.some((one) => one.name === name);
  const first = ways.find(
    (way) => !holdsBoth(way.receiver) && !own.some((one) => one.path === way.path && one.groupBy === way.groupBy),
  );
  if (first === undefined)
    return [
      ok(
        name,
        ways.every((way) => holdsBoth(way.receiver))
          ? `${[...new Set(ways.map((way) => way.receiver))].join(', ')} holds both`
          : 'equal matchers and group_by: one fault is one page',
      ),
    ];
  const near = own.find((one) => one.path === first.path) ?? own[0];
  const why =
    near?.path === first.path
      ? `group_by [${first.groupBy}] there, [${near.groupBy}] here`
      : `matchers ${routeOf(first)} there, ${near === undefined ? '' : routeOf(near)} here`;
  return [
    warn(
      name,
      `its receiver ${first.receiver} groups otherwise (${why}): one fault may page twice`,
      `put webhook_configs and pagerduty_configs into one receiver, or give both routes equal matchers and group_by (${DOCS})`,
    ),
  ];
}

const routeOf = ({ path }: Leg): string => path.replaceAll('/{}', '').replace(/^\//, '') || '{}';
const spell = (ms: number): string => (ms < 60_000 ? `${ms / 1000} s` : `${ms / 60_000} min`);
