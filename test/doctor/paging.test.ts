import { afterAll, beforeAll, expect, test } from 'vitest';
import { tableOf } from '../../src/core/doctor/show.ts';
import type { Paging } from '../../src/core/ports/paging.ts';
import { alertProbes } from '../../src/engine/doctor/alerts.ts';
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

async function told(paging: Paging): Promise<string> {
  const parts = {
    alertmanagers: [],
    cloudwatches: [],
    config: { regions: [] },
    webhooks: [],
    paging,
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
  expect(gone).toMatch(/^BAD +PagerDuty +oncall: its routing key is not set in the environment$/m);
  expect(gone).toMatch(/^BAD +PagerDuty +oncall: PagerDuty knows no service PGONE$/m);
});

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
