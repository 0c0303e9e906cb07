import { describe, expect, test } from 'vitest';
import type { AlertmanagerConfig, AlertRoute } from '../ports/alert-sources.ts';
import { judgeRoutes } from './alert-routes.ts';
import { tableOf } from './show.ts';

const route = (more: Partial<AlertRoute> = {}): AlertRoute => ({
  receiver: null,
  matchers: [],
  groupBy: null,
  groupWaitMs: null,
  groupIntervalMs: null,
  repeatIntervalMs: null,
  goesOn: false,
  routes: [],
  ...more,
});
const webhook = { sendResolved: true, maxAlerts: 0 };
const bot = { name: 'mlp-bot', webhooks: [webhook], pagerduty: [] };
const pager = { name: 'pager', webhooks: [], pagerduty: [{ sendResolved: true }] };
const own = route({ receiver: 'mlp-bot', groupBy: ['...'], groupWaitMs: 0, groupIntervalMs: 5_000, goesOn: true });

function told(config: AlertmanagerConfig, ...receivers: readonly string[]): string {
  return tableOf(judgeRoutes('it', config, receivers.length === 0 ? ['mlp-bot'] : receivers)).join('\n');
}

describe('the routes of Alertmanager', () => {
  test('as in the docs: all well', () => {
    const out = told({ route: route({ receiver: 'people', routes: [own] }), receivers: [bot] });
    expect(out).toMatch(/^ok +it: how soon it tells the bot +group_wait 0 s, group_interval 5 s$/m);
    expect(out).toMatch(/^ok +it: what it tells the bot +all alerts of a group, firing and resolved$/m);
    expect(out).toMatch(/^ok +it: same groups for PagerDuty +it pages nobody by itself$/m);
  });

  test('nothing is set: its defaults are too slow', () => {
    const out = told({ route: route({ receiver: 'mlp-bot' }), receivers: [bot] });
    expect(out).toMatch(
      /^warn +it: how soon .*group_wait 30 s, group_interval 5 min: the first message is so late\n +→ set group_wait: 0s/m,
    );
  });

  test('a slow child of a quick route counts, and what is inherited', () => {
    const child = route({ matchers: ['severity="info"'], groupWaitMs: 60_000 });
    const out = told({ route: route({ receiver: 'x', routes: [{ ...own, routes: [child] }] }), receivers: [bot] });
    expect(out).toContain('group_wait 1 min');
  });

  test('no such receiver, one without a webhook, and one that no route leads to', () => {
    const other = { name: 'bot', webhooks: [webhook], pagerduty: [] };
    expect(told({ route: route({ receiver: 'bot' }), receivers: [other] })).toMatch(
      /^BAD +it: route to the bot +it has no receiver called mlp-bot \(with a webhook: bot\)\n +→ .*alertmanager\.receivers/m,
    );
    expect(told({ route: route({ receiver: 'pager' }), receivers: [pager] }, 'pager')).toContain('has no webhook');
    expect(told({ route: route({ receiver: 'pager' }), receivers: [bot, pager] })).toMatch(/^BAD .*no route leads to/m);
  });

  test('it leaves out what is over, and the rest of a large group', () => {
    const some = { ...bot, webhooks: [{ sendResolved: false, maxAlerts: 20 }] };
    const out = told({ route: route({ receiver: 'x', routes: [own] }), receivers: [some] });
    expect(out).toMatch(/^warn .*send_resolved is false/m);
    expect(out).toMatch(/^warn .*max_alerts 20: of a larger group the rest is left out/m);
  });

  describe('PagerDuty', () => {
    const both = { ...bot, pagerduty: pager.pagerduty };
    const beside = (more: Partial<AlertRoute>): AlertmanagerConfig => ({
      route: route({ receiver: 'people', routes: [own, route({ receiver: 'pager', ...more })] }),
      receivers: [bot, pager],
    });

    test('one receiver holds both', () => {
      expect(told({ route: route({ receiver: 'x', routes: [own] }), receivers: [both] })).toMatch(
        /^ok +it: same groups for PagerDuty +mlp-bot holds both$/m,
      );
    });

    test('a receiver of its own for what pages, which posts to the bot too', () => {
      const config = beside({ groupBy: ['alertname'], matchers: ['severity="critical"'] });
      const receivers = [bot, { ...both, name: 'pager' }];
      expect(told({ ...config, receivers }, 'mlp-bot', 'pager')).toMatch(
        /^ok +it: same groups for PagerDuty +pager holds both$/m,
      );
    });

    test('two routes with equal matchers and group_by', () => {
      expect(told(beside({ groupBy: ['...'] }))).toMatch(/^ok +it: same groups.*one fault is one page$/m);
    });

    test('another group_by pages twice', () => {
      expect(told(beside({ groupBy: ['alertname'] }))).toMatch(
        /^warn .*its receiver pager groups otherwise \(group_by \[alertname\] there, \[\.\.\.\] here\): one fault may page twice\n +→ put webhook_configs and pagerduty_configs into one receiver/m,
      );
    });

    test('other matchers page twice, also where they are only nested deeper', () => {
      expect(told(beside({ groupBy: ['...'], matchers: ['severity="critical"'] }))).toMatch(
        /^warn .*matchers \{severity="critical"\} there, \{\} here/m,
      );
    });
  });
});
