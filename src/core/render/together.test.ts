import { expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import type { Story } from '../../../test/core/story.ts';
import { offer } from '../../../test/core/things.ts';
import { messages } from '../../../test/core/thread.ts';
import type { Desired } from '../message.ts';
import { say } from '../words.ts';

/** Two fixes of one look: people are called once, for the one that fits best, whichever was prepared first. */

const two = (change?: (story: Story) => void): Story =>
  waiting({}, (one) => {
    one.offers = [
      offer({ remedy: 'set-cpu', label: 'set CPU', says: say`set cpu limit from 1 to 2`, plan: { cpu: 2 } }),
      offer(),
    ];
    change?.(one);
  });
const cards = (story: Story): readonly Desired[] => messages(story).filter((one) => one.key.endsWith('/card'));
const calls = ({ message }: Desired): number => JSON.stringify(message).split('"is":"group"').length - 1;

test('the second waits for the same people, and does not call them again', () => {
  const all = cards(two());
  expect(all.map((one) => [one.key, calls(one)])).toEqual([
    ['t/p1/card', 1],
    ['t/p2/card', 0],
  ]);
  expect(JSON.stringify(all[1]?.message)).toMatch(/waits for 1 of @ml-oncall or @ml-approvers/);
});

test('the better one is prepared later: no card before it is there, and it is the one that calls', () => {
  const story = two((one) => {
    const inOrder = one.perform.bind(one);
    // The rollback is ready first.
    one.perform = (effect) => {
      const rollback = one.due().find((each) => each.is === 'prepare' && each.offer.remedy === 'rollback');
      if (effect.is !== 'prepare' || rollback === undefined) return inOrder(effect);
      inOrder(rollback);
      expect(one.proposals).toBe('p1 open');
      expect(cards(one)).toEqual([]);
    };
  });
  expect(story.get('p1').offer.remedy).toBe('rollback');
  expect(cards(story).map((one) => [one.key, calls(one)])).toEqual([
    ['t/p2/card', 1],
    ['t/p1/card', 0],
  ]);
});

test('what is offered anew later calls again', () => {
  const story = two();
  story.press('sana', 'deny', 'p1', { reason: 'no' });
  story.wait(5 * 60_000);
  story.press('sana', 'again');
  story.run();
  const fresh = cards(story).find((one) => one.key === 't/p3/card');
  expect(fresh === undefined ? null : calls(fresh)).toBe(1);
});

test('both expire: said once, for both', () => {
  const story = two();
  story.runFor(story.rules.timing.approvalMs + 1_000);
  const said = messages(story).filter((one) => one.key.endsWith('/expired'));
  expect(said.map((one) => one.message.lock)).toEqual([
    expect.stringMatching(/^Nobody decided on the set CPU or rollback of model-server in eu-west-1: they expired\./),
  ]);
});
