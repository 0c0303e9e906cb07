import { describe, expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import type { Story } from '../../../test/core/story.ts';
import { sees, shown, text } from '../../../test/core/thread.ts';
import { calm, hurt } from '../../../test/core/things.ts';
import { hurtFinding } from '../builtin.ts';
import { clock, say } from '../words.ts';
import { timelineMessage } from './help.ts';

/** What a closed incident says it was. */

const advice = [{ fix: say`push the image to this region. Pods retry by themselves`, steps: ['docker push <IMAGE>'] }];

/** Fixed by the bot, and closed. */
function closed(change?: (story: Story) => void): Story {
  const story = waiting({ quietMs: 60_000 }, change);
  story.users.before = calm;
  story.press('sana', 'approve', 'p1');
  story.run();
  story.alert('resolved');
  story.runFor(20 * 60_000);
  return story;
}

describe('the closed record', () => {
  test('says the worst that users had, when and of how many, and that it is over', () => {
    const root = text(shown(closed((story) => (story.users = { before: hurt, after: calm }))));
    expect(root).toMatch(
      /Users: got errors at worst: errors 5\.0 % \(limit 1\.0 %\), p95 148 ms \(limit 200 ms\), 8,000 requests in 5 min, 02:16 UTC\. Fewest pods: 9 of 12 pods ready \(75 %\), 02:16 UTC, at the end 12 of 12\. Over: errors 0\.02 %/,
    );
    const fine = text(shown(closed()));
    expect(fine).toMatch(/Users: no effect seen in any look\. At worst: errors 0\.02 %/);
  });

  test('says when it began, was noticed, approved, changed, fixed and closed', () => {
    expect(text(shown(closed()))).toMatch(
      /Times: began 02:10 UTC · noticed 02:16 UTC · approved 02:16 UTC by @sana · changed 02:16 UTC · fixed 02:1\d UTC · closed 02:\d\d UTC/,
    );
    expect(text(shown(closed()))).toMatch(/ · fixed in \d+ min \(02:10 UTC–02:1\d UTC\)/);
  });

  test('what only bought time is never called fixed', () => {
    const story = closed((one) =>
      sees(one, (d) => ({ ...d, offers: d.offers.map((it) => ({ ...it, buys: '12 to 16 h until the limit again' })) })),
    );
    const root = text(shown(story));
    expect(root).toMatch(/Times: .* · bought time 02:1\d UTC · closed/);
    expect(root).not.toMatch(/\bfixed\b/);
    expect(story.state.closed?.how).toBe('over after a change that only bought time');
  });

  test('repaired by hand: over after so long, and nothing is left to do', () => {
    const story = waiting({ quietMs: 60_000 }, (one) =>
      sees(one, (d) => (d.findings.length > 0 ? { ...d, advice } : d)),
    );
    story.broken.clear();
    story.alert('resolved');
    story.runFor(20 * 60_000);
    const root = text(shown(story));
    expect(root).toMatch(/over by itself or by hand · INC-214 · over after \d+ min \(02:10 UTC–02:\d\d UTC\)/);
    expect(root).toMatch(
      /Times: began 02:10 UTC · noticed 02:16 UTC · over 02:\d\d UTC, by hand or by itself · closed/,
    );
    expect(root).not.toMatch(/Left to do/);
  });

  test('fires again days later: the record is that of the new trouble', () => {
    const story = closed((one) => (one.users = { before: hurt, after: calm }));
    story.wait(3 * 24 * 60 * 60_000);
    story.broken.add('eu-west-1');
    story.alert('firing', { startsAt: story.at });
    story.run();
    story.broken.clear();
    story.alert('resolved', { startsAt: story.at });
    story.runFor(20 * 60_000);
    const root = text(shown(story));
    expect(root).toMatch(/^:white_check_mark: .*over by itself or by hand/);
    expect(root).toMatch(/Users: no effect seen in any look/);
    expect(root).not.toMatch(/got errors|rolled back|approved/);
  });

  test('gone back: what is left to do is that region’s own', () => {
    const story = closed((one) => {
      one.broken = new Set(['eu-west-1', 'us-east-1']);
      sees(one, (d) =>
        d.findings.length === 0
          ? d
          : { ...d, advice: d.region === 'us-east-1' ? advice : [{ fix: say`something elsewhere`, steps: [] }] },
      );
    });
    story.broken.clear();
    story.runFor(20 * 60_000);
    expect(text(shown(story))).toMatch(/Left to do: push the image to this region\n/);
    expect(text(shown(story))).not.toMatch(/something elsewhere/);
  });

  test('keeps the first firm cause, not what was found last', () => {
    const story = waiting({ quietMs: 60_000 });
    sees(story, (d) =>
      d.findings.length === 0 ? d : { ...d, findings: [hurtFinding(hurt, 'nothing changed')], impact: hurt },
    );
    story.runFor(3 * 60_000);
    expect(text(shown(story))).toMatch(/Cause: not known/);
    story.broken.clear();
    story.alert('resolved');
    story.runFor(20 * 60_000);
    expect(text(shown(story))).toMatch(/Was: the registry has no image/);
  });

  test('no cause was ever found: no button calls it right, a person may say it', () => {
    const story = waiting({ quietMs: 60_000 }, (one) =>
      sees(one, (d) =>
        d.findings.length === 0
          ? d
          : {
              ...d,
              findings: [hurtFinding(hurt, 'a release came before')],
              impact: hurt,
              remarks: [{ label: 'Release', words: say`v1 → v2 at ${clock('2026-03-02T02:00:00.000Z')} by Argo CD` }],
            },
      ),
    );
    story.broken.clear();
    story.alert('resolved');
    story.runFor(20 * 60_000);
    const root = text(shown(story));
    expect(root).toMatch(/Was: users get errors after a release; a cause was never found/);
    expect(root).toMatch(/Change: v1 → v2 at 02:00 UTC by Argo CD\. The suspect, not proven/);
    expect(root).toMatch(/^Say the cause /m);
    expect(root).not.toMatch(/Right cause/);
  });
});

describe('what people say of the cause', () => {
  test('a wrong cause is kept with what it was, shown on the timeline and in the record', () => {
    const story = closed();
    expect(story.press('ben', 'wrong-cause', undefined, { reason: 'a quota in another account' })).toMatch(/Thank you/);
    expect(text(timelineMessage(story.state))).toMatch(
      /@ben: the cause named here was not it\. It was: a quota in another account/,
    );
    expect(text(shown(story))).toMatch(/Wrong cause, says @ben: a quota in another account/);
    expect(story.press('ben', 'wrong-cause', undefined, { reason: '' })).toBe('');
    expect(story.state.judged).toEqual([{ who: 'ben', right: false, said: 'a quota in another account' }]);
    story.press('ben', 'right-cause');
    expect(story.state.judged).toEqual([{ who: 'ben', right: true }]);
  });
});
