import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigSchema, healthOf, parseConfig, rulesOf } from './config.ts';
import type { Config } from './config.ts';
import { frozenAt } from './core/freezes.ts';

const file = (name: string): string => readFileSync(join(import.meta.dirname, '../config', name), 'utf8');
function good(text: string): Config {
  const read = parseConfig(text);
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read.config;
}
function problems(text: string): readonly string[] {
  const read = parseConfig(text);
  return 'problems' in read ? read.problems : [];
}
const SMALL = `
slack: { channel: C1 }
regions: [{ name: eu-west-1 }]
approvals: { low: { groups: [S1] }, medium: { groups: [S1] }, high: { groups: [S1] } }
`;

describe('the files of config/', () => {
  test.each(['sandbox.yaml', 'mlp.example.yaml'])('%s has no problem', (name) => {
    expect(problems(file(name))).toEqual([]);
  });

  test('the example has every field there is', () => {
    const keys = new Set<string>();
    const collect = (schema: unknown): void => {
      if (typeof schema !== 'object' || schema === null) return;
      if ('properties' in schema) for (const key of Object.keys(schema.properties as object)) keys.add(key);
      for (const part of Object.values(schema)) collect(part);
    };
    collect(z.toJSONSchema(ConfigSchema, { io: 'input', unrepresentable: 'any' }));
    // The example names them in a line that is no setting: only one way to sign in can be set.
    const given = new Set(['bearerTokenEnv', 'basic', 'user', 'passwordFile', 'passwordEnv']);
    for (const key of given) expect(file('mlp.example.yaml')).toMatch(new RegExp(`^ *# .*\\b${key}:? `, 'm'));
    const look = (value: unknown): void => {
      if (Array.isArray(value)) for (const one of value) look(one);
      else if (typeof value === 'object' && value !== null)
        for (const [key, part] of Object.entries(value)) {
          given.add(key);
          look(part);
        }
    };
    look(parse(file('mlp.example.yaml')));
    expect(keys.size).toBeGreaterThan(40);
    expect([...keys].filter((key) => !given.has(key))).toEqual([]);
  });

  test('what the example calls defaults are the defaults', () => {
    const example = good(file('mlp.example.yaml'));
    const plain = good(SMALL);
    expect(example.timing).toEqual(plain.timing);
    // What it shows of rules is an example.
    expect({ ...example.alerts, routes: [] }).toEqual(plain.alerts);
    expect(example.retentionDays).toBe(plain.retentionDays);
    expect(plain.modes.default).toBe('propose');
    expect(plain.approvals.high.need).toBe(2);
  });

  test('every line of the example that sets something is explained', () => {
    const lines = file('mlp.example.yaml').split('\n');
    const bare = lines.filter(
      (line, at) => /^[a-z]/.test(line) && !line.includes('#') && !/^\s*#/.test(lines[at - 1] ?? ''),
    );
    expect(bare).toEqual(['slack:', 'alerts:']);
  });
});

