import { expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import { messages, sees, shown, text } from '../../../test/core/thread.ts';
import { offer } from '../../../test/core/things.ts';
import { clock, code, say } from '../words.ts';
import { firstSentence } from './closed.ts';

/** What the record of an incident says of its changes, whatever came of them. */

test('a second cause that was mended: both are said, what is left to do is that of the one that was gone back from', () => {
  const story = waiting({ quietMs: 60_000 }, (one) =>
    sees(one, (d) => {
      const [finding] = d.findings;
      if (finding === undefined) return d;
      const isImage = finding.short.startsWith('image');
      return {
        ...d,
        findings: [{ ...finding, check: finding.short, found: say`found: ${finding.short}` }],
        advice: [{ fix: say`${isImage ? 'push the image' : 'raise the quota'}`, steps: [] }],
        offers: [
          offer({
            knownGood: false,
            remedy: isImage ? 'rollback' : 'resume',
            says: say`${isImage ? 'roll back to v2.4.0' : 'resume the rollout'}`,
          }),
        ],
      };
    }),
  );
  story.faults.set('eu-west-1', 'quota exceeded');
  story.press('sana', 'not-now', 'p1');
  story.press('sana', 'again');
  story.run();
  story.press('sana', 'approve', 'p2');
  story.run();
  story.faults.delete('eu-west-1');
  story.broken.add('eu-west-1');
  story.press('sana', 'again');
  story.run();
  story.press('sana', 'approve', 'p3');
  story.run();
  story.alert('resolved');
  story.runFor(20 * 60_000);
  const root = text(shown(story));
  expect(root).toMatch(/Was: found: quota exceeded\nThen: found: image v2\.4\.1 not found/);
  expect(root).toMatch(/Left to do: push the image/);
  expect(root).not.toMatch(/raise the quota/);
  expect(root).toMatch(
    /resumed the rollout 02:\d\d UTC · fixed 02:\d\d UTC · .*rolled back to v2\.4\.0 02:\d\d UTC · fixed/,
  );
});

test('a change that was written and never verified is not "by itself or by hand"', () => {
  const story = waiting({ quietMs: 60_000 }, (one) => (one.verdict = 'no'));
  story.press('sana', 'approve', 'p1');
  story.run();
  story.alert('resolved');
  story.runFor(20 * 60_000);
  const root = text(shown(story));
  expect(root).toMatch(/rolled back to v2\.4\.0, not verified, over since/);
  expect(root).toMatch(
    /approved 02:\d\d UTC by @sana · changed 02:\d\d UTC · not verified 02:\d\d UTC · over 02:\d\d UTC ·/,
  );
  expect(root).not.toMatch(/by hand/);
  expect(messages(story).find((one) => one.key === 't/root')?.message.lock).toMatch(
    /rolled back to v2\.4\.0, not verified/,
  );
});

test('the first sentence keeps what is code as code', () => {
  expect(firstSentence(say`restore the secret ${code('x-y')} now. Then wait`)).toEqual(
    say`restore the secret ${code('x-y')} now`,
  );
});

test('what was verified is of before a new release', () => {
  const story = waiting({ quietMs: 20 * 60_000 });
  story.press('sana', 'approve', 'p1');
  story.run();
  story.runFor(2 * 60_000);
  expect(text(shown(story))).toMatch(/rolled back to v2\.4\.0 · fixed, waiting/);
  const words = say`v2.4.0 → v2.4.2 at ${clock(story.at)} by Argo CD`;
  sees(story, (d) => (d.region === 'eu-west-1' ? { ...d, remarks: [{ label: 'Change', words }] } : d));
  story.press('sana', 'again');
  story.run();
  const root = text(shown(story));
  expect(root).toMatch(/rolled back to v2\.4\.0 · changed again since, watching/);
  expect(root).toMatch(/Changed again: v2\.4\.0 → v2\.4\.2 .* by Argo CD\. What I verified is of before that/);
});
