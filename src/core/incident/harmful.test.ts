import { describe, expect, test } from 'vitest';
import { Story, waiting } from '../../../test/core/story.ts';
import { sees } from '../../../test/core/thread.ts';
import { refusedNames, refuses, refusesUndo } from '../refusing.ts';

/** While ready pods cannot be replaced, nothing that may end one is done: no fix, and no way back. */

const secret = { remedies: ['restart', 'rollback'], endsPods: true, because: [] } as const;

describe('what a cause refuses', () => {
  test('remedies by name, and whatever may end a ready pod', () => {
    expect(refuses(secret, { remedy: 'restart' })).toBe(true);
    expect(refuses(secret, { remedy: 'set-env', endsPods: true })).toBe(true);
    expect(refuses(secret, { remedy: 'autoscaler-bounds' })).toBe(false);
    expect(refusedNames(secret)).toBe('restart, rollback, and whatever else may end a ready pod');
    const { endsPods: _none, ...idle } = secret;
    expect(refusedNames(idle)).toBe('restart, rollback');
  });

  test('of a way back only what would lose pods: that more of it does not help says nothing against less of it', () => {
    expect(refusesUndo(secret, { remedy: 'rollback' })).toBe(true);
    expect(refusesUndo(secret, { remedy: 'autoscaler-bounds', endsPods: true })).toBe(true);
    expect(refusesUndo({ remedies: ['scale'], because: [] }, { remedy: 'scale', endsPods: true })).toBe(false);
  });
});

describe('a way back', () => {
  const found = (story: Story): void => {
    sees(story, (seen) => ({ ...seen, findings: seen.findings.map((one) => ({ ...one, refuse: secret })) }));
  };
  const written = (): Story => {
    const story = waiting();
    story.cures = false;
    story.press('sana', 'approve', 'p1');
    story.run();
    return story;
  };

  test('is not proposed while it would end pods that nothing can replace; the thread says why', () => {
    const story = written();
    found(story);
    story.press('sana', 'again');
    story.run();
    story.press('ben', 'undo', 'p1');
    story.run();
    expect(story.state.proposals.filter((one) => one.undoOf !== null)).toEqual([]);
    expect(story.state.timeline.at(-1)?.what).toBe(
      'The rollback in eu-west-1 cannot be taken back: image v2.4.1 not found: it would make things worse',
    );
  });

  test('that is shown already cannot be approved any more, nor is it written', () => {
    const story = written();
    story.press('ben', 'undo', 'p1');
    story.run();
    const { id } = story.state.proposals.at(-1) ?? { id: '' };
    expect(story.get(id)).toMatchObject({ stage: 'open', undoOf: 'p1' });
    story.press('carla', 'approve', id);
    found(story);
    story.press('sana', 'again');
    story.run();
    expect(story.press('dora', 'approve', id)).toBe('Not now: image v2.4.1 not found: it would make things worse.');
    expect(story.get(id).stage).toBe('open');
  });
});
