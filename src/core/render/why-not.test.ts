import { expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import { sees, shown, text } from '../../../test/core/thread.ts';
import { playbooks } from '../../../playbooks/index.ts';
import { clock, say } from '../words.ts';
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
  expect(said).toMatch(/^Why not resume\? \(INC-214, model-server\)$/m);
  expect(said).toMatch(/eu-west-1: I offer it only where I find one of these, and found none of them: [a-z ]+/);
  // No ids of checks.
  expect(said).not.toMatch(/[a-z]-[a-z]+, |`/);
});

test('a remedy by the name of its command', () => {
  const story = waiting({}, (one) => {
    sees(one, (d) => ({ ...d, notOffered: [{ remedy: 'autoscaler-bounds', because: 'no room for more pods' }] }));
  });
  const said = text(whyNotMessage(story.state, 'bounds', playbooks));
  expect(said).toMatch(/^Why not bounds\?/m);
  expect(said).toMatch(/: no room for more pods/);
  expect(text(whyNotMessage(story.state, 'magic', playbooks))).toMatch(/I know no remedy/);
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

test('what was not looked at stands once, and nothing is "seen" where nothing is shown', () => {
  const story = waiting({}, (one) => {
    one.broken.clear();
    one.offers = [];
    sees(one, (d) => ({ ...d, remarks: [{ label: 'Not looked at', words: say`inside of StatefulSets` }] }));
  });
  expect(text(shown(story)).match(/Not looked at/g)).toHaveLength(1);
  expect(text(shown(story))).toMatch(/Not looked at: inside of StatefulSets; whether answers are right/);
  const bad = waiting();
  expect(text(shown(bad, 'evidence/eu-west-1'))).not.toMatch(/Seen for/);
});

test('what somebody changed again cannot be undone any more', () => {
  const story = waiting({ quietMs: 60_000 });
  story.press('sana', 'approve', 'p1');
  story.run();
  story.runFor(30_000);
  expect(text(shown(story))).toMatch(/^Undo /m);
  const words = say`v2.4.0 → v2.4.2 at ${clock(story.at)} by Argo CD`;
  sees(story, (d) => (d.region === 'eu-west-1' ? { ...d, remarks: [{ label: 'Change', words }] } : d));
  story.press('sana', 'again');
  story.run();
  expect(text(shown(story))).not.toMatch(/^Undo /m);
});
