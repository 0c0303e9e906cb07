import { judgeRoutes } from '../../core/doctor/alert-routes.ts';
import { bad, ok, unknown, warn } from '../../core/doctor/line.ts';
import type { Line } from '../../core/doctor/line.ts';
import { Failure, whyOf } from '../../core/failure.ts';
import type { Alertmanager, CloudWatch } from '../../core/ports/alert-sources.ts';
import type { Log } from '../../core/ports/log.ts';
import type { Paging } from '../../core/ports/paging.ts';
import type { Probe } from './examine.ts';
import type { DoctorParts, Webhook } from './parts.ts';

/** What brings alerts and what reaches people: Alertmanagers and their routes, webhooks, PagerDuty. */

const LIMIT_MS = 8_000;

export function alertProbes(parts: DoctorParts): readonly Probe[] {
  const { alertmanagers, config, webhooks, paging, clock } = parts;
  const unnamed = config.regions.filter(({ name }) => !alertmanagers.some((one) => one.regions.includes(name)));
  return [
    ...alertmanagers.map((one) => ({
      what: one.name,
      withinMs: LIMIT_MS + 1_000,
      ask: () => alertmanager(one, receiversOf(parts, one), () => clock.now()),
    })),
    ...(unnamed.length === 0
      ? []
      : [
          {
            what: 'Alertmanager',
            withinMs: LIMIT_MS,
            ask: async () => [
              warn(
                `Alertmanager of ${unnamed.map((one) => one.name).join(', ')}`,
                'the config names none: whether an alert still fires, how it groups, and silences are not known',
                'write its address into `alertmanager` of the region',
              ),
            ],
          },
        ]),
    ...parts.cloudwatches.map((one) => ({ what: one.name, withinMs: LIMIT_MS + 1_000, ask: () => alarms(one) })),
    { what: 'webhooks', withinMs: LIMIT_MS, ask: async () => webhookLines(webhooks) },
    ...(paging === null
      ? []
      : [{ what: 'PagerDuty', withinMs: LIMIT_MS + 1_000, ask: () => pagerduty(paging, parts.pagingUnset) }]),
  ];
}

/** What would keep a call from anybody, or make two of it, said when the bot starts: it runs all the same. Never throws. */
export async function warnOfCalls(parts: DoctorParts, log: Log): Promise<void> {
  if (parts.paging === null) return;
  for (const why of parts.pagingUnset) log('warn', 'calling people is not complete', { why });
  const judged = await Promise.all(
    parts.alertmanagers.map(async (one) =>
      alertmanager(one, receiversOf(parts, one), () => parts.clock.now()).catch(() => []),
    ),
  );
  for (const line of judged.flat())
    if (line.state !== 'ok') log('warn', 'Alertmanager and the bot do not fit', { ...line });
}

function receiversOf({ config }: DoctorParts, { regions }: Alertmanager): readonly string[] {
  return config.regions.find(({ name }) => name === regions[0])?.receivers ?? ['mlp-bot'];
}

async function alertmanager(
  one: Alertmanager,
  receivers: readonly string[],
  now: () => number,
): Promise<readonly Line[]> {
  const from = now();
  try {
    const { version, cluster, peers, config } = await one.status(LIMIT_MS);
    const alone = cluster === 'disabled' ? 'alone' : `${cluster}, ${peers} in its cluster`;
    const words = `${version === '' ? '' : `${version}, `}answers in ${Math.round(now() - from)} ms, ${alone}`;
    const answers =
      cluster === 'settling' ? warn(one.name, words, 'ask again when it has settled') : ok(one.name, words);
    if ('unreadable' in config)
      return [
        answers,
        unknown(
          `${one.name}: routes`,
          `its configuration cannot be read from here: ${config.unreadable}`,
          'compare it by hand with docs/alertmanager.md',
        ),
      ];
    return [answers, ...judgeRoutes(one.name, config, receivers)];
  } catch (error) {
    const refused = error instanceof Failure && ['unauthorised', 'forbidden', 'not found'].includes(error.kind);
    const todo = 'check `alertmanager` of the region: its address, how it is signed in to, the network from here';
    return [refused ? bad(one.name, whyOf(error), todo) : unknown(one.name, whyOf(error), todo)];
  }
}

async function alarms(one: CloudWatch): Promise<readonly Line[]> {
  try {
    const firing = await one.firing(LIMIT_MS);
    return [ok(one.name, `answers; ${firing.length} alarms fire`)];
  } catch (error) {
    const refused = error instanceof Failure && ['unauthorised', 'forbidden'].includes(error.kind);
    const todo =
      "give the bot's AWS identity cloudwatch:DescribeAlarms, and see that the SDK finds it (AWS_PROFILE, a role)";
    return [refused ? bad(one.name, whyOf(error), todo) : unknown(one.name, whyOf(error), 'ask again')];
  }
}

/** One that is closed is fine where nothing sends to it; where all are, nothing ever arrives. */
function webhookLines(webhooks: readonly Webhook[]): readonly Line[] {
  const shut = webhooks.filter((one) => !one.open);
  const open = webhooks.filter((one) => one.open);
  const closed = shut.map((one) => `${one.name} (${one.variable})`).join(', ');
  const todo = `set what its sender signs with where it should send: ${shut.map((one) => one.variable).join(', ')} (docs/webhooks.md)`;
  if (open.length === 0) return [warn('webhooks', `none is open: every delivery gets 401: ${closed}`, todo)];
  const words = `open: ${open.map((one) => `${one.name} at ${one.path}`).join(', ')}`;
  const lines: Line[] = [ok('webhooks', shut.length === 0 ? words : `${words}; closed (401): ${closed}`)];
  return lines;
}

async function pagerduty(paging: Paging, unset: readonly string[]): Promise<readonly Line[]> {
  const what = 'PagerDuty';
  if (paging.routes.length === 0) return [];
  const missing = unset.map((words) => bad(what, words, 'set it in the environment of the bot'));
  // Without a token nothing can be asked.
  if (unset.some((words) => words.startsWith('PAGERDUTY_TOKEN '))) return missing;
  const answer = await paging.check(AbortSignal.timeout(LIMIT_MS));
  const routes = paging.routes.map((one) => one.name).join(', ');
  if (answer.is === 'unknown')
    return [
      ...missing,
      answer.kind === 'unauthorised'
        ? bad(what, answer.because, 'check PAGERDUTY_TOKEN')
        : unknown(what, answer.because, 'see whether PagerDuty is reached from here'),
    ];
  const troubles = answer.value.map((words) => bad(what, words, 'correct it in PagerDuty, or the route in the config'));
  if (missing.length + troubles.length > 0) return [...missing, ...troubles];
  return [ok(what, `the token is good, and every route is there: ${routes}`)];
}
