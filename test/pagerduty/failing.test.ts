import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openWorld, page, until, type World } from './world.ts';

/** PagerDuty slow, busy, broken, away: what the bot is told, and how often it asks. */

let world: World;
let count = 0;
const fresh = (): string => `failing-${(count += 1)}`;
const events = (): number => world.pd.requests.filter((one) => one.path === '/v2/enqueue').length;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.pd.stop());
afterEach(() => {
  world.pd.faults.clear();
  world.pd.requests.length = 0;
  world.waits.length = 0;
});

describe('429', () => {
  test('waits as long as it is asked to, and then gets through', async () => {
    world.pd.faults.add('events', { is: 'status', status: 429, retryAfterS: 1 });
    expect(await world.paging.trigger(page({ key: fresh() }))).toEqual({ is: 'accepted' });
    expect(world.waits).toEqual([1_000]);
    expect(events()).toBe(2);
  });

  test('a wait beyond the limit is not begun: not sent, and when to try again', async () => {
    world.pd.faults.add('events', { is: 'status', status: 429, retryAfterS: 30 }, Infinity);
    expect(await world.paging.trigger(page({ key: fresh() }))).toEqual({
      is: 'not sent',
      kind: 'too many requests',
      because: 'PagerDuty asks for fewer requests (429)',
      retryAfterMs: 30_000,
    });
    expect(events()).toBe(1);
  });

  test('without a word on how long: four requests with growing waits, none of them by the library itself', async () => {
    world.pd.faults.add('events', { is: 'status', status: 429, body: '{}' }, Infinity);
    expect(await world.paging.trigger(page({ key: fresh() }))).toMatchObject({ is: 'not sent' });
    expect(world.waits).toEqual([300, 600, 1_200]);
    expect(events()).toBe(4);
  });

  test('REST tells by ratelimit-reset', async () => {
    world.pd.faults.add('rest', { is: 'status', status: 429, resetS: 20 }, Infinity);
    expect(await world.paging.reached(page())).toMatchObject({
      is: 'unknown',
      kind: 'too many requests',
      retryAfterMs: 20_000,
    });
  });

  test('the 121st event of a minute is not taken', async () => {
    const other = await openWorld({}, { limits: { onceMs: 5_000, allMs: 10_000 } });
    try {
      const all = await Promise.all(
        Array.from({ length: 120 }, (_, index) => other.paging.trigger(page({ key: `many-${index}` }))),
      );
      expect(all.every((one) => one.is === 'accepted')).toBe(true);
      expect(await other.paging.trigger(page({ key: 'one more' }))).toMatchObject({
        is: 'not sent',
        kind: 'too many requests',
      });
    } finally {
      await other.pd.stop();
    }
  });
});

describe('an error on their side', () => {
  test('passes: repeated with the same key, so that there is one incident', async () => {
    const key = fresh();
    world.pd.faults.add('events', { is: 'status', status: 500 });
    world.pd.faults.add('events', { is: 'status', status: 503, body: '<html>Bad gateway</html>' });
    expect(await world.paging.trigger(page({ key }))).toEqual({ is: 'accepted' });
    expect(events()).toBe(3);
  });

  test('stays: it may have been taken, so it is unknown', async () => {
    world.pd.faults.add('events', { is: 'status', status: 502, body: 'bad gateway' }, Infinity);
    expect(await world.paging.trigger(page({ key: fresh() }))).toEqual({
      is: 'unknown',
      kind: 'server error',
      because: "an error on PagerDuty's side (502)",
      retryAfterMs: null,
    });
    expect(events()).toBe(4);
  });
});

