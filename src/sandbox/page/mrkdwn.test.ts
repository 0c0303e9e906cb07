import { describe, expect, test } from 'vitest';
import { parseInline, parseMrkdwn, type Inline } from './mrkdwn.ts';

/** The tree in one line: `bold(text)`. */
function shown(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      if (node.is === 'text') return node.text;
      if ('inner' in node) return `${node.is}(${shown(node.inner)})`;
      if (node.is === 'code') return `code(${node.text})`;
      if (node.is === 'date') return `date(${node.atMs} ${node.format})`;
      if (node.is === 'emoji') return `emoji(${node.name})`;
      return node.is === 'everyone' ? `everyone(${node.word})` : `${node.is}(${node.id})`;
    })
    .join('');
}

describe('mrkdwn within a line', () => {
  test.each([
    ['*Users:* no effect', 'bold(Users:) no effect'],
    ['a *b _c_ d* e', 'a bold(b italic(c) d) e'],
    ['~gone~ and snake_case_name', 'strike(gone) and snake_case_name'],
    ['2 * 3 * 4', '2 * 3 * 4'],
    ['`a *b* <c>`', 'code(a *b* <c>)'],
    ['*bold `x*y` on*', 'bold(bold code(x*y) on)'],
    ['*open', '*open'],
    ['*over\nlines*', '*over\nlines*'],
    [':red_circle: down at 02:16:50', 'emoji(red_circle) down at 02:16:50'],
    ['<@U1> <!subteam^S1|@team> <#C1|ops> <!here>', 'user(U1) group(S1) channel(C1) everyone(here)'],
    ['<https://a.example/x|the *run*>', 'link(the bold(run))'],
    ['see https://a.example/x.', 'see link(https://a.example/x).'],
    ['&lt;@U1&gt; &amp;amp;', '<@U1> &amp;'],
    ['<!date^1700000000^{time} ({ago})|22:13 UTC>', 'date(1700000000000 {time} ({ago}))'],
  ])('%s', (source, tree) => {
    expect(shown(parseInline(source))).toBe(tree);
  });

  test('an address that could run something is no link', () => {
    expect(shown(parseInline('<javascript:alert(1)|x>'))).not.toContain('link(');
    expect(shown(parseInline('<data:text/html,x|x>'))).not.toContain('link(');
  });

  test('hostile lengths do not take long', () => {
    const started = performance.now();
    parseInline('*'.repeat(3000));
    parseInline('<'.repeat(3000));
    parseInline(':a'.repeat(3000));
    parseInline('_a '.repeat(1000));
    expect(performance.now() - started).toBeLessThan(1500);
  });
});

test('paragraphs: lines, quotes, fences', () => {
  expect(parseMrkdwn('one\n> two\n&gt; three\nfour\n```\na < b\n```\nfive').map((part) => part.is)).toEqual([
    'lines',
    'quote',
    'lines',
    'code',
    'lines',
  ]);
  expect(parseMrkdwn('```a &lt; b```')).toEqual([{ is: 'code', text: 'a < b' }]);
});
