import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogue as usual } from '../../test/core/catalogue.ts';
import { parseConfig } from '../config.ts';
import { alertRows } from '../engine/alert-rows.ts';
import { parseCommand } from './command/command.ts';
import { plain } from './words.ts';
import type { Message } from './message.ts';
import { routeOf, whyAlertMessage } from './render/why-alert.ts';
import type { RouteRule } from './route-rules.ts';
import type { AlertIn, Catalogue } from './routing.ts';
import { routeAlert } from './routing.ts';

const with_ = (...routes: readonly RouteRule[]): Catalogue => ({ ...usual, routes });
const alert = (labels: Readonly<Record<string, string>>): AlertIn => ({
  fingerprint: 'f1',
  status: 'firing',
  labels,
  annotations: {},
  startsAt: '2026-03-02T02:15:00.000Z',
  link: '',
  from: 'alertmanager',
});
const routed = (labels: Readonly<Record<string, string>>, ...routes: readonly RouteRule[]): unknown => {
  const found = routeAlert(alert(labels), with_(...routes));
  return found === null
    ? null
    : {
        by: found.by,
        playbook: found.subject.playbook,
        target: found.subject.target,
        region: found.subject.focus,
        channel: found.channel,
      };
};
const labels = {
  alertname: 'QueueLong',
  team: 'data',
  job: 'ingest-7',
  region: 'eu-west-1',
  deployment: 'api-gateway',
};

describe('rules of the config decide before the labels', () => {
  test('without one that fits, the labels decide', () => {
    expect(routed(labels, { match: { team: 'web' }, ignore: true })).toEqual({
      by: null,
      playbook: 'triage',
      target: { namespace: 'ml-platform', name: 'api-gateway' },
      region: 'eu-west-1',
      channel: 'C0MLPLATFRM',
    });
  });
  test('the first that fits decides, whole: what it leaves out is as usual', () => {
    const rules: readonly RouteRule[] = [
      { match: { team: 'data', job: 'other' }, channel: 'C0NOT' },
      { match: { team: 'data' }, channel: 'C0DATA', region: 'us-east-1' },
      { match: { team: 'data' }, ignore: true },
    ];
    expect(routed(labels, ...rules)).toMatchObject({
      by: 2,
      region: 'us-east-1',
      channel: 'C0DATA',
      target: { name: 'api-gateway' },
    });
  });
  test('a service is what it is about, with its own channel', () => {
    const channels: Catalogue = {
      ...with_({ match: { job: '/ingest-.*/' }, service: 'model-server' }),
      services: usual.services.map((one) => (one.name === 'model-server' ? { ...one, channel: 'C0MODEL' } : one)),
    };
    const found = routeAlert(alert(labels), channels);
    expect([found?.subject.target, found?.channel, found?.key]).toEqual([
      { namespace: 'ml-platform', name: 'model-server' },
      'C0MODEL',
      'eu-west-1/ml-platform/model-server',
    ]);
  });
  test('a playbook; one that cannot tell what it is about leaves it to triage, and says what is missing', () => {
    const rule: RouteRule = { match: { team: 'data' }, playbook: 'rollout-stuck' };
    expect(routed(labels, rule)).toMatchObject({ playbook: 'rollout-stuck', by: 1 });
    const { deployment: _none, ...less } = labels;
    const bare = routeAlert(alert(less), with_(rule));
    expect(bare?.subject.playbook).toBe('triage');
    expect(bare?.missing).toContain('deployment');
  });
  test('ignored: no row, whoever sends it', () => {
    const options = {
      catalogue: with_({ match: { alertname: 'QueueLong' }, ignore: true }),
      now: '2026-03-02T02:15:00.000Z',
      gate: null,
    };
    expect(alertRows([alert(labels)], null, options)).toEqual([]);
    expect(alertRows([alert({ ...labels, alertname: 'Other' })], null, options)).toHaveLength(1);
  });
});

describe('what a rule asks of a label', () => {
  test.each([
    ['a text is the whole value', 'ingest', 'ingest', true],
    ['and no part of it', 'ingest', 'ingest-7', false],
    ['case counts', 'ingest', 'Ingest', false],
    ['an expression fits the whole value', '/ingest-\\d/', 'ingest-7', true],
    ['and not a part of it', '/ingest/', 'ingest-7', false],
    ['alternatives are held together', '/a|b/', 'xb', false],
    ['a label that is not there is empty', '', '', true],
    ['an empty expression asks for its absence', '//', '', true],
    ['one slash is a text', '/', '/', true],
    ['what is longer than 1,000 characters fits no expression', '/.*/', 'x'.repeat(1_001), false],
    ['a new line does not end the value', '/a/', 'a\nb', false],
  ])('%s', (_what, wanted, value, fits) => {
    const found = routed({ ...labels, job: value }, { match: { job: wanted }, ignore: true });
    expect(found === null).toBe(fits);
  });
});

