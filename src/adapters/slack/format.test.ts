import { expect, test } from 'vitest';
import type { KnownBlock } from '@slack/types';
import type { Block, Button, Message } from '../../core/message.ts';
import { ago, bold, clock, code, group, link, say, since, text, until, user } from '../../core/words.ts';
import type { Words } from '../../core/words.ts';
import { textOf } from './blocks.ts';
import { fit, FULL, HALF, textOnly } from './format.ts';
import { line } from './mrkdwn.ts';

const names = new Map([['U0SANAOKAFOR', 'Sana *Okafor*']]);
const shown = (words: Words): string => line(words, names);
const of = (...blocks: readonly Block[]): Message => ({ lock: 'lock', blocks });
const button = (id: string, more: Partial<Button> = {}): Button => ({
  id,
  label: `Label ${id}`,
  style: 'plain',
  describe: '',
  press: { does: 'approve', thread: 'incident/1', proposal: id, digest: 'd' },
  ...more,
});

test('our own formatting stays; a label cannot format, link or mention', () => {
  const evil = '*bold* _it_ ~no~ `code` <!channel> <@U1> <http://e.example|ok> & @channel';
  expect(shown(say`*Cause:* ${evil}`)).toBe(
    '*Cause:* ∗bold∗ ＿it＿ ∼no∼ ˋcodeˋ &lt;!channel&gt; &lt;@U1&gt; &lt;http://e.example|ok&gt; &amp; ＠channel',
  );
});

test.each(['@channel', '@here', '@Everyone', '@\u200bhere', '@h\u200de\u2060re', '@\ufeffchannel', '@\u00adeveryone'])(
  '%j calls nobody',
  (call) => {
    const out = shown([text(`x ${call} y`)]);
    expect(out.replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, '')).not.toMatch(/@(?:channel|here|everyone)/i);
    expect(out).toContain('＠');
  },
);

test('names with underscores, globs and products are left as they are', () => {
  for (const plain of [
    'model_server_p95',
    '2 * 3',
    'a*b',
    'x~y',
    '5 > 3'.replace('>', 'of'),
    '50%',
    'me@example.com',
  ]) {
    expect(shown([text(plain)])).toBe(plain);
  }
});

test('a line cannot be broken, quoted or turned around by what is put into it', () => {
  expect(shown(say`${'> quoted\n*Approved by:* Ada\r\nx'}`)).toBe('› quoted ∗Approved by:∗ Ada x');
  expect(shown([text('safe\u202eevil\u2066x')])).toBe('safeevilx');
  expect(shown([text('מודל שרת 😀 نموذج')])).toBe('מודל שרת 😀 نموذج');
  expect(shown([text('a\u0000b\u001b[31mred\u001b[0m')])).toBe('a\ufffdbred');
  expect(shown([text('half \ud83d')])).toBe('half \ufffd');
});

test('code, bold, links', () => {
  expect(shown([code('a`b<c')])).toBe('`aˋb&lt;c`');
  expect(shown([code('')])).toBe('` `');
  expect(shown([bold(' a*b ')])).toBe(' *a∗b* ');
  expect(shown([link('https://x.example/?a=1&b=<2>|3', 'see | this')])).toBe(
    '<https://x.example/?a=1&amp;b=%3C2%3E%7C3|see ¦ this>',
  );
  expect(shown([link('javascript:alert(1)', 'see')])).toBe('see');
});

test('times stay right; people are named, not called; a group is called', () => {
  const at = '2026-08-01T02:16:00.000Z';
  expect(shown([clock(at)])).toBe('<!date^1785550560^{time}|02:16 UTC>');
  expect(shown([ago(at)])).toBe('<!date^1785550560^{ago}|02:16 UTC>');
  expect(shown([since(at)])).toBe('<!date^1785550560^{time} ({ago})|02:16 UTC>');
  expect(shown([until(at)])).toBe('<!date^1785550560^{time} ({ago})|02:16 UTC>');
  expect(shown([{ is: 'time', at, as: 'date' }])).toBe('<!date^1785550560^{date_short_pretty}|2026-08-01>');
  expect(shown([clock('not a <time>')])).toBe('not a &lt;time&gt;');
  expect(shown([user('U0SANAOKAFOR'), text(' or '), user('U0UNKNOWN')])).toBe('Sana ∗Okafor∗ or U0UNKNOWN');
  expect(shown([group('S0MLONCALL'), text(' '), group('here')])).toBe('<!subteam^S0MLONCALL> here');
});

test("somebody else's text keeps its lines and cannot end its fence", () => {
  const { blocks } = fit(of({ is: 'verbatim', text: 'line *1*\n```\n@here <!channel>\n`' }), names, 'left out');
  const shownText = textOf(blocks[0] as KnownBlock);
  expect(shownText.startsWith('```\nline *1*\n')).toBe(true);
  expect(shownText.endsWith('\n```')).toBe(true);
  expect(shownText.slice(3, -3)).not.toContain('```');
  expect(shownText).toContain('&lt;!channel&gt;');
  expect(fit(of({ is: 'quote', text: 'a\n> b' }), names, 'left out').blocks.map(textOf)).toEqual(['> a\n> &gt; b']);
});

test('Slack is told not to look for links and mentions by itself', () => {
  const { blocks } = fit(of({ is: 'lines', lines: [say`x`] }, { is: 'note', words: say`y` }), names, 'left out');
  expect(JSON.stringify(blocks).match(/"verbatim":true/g)).toHaveLength(2);
});

