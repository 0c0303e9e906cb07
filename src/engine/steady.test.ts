import { describe, expect, test } from 'vitest';
import { steady } from './steady.ts';

function wallAt(start: number): { at: number; now: () => number; wait: () => Promise<void> } {
  const wall = { at: start, now: () => wall.at, wait: () => Promise.resolve() };
  return wall;
}

describe('A clock that never goes back', () => {
  test('is the wall clock as long as that goes on, also in steps', () => {
    const wall = wallAt(1_000);
    const clock = steady(wall);
    wall.at = 61_000;
    expect(clock.now()).toBe(61_000);
    wall.at = 3_661_000;
    expect(clock.now()).toBe(3_661_000);
  });

  test.each([120_000, 3_600_000])('set back by %i ms it goes on from where it was, and the wall catches up', (back) => {
    const wall = wallAt(10_000_000);
    const clock = steady(wall);
    clock.now();
    wall.at -= back;
    expect(clock.now()).toBe(10_000_000);
    wall.at += 10_000;
    expect(clock.now()).toBe(10_009_000);
    let before = clock.now();
    for (let step = 0; step < 10 * (back / 60_000); step++) {
      wall.at += 60_000;
      const now = clock.now();
      expect(now).toBeGreaterThan(before);
      before = now;
    }
    expect(clock.now()).toBe(wall.at);
  });

  test('is not before what is stored already', () => {
    const wall = wallAt(1_000);
    const clock = steady(wall);
    clock.atLeast(5_000);
    expect(clock.now()).toBe(5_000);
    clock.atLeast(3_000);
    expect(clock.now()).toBe(5_000);
  });
});
