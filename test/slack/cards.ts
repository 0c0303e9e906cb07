import { expect } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Message } from '../../src/core/message.ts';
import type { MessageRef } from '../../src/core/ports/store.ts';
import { ago, code, say, user } from '../../src/core/words.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import type { Bot } from './bot.ts';

const { platform } = ids.channels;
const { sana } = ids.users;
export const modes = ['socket', 'http'] as const;
export const said = (words: string): Message => ({ lock: words, blocks: [{ is: 'lines', lines: [say`${words}`] }] });
const card: Message = {
  lock: 'Approval wanted',
  blocks: [
    { is: 'lines', lines: [say`*Rollback* of model-server`] },
    {
      is: 'buttons',
      buttons: [
        {
          id: 'approve',
          label: 'Approve',
          style: 'primary',
          describe: 'Approve the rollback',
          press: { does: 'approve', thread: 'incident/1', proposal: 'p1', digest: 'abc' },
        },
      ],
    },
  ],
};
export async function posted({ slack, local }: Bot, threadTs: string | null = null): Promise<MessageRef> {
  const ref = await slack.chat.post({ channel: platform, threadTs }, card, { key: 'incident/1', revision: 1 });
  await local.until(() => local.messages(platform).find((it) => it.ts === ref.ts), 'the card');
  return ref;
}

export const incident: Message = {
  lock: 'eu-west-1: rollout stuck. Users not affected.',
  blocks: [
    {
      is: 'lines',
      lines: [
        say`:large_orange_circle: *model-server rollout stuck · eu-west-1* · asked by ${user(sana)}`,
        say`*Cause:* no image ${code('v2.4.1')} <!channel> since ${ago('2026-08-01T02:16:00Z')}`,
      ],
    },
    { is: 'verbatim', text: 'Failed to pull `image` <b>' },
    { is: 'rule' },
    {
      is: 'buttons',
      buttons: [
        {
          id: 'a',
          label: 'Approve rollback',
          style: 'primary',
          describe: 'Approve',
          press: { does: 'approve', thread: 't' },
        },
      ],
    },
    { is: 'note', words: say`_Checked_` },
  ],
};

export async function failure(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}