test('buttons: five in a row, unique, with their press; one that carries too much is left out', () => {
  const buttons = [...Array(7).keys()].map((at) => button(`b${at}`));
  const large = button('large', { press: { does: 'choose', thread: 't', command: 'x'.repeat(2_100) } });
  const { blocks } = fit(of({ is: 'buttons', buttons: [...buttons, button('b0'), large] }), names, 'left out');
  expect(blocks.map((it) => (it.type === 'actions' ? it.elements.length : 0))).toEqual([5, 3]);
  const ids = blocks.flatMap((it) => (it.type === 'actions' ? it.elements.map((element) => element.action_id) : []));
  expect(new Set(ids).size).toBe(8);
  expect(ids.every((id) => id?.startsWith('press:b'))).toBe(true);
  expect(blocks[0]).toHaveProperty('elements.0.value', JSON.stringify(buttons[0]?.press));
});

test('nothing at all is still a message', () => {
  expect(fit({ lock: '', blocks: [{ is: 'lines', lines: [say`${''}`] }] }, names, 'left out')).toMatchObject({
    text: '…',
    blocks: [{ type: 'section' }],
  });
});

test('the lock screen: one line, no markup, people by name', () => {
  const { text: lock } = fit(
    { lock: `*P0*\n<!channel> @U0SANAOKAFOR @here ${'x'.repeat(9_000)}`, blocks: [] },
    names,
    'left out',
  );
  expect(lock.startsWith('∗P0∗ &lt;!channel&gt; Sana')).toBe(true);
  expect(lock.length).toBeLessThanOrEqual(4_000);
  expect(lock).not.toContain('\n');
});

/** As Slack counts, as far as is known. */
function within(blocks: readonly KnownBlock[], budget = FULL): void {
  expect(blocks.length).toBeLessThanOrEqual(50);
  expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(budget.jsonChars);
  expect(blocks.reduce((sum, it) => sum + textOf(it).length, 0)).toBeLessThanOrEqual(budget.textChars);
  for (const it of blocks) {
    expect(textOf(it).length).toBeLessThanOrEqual(3_000);
    expect(it.type === 'section' && textOf(it).trim() === '').toBe(false);
  }
}

const title = say`*Title* of it`;
const logs = [...Array(900).keys()].map((at) => `log line ${at} <&> ${'y'.repeat(20)}`).join('\n');
const large = of(
  { is: 'lines', lines: [title] },
  { is: 'verbatim', text: logs },
  { is: 'buttons', buttons: [button('a')] },
  { is: 'note', words: say`Checked now` },
);

test('title, buttons and small print stay; the rest follows in order', () => {
  const { blocks, more } = fit(large, names, 'in thread');
  within(blocks);
  expect(textOf(blocks[0] as KnownBlock)).toBe('*Title* of it');
  const body = blocks.map(textOf).join('\n');
  expect(body).toContain('[Label a]');
  expect(body).toContain('Checked now');
  expect(body).toMatch(/The rest is below, in the thread \(lines: \d+\)/);
  expect(more.length).toBeGreaterThan(0);
  expect(more.length).toBeLessThanOrEqual(4);
  for (const it of more) within(it.blocks);
  const all = [blocks, ...more.map((it) => it.blocks)].flatMap((it) => it.map(textOf)).join('\n');
  const numbers = [...all.matchAll(/log line (\d+) /g)].map((it) => Number(it[1]));
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers.length === 900 || /Left out here \(lines: \d+\)/.test(all)).toBe(true);
});

test('where there is no thread it says that it leaves out', () => {
  const { blocks, more } = fit(large, names, 'left out', HALF);
  within(blocks, HALF);
  expect(more).toEqual([]);
  expect(blocks.map(textOf).join('\n')).toMatch(/More than Slack takes: left out \(lines: \d+\)/);
});

test('just enough is not split', () => {
  const lines = [...Array(90).keys()].map((at) => say`line ${at} ${'z'.repeat(85)}`);
  const { blocks, more } = fit(of({ is: 'lines', lines }), names, 'in thread');
  within(blocks);
  expect(more).toEqual([]);
  expect(blocks.map(textOf).join('\n')).toContain('line 89 ');
});

test.each([
  ['one word', 'w'.repeat(10_000)],
  ['emoji', '😀👩‍👩‍👧‍👦'.repeat(1_000)],
  ['right to left', 'שלום עולם '.repeat(1_000)],
  ['entities', '<&>'.repeat(3_400)],
  ['shell', '$(rm -rf /) `id` ; | && > '.repeat(400)],
  ['newlines', '\n'.repeat(10_000)],
  ['backticks', '`'.repeat(10_000)],
])('10,000 characters in one line: %s', (_, long) => {
  for (const words of [
    say`*a:* ${long} b`,
    say`${code(long)}`,
    say`${bold(long)}`,
    [link(`https://e.example/${long}`, long)],
  ]) {
    const { blocks, more } = fit(
      of({ is: 'lines', lines: [words] }, { is: 'verbatim', text: long }, { is: 'quote', text: long }),
      names,
      'in thread',
    );
    for (const it of [blocks, ...more.map((part) => part.blocks)]) within(it);
    expect(JSON.stringify(blocks).isWellFormed()).toBe(true);
  }
});

test('as text only it is short and says why', () => {
  const { text: only, blocks } = textOnly(large, names);
  expect(blocks).toEqual([]);
  expect(only.length).toBeLessThanOrEqual(4_000);
  expect(only).toContain('*Title* of it');
  expect(only).toContain('Slack refused the whole message');
});
