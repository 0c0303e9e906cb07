import { expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import { sees, shown, text } from '../../../test/core/thread.ts';
import { calm, hurt, offer } from '../../../test/core/things.ts';
import { hurtFinding } from '../builtin.ts';
import { say } from '../words.ts';

/** What the summary says while a change is followed. */

test('what was found before the change is past; users are those observed last, and say what they still hold of before', () => {
  const story = waiting({}, (one) => {
    one.users = { before: hurt, after: { ...hurt, errorRatio: 0.04 } };
    sees(one, (d) => (d.findings.length === 0 ? d : { ...d, advice: [{ fix: say`push the image`, steps: [] }] }));
  });
  story.verdict = 'not yet';
  story.press('sana', 'approve', 'p1');
  story.step('act/');
  for (let round = 0; round < 2; round++) story.step('observe/');
  const root = text(shown(story));
  expect(root).toMatch(
    /Users: get errors: errors 4\.0 % .*, 02:16 UTC\. The 5 min of these numbers begin before the change: they are those of after it from 02:21 UTC on/,
  );
  expect(root).toMatch(/Cause, as found 02:16 UTC, before the change: the registry has no image/);
  expect(root).toMatch(/Now: rollback written .*, approved by @sana\. Verifying: 9 of 12/);
  expect(root).toMatch(/Seen last 02:16 UTC, after the change/);
  expect(root).not.toMatch(/Do:|Fix|push the image|Checked/);
});

test('where to look is advice beside a fix, not a fix', () => {
  const story = waiting({}, (one) => {
    one.offers = [offer({ risk: 'medium' })];
    one.users = { before: hurt, after: calm };
    sees(one, (d) =>
      d.findings.length === 0
        ? d
        : {
            ...d,
            findings: [hurtFinding(hurt, 'a release came before')],
            advice: [{ fix: say`see in the logs what fails`, steps: [] }],
          },
    );
  });
  const root = text(shown(story));
  expect(root).toMatch(/Advice: see in the logs what fails/);
  expect(root).toMatch(/^Fix: roll back to v2\.4\.0/m);
});

test('watching says why nobody is called', () => {
  const story = waiting({}, (one) => {
    one.offers = [];
    sees(one, (d) => ({ ...d, findings: d.findings.map((f) => ({ ...f, passing: true as const })) }));
  });
  expect(text(shown(story))).toMatch(/· watching\n[^]*Now: it is being overcome by itself\. I go on looking/);
  story.broken.clear();
  story.press('sana', 'again');
  story.run();
  expect(text(shown(story))).toMatch(
    /Found before: the registry has no image\nNow: not found any more, 02:16 UTC\. Not over yet: KubeDeploymentRolloutStuck still firing/,
  );
});
