import { expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import { messages, shown, text } from '../../../test/core/thread.ts';
import { offer } from '../../../test/core/things.ts';
import { plain } from '../words.ts';
import { breakGlassForm } from './glass.ts';

/** One person approved where two are asked for: nobody else slept through it without being called. */

const broken = (): ReturnType<typeof waiting> => {
  const story = waiting({}, (one) => {
    one.offers = [offer({ risk: 'high' })];
  });
  story.press('sana', 'break-glass', 'p1', { reason: 'nobody else is awake' });
  return story;
};

test('the second approvers are called by a post of its own: who, what, where, why', () => {
  const story = broken();
  const call = messages(story).find((one) => one.key === 't/p1/glass');
  expect(call?.placement).toEqual({ is: 'said', under: 't/root' });
  expect(text(shown(story, 'p1/glass'))).toMatch(
    /^@S1 :rotating_light: The glass was broken by @sana, .*: rollback of model-server in eu-west-1, approved without a second person\. Reason: nobody else is awake/,
  );
  expect(shown(story, 'p1/glass').lock).toBe(
    'The glass was broken by Sana: rollback of model-server in eu-west-1, approved without a second person.',
  );
});

test('the summary names it, also when it is over', () => {
  const story = broken();
  expect(text(shown(story))).toMatch(/approved by @sana alone, who broke the glass \(nobody else is awake\)/);
  story.run();
  story.alert('resolved');
  story.runFor(40 * 60_000);
  expect(story.state.closed).not.toBeNull();
  expect(text(shown(story))).toMatch(/glass broken .* by @sana/);
});

test('two approvals call nobody', () => {
  const story = waiting({}, (one) => {
    one.offers = [offer({ risk: 'high' })];
  });
  story.press('ben', 'approve', 'p1');
  story.press('dora', 'approve', 'p1');
  expect(messages(story).map((one) => one.key)).not.toContain('t/p1/glass');
});

test('the form says what, where, and that an undo brings the fault back', () => {
  const story = waiting();
  story.press('sana', 'approve', 'p1');
  story.run();
  story.press('sana', 'undo', 'p1');
  story.run();
  const view = {
    stream: 't',
    incident: story.state,
    rules: story.rules,
    playbooks: [],
    killSwitch: null,
    at: story.at,
  };
  const form = breakGlassForm({ does: 'break-glass', thread: 't', proposal: 'p2' }, view, story.get('p2'));
  expect(plain(form.intro)).toMatch(
    /of model-server in eu-west-1.*Risk high\. It brings back image v2\.4\.1 not found/,
  );
  expect(form.fields[0]).toMatchObject({ required: true, least: 10 });
});
