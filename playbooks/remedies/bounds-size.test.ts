import { describe, expect, test } from 'vitest';
import { chosen, wishOf } from './bounds-size.ts';

const cpu = (current: string, target = '70%') => ({ name: 'cpu', current, target });
const exactly = (pods: number) => ({ min: pods, max: pods });

describe("the autoscaler's own arithmetic", () => {
  test.each([
    ['92% of request', '70%', 3, 4],
    ['95% of request', '70%', 6, 9],
    ['140% of request', '70%', 6, 12],
    // Within a tenth of its aim it leaves the number as it is.
    ['76% of request', '70%', 6, 6],
    ['35% of request', '70%', 6, 3],
    ['7500m on average', '5 on average', 4, 6],
    ['12', '4', 2, 6],
  ])('%s of an aim of %s, %i pods: %i', (current, target, pods, wants) => {
    expect(wishOf({ metrics: [cpu(current, target)] }, pods)?.pods).toBe(wants);
  });

  test('of several metrics the largest, as far as they can be read', () => {
    const queue = { name: 's0-queue', current: '9 on average', target: '3 on average' };
    expect(wishOf({ metrics: [cpu('95% of request'), queue] }, 4)).toEqual({
      pods: 12,
      by: '4 pods × 9 s0-queue ÷ its aim of 3',
    });
    expect(wishOf({ metrics: [cpu('95% of request'), { ...queue, current: 'unknown' }] }, 6)?.pods).toBe(9);
    expect(wishOf({ metrics: [cpu('unknown')] }, 6)).toBeNull();
    expect(wishOf(null, 6)).toBeNull();
  });
});

describe('how far its bounds are moved', () => {
  const wish = (current: string, pods: number) => wishOf({ metrics: [cpu(current)] }, pods);

  test('at its maximum: what it wants, and one to spare', () => {
    const { to, why, by } = chosen({ min: 2, max: 12 }, 12, wish('210% of request', 12), 100);
    expect(to).toEqual({ min: 2, max: 37 });
    expect(why).toBe('its own arithmetic wants 36, and 1 to spare');
    expect(by).toBe('12 pods × 210 % cpu ÷ its aim of 70 %');
    // Half more would have been far too many.
    expect(chosen(exactly(20), 20, wish('78% of request', 20), 100).to.max).toBe(24);
  });

  test('no further than there is room, which is said', () => {
    const { to, why } = chosen(exactly(6), 6, wish('140% of request', 6), 2);
    expect(to.max).toBe(8);
    expect(why).toBe('its own arithmetic wants 12, but there is room for 2 more now');
    // All that it wants, but none to spare.
    const just = chosen(exactly(6), 6, wish('95% of request', 6), 3);
    expect([just.to.max, just.why]).toEqual([9, 'its own arithmetic wants 9']);
  });

  test('without a reading it is half more, by rule of thumb', () => {
    const { to, why, by } = chosen(exactly(6), 6, null, 100);
    expect([to, why, by]).toEqual([
      { min: 6, max: 9 },
      'half more by rule of thumb, as what it goes by could not be read',
      undefined,
    ]);
  });

  test('where it would start none by itself, a higher maximum would do nothing: the minimum goes up', () => {
    const idle = wish('50% of request', 12);
    expect(chosen(exactly(12), 12, idle, 100).to).toEqual(exactly(18));
    expect(chosen({ min: 4, max: 24 }, 12, idle, 4)).toMatchObject({
      to: { min: 16, max: 24 },
      why: 'half more by rule of thumb, as it would start none by itself, but there is room for 4 more now',
    });
    expect(chosen({ min: 4, max: 14 }, 12, idle, 100).to).toEqual({ min: 14, max: 14 });
  });
});
