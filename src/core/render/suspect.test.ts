import { expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import { sees, shown, text } from '../../../test/core/thread.ts';
import { hurt } from '../../../test/core/things.ts';
import { hurtFinding } from '../builtin.ts';

test('when users began to be hurt is told as between two looks, not as the moment of a look', () => {
  const story = waiting({}, (one) => (one.offers = []));
  story.wait(3 * 60_000);
  sees(story, (d) =>
    d.findings.length === 0 ? d : { ...d, findings: [hurtFinding(hurt, 'nothing changed')], impact: hurt },
  );
  story.press('sana', 'again');
  story.run();
  expect(text(shown(story))).toMatch(
    /Since: errors began between my looks of 02:16 UTC \(within the limit\) and 02:19 UTC \(over it\)/,
  );
});
