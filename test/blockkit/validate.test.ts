import { describe, expect, test } from 'vitest';
import { judge, problemsOf } from './validate.ts';

const plain = (text: string): object => ({ type: 'plain_text', text });
const mrkdwn = (text: string): object => ({ type: 'mrkdwn', text });
const button = (action_id: string, more: object = {}): object => ({
  type: 'button',
  text: plain('Go'),
  action_id,
  value: 'v',
  ...more,
});
const post = (blocks: unknown, more: object = {}): readonly string[] =>
  problemsOf({ method: 'chat.postMessage', args: { channel: 'C1', text: 'summary', blocks, ...more } });
const open = (view: object): readonly string[] => problemsOf({ method: 'views.open', args: { view } });
const modal = { type: 'modal', title: plain('Why?'), submit: plain('Send'), blocks: [] as object[] };
const input = { type: 'input', label: plain('Reason'), element: { type: 'plain_text_input', action_id: 'reason' } };

describe('good payloads', () => {
  test('an incident message with every block that the bot uses', () => {
    const blocks = [
      { type: 'header', text: plain('model-server rollout stuck') },
      {
        type: 'section',
        text: mrkdwn(
          '*Users:* <@U0SANAOKAFOR> &lt;1 % until <!date^1780283520^{time}|03:12 UTC>, <https://x.example/a?b=1&amp;c|graph>',
        ),
        expand: true,
        accessory: { type: 'overflow', action_id: 'more', options: [{ text: plain('List'), value: 'l' }] },
      },
      { type: 'section', fields: [mrkdwn('*Cause*'), mrkdwn('no image')] },
      { type: 'divider' },
      {
        type: 'actions',
        block_id: 'a',
        elements: [
          button('ack:1', {
            style: 'primary',
            confirm: { title: plain('Sure?'), text: mrkdwn('Rolls back'), confirm: plain('Yes'), deny: plain('No') },
          }),
          button('ack:2'),
        ],
      },
      {
        type: 'context',
        elements: [mrkdwn('Checked'), { type: 'image', image_url: 'https://x.example/a.png', alt_text: 'chart' }],
      },
      { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'diff' }] }] },
      {
        type: 'table',
        rows: [
          [
            { type: 'raw_text', text: 'pod' },
            { type: 'raw_text', text: 'state' },
          ],
        ],
      },
      { type: 'image', slack_file: { id: 'F0123456789' }, alt_text: 'p95' },
    ];
    expect(post(blocks, { metadata: { event_type: 'incident', event_payload: { key: 'incident/1' } } })).toEqual([]);
    expect(() => judge([{ method: 'chat.update', args: { text: 'fixed', blocks } }])).not.toThrow();
  });

  test('a modal, a Home tab, and a text of its own', () => {
    expect(open({ ...modal, blocks: [input] })).toEqual([]);
    expect(
      problemsOf({
        method: 'views.publish',
        args: { view: { type: 'home', blocks: [{ type: 'section', text: plain('open') }] } },
      }),
    ).toEqual([]);
    expect(problemsOf({ method: 'chat.postMessage', args: { channel: 'C1', text: 'only text' } })).toEqual([]);
    expect(problemsOf({ method: 'conversations.info', args: { channel: 'C1' } })).toEqual([]);
  });
});