describe('the config says what is wrong with a rule', () => {
  const sandbox = readFileSync(join(import.meta.dirname, '../../config/sandbox.yaml'), 'utf8');
  test.each([
    ['{ match: {}, ignore: true }', 'alerts.routes[0].match: name at least one label'],
    ['{ match: { a: "/(/" } }', 'alerts.routes[0].match.a: write a text, or a regular expression as /…/'],
    [
      '{ match: { a: b }, region: eu-west-2 }',
      'alerts.routes[0].region: no region is called eu-west-2: did you mean eu-west-1? Write that',
    ],
    [
      '{ match: { a: b }, service: pizza }',
      'alerts.routes[0].service: no service is called pizza: write model-server, api-gateway, feature-store or replication-service',
    ],
    [
      '{ match: { a: b }, channel: "#alerts" }',
      'alerts.routes[0].channel: write a channel id such as C0123ABC, not a name',
    ],
    [
      '{ match: { a: b }, playbook: high-cup }',
      'alerts.routes[0].playbook: no playbook is called high-cup: did you mean high-cpu? Write that',
    ],
    [
      '{ match: { a: b }, playbook: pizza }',
      'alerts.routes[0].playbook: no playbook is called pizza: write high-cpu or slow-rollout',
    ],
    ['{ match: { a: b }, ignored: true }', 'alerts.routes[0]: unknown key ignored: '],
  ])('%s', (rule, problem) => {
    const known = { remedies: [], playbooks: ['high-cpu', 'slow-rollout'] };
    const read = parseConfig(`${sandbox}\nalerts:\n  routes:\n    - ${rule}\n`, known);
    expect('problems' in read ? read.problems.join('\n') : 'fine').toContain(problem);
  });
});

describe('/mlp why <alert>', () => {
  const text = ({ blocks }: Message): string =>
    blocks.flatMap((block) => (block.is === 'lines' ? block.lines.map(plain) : [])).join('\n');
  const why = (given: Readonly<Record<string, string>>, catalogue: Catalogue): string =>
    text(
      whyAlertMessage(
        [{ labels: given, seen: [{ is: 'text', text: 'seen' }], incident: [{ is: 'text', text: 'none' }] }],
        0,
        catalogue,
      ),
    );

  test('what decided each part', () => {
    expect(
      why({ ...labels, alertname: 'KubePodNotReady', pod: 'model-server-5d8c7b9f4-x2x7k', deployment: '' }, usual),
    ).toBe(
      `KubePodNotReady: seen
Rule: the config has none (alerts.routes): its labels decide
Playbook: \`rollout-stuck\`, which owns this alert
Region: eu-west-1, by the label \`region=eu-west-1\`
About: \`model-server\` in ml-platform, by the label \`pod=model-server-5d8c7b9f4-x2x7k\`
Channel: \`C0MLPLATFRM\`, the default
Incident: none`,
    );
  });
  test('a rule that decided, with its place and words', () => {
    const rules = with_(
      { match: { team: 'web' } },
      { match: { team: '/d.*/' }, service: 'model-server', channel: 'C0DATA', region: 'us-east-1' },
    );
    expect(why(labels, rules)).toBe(
      `QueueLong: seen
Rule: number 2 of the config (alerts.routes): \`team: /d.*/\`
Playbook: \`triage\`: no playbook owns an alert of this name (\`/mlp playbooks\`)
Region: us-east-1, as the rule says
About: \`model-server\` in ml-platform, as the rule says
Channel: \`C0DATA\`, as the rule says
Incident: none`,
    );
  });
  test('of an alert that never came: which labels it would need', () => {
    const said = why({ alertname: 'KubePodNotReady' }, usual);
    expect(said).toContain('Playbook: `triage`, because `rollout-stuck` cannot tell what this one is about');
    expect(said).toContain('Region: not known: all are looked at alike');
    expect(said).toContain(
      'Missing: a label that names the deployment (deployment, pod, app, service or container); none of the labels region, aws_region, cluster, kubernetes_cluster names a region that I know',
    );
  });
  test('ignored, and heartbeats', () => {
    expect(why(labels, with_({ match: { team: 'data' }, ignore: true }))).toBe(
      'QueueLong: seen\nOpens nothing: number 1 of the config (alerts.routes): `team: data` says `ignore: true`',
    );
    expect(why({ alertname: 'Watchdog' }, usual)).toContain('Opens nothing: it only says that alerting works');
    expect(routeOf({ alertname: 'Watchdog' }, usual).routed).toBeNull();
  });
  test('the labels by which it was routed are kept, so that it can be said later', () => {
    const found = routeAlert(alert({ ...labels, secretish: 'x' }), with_({ match: { team: 'data' } }));
    expect(found?.alert.way).toEqual({ deployment: 'api-gateway', region: 'eu-west-1', team: 'data' });
  });
  test.each([
    ['why KubePodNotReady', { is: 'why-alert', incident: null, word: 'KubePodNotReady', labels: {} }],
    ['why INC-7', { is: 'why-alert', incident: 7, word: '', labels: {} }],
    [
      'why KubePodNotReady region=eu-west-1 pod=a',
      { is: 'why-alert', incident: null, word: 'KubePodNotReady', labels: { region: 'eu-west-1', pod: 'a' } },
    ],
    [
      'why alertname=Odd region=x',
      { is: 'why-alert', incident: null, word: 'Odd', labels: { alertname: 'Odd', region: 'x' } },
    ],
    ['why rollback INC-7', { is: 'why-not', remedy: 'rollback', incident: 7 }],
    ['why not rollback', { is: 'why-not', remedy: 'rollback', incident: null }],
  ])('%s', (typed, parsed) => {
    expect(parseCommand(typed, usual)).toEqual(parsed);
  });
  test.each(['why', 'why Foo Bar', 'why region=eu-west-1'])('%s says what to type', (typed) => {
    expect(parseCommand(typed, usual)).toMatchObject({
      is: 'unclear',
      because: expect.stringContaining('/mlp why') as string,
    });
  });
});
