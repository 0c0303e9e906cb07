import { expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import { sees, shown, text } from '../../../test/core/thread.ts';
import { playbooks } from '../../../playbooks/index.ts';
import { whyNotMessage } from './help.ts';

/** Why a remedy is not offered, and how a proposal ended, in words for people. */

test('every region that it is about is answered, also the one where nothing was said of the remedy', () => {
  const story = waiting({}, (one) => {
    one.broken = new Set(['eu-west-1', 'us-east-1']);
    sees(one, (d) =>
      d.region === 'us-east-1' ? { ...d, notOffered: [{ remedy: 'resume', because: 'it is not paused' }] } : d,
    );
  });
  const said = text(whyNotMessage(story.state, 'resume', playbooks));
  expect(said).toMatch(/us-east-1: it is not paused/);
  expect(said).toMatch(/eu-west-1: it is offered only when one of these is found: .*None was/);
});

test('denied without a reason is not denied twice; what would change is past once it was decided', () => {
  const story = waiting();
  expect(text(shown(story, 'p1/card'))).toMatch(/^What would change$/m);
  story.press('sana', 'deny', 'p1', { reason: '' });
  expect(text(shown(story))).toMatch(/The last proposal was denied by @sana$/m);
  expect(text(shown(story, 'p1/card'))).toMatch(/: denied by @sana, 02:16 UTC$/m);
  expect(text(shown(story, 'p1/card'))).toMatch(/What would have changed/);
});

test('what is out of date is called that', () => {
  const story = waiting();
  story.now = {
    fits: { is: 'no', because: 'its pod template was changed since' },
    state: 'template B',
    digest: 'other',
  };
  story.press('sana', 'approve', 'p1');
  const card = text(shown(story, 'p1/card'));
  expect(card).toMatch(/: out of date, 02:16 UTC\./);
  expect(card).not.toMatch(/superseded/);
});