describe('problems are said all at once, each with its path and what to write', () => {
  test('of fields, of spelling, and between fields', () => {
    const said = problems(`
slack: { channel: '#ml-platform' }
regions:
  - { name: eu-west-1, aliases: [eu], prometheus: not-a-url }
  - { name: us-east-1, aliases: [EU], contxt: x }
services: [{ name: a, health: { limits: { errorRatio: 7, latencySeconds: 0.2 } } }, { name: b }, { name: b }]
approvals: { low: {}, medium: { users: [U1], need: 2 }, high: { users: [U1] } }
modes: { byRegion: { mars: observe } }
freezes: [{ name: f, from: 2026-03-02T00:00:00Z, to: 2026-03-01T00:00:00Z, regions: [venus] }]
timing: { quietMs: -1 }
surprise: true
`);
    for (const sentence of [
      /^slack\.channel: .*a channel id such as C0123ABC/,
      /^regions\[0\]\.prometheus\.url: no address: write one such as https:/,
      /^regions\[1\]: unknown key contxt: remove it or correct its spelling, or write context$/,
      /^services\[0\]\.health\.limits\.errorRatio: /,
      /^approvals\.low: nobody is named: write at least one user group or person/,
      /^timing\.quietMs: /,
      /^\(top level\): unknown key surprise/,
      /^regions: "eu" stands for eu-west-1 and us-east-1: give each word to one region/,
      /^services: default\/b is there twice/,
      /^approvals\.medium: needs 2 people and names 1/,
      /^approvals\.high: needs 2 people and names 1/,
      /^modes\.byRegion\.mars: no region is called mars: write eu-west-1 or us-east-1$/,
      /^freezes\[0\]\.to: "from" must be before "to": write a later time$/,
      /^freezes\[0\]\.regions: no region is called venus/,
    ])
      expect(said).toContainEqual(expect.stringMatching(sentence));
    expect(said).toHaveLength(14);
  });

  test('what was delivered is kept longer than PagerDuty delivers it again', () => {
    const read = parseConfig(`${SMALL}\nretentionDays: 2\n`);
    expect('problems' in read ? read.problems : []).toEqual([
      expect.stringMatching(/^retentionDays: too small: write at least 3/),
    ]);
    good(`${SMALL}\nretentionDays: 3\n`);
  });

  test('of modes, freezes, remedies and of signing in', () => {
    const wrong = parseConfig(
      `${SMALL.replace('{ name: eu-west-1 }', '{ name: eu-west-1, prometheus: { url: "http://p", bearerTokenEnv: "a b", bearerTokenFile: /t, basic: { user: u } } }')}
services: [{ name: model-server }]
modes: { byRegion: { eu-wset-1: act }, byService: { modle-server: observe, model-server: { mars: act }, b: loud }, preApproved: [rolback, zap] }
freezes:
  - { name: a, from: 2026-12-18T18:00, to: 2027-01-04 }
  - { name: b, zone: Europe/Berln, from: 2026-12-18T18:00, to: 2026-02-30 }
  - { name: c, zone: Europe/Berlin, from: 2027-01-04, to: 2026-12-18T18:00 }
  - { name: d, days: [fri], from: 2026-12-18, to: '25:00' }
  - { name: e, zone: '+01:00', days: [friday] }
`,
      { remedies: ['rollback', 'restart', 'rollback'], playbooks: [] },
    );
    expect('problems' in wrong ? wrong.problems.toSorted() : []).toEqual([
      'freezes[0].from: write a time with an offset such as 2026-12-18T18:00:00+01:00, or add a zone',
      'freezes[0].to: write a time with an offset such as 2026-12-18T18:00:00+01:00, or add a zone',
      'freezes[1].to: write a time by the clocks of the zone such as 2026-12-18T18:00, or a date',
      'freezes[1].zone: no such time zone is known: write one such as Europe/Berlin',
      'freezes[2].to: "from" must be before "to": write a later time',
      'freezes[3].from: write a time of day such as 18:00, for days and dates are not both possible',
      'freezes[3].to: write a time of day such as 18:00, for days and dates are not both possible',
      'freezes[3].zone: missing: write the time zone of these days, such as Europe/Berlin',
      'freezes[4].days[0]: write sun, mon, tue, wed, thu, fri or sat',
      'modes.byRegion.eu-wset-1: no region is called eu-wset-1: did you mean eu-west-1? Write that',
      'modes.byService.b: no service is called b: write model-server',
      'modes.byService.b: write observe, propose or act; or one of them per region, {eu-west-1: observe}',
      'modes.byService.model-server: no region is called mars: write eu-west-1',
      'modes.byService.modle-server: no service is called modle-server: did you mean model-server? Write that',
      'modes.preApproved[0]: no remedy is called rolback: did you mean rollback? Write that',
      'modes.preApproved[1]: no remedy is called zap: write restart or rollback',
      'regions[0].prometheus.basic: write passwordFile or passwordEnv, one of them',
      'regions[0].prometheus.bearerTokenEnv: write the name of an environment variable',
      'regions[0].prometheus: write at most one of bearerTokenFile, bearerTokenEnv and basic',
    ]);
  });

  /** Each place of the example, each kind of wrong value. */
  test('whatever is written wherever: each sentence has a path and says what to write', () => {
    const places: (readonly (string | number)[])[] = [];
    const look = (value: unknown, path: readonly (string | number)[]): void => {
      if (path.length > 0) places.push(path);
      if (typeof value === 'object' && value !== null)
        for (const [key, part] of Object.entries(value))
          look(part, [...path, Array.isArray(value) ? Number(key) : key]);
    };
    const example: unknown = parse(file('mlp.example.yaml'));
    look(example, []);
    const said = new Set<string>();
    for (const path of places) {
      for (const value of [undefined, null, {}, [], '', 'x y', -1, 0.5, 1e12, true, [[]], { a: { b: 1 } }]) {
        const whole: unknown = structuredClone(example);
        let at = whole as Record<string | number, unknown>;
        for (const part of path.slice(0, -1)) at = at[part] as Record<string | number, unknown>;
        at[path.at(-1) ?? ''] = value;
        for (const problem of problems(JSON.stringify(whole))) said.add(problem);
      }
    }
    const bad = [...said].filter(
      (one) =>
        !/^(\(top level\)|[a-z][A-Za-z.[\]\d-]*|slack\.groups\.S0\w+): ./.test(one) ||
        !/\b(write|remove|keep one|give each|name more|at least)\b/i.test(one) ||
        /invalid|expected|received|undefined|\bNaN\b|not what this field takes/i.test(one),
    );
    expect(bad).toEqual([]);
    expect(said.size).toBeGreaterThan(150);
  });

  test.each([
    ['nothing', ''],
    ['a list', '[]'],
    ['a text', 'hello'],
    ['a number for a list', 'regions: 3\nservices: x\napprovals: []\nmodes: 1\nfreezes: {}'],
  ])('%s', (_what, text) => {
    expect(problems(text).length).toBeGreaterThan(0);
  });

  test('no YAML at all, and a bomb of aliases', () => {
    expect(problems('a: [')[0]).toMatch(/^not readable as YAML: /);
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((key, at) => `${key}: &${key} [${`*${'abcdefg'[at]},`.repeat(9)}]`),
    ].join('\n');
    expect(problems(bomb)[0]).toMatch(/^not readable as YAML: /);
  });
});

