import { afterEach, expect, test } from 'vitest';
import type { Attachment, Message } from '../../src/core/message.ts';
import { say } from '../../src/core/words.ts';
import type { StoredFile } from '../../src/sandbox/slack/model.ts';
import type { LocalSlack } from '../../src/sandbox/slack/server.ts';
import { seed } from '../../src/sandbox/slack/seed.ts';
import { closeAll, startBot } from './bot.ts';

/** Files in threads: what does not fit into a message, and what stands beside one. */

afterEach(closeAll);

const channel = seed.channels[0]?.id ?? '';
const to = { channel, threadTs: null };
const mark = { key: 'incident/ab12/p1/card', revision: 1 };
const quick = { bot: { filePauseMs: 20 }, local: { fileShareDelayMs: 30 } };

const lines = [...Array(120).keys()].map((at) => say`line ${at} <b> & ${'z'.repeat(90)}`);
const long: Message = {
  lock: 'model-server is stuck',
  blocks: [
    { is: 'lines', lines: [say`*Cause:* see below`] },
    { is: 'lines', lines },
    { is: 'verbatim', text: '+ image: v2\n- image: v1' },
    {
      is: 'buttons',
      buttons: [
        {
          id: 'a',
          label: 'Approve',
          style: 'primary',
          describe: 'Approve it',
          press: { does: 'approve', thread: 't' },
        },
      ],
    },
  ],
};
const short: Message = { lock: 'short', blocks: [{ is: 'lines', lines: [say`short`] }] };
/** One pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const chart: Attachment = {
  name: 'inc-7-errors-0216.png',
  title: 'Errors of model-server',
  mime: 'image/png',
  content: { base64: PNG },
  altText: 'Errors rise from 0.1 % to 38 % at 02:16 UTC',
};

const filesIn = (local: LocalSlack, ts: string): readonly StoredFile[] =>
  local.replies(channel, ts).flatMap((one) => one.files.flatMap((id) => local.workspace.files.get(id) ?? []));
const called = (local: LocalSlack, method: string): number => local.sent.filter((one) => one.method === method).length;

test('what does not fit is one file with all of it, and the message says where', async () => {
  const { slack, local } = await startBot('socket', quick);
  const root = await slack.chat.post(to, long, mark);
  const thread = local.thread(channel, root.ts);
  expect(thread).toContain('The rest is below, in the thread');
  expect(thread).toContain('[Approve]');
  expect(thread).not.toContain('Continued');
  const [file, ...more] = filesIn(local, root.ts);
  expect(more).toEqual([]);
  expect([file?.name, file?.title]).toEqual(['incident-ab12-p1-card.txt', 'model-server is stuck (all of it)']);
  const text = file?.bytes?.toString() ?? '';
  // As people write it: no entities, no marks; all of it, in order.
  expect(text).toMatch(/^\*?Cause:\*? see below\nline 0 <b> & z/);
  expect(text).toContain('line 119 <b> & z');
  expect(text).toContain('\n+ image: v2\n- image: v1\n');
  expect(local.errors).toEqual([]);
});

test('edits keep the file that is there, also by a process that did not make it', async () => {
  const first = await startBot('socket', quick);
  const { local } = first;
  const root = await first.slack.chat.post(to, long, mark);
  await first.slack.chat.update(root, long, mark);
  const other = await startBot('socket', { bot: { ...quick.bot, apiUrl: local.apiUrl } });
  await other.slack.chat.update(root, long, { ...mark, revision: 2 });
  expect(filesIn(local, root.ts)).toHaveLength(1);
  expect(local.thread(channel, root.ts)).toContain('The rest is below, in the thread');
  const longer = { ...long, blocks: [...long.blocks, { is: 'verbatim', text: 'one more' } as const] };
  await other.slack.chat.update(root, longer, { ...mark, revision: 3 });
  expect(filesIn(local, root.ts)).toHaveLength(1);
  expect(local.thread(channel, root.ts)).toMatch(
    /The rest \(lines: \d+\) is below, in the thread, as it was when that was posted/,
  );
});

test('a message that grows too long gets its file at that edit; one in a thread gets it in that thread', async () => {
  const { slack, local } = await startBot('socket', quick);
  const root = await slack.chat.post(to, short, { ...mark, key: 'incident/ab12' });
  const card = await slack.chat.post({ channel, threadTs: root.ts }, short, mark);
  await slack.chat.update(card, long, { ...mark, revision: 2 });
  expect(filesIn(local, root.ts).map((one) => one.name)).toEqual(['incident-ab12-p1-card.txt']);
  await slack.chat.update(root, long, { key: 'incident/ab12', revision: 2 });
  expect(filesIn(local, root.ts).map((one) => one.name)).toEqual(['incident-ab12-p1-card.txt', 'incident-ab12.txt']);
});

test('a share that Slack loses is sent once more', async () => {
  const { slack, local } = await startBot('socket', quick);
  local.faults.loseShares(1);
  const root = await slack.chat.post(to, long, mark);
  expect(filesIn(local, root.ts)).toHaveLength(1);
  expect(called(local, 'files.completeUploadExternal')).toBe(2);
});

test.each([
  ['no scope for it', 'files.getUploadURLExternal', 'missing_scope'],
  ['not taken', 'files.completeUploadExternal', 'internal_error'],
])('%s: a few posts instead, as before, and it is logged', async (_what, method, error) => {
  const { slack, local, logged } = await startBot('socket', quick);
  local.faults.arm({ kind: 'error', error }, { method, calls: 2 });
  const root = await slack.chat.post(to, long, mark);
  expect(filesIn(local, root.ts)).toEqual([]);
  expect(local.thread(channel, root.ts)).toContain('line 119 ');
  expect(logged.map((one) => one.message)).toContain('A long message could not be put into a file');
  expect(JSON.stringify(logged)).not.toContain('/upload/v1/');
});

test('where files are refused it is not asked at each edit', async () => {
  const { slack, local } = await startBot('socket', quick);
  const root = await slack.chat.post(to, short, mark);
  local.faults.arm({ kind: 'error', error: 'missing_scope' }, { method: 'files.getUploadURLExternal', calls: 9 });
  for (const revision of [2, 3, 4]) await slack.chat.update(root, long, { ...mark, revision });
  expect(called(local, 'files.getUploadURLExternal')).toBe(1);
  expect(local.channelText(channel)).toContain('More than Slack takes: left out');
});

test('a chart beside a message, with words for who cannot see it; once, whatever happens', async () => {
  const { slack, local } = await startBot('socket', quick);
  const withChart: Message = { ...short, files: [chart] };
  const root = await slack.chat.post(to, withChart, mark);
  await slack.chat.update(root, withChart, mark);
  const [file, ...more] = filesIn(local, root.ts);
  expect(more).toEqual([]);
  expect([file?.name, file?.title, file?.mimetype, file?.altText]).toEqual([
    'inc-7-errors-0216.png',
    'Errors of model-server',
    'image/png',
    chart.altText,
  ]);
  expect(file?.bytes?.toString('base64')).toBe(PNG);
  await slack.chat.update(root, { ...short, files: [{ ...chart, name: 'inc-7-errors-0217.png' }] }, mark);
  expect(filesIn(local, root.ts)).toHaveLength(2);
});

test('a file that fails takes nothing from the message', async () => {
  const { slack, local, logged } = await startBot('socket', quick);
  local.faults.arm({ kind: 'http', status: 500 }, { method: 'files.getUploadURLExternal' });
  const root = await slack.chat.post(to, { ...short, files: [chart] }, mark);
  expect(local.thread(channel, root.ts)).toContain('short');
  expect(logged.map((one) => one.message)).toContain('A file could not be shared');
});

test('a whisper has neither', async () => {
  const { slack, local } = await startBot('socket', quick);
  const person = seed.people.find((one) => one.kind === 'person')?.id ?? '';
  await slack.chat.whisper({ ...to, user: person }, { ...long, files: [chart] });
  expect(called(local, 'files.getUploadURLExternal')).toBe(0);
});

test('megabytes of log are a file of one', async () => {
  const { slack, local } = await startBot('socket', quick);
  const log = 'é error ü\u0000\u001b[31m\n'.repeat(200_000);
  const root = await slack.chat.post(to, { lock: 'log', blocks: [{ is: 'verbatim', text: log }] }, mark);
  const [file] = filesIn(local, root.ts);
  expect(file?.bytes?.length).toBeLessThan(1_000_200);
  expect(file?.bytes?.toString()).toMatch(/… and [\d,]+ more bytes\n$/);
  for (const bad of ['\ufffd\n…', '\u0000', '\u001b']) expect(file?.bytes?.toString()).not.toContain(bad);
});
