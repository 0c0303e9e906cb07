import { describe, expect, test } from 'vitest';
import { Story, calm, hurt, waiting } from '../../../test/core/story.ts';
import { messages, shown, text } from '../../../test/core/thread.ts';
import { plain } from '../words.ts';

function title(story: Story): string {
  const [first] = shown(story).blocks;
  return first?.is === 'lines' && first.lines[0] !== undefined ? plain(first.lines[0]) : '';
}
function said(story: Story): readonly string[] {
  return messages(story)
    .filter((one) => one.placement.is === 'said')
    .map((one) => text(one.message));
}
function labels(story: Story): readonly string[] {
  return shown(story).blocks.flatMap((one) => (one.is === 'buttons' ? one.buttons.map(({ label }) => label) : []));
}

describe('a bystander stops a P1', () => {
  const story = waiting(undefined, (s) => void (s.users.before = hurt));
  const answer = story.press('noah', 'stop');

  test('he is answered, and the summary says by whom', () => {
    expect(answer).toBe('Stopped: I look no more and offer nothing here. "Go on" in the summary brings it back.');
    expect(title(story)).toMatch(/· P1 · INC-214 · stopped by @noah$/);
    expect(text(shown(story))).toContain('Stopped by @noah, 02:16 UTC: I look no more and offer nothing here.');
  });

  test('who was asked is told by a post', () => {
    expect(said(story)).toEqual([
      '@S1 Stopped by @noah: I look no more and offer nothing here. eu-west-1: model-server: image v2.4.1 not found. Users get errors. The rollback can no longer be approved. "Go on" or `/mlp diagnose model-server eu-west-1` brings it back',
    ]);
  });

  test('and brings it back with one press', () => {
    const once = messages(story).find((one) => one.placement.is === 'said')?.key;
    expect(labels(story)).toEqual(['Go on']);
    story.wait(1_000);
    story.press('sana', 'again');
    story.run();
    expect(story.proposals).toBe('p1 stopped, p2 open');
    expect(title(story)).toMatch(/waiting for approval$/);
    // Stopped once more it is told once more.
    story.press('noah', 'stop');
    const twice = messages(story).find((one) => one.placement.is === 'said')?.key;
    expect([once, twice]).toEqual(['t/stopped/1', 't/stopped/2']);
  });
});

test('whoever is on it is mentioned too', () => {
  const story = waiting(undefined, (s) => void (s.users.before = hurt));
  story.press('ben', 'mine');
  story.press('noah', 'stop');
  expect(said(story)[0]).toMatch(/^@S1 @ben Stopped by @noah: /);
});

test('a guest stops nothing and starts no diagnosis', () => {
  const story = waiting();
  expect(story.press('guest', 'stop')).toBe('guests cannot do this.');
  const fresh = new Story();
  fresh.ask('guest');
  expect(fresh.state.openedAt).toBeNull();
  expect(fresh.told['guest']).toEqual(['Not done: guests cannot do this. What I find may call people: ask a member.']);
  const open = waiting();
  open.runFor(1_000);
  open.ask('guest');
  expect(open.log.at(-1)).not.toContain('round 2');
});

test('who asks could not be looked up: a look harms nothing', () => {
  const story = new Story();
  story.ask('nobody');
  expect(story.state.openedAt).not.toBeNull();
});

describe('stopped while a written change is verified', () => {
  const story = waiting(undefined, (s) => void (s.users = { before: hurt, after: calm }));
  story.press('sana', 'approve', 'p1');
  story.step('act');
  const answer = story.press('noah', 'stop');
  const meanwhile = text(shown(story));
  story.runFor(5 * 60_000);

  test('the presser learns that it is followed to its end', () => {
    expect(answer).toBe(
      'Stopped: nothing more starts here. The rollback in eu-west-1 is under way: I follow it to its end and do not undo it.',
    );
    expect(meanwhile).toContain('Stopped by @noah, 02:16 UTC: this is followed to its end and not undone');
  });

  test('the summary tells what the change did, not what was found before it', () => {
    const root = text(shown(story));
    expect(story.proposals).toBe('p1 verified');
    expect(root).toMatch(
      /Done: rollback in eu-west-1, 02:16 UTC, approved by @sana\. It was verified 02:1\d UTC: 9 of 12/,
    );
    expect(root).toMatch(/^Users: no effect seen/m);
    expect(root).not.toMatch(/^Cause/m);
    expect(root).not.toContain('Checked');
    expect(labels(story)).toEqual(['Go on', 'Undo']);
  });
});

test('taking over tells who is replaced, and leaves a line', () => {
  const story = waiting();
  story.press('sana', 'mine');
  expect(said(story)).toEqual([]);
  expect(story.press('sana', 'mine')).toBe('You are on it already.');
  story.press('ben', 'mine');
  expect(said(story)).toEqual(['@ben took it over from @sana']);
  expect(JSON.stringify(messages(story))).toContain('{"is":"mention","id":"sana"}');
});