describe('what the config says', () => {
  test('becomes rules', () => {
    const rules = rulesOf(good(file('mlp.example.yaml')));
    expect(rules.policy.approvers.high).toEqual({ groups: ['S0LEADS', 'S0APPROVE'], users: ['U0123ABC'], need: 2 });
    expect(rules.policy.modes.byRegion).toEqual({ 'us-east-1': 'observe' });
    expect(rules.timing.approvalMs).toBe(30 * 60_000);
  });

  test('modes per service become rules in the namespaces of those services', () => {
    const { modes, freezes } = rulesOf(good(file('mlp.example.yaml'))).policy;
    expect(modes.byService).toEqual([
      { namespace: 'ml-platform', name: 'model-server', region: 'eu-west-1', mode: 'act' },
      { namespace: 'ml-platform', name: 'api-gateway', region: null, mode: 'observe' },
    ]);
    expect(freezes.map((one) => one.is)).toEqual(['between', 'dates', 'days', 'days']);
    expect(frozenAt(freezes, 'us-east-1', '2026-12-24T12:00:00.000Z')).toEqual({
      name: 'end of year',
      until: '2027-01-04 00:00 Europe/Berlin (2027-01-03 23:00 UTC)',
    });
    expect(frozenAt(freezes, 'us-east-1', '2026-11-27T16:00:00.000Z')?.until).toBe(
      '2026-11-30 00:00 Europe/Berlin (2026-11-29 23:00 UTC)',
    );
  });

  test('fills the health queries of the service in that namespace only', () => {
    const config = good(`${SMALL}
namespace: ml
services:
  - { name: a, health: { requests: 'r{s="$service",n="$namespace",r="$region"}', limits: { errorRatio: 0.01, latencySeconds: 1 } } }
`);
    const health = healthOf(config, { target: { namespace: 'ml', name: 'a' } }, 'eu-west-1');
    expect(health).toMatchObject({
      requests: 'r{s="a",n="ml",r="eu-west-1"}',
      errors: null,
      latency: null,
      minRequests: 50,
    });
    expect(healthOf(config, { target: { namespace: 'other', name: 'a' } }, 'eu-west-1')).toBeNull();
    expect(healthOf(config, { target: { namespace: 'ml', name: '' } }, 'eu-west-1')).toBeNull();
    expect(healthOf(config, { target: null }, 'eu-west-1')).toBeNull();
  });
});
