import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../config.ts';
import { pageFor, pagesOf } from './probes.ts';
import type { Page } from './probes.ts';

/** Public pages as the config names them: nothing else is ever asked. */

const file = (services: string, more = ''): string => `
slack: { channel: C1 }
regions: [{ name: eu-west-1 }, { name: us-east-1 }]
namespace: ml-platform
services: ${services}
approvals: { low: { groups: [S1] }, medium: { groups: [S1] }, high: { groups: [S1] } }
${more}
`;
function pages(services: string): readonly Page[] {
  const read = parseConfig(file(services));
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return pagesOf(read.config);
}
function problems(services: string, more = ''): readonly string[] {
  const read = parseConfig(file(services, more));
  return 'problems' in read ? read.problems : [];
}

test('one address with $region in it, or one per region', () => {
  expect(
    pages('[{ name: m, publicUrl: "https://$service.$region.example.com/$namespace" }]').map((one) => one.url),
  ).toEqual(['https://m.eu-west-1.example.com/ml-platform', 'https://m.us-east-1.example.com/ml-platform']);
  expect(pages('[{ name: m, publicUrl: { us-east-1: "https://us.example.com/" } }, { name: n }]')).toEqual([
    { service: { namespace: 'ml-platform', name: 'm' }, region: 'us-east-1', url: 'https://us.example.com/' },
  ]);
});

test('the page is that of whose users are measured, in that region, in that namespace', () => {
  const all = pages('[{ name: m, namespace: a, publicUrl: "https://$region.example.com/" }]');
  const at = (target: { name: string; namespace?: string }, users?: { namespace: string; name: string }): unknown =>
    pageFor(all, { target, ...(users === undefined ? {} : { users }) }, 'us-east-1')?.url ?? null;
  expect(at({ name: 'm' })).toBe('https://us-east-1.example.com/');
  expect(at({ name: 'm', namespace: 'b' })).toBeNull();
  expect(at({ name: '', namespace: 'b' }, { namespace: 'a', name: 'm' })).toBe('https://us-east-1.example.com/');
  expect(pageFor(all, { target: null }, 'us-east-1')).toBeNull();
});

describe('what is refused, each with what to write', () => {
  test.each([
    [
      '"https://example.com/health"',
      /^services\[0\]\.publicUrl: the same address for 2 regions: .* Put \$region in it/,
    ],
    [
      '{ eu-west-1: "https://a/", us-east-1: "https://a/" }',
      /publicUrl\.us-east-1: the same address as another region/,
    ],
    ['{ mars: "https://a/" }', /publicUrl\.mars: no region is called mars: write eu-west-1 or us-east-1$/],
    ['"ftp://$region.example.com/"', /^services\[0\]\.publicUrl: .*write/],
    ['"https://me:secret@$region.example.com/"', /^services\[0\]\.publicUrl: .*write/],
    ['"/health"', /^services\[0\]\.publicUrl: .*write/],
  ])('%s', (publicUrl, sentence) => {
    const said = problems(`[{ name: m, publicUrl: ${publicUrl} }]`);
    expect(said).toEqual([expect.stringMatching(sentence)]);
    expect(said.join()).not.toContain('secret');
  });

  test('places that are no regions, and times that are none', () => {
    expect(problems('[]', 'probes: { intervalMs: 10, from: [{ region: venus, series: probe_success }] }')).toEqual([
      expect.stringMatching(/^probes\.intervalMs: /),
      expect.stringMatching(/^probes\.from\[0\]\.region: no region is called venus/),
    ]);
  });
});
