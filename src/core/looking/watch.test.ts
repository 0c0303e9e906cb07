import { describe, expect, test } from 'vitest';
import { plain } from '../words.ts';
import { afterLook, BEGINNING } from './watch-look.ts';
import type { Sight, Watched } from './watch-look.ts';
import { betterWords, endWords, listWords, startedWords, Watches } from './watch.ts';
import type { Watch } from './watch.ts';

/** When a watch speaks, and in which words: silence is never taken for health. */

const limits = { errorRatio: 0.01, latencySeconds: 0.5, minRequests: 100 };
const sight = (over: Partial<Sight> = {}): Sight => ({
  wanted: 12,
  ready: 12,
  mayMiss: 0,
  restarts: 0,
  bad: {},
  stuck: null,
  impact: { level: 'none', errorRatio: 0, latencySeconds: 0.1, limits: null },
  ...over,
});
const crashing = (pods: number): Sight => sight({ ready: 12 - pods, bad: { CrashLoopBackOff: pods } });
const dark = { known: false, why: 'timeout: no answer within 8 s' } as const;

/** One look a minute. */
function looked(all: readonly (Sight | typeof dark)[], from: Watched = BEGINNING): Watched {
  return all.reduce<Watched>(
    (state, one, index) =>
      afterLook(state, 'known' in one ? one : { known: true, value: one }, `2026-03-03T09:0${index}:00.000Z`),
    from,
  );
}
const watch = (regions: Watch['regions']): Watch => ({
  id: 'w',
  by: 'U1',
  channel: 'C1',
  thread: null,
  namespace: 'ml-platform',
  name: 'model-server',
  from: '2026-03-03T09:00:00.000Z',
  until: '2026-03-03T09:30:00.000Z',
  nextAt: '2026-03-03T09:01:00.000Z',
  blindMs: 0,
  regions,
});
const started = (regions: Watch['regions']): string => startedWords(watch(regions), 60_000, []).map(plain).join('\n');

describe('what is bad when the watch begins', () => {
  test('is said first, with what is wrong, and is no news afterwards', () => {
    const first = looked([crashing(3)]);
    expect(started({ 'eu-west-1': first, 'us-east-1': looked([sight()]) })).toBe(
      [
        'eu-west-1: it is bad already: 3 pods CrashLoopBackOff; 9 of 12 ready. `/mlp diagnose model-server eu-west-1` says why',
        'Now: us-east-1 12 of 12 ready.',
        'I watch model-server in eu-west-1 and us-east-1 until 09:30 UTC, every 60 s. I speak when it goes wrong, in eu-west-1 when it gets worse or is well again, and at the end. `/mlp watch off` ends it.',
      ].join('\n'),
    );
    expect(looked([crashing(3), crashing(3), crashing(2)]).wrong).toBeNull();
  });

  test('too few ready is bad at the first look: nobody knows for how long', () => {
    expect(looked([sight({ ready: 9 })]).already?.why).toBe('9 of 12 pods ready');
    expect(looked([sight({ ready: 9, mayMiss: 3 })]).already).toBeNull();
  });

  test.each([
    ['more pods', crashing(5), '5 pods not well, then 3'],
    [
      'users hurt',
      { ...crashing(3), impact: { level: 'hurt', errorRatio: 0.07, latencySeconds: 0.1, limits } } satisfies Sight,
      'errors 7 %, then 0 %',
    ],
    [
      'a rollout that failed',
      { ...crashing(3), stuck: 'ProgressDeadlineExceeded' },
      'the rollout failed: ProgressDeadlineExceeded',
    ],
  ])('worse by %s is said against what it was', (_what, later, why) => {
    expect(looked([crashing(3), later]).wrong?.why).toBe(
      `worse than when the watch began (3 pods CrashLoopBackOff): ${why}`,
    );
  });

  test('well again is said once it was twice in a row; what then goes wrong is news as ever', () => {
    const once = looked([crashing(3), sight()]);
    expect(once.better).toBeNull();
    const twice = looked([crashing(3), sight(), sight()]);
    expect(plain(betterWords(watch({ 'eu-west-1': twice }), 'eu-west-1'))).toBe(
      'model-server in eu-west-1 is well again since 09:02 UTC: 12 of 12 ready, twice in a row. It was bad when @U1 asked me to watch it (3 pods CrashLoopBackOff). I go on watching until 09:30 UTC.',
    );
    expect(looked([crashing(1)], twice).wrong?.why).toBe('1 pod CrashLoopBackOff');
  });
});

