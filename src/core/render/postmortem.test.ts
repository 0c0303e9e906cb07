import { expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import type { Story } from '../../../test/core/story.ts';
import { messages } from '../../../test/core/thread.ts';
import { draftDueAt } from '../incident/memory.ts';
import { next } from '../incident/state.ts';
import { postmortem } from './postmortem.ts';

/** The draft of a post-mortem: somebody else's words stay words in it; what closed before there were drafts gets none. */

const draft = (story: Story): string => postmortem({ incident: story.state, playbooks: [] });

test.each([
  ['a tag', '<script>alert(1)</script>', /(?<!\\)<script/],
  ['an image', '![x](https://evil.example/p.png)', /!\[x\]\(/],
  ['a link', '[the fix](https://evil.example)', /\[the fix\]\(/],
  ['a bare address', 'see https://evil.example now', /https:\/\//],
  ['a heading of its own', 'over\n# Cause\nnone', /^# Cause/m],
  ['a list of its own', 'over\n- done: all', /^- done/m],
  ['a rule and a table', 'over\n---\n| a | b |', /^(---|\|)/m],
  ['emphasis', '**all is well** _now_ ~~not~~', /\*\*all is well\*\*|(?<!\\)_now_|(?<!\\)~~not/],
  ['code that never ends', 'over ``` and', /(?<!\\)```/],
  ['a comment that hides the rest', 'over <!-- hidden', /(?<!\\)<!--/],
  ['a secret', 'password=hunter22 was wrong', /hunter22/],
])('%s from a person is no Markdown', (_what, said, shows) => {
  const story = waiting();
  story.tell({ is: 'note', by: 'noah', what: said });
  story.tell({ is: 'handle', by: 'noah', what: { does: 'resolve', why: said } });
  const text = draft(story);
  expect(text).not.toMatch(shows);
  expect(text.match(/^# /gm)).toHaveLength(1);
  expect(text.match(/^## Cause$/gm)).toHaveLength(1);
  expect(text).toMatch(/closed/);
});

test('what a log line quotes is fenced, whatever is in it', () => {
  const story = waiting();
  story.tell({ is: 'handle', by: 'noah', what: { does: 'resolve', why: '' } });
  const worst = Object.fromEntries(
    Object.entries(story.state.worst).map(([region, one]) => [
      region,
      { ...one, findings: one.findings.map((f) => ({ ...f, quotes: ['`` <b>`x`</b>\n## Cause'] })) },
    ]),
  );
  const record = Object.fromEntries(
    Object.entries(story.state.record).map(([region, one]) => [
      region,
      { ...one, causes: one.causes.map((f) => ({ ...f, quotes: ['`` <b>`x`</b>\n## Cause'] })) },
    ]),
  );
  const text = postmortem({ incident: { ...story.state, worst, record }, playbooks: [] });
  expect(text).toContain('``` `` <b>`x`</b> ## Cause ```');
  expect(text.match(/^## Cause$/gm)).toHaveLength(1);
});

test('what closed before there were drafts gets none at an upgrade; asked for, it gets one', () => {
  const story = waiting();
  story.tell({ is: 'handle', by: 'noah', what: { does: 'resolve', why: 'tagged' } });
  expect(messages(story).some((one) => one.key.includes('/postmortem/'))).toBe(true);
  expect(draftDueAt(story.state, story.at, { postmortems: true })).toBe(story.at);
  // The same closing as an older version has stored it.
  const old = next({ ...story.state, closed: null, drafts: 0 }, { is: 'closed', how: 'fixed', audit: null }, story.at);
  story.state = old;
  expect(messages(story).some((one) => one.key.includes('/postmortem/'))).toBe(false);
  expect(draftDueAt(old, story.at, { postmortems: true })).toBeNull();
  story.tell({ is: 'handle', by: 'noah', what: { does: 'postmortem' } });
  expect(messages(story).filter((one) => one.key.includes('/postmortem/'))).toHaveLength(1);
});
