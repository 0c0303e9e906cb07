import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { binary, need } from './need.ts';
import { removeFolder, temporaryFolder } from './process.ts';

/** The shipped rules, evaluated by Prometheus' own tool: the bot's end is noticed, and its life is not. */
need('prometheus')('the rules that notice the end of the bot', { timeout: 30_000 }, () => {
  const folder = temporaryFolder('heartbeat');
  afterAll(() => removeFolder(folder));

  const rules = join(import.meta.dirname, '../../deploy/alerts.yaml');
  const alertsAt = (name: string, series: readonly object[], fires: readonly object[]): string => {
    const file = join(folder, `${name}.yml`);
    const alert_rule_test = [{ eval_time: '12m', alertname: name, exp_alerts: fires }];
    const tests = [{ interval: '30s', input_series: series, alert_rule_test }];
    writeFileSync(file, JSON.stringify({ rule_files: [rules], evaluation_interval: '30s', tests }));
    return execFileSync(binary('prometheus', 'promtool'), ['test', 'rules', file], {
      encoding: 'utf8',
      timeout: 20_000,
    });
  };
  const summary = 'mlp-bot does not run or cannot be scraped. Alerts wait in Alertmanager; nobody is called by it';
  const gone = [
    {
      exp_labels: { severity: 'critical', notify: 'pagerduty' },
      exp_annotations: { summary },
    },
  ];

  it.each([
    ['it answers', [{ series: 'up{job="mlp-bot"}', values: '1x40' }], []],
    ['it does not answer', [{ series: 'up{job="mlp-bot"}', values: '1x10 0x30' }], gone],
    ['its target is gone too', [{ series: 'up{job="mlp-bot"}', values: '1x6 stale' }], gone],
    [
      'one replica of two is enough',
      [
        { series: 'up{job="mlp-bot",instance="a"}', values: '0x40' },
        { series: 'up{job="mlp-bot",instance="b"}', values: '1x40' },
      ],
      [],
    ],
  ] as const)('%s', (_what, series, fires) => {
    expect(alertsAt('MlpBotGone', series, fires)).toContain('SUCCESS');
  });
});