describe('no answer', () => {
  test('a hang ends with the limit of one request, and the next gets through', async () => {
    world.pd.faults.add('events', { is: 'hang', done: false });
    const from = performance.now();
    expect(await world.paging.trigger(page({ key: fresh() }))).toEqual({ is: 'accepted' });
    expect(performance.now() - from).toBeLessThan(1_000);
  });

  test('accepted and then silent: repeated with the same key, one incident, two triggers', async () => {
    const key = fresh();
    world.pd.faults.add('events', { is: 'hang', done: true });
    expect(await world.paging.trigger(page({ key }))).toEqual({ is: 'accepted' });
    const made = () => world.pd.happenings.incidents.filter((one) => one.alerts.some((alert) => alert.key === key));
    await until(() => made()[0]?.alerts[0]?.count === 2);
    expect(made()).toHaveLength(1);
  });

  test.each([
    [{ is: 'hang', done: true }, 'timeout', 'no answer within the time limit'],
    [{ is: 'half', done: true }, 'timeout', 'no answer within the time limit'],
    [{ is: 'reset', done: true }, 'unreachable', 'the connection broke off (ECONNRESET)'],
  ] as const)(
    '%j all the time: unknown, within the whole limit, and it can be looked up',
    async (fault, kind, because) => {
      const key = fresh();
      world.pd.faults.add('events', fault, Infinity);
      const from = performance.now();
      expect(await world.paging.trigger(page({ key }))).toEqual({ is: 'unknown', kind, because, retryAfterMs: null });
      expect(performance.now() - from).toBeLessThan(2_500);
      await until(() => world.pd.happenings.incidents.some((one) => one.alerts[0]?.key === key));
      expect(await world.paging.incident({ to: 'oncall', key })).toMatchObject({
        is: 'read',
        value: { status: 'triggered' },
      });
    },
  );

  test('nobody listens: surely not sent', async () => {
    const paging = world.with({ eventsUrl: 'https://127.0.0.1:9', apiUrl: 'https://127.0.0.1:9' });
    expect(await paging.trigger(page({ key: fresh() }))).toEqual({
      is: 'not sent',
      kind: 'unreachable',
      because: 'no connection (ECONNREFUSED)',
      retryAfterMs: null,
    });
    expect(await paging.reached(page())).toMatchObject({ is: 'unknown', kind: 'unreachable' });
  });

  test('the caller ends it at once', async () => {
    world.pd.faults.add('events', { is: 'hang', done: false }, Infinity);
    const end = new AbortController();
    setTimeout(() => end.abort(), 50);
    const from = performance.now();
    expect(await world.paging.trigger(page({ key: fresh() }), end.signal)).toMatchObject({
      is: 'unknown',
      kind: 'timeout',
    });
    expect(performance.now() - from).toBeLessThan(250);
    expect(events()).toBeLessThanOrEqual(1);
  });

  test('a hanging REST does not hold up a page', async () => {
    world.pd.faults.add('rest', { is: 'hang', done: false }, Infinity);
    const looking = world.paging.reached(page());
    expect(await world.paging.trigger(page({ key: fresh() }))).toEqual({ is: 'accepted' });
    expect(await looking).toMatchObject({ is: 'unknown', kind: 'timeout' });
  });
});

describe('an answer that is not theirs', () => {
  test("a proxy's page with 200 is no yes", async () => {
    world.pd.faults.add('events', { is: 'web page' });
    expect(await world.paging.trigger(page({ key: fresh() }))).toEqual({
      is: 'unknown',
      kind: 'unreadable',
      because: "an answer that is not PagerDuty's (200)",
      retryAfterMs: null,
    });
  });

  test('a redirect is not followed: the key goes nowhere else', async () => {
    const other = await openWorld();
    try {
      world.pd.faults.add('events', { is: 'redirect', to: `${other.pd.url}/v2/enqueue` });
      expect(await world.paging.trigger(page({ key: fresh() }))).toMatchObject({
        is: 'refused',
        because: 'it answered with a redirect (302), which is not followed',
      });
      world.pd.faults.add('rest', { is: 'redirect', to: `${other.pd.url}/incidents` });
      expect(await world.paging.incident(page())).toMatchObject({ is: 'unknown', kind: 'unreadable' });
      expect(other.pd.requests).toHaveLength(0);
    } finally {
      await other.pd.stop();
    }
  });

  test('JSON of another shape is said with what is missing', async () => {
    world.pd.faults.add('rest', { is: 'status', status: 200, body: '{"incidents":[{"id":"P1"}]}' });
    expect(await world.paging.incident(page())).toEqual({
      is: 'unknown',
      kind: 'unreadable',
      because: 'an answer that I do not understand (incidents.0.incident_number)',
      retryAfterMs: null,
    });
  });
});
