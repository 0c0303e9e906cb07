import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigSchema, healthOf, parseConfig, rulesOf } from './config.ts';
import type { Config } from './config.ts';

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
    const given = new Set<string>();
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
    expect(example.alerts).toEqual(plain.alerts);
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
      /^regions\[0\]\.prometheus: /,
      /^regions\[1\]: unknown key contxt: remove it or correct its spelling/,
      /^services\[0\]\.health\.limits\.errorRatio: /,
      /^approvals\.low: name at least one user group or person/,
      /^timing\.quietMs: /,
      /^\(top level\): unknown key surprise/,
      /^regions: "eu" stands for eu-west-1 and us-east-1: give each word to one region/,
      /^services: default\/b is there twice/,
      /^approvals\.medium: needs 2 people and names 1/,
      /^approvals\.high: needs 2 people and names 1/,
      /^modes\.byRegion\.mars: no region has this name/,
      /^freezes\[0\]: "from" must be before "to"/,
      /^freezes\[0\]\.regions: no region is called venus/,
    ])
      expect(said).toContainEqual(expect.stringMatching(sentence));
    expect(said).toHaveLength(14);
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