describe('bad payloads, each with its reason', () => {
  const section = (text: object): object => ({ type: 'section', text });
  const many = (n: number): object[] => Array.from({ length: n }, () => ({ type: 'divider' }));

  test.each<[string, unknown, RegExp]>([
    [
      'a section of 3001 characters',
      [section(mrkdwn('x'.repeat(3001)))],
      /more than 3000 characters at \/0\/text\/text/,
    ],
    ['an empty section', [{ type: 'section' }], /required property 'text'/],
    ['markup in a header', [{ type: 'header', text: mrkdwn('x') }], /constant at \/0\/text\/type/],
    ['51 blocks', many(51), /more than 50 items/],
    ['an unknown block', [{ type: 'hero' }], /"hero" may not stand here at \/0/],
    ['an alert in a message', [{ type: 'alert', text: mrkdwn('x') }], /"alert" may not stand here/],
    ['an unknown key', [{ type: 'divider', color: 'red' }], /unknown key "color" at \/0/],
    [
      'a button without action_id',
      [{ type: 'actions', elements: [{ type: 'button', text: plain('Go') }] }],
      /required property 'action_id'/,
    ],
    [
      'a button without value',
      [{ type: 'actions', elements: [{ type: 'button', text: plain('Go'), action_id: 'x' }] }],
      /carries no value/,
    ],
    [
      'a label of 76 characters',
      [{ type: 'actions', elements: [button('a', { text: plain('x'.repeat(76)) })] }],
      /more than 75 characters/,
    ],
    [
      'a style that is none',
      [{ type: 'actions', elements: [button('a', { style: 'default' })] }],
      /one of \["primary","danger"\]/,
    ],
    [
      '26 elements',
      [{ type: 'actions', elements: Array.from({ length: 26 }, (_, i) => button(`a${i}`)) }],
      /more than 25 items/,
    ],
    [
      'one action_id twice',
      [{ type: 'actions', elements: [button('a'), button('a')] }],
      /action_id "a" stands twice in the block at \/0/,
    ],
    [
      'one block_id twice',
      [
        { type: 'divider', block_id: 'b' },
        { type: 'divider', block_id: 'b' },
      ],
      /block_id "b" stands twice, again at \/1/,
    ],
    [
      'an image without alt_text',
      [{ type: 'image', image_url: 'https://x.example/a.png' }],
      /required property 'alt_text'/,
    ],
    [
      'six options in an overflow',
      [
        {
          type: 'section',
          text: mrkdwn('x'),
          accessory: {
            type: 'overflow',
            action_id: 'o',
            options: Array.from({ length: 6 }, (_, i) => ({ text: plain('x'), value: `${i}` })),
          },
        },
      ],
      /more than 5 items/,
    ],
    [
      'two tables',
      [1, 2].map(() => ({ type: 'table', rows: [[{ type: 'raw_text', text: 'x' }]] })),
      /at most one table/,
    ],
    [
      'too much text in all',
      Array.from({ length: 4 }, () => section(mrkdwn('x'.repeat(2900)))),
      /11600 characters of text, budget 9500/,
    ],
    [
      'too much JSON in all',
      Array.from({ length: 8 }, (_, i) => ({
        type: 'actions',
        elements: Array.from({ length: 20 }, (_e, j) => button(`${i}:${j}`, { value: 'v'.repeat(40) })),
      })),
      /characters of JSON, budget 15000/,
    ],
    ['white space only', [section(mrkdwn('  '))], /only white space/],
    ['an open code fence', [section(mrkdwn('```\nlog'))], /code fence is not closed/],
    ['an unescaped angle', [section(mrkdwn('p95 <200 ms'))], /unescaped "<": "<200 ms"/],
    ['an unescaped ampersand', [section(mrkdwn('a & b'))], /unescaped "&"/],
    ['a date without fallback', [section(mrkdwn('<!date^1780283520^{time}>'))], /unescaped "<"/],
    ['a mention of everybody', [section(mrkdwn('<!channel> look'))], /mentions everybody: <!channel>/],
  ])('%s', (_name, blocks, reason) => {
    expect(post(blocks).join('\n')).toMatch(reason);
  });

  test.each<[string, object, RegExp]>([
    ['no submit with an input', { ...modal, submit: undefined, blocks: [input] }, /needs `submit`/],
    [
      'a title of 25 characters',
      { ...modal, title: plain('x'.repeat(25)) },
      /more than 24 characters at \/title\/text/,
    ],
    ['markdown in a modal', { ...modal, blocks: [{ type: 'markdown', text: 'x' }] }, /"markdown" may not stand here/],
    ['101 blocks', { ...modal, blocks: many(101) }, /more than 100 items/],
    ['too much private_metadata', { ...modal, private_metadata: 'x'.repeat(3001) }, /more than 3000 characters/],
    ['no such view', { type: 'dialog' }, /not "dialog"/],
  ])('%s', (_name, view, reason) => {
    expect(open(view).join('\n')).toMatch(reason);
  });

  test('a post without text, one too long for an edit, and metadata that is none', () => {
    expect(problemsOf({ method: 'chat.postMessage', args: { channel: 'C1', blocks: [{ type: 'divider' }] } })).toEqual([
      'no `text`: the lock screen would be empty',
    ]);
    expect(problemsOf({ method: 'chat.update', args: { text: 'x'.repeat(4001) } })).toEqual([
      '`text` is longer than 4000 characters',
    ]);
    expect(post([], { metadata: { event_type: 'x' } }).join()).toMatch(
      /metadata: must have required property 'event_payload'/,
    );
  });

  test('judge lists every problem of every call', () => {
    const bad = { method: 'chat.postMessage', args: { text: 'x', blocks: [{ type: 'hero' }] } };
    expect(() => judge([{ method: 'auth.test', args: {} }, bad, bad])).toThrow(
      /call 2, chat.postMessage: a "hero"[\s\S]*call 3, chat.postMessage/,
    );
  });
});
