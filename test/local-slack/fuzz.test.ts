import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { methods } from '../../src/sandbox/slack/api.ts';
import { ids, seed } from '../../src/sandbox/slack/seed.ts';
import { start } from './bots.ts';

const names = Object.keys(methods);
const value = fc.oneof(
  fc.constantFrom(ids.channels.platform, ids.users.sana, '1700000000.000100', 'true', '[]', '{}', '0', '-1'),
  fc.json({ maxDepth: 4 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const blocks = fc.array(
  fc.record(
    {
      type: fc.constantFrom(
        'section',
        'actions',
        'context',
        'input',
        'image',
        'table',
        'rich_text',
        'card',
        'container',
        'hero',
      ),
      text: fc.oneof(fc.record({ type: fc.constantFrom('mrkdwn', 'plain_text'), text: fc.string() }), fc.anything()),
      elements: fc.anything(),
      accessory: fc.anything(),
      block_id: fc.anything(),
    },
    { requiredKeys: ['type'] },
  ),
  { maxLength: 4 },
);

test('whatever is sent gets an answer in Slack’s terms, never an internal error', async () => {
  const slack = await start({ limitScale: Infinity });
  await slack.as(ids.users.sana).say('hello', { channel: ids.channels.platform });
  const call = async (method: string, args: Record<string, string>): Promise<void> => {
    const response = await fetch(slack.apiUrl + method, {
      method: 'POST',
      headers: { authorization: `Bearer ${seed.app.botToken}` },
      body: new URLSearchParams(args),
    });
    const body = (await response.json()) as { ok: unknown; error?: string };
    expect(response.status).toBe(200);
    expect(typeof body.ok).toBe('boolean');
    // What was accepted can also be read and shown.
    if (body.ok === true) slack.channelText(ids.channels.platform, ids.users.sana);
  };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.array(value, { minLength: 8, maxLength: 8 }),
      blocks,
      async (method, values, some) => {
        const args: Record<string, string> = {};
        for (const [i, name] of Object.keys(methods[method]?.args ?? {}).entries())
          args[name] = values[i % values.length] ?? '';
        await call(method, args);
        await call('chat.postMessage', { channel: ids.channels.platform, text: 'x', blocks: JSON.stringify(some) });
      },
    ),
    { numRuns: 150 },
  );
  slack.snapshot(ids.users.sana);
});
