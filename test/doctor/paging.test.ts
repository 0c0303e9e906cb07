import { afterAll, beforeAll, expect, test } from 'vitest';
import { tableOf } from '../../src/core/doctor/show.ts';
import type { Paging } from '../../src/core/ports/paging.ts';
import { pagingDisagreements } from '../../src/adapters/pagerduty/configured.ts';
import { Failure } from '../../src/core/failure.ts';
import type { Alertmanager, AlertmanagerConfig } from '../../src/core/ports/alert-sources.ts';
import { alertProbes, warnOfCalls } from '../../src/engine/doctor/alerts.ts';
import { examine } from '../../src/engine/doctor/examine.ts';
import type { DoctorParts } from '../../src/engine/doctor/parts.ts';
import { systemClock } from '../../src/engine/parts.ts';
import { openWorld } from '../pagerduty/world.ts';
import type { World } from '../pagerduty/world.ts';

/** What the doctor says of PagerDuty, and of what hangs or fails. */
let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.pd.stop());

async function told(paging: Paging, pagingUnset: readonly string[] = []): Promise<string> {
  const parts = {
    alertmanagers: [],
    cloudwatches: [],
    config: { regions: [] },
    webhooks: [],
    paging,
    pagingUnset,
    clock: systemClock,
  };
  const probes = alertProbes(parts as unknown as DoctorParts);
  return tableOf(
    await examine(
      probes.filter((one) => one.what === 'PagerDuty'),
      systemClock,
    ),
  ).join('\n');
}

test('well, a wrong token, routes that are not there', async () => {
  expect(await told(world.paging)).toMatch(
    /^ok +PagerDuty +the token is good, and every route is there: oncall, lead$/m,
  );
  const refused = await told(world.with({ token: 'y_wrong_secret_token' }));
  expect(refused).toMatch(/^BAD +PagerDuty +it does not accept the .*\n +→ check PAGERDUTY_TOKEN/m);
  expect(refused).not.toContain('y_wrong');
  const routes = [{ name: 'oncall', key: null, service: 'PGONE', policy: null, fallback: null }];
  const gone = await told(world.with({ routes }));
  expect(gone).toMatch(/^BAD +PagerDuty +oncall: PagerDuty knows no service PGONE$/m);
});

test('variables that are not set are named, with the routes that they are for', async () => {
  const { pd } = world;
  const config = {
    routes: [
      { name: 'oncall', routingKeyEnv: 'KEY_A', service: 'PSVCML1', policy: null, fallback: null },
      { name: 'night', routingKeyEnv: 'KEY_A', service: null, policy: null, fallback: null },
      { name: 'lead', routingKeyEnv: 'KEY_B', service: 'PSVCLED', policy: null, fallback: null },
    ],
    from: null,
    people: {},
  };
  const unset = (token: string | null) =>
    pagingDisagreements(config, {
      pagerDuty: { token, eventsUrl: pd.url, apiUrl: pd.url },
      variables: { KEY_A: ' ', KEY_B: 'f'.repeat(32) },
    });
  const one = await told(world.paging, unset(pd.account.token));
  expect(one).toMatch(/^BAD +PagerDuty +KEY_A is not set: nobody can be called by oncall, night$/m);
  expect(one).not.toContain('every route is there');
  const two = await told(world.with({ token: null }), unset(null));
  expect(two).toMatch(/^BAD +PagerDuty +KEY_A is not set/m);
  expect(two.match(/PAGERDUTY_TOKEN/g)).toHaveLength(1);
});

test('the start warns of the same, and of an Alertmanager that pages in other groups; one that hangs or fails is no trouble', async () => {
  const config = (over: Partial<AlertmanagerConfig>): AlertmanagerConfig => ({
    receivers: [
      { name: 'mlp-bot', webhooks: [{ sendResolved: true, maxAlerts: 0 }], pagerduty: [] },
      { name: 'pd', webhooks: [], pagerduty: [{}] },
    ] as unknown as AlertmanagerConfig['receivers'],
    route: routed(['alertname', 'region'], ['alertname']),
    ...over,
  });
  const am = (name: string, status: () => Promise<unknown>): Alertmanager =>
    ({ name, regions: ['eu-west-1'], status }) as unknown as Alertmanager;
  const at = (of: AlertmanagerConfig) => async () => ({ version: '0.33', cluster: 'ready', peers: 2, config: of });
  const logged: unknown[] = [];
  const parts = {
    paging: world.paging,
    pagingUnset: ['KEY_A is not set: nobody can be called by oncall'],
    alertmanagers: [
      am('apart', at(config({}))),
      am('equal', at(config({ route: routed(['alertname'], ['alertname']) }))),
      am('gone', () => Promise.reject(new Failure('unreachable', 'no connection'))),
    ],
    config: { regions: [] },
    clock: systemClock,
  } as unknown as DoctorParts;
  await warnOfCalls(parts, (level, message, fields) => void logged.push([level, message, fields]));
  expect(logged).toEqual([
    ['warn', 'calling people is not complete', { why: 'KEY_A is not set: nobody can be called by oncall' }],
    [
      'warn',
      'Alertmanager and the bot do not fit',
      expect.objectContaining({
        what: 'apart: same groups for PagerDuty',
        words: expect.stringContaining('one fault may page twice'),
      }),
    ],
    ['warn', 'Alertmanager and the bot do not fit', expect.objectContaining({ what: 'gone' })],
  ]);
});

/** The bot's route and PagerDuty's, side by side, with what each groups by. */
function routed(bot: readonly string[], pd: readonly string[]): AlertmanagerConfig['route'] {
  const leg = (receiver: string, groupBy: readonly string[]) => ({
    receiver,
    groupBy,
    matchers: ['severity="critical"'],
    groupWaitMs: 0,
    groupIntervalMs: 5_000,
    routes: [],
  });
  return {
    ...leg('none', ['alertname']),
    matchers: [],
    routes: [leg('mlp-bot', bot), leg('pd', pd)],
  } as unknown as AlertmanagerConfig['route'];
}

test('one that hangs costs its own line alone, one that throws too; secrets are taken out; progress is told', async () => {
  const seen: string[] = [];
  const lines = await examine(
    [
      { what: 'hangs', withinMs: 50, ask: () => new Promise(() => undefined) },
      { what: 'throws', withinMs: 50, ask: () => Promise.reject(new Error('password=hunter22')) },
      { what: 'well', withinMs: 50, ask: async () => [{ state: 'ok', what: 'well', words: 'answers' }] },
    ],
    systemClock,
    ({ done, of }) => seen.push(`${done}/${of}`),
  );
  const out = tableOf(lines).join('\n');
  expect(out).toMatch(/^\? +hangs +no answer within 0\.05 s\n +→ see whether/m);
  expect(out).toMatch(/^\? +throws +password=\[redacted/m);
  expect(out).toMatch(/^ok +well +answers$/m);
  expect(out).not.toContain('hunter22');
  expect(seen).toEqual(['1/3', '2/3', '3/3']);
});
