import { describe, expect, test } from 'vitest';
import { Story } from '../../../test/core/story.ts';
import { shown, text } from '../../../test/core/thread.ts';
import { whole } from '../../../test/core/things.ts';
import { stateOf, titleOf } from '../render/thread.ts';

/** Several changes that are asked for in one thread: its summary never shows one of them over the button of another. */

function askedFor(...titles: readonly string[]): Story {
  const story = new Story();
  story.broken.clear();
  story.users = { before: whole, after: whole };
  for (const title of titles) {
    story.change('ben', title);
    story.run();
  }
  return story;
}

const SET = 'set BATCH_SIZE of model-server to 4';
const RESTART = 'restart model-server';
const SCALE = 'scale model-server to 14';
const ROLLBACK = 'rollback model-server to revision 2';

describe('two changes wait', () => {
  test.each([
    [SET, RESTART],
    [SCALE, ROLLBACK],
  ])('%s, then %s: title, body, button and lock are of the first; the second is named as another', (first, second) => {
    const story = askedFor(first, second);
    expect(story.proposals).toBe('p1 open, p2 open');
    const root = shown(story);
    const [title, ...rest] = text(root).split('\n');
    expect(title).toContain(`${first} · eu-west-1 · INC-214 · asked by @ben · waiting for approval`);
    expect(title).not.toContain(second);
    expect(rest.join('\n')).toContain(`Change: ${first}.`);
    expect(rest.join('\n')).toContain(`Also asked for: ${second}, by @ben, shown below`);
    expect(text(root).match(/^Approve .*$/gm)).toEqual([expect.stringMatching(`^Approve ${first.split(' ')[0]} `)]);
    expect(root.lock.toLowerCase()).toContain(first.toLowerCase());
    expect(titleOf(story.state)).toBe(first);
    expect(stateOf(story.state, story.rules)).toBe('waiting for approval');
  });

  test('the first is verified: the words are its own, and nothing can be approved over them', () => {
    const story = askedFor(SCALE, ROLLBACK);
    story.press('sana', 'approve', 'p1');
    story.step('act');
    expect(story.proposals).toBe('p1 watching, p2 open');
    const said = text(shown(story));
    expect(said.split('\n')[0]).toMatch(/^:hourglass_flowing_sand: scale model-server to 14 · .* · verifying$/);
    expect(said).not.toContain('Approve');
    expect(said).toContain(`Also asked for: ${ROLLBACK}, by @ben, shown below`);
    expect(text(shown(story, 'p2/card'))).toContain('Approve rollback');

    story.run();
    expect(story.proposals).toBe('p1 verified, p2 open');
    const next = text(shown(story));
    expect(next.split('\n')[0]).toMatch(/^:large_orange_circle: rollback .* · waiting for approval$/);
    expect(next).toContain('Approve rollback');
    expect(next).not.toContain('Also asked for');
  });

  test('the second is approved first: it is what the summary speaks of while it is under way', () => {
    const story = askedFor(SCALE, ROLLBACK);
    story.press('sana', 'approve', 'p2');
    story.step('act');
    expect(story.proposals).toBe('p1 open, p2 watching');
    const said = text(shown(story));
    expect(said.split('\n')[0]).toMatch(/^:hourglass_flowing_sand: rollback .* · verifying$/);
    expect(said).not.toContain('Approve');
  });
});

test('the undo of the older change is asked for under the older change’s name', () => {
  const story = askedFor(SCALE);
  story.press('sana', 'approve', 'p1');
  story.run();
  story.change('ben', ROLLBACK);
  story.run();
  story.press('sana', 'not-now', 'p2');
  story.press('sana', 'undo', 'p1');
  story.run();
  expect(story.proposals).toMatch(/^p1 verified, p2 .*, p3 open$/);
  expect(text(shown(story)).split('\n')[0]).toMatch(/scale model-server to 14 .* · undo asked/);
});

test('the newest is refused: the one that waits keeps its name', () => {
  const story = askedFor(SCALE);
  story.refuses = 'there is no revision 2';
  story.change('ben', ROLLBACK);
  story.run();
  expect(text(shown(story)).split('\n')[0]).toContain(`${SCALE} · eu-west-1`);
});
