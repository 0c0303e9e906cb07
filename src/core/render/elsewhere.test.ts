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
