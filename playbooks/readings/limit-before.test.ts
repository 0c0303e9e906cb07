import { expect, test } from 'vitest';
import { loweredOf } from './limit-before.ts';

type Of = Parameters<typeof loweredOf>[0];
type All = Parameters<typeof loweredOf>[1];
const template = (cpu: string | null): unknown => ({
  containers: [{ name: 'serve', limits: cpu === null ? {} : { cpu } }],
  initContainers: [],
});
const revision = (number: number, cpu: string | null): unknown => ({
  number,
  uid: `u${number}`,
  templateDigest: `d${number}`,
  createdAt: `2026-03-02T0${number}:00:00Z`,
  template: template(cpu),
});

test.each([
  ['lowered', '2', '1', 2],
  ['set where there was none', null, '1', null],
  ['raised', '1', '2', 'not'],
  ['as before', '1', '1', 'not'],
  ['taken away', '1', null, 'not'],
] as const)('the limit is %s', (_what, before, now, from) => {
  const of = { templateDigest: 'd2', revision: 2, template: template(now) } as unknown as Of;
  const found = loweredOf(of, [revision(1, before), revision(2, now)] as All, 'serve');
  expect(found === null ? 'not' : found.from).toBe(from);
});