describe('what cannot be seen', () => {
  test('is said at the start; bad at the first sight later is told', () => {
    expect(started({ 'eu-west-1': looked([dark]) })).toMatch(
      /^eu-west-1: I cannot see it now, so I do not know how it is: timeout: no answer within 8 s\. I go on trying\nI watch/,
    );
    expect(looked([dark, crashing(2)]).wrong?.why).toBe('bad when I first could see it: 2 pods CrashLoopBackOff');
    expect(looked([dark, sight(), crashing(2)]).wrong?.why).toBe('2 pods CrashLoopBackOff');
  });

  test('three times in a row is wrong', () => {
    expect(looked([sight(), dark, dark]).wrong).toBeNull();
    expect(looked([sight(), dark, dark, dark]).wrong?.why).toMatch(/^I could not look 3 times in a row: timeout/);
  });
});

describe('the end', () => {
  const end = (regions: Watch['regions']): string => plain(endWords(watch(regions), 'time'));
  test.each([
    [
      'nothing wrong',
      { eu: looked([sight(), sight(), dark]) },
      'The watch is over (30 min): model-server, asked by @U1. Nothing went wrong: 3 looks, 1 without an answer. At the last look: eu not seen.',
    ],
    [
      'all answered',
      { eu: looked([sight(), sight()]), us: looked([sight()]) },
      'The watch is over (30 min): model-server, asked by @U1. Nothing went wrong: 3 looks, all answered. At the last look: eu 12 of 12 ready, us 12 of 12 ready.',
    ],
    [
      'one of two regions dark for a look',
      { eu: looked([sight(), dark]), us: looked([sight(), sight()]) },
      'The watch is over (30 min): model-server, asked by @U1. Nothing went wrong: 4 looks, 1 without an answer (1 of 2 in eu). At the last look: eu not seen, us 12 of 12 ready.',
    ],
    [
      'bad from the start',
      { eu: looked([crashing(3), crashing(3)]) },
      'The watch is over (30 min): model-server, asked by @U1. In eu it was bad from the start and got neither worse nor well: 3 pods CrashLoopBackOff. 2 looks, all answered. At the last look: eu 9 of 12 ready.',
    ],
    [
      'well again',
      { eu: looked([crashing(3), sight(), sight()]) },
      'The watch is over (30 min): model-server, asked by @U1. In eu it was bad at the start (3 pods CrashLoopBackOff), and well again at 09:02 UTC. 3 looks, all answered. At the last look: eu 12 of 12 ready.',
    ],
    [
      'it went wrong',
      { eu: looked([sight(), crashing(1)]) },
      'The watch is over (30 min): model-server, asked by @U1. It went wrong in eu at 09:01 UTC: 1 pod CrashLoopBackOff. 2 looks, all answered. At the last look: eu 11 of 12 ready.',
    ],
    [
      'never seen',
      { eu: looked([dark, dark]) },
      'The watch is over (30 min): model-server, asked by @U1. eu was never seen: of it I know nothing. 2 looks, 2 without an answer. At the last look: eu not seen.',
    ],
  ])('%s', (_what, regions, words) => {
    expect(end(regions)).toBe(words);
  });

  test('the list says what is bad and what is not seen', () => {
    const list = listWords([watch({ eu: looked([crashing(3)]), us: looked([sight(), dark]) })]).map(plain);
    expect(list[0]).toMatch(/bad from the start in eu; not seen at the last look in us$/);
  });
});

test('a watch that an older version stored goes on', () => {
  const old = { restarts: 0, misses: 0, low: 0, looks: 3, missed: 0, wrong: null, last: '12 of 12 ready' };
  const read = Watches.parse({ v: 1, all: [{ ...watch({}), regions: { eu: old } }] });
  expect(looked([crashing(1)], read.all[0]?.regions['eu']).wrong?.why).toBe('1 pod CrashLoopBackOff');
});
