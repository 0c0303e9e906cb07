import { describe, expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import type { Story } from '../../../test/core/story.ts';
import { messages, shown, text } from '../../../test/core/thread.ts';
import { offer } from '../../../test/core/things.ts';

/** While changes are frozen nobody is called for what nobody may approve. */

const freeze = (from: string): Parameters<typeof waiting>[0] => ({
  policy: {
    freezes: [{ is: 'between', name: 'year end', regions: [], from, to: '2026-03-02T03:00:00Z' }],
  },
});
const unproven = (story: Story): void => {
  story.offers = [offer({ knownGood: false })];
};
const all = (story: Story): string =>
  messages(story)
    .map((one) => `${one.message.lock}\n${text(one.message)}`)
    .join('\n');

describe('Found during a freeze', () => {
  test('it is said what would be offered, and until when nobody may approve it; nobody is asked to', () => {
    const story = waiting(freeze('2026-03-02T00:00:00Z'), unproven);
    expect(story.proposals).toBe('');
    expect(text(shown(story))).toMatch(
      /I would offer: .*Nobody is asked: changes are frozen in eu-west-1 until .*year end/,
    );
    expect(all(story)).not.toMatch(/waits for 1 of you|Approval wanted|^Approve/m);
    expect(shown(story, 'needs-person').lock).toMatch(
      /Changes are frozen in eu-west-1 until .* \(year end\), so nobody can approve what I would offer: a person is needed/,
    );
  });

  test('when it is over the fix is offered', () => {
    const story = waiting(freeze('2026-03-02T00:00:00Z'), unproven);
    story.runFor(60 * 60_000);
    expect(story.proposals).toMatch(/^p1 open/);
    expect(text(shown(story, 'p1/card'))).toMatch(/waits for 1 of you/);
  });

  test('the way back to what is known to have worked is offered as ever', () => {
    const story = waiting(freeze('2026-03-02T00:00:00Z'));
    expect(text(shown(story, 'p1/card'))).toMatch(/waits for 1 of you/);
  });
});

test('offered before it began: card and summary say that nobody may approve it now, and the click says no more than is true', () => {
  const story = waiting(freeze('2026-03-02T02:20:00Z'), unproven);
  expect(text(shown(story, 'p1/card'))).toMatch(/waits for 1 of you/);
  story.wait(5 * 60_000);
  story.run();
  const shownNow = `${text(shown(story))}\n${text(shown(story, 'p1/card'))}`;
  expect(shownNow).toMatch(/Nobody may approve now: Changes are frozen in eu-west-1 until/);
  expect(shownNow).toMatch(/cannot be approved: changes are frozen in eu-west-1 until/);
  expect(shownNow).not.toMatch(/^Approve|waits for 1 of you/m);
  expect(story.press('sana', 'approve', 'p1')).toMatch(
    /^Not counted: changes are frozen in eu-west-1 until .*\(year end\)\.$/,
  );
});

test('after one of two votes: how many more, after whom, and no more the name of who has voted', () => {
  const story = waiting({}, (one) => {
    one.offers = [offer({ risk: 'high' })];
  });
  expect(text(shown(story))).toMatch(/May approve: 2 of .*now: Sana, Ben/);
  story.press('ben', 'approve', 'p1');
  expect(text(shown(story))).toMatch(/May approve: 1 more, after @ben, of .*\(now: Sana\)/);
});
