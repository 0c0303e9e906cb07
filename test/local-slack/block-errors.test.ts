import type { WebClient } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import type { LocalSlack, LocalSlackOptions } from '../../src/sandbox/slack/server.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { clientOf, plain, refusal, section, start } from './bots.ts';

const { platform } = ids.channels;

let slack: LocalSlack;

async function begin(options: LocalSlackOptions = {}): Promise<WebClient> {
  slack = await start(options);
  return clientOf(slack);
}

describe('block errors, in Slack’s words', () => {
  const actions = (...elements: object[]) => ({ type: 'actions', elements });
  const button = (action_id: string) => ({ type: 'button', action_id, text: plain('Go') });

  test.each<[string, object[], readonly string[]]>([
    [
      'a long section',
      [section('x'.repeat(3001))],
      [
        'failed to match all allowed schemas [json-pointer:/blocks/0/text]',
        'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
      ],
    ],
    [
      '51 blocks',
      Array.from({ length: 51 }, () => ({ type: 'divider' })),
      ['no more than 50 items allowed [json-pointer:/blocks]'],
    ],
    [
      'no label',
      [actions({ type: 'button', action_id: 'a' })],
      [
        'failed to match all allowed schemas [json-pointer:/blocks/0/elements/0]',
        'missing required field: text [json-pointer:/blocks/0/elements/0]',
      ],
    ],
    ['an unknown block', [{ type: 'hero' }], ['unsupported type: hero [json-pointer:/blocks/0/type]']],
    ['an alert', [{ type: 'alert', text: plain('x') }], ['unsupported type: alert [json-pointer:/blocks/0/type]']],
    ['an empty section', [{ type: 'section' }], ['must define either `text` or `fields` [json-pointer:/blocks/0]']],
    [
      'an unknown property',
      [{ type: 'divider', colour: 'red' }],
      ['invalid additional property: colour [json-pointer:/blocks/0]'],
    ],
    [
      'an action_id twice',
      [{ type: 'divider' }, actions(button('ack'), button('ack'))],
      ['`action_id` "ack" already exists [json-pointer:/blocks/1/elements/1/action_id]'],
    ],
    [
      'a wrong file id',
      [{ type: 'image', alt_text: 'x', slack_file: { id: 'x1' } }],
      ['input must match regex pattern: ^[F][A-Z0-9]{8,}$ [json-pointer:/blocks/0/slack_file/id]'],
    ],
  ])('%s', async (_name, blocks, expected) => {
    const client = await begin();
    const { error, messages, data } = await refusal(
      client.apiCall('chat.postMessage', { channel: platform, text: 'x', blocks }),
    );
    expect(error).toBe('invalid_blocks');
    expect(data['errors']).toEqual(expected);
    expect(messages).toEqual(expected.map((one) => `[ERROR] ${one}`));
    expect(slack.errors).toHaveLength(1);
  });

  test('the undocumented budget of all blocks together', async () => {
    const client = await begin();
    const blocks = (count: number, chars: number) => Array.from({ length: count }, () => section('x'.repeat(chars)));
    // Reported as accepted (9,597 characters, 50 blocks) and as rejected (11,341 characters, 45 blocks).
    expect((await client.chat.postMessage({ channel: platform, text: 'x', blocks: blocks(50, 192) })).ok).toBe(true);
    expect(
      (await refusal(client.chat.postMessage({ channel: platform, text: 'x', blocks: blocks(45, 252) }))).error,
    ).toBe('msg_blocks_too_long');
  });

  test('metadata that is none', async () => {
    const client = await begin();
    const nested = { event_type: 'x', event_payload: { a: { b: { c: 1 } } } };
    expect(
      (await refusal(client.apiCall('chat.postMessage', { channel: platform, text: 'x', metadata: nested }))).error,
    ).toBe('invalid_metadata_format');
    expect(
      (
        await refusal(
          client.apiCall('chat.postMessage', { channel: platform, text: 'x', metadata: { event_type: 'x' } }),
        )
      ).error,
    ).toBe('invalid_metadata_schema');
  });
});
