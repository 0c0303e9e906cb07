import { expect, test } from 'vitest';
import { Story } from '../../../test/core/story.ts';
import { sees, shown, text } from '../../../test/core/thread.ts';
import { hurt } from '../../../test/core/things.ts';
import { hurtFinding } from '../builtin.ts';

/** A thread that only points at other incidents. */

test('each region has its own find and its own incident; nothing is promised of what that one offers', () => {
  const story = new Story();
  story.broken = new Set(['eu-west-1', 'us-east-1']);
  story.others.set('eu-west-1', 14).set('us-east-1', 15);
  sees(story, (d) => (d.region === 'us-east-1' ? { ...d, findings: [hurtFinding(hurt, 'nothing changed')] } : d));
  story.askAll();
  story.run();
  const root = text(shown(story));
  expect(root).toMatch(
    /^:link: model-server · .*handled in INC-14, INC-15|^:link: model-server · .*handled in INC-15, INC-14/,
  );
  expect(root).toMatch(/eu-west-1: users: .* · found: the registry has no image · INC-14/);
  expect(root).toMatch(/us-east-1: users: .* · I found no cause in this look · INC-15/);
  expect(root).toMatch(/Cause, fix and approvals: in INC-1[45], INC-1[45]\. Nothing is to be approved here/);
  expect(root).not.toMatch(/it is offered|Cause: not known|Other regions/);
  expect(shown(story).lock).toMatch(/Handled in INC-1[45], INC-1[45]\.$/);
  expect(shown(story).lock).not.toMatch(/Elsewhere/);
});

const slow = (story: Story): void =>
  sees(story, (d) =>
    d.region === 'eu-west-1' && d.findings.length > 0
      ? { ...d, impact: hurt, findings: [hurtFinding(hurt, 'nothing changed')] }
      : d,
  );

test('users are hurt, and the incident that answers for it knows why: nobody is told that the cause is not known', () => {
  const story = new Story();
  story.others.set('eu-west-1', 14);
  story.calls.set(14, 'model-server: image v2.4.1 not found');
  slow(story);
  story.askAll();
  story.run();
  const root = text(shown(story));
  expect(root).toMatch(
    /^:link: model-server: users get errors, image v2\.4\.1 not found · eu-west-1 · handled in INC-14/,
  );
  expect(root).toMatch(/eu-west-1: users: .* · cause, as found there: image v2\.4\.1 not found · INC-14/);
  expect(shown(story).lock).toMatch(/model-server users get errors, image v2\.4\.1 not found\. Handled in INC-14/);
  expect(root + shown(story).lock).not.toMatch(/cause not known|no cause/);
});

test('asked about another region: the line about this one says the cause that its own incident names', () => {
  const story = new Story();
  story.broken = new Set(['eu-west-1', 'us-east-1']);
  story.others.set('eu-west-1', 14);
  story.calls.set(14, 'model-server: GPU memory full');
  slow(story);
  story.alert('firing', { region: 'us-east-1' });
  story.state = { ...story.state, subject: { ...story.state.subject, focus: 'us-east-1' } };
  story.run();
  expect(text(shown(story))).toMatch(/Other regions: eu-west-1: users get errors, GPU memory full \(INC-14\)/);
});

test('that one has no cause either: it is not known', () => {
  const story = new Story();
  story.others.set('eu-west-1', 14);
  story.calls.set(14, 'model-server: users get errors, cause not known');
  slow(story);
  story.askAll();
  story.run();
  expect(text(shown(story))).toMatch(/I found no cause in this look · INC-14/);
});
