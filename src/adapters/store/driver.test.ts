import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Driver } from './driver.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function driving(retries: boolean, drive: (stream: string, times: number) => Promise<void>) {
  const started: string[] = [];
  const errors: string[] = [];
  const options = { concurrency: 2, retries, shortestMs: 100, longestMs: 300 };
  const driver = new Driver(
    async (stream) => {
      started.push(stream);
      await drive(stream, started.filter((one) => one === stream).length);
    },
    { ...options, onError: (error, stream) => errors.push(`${stream}: ${error.message}`) },
  );
  return { driver, started, errors };
}
const failing = async (): Promise<void> => {
  throw new Error('no');
};
const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('a driver', () => {
  it('drives once more for any number of wakes during a drive', async () => {
    const gate = Promise.withResolvers<void>();
    const { driver, started } = driving(true, () => gate.promise);
    driver.want('a');
    for (let index = 0; index < 5; index += 1) driver.want('a');
    await settled();
    expect(started).toEqual(['a']);
    gate.resolve();
    await settled();
    expect(started).toEqual(['a', 'a']);
  });

  it('lets a stream that waits for itself not hold up the others', async () => {
    const gate = Promise.withResolvers<void>();
    const { driver, started } = driving(true, (stream) => (stream === 'a' ? gate.promise : Promise.resolve()));
    driver.want('a');
    driver.want('a');
    driver.want('b');
    await settled();
    expect(started).toEqual(['a', 'b']);
  });

  it('backs off after failures, up to a limit, and forgets them after a success', async () => {
    const { driver, started, errors } = driving(true, (_, times) => (times === 5 ? Promise.resolve() : failing()));
    driver.want('a');
    await settled();
    driver.want('a');
    await vi.advanceTimersByTimeAsync(99);
    expect(started).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(started).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(200);
    expect(started).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(300);
    expect(started).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(300);
    expect(started).toHaveLength(5);
    expect(errors).toHaveLength(4);
    driver.want('a');
    await settled();
    expect(started).toHaveLength(6);
  });

  it('leaves the next attempt to whoever asked for a run, and keeps the back-off for the rest', async () => {
    const { driver, started } = driving(false, failing);
    await expect(driver.run('a')).rejects.toThrow('no');
    await vi.advanceTimersByTimeAsync(1000);
    expect(started).toHaveLength(1);
    await expect(driver.run('a')).rejects.toThrow('no');
    driver.want('a');
    await settled();
    expect(started).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(300);
    expect(started).toHaveLength(3);
  });

  it('settles a run with the drive that began after it was asked for', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { driver, started } = driving(false, (_, times) => gates[times - 1]!.promise);
    driver.want('a');
    let done = false;
    const run = driver.run('a').then(() => {
      done = true;
    });
    gates[0]!.resolve();
    await settled();
    expect([started.length, done]).toEqual([2, false]);
    gates[1]!.resolve();
    await run;
    expect(done).toBe(true);
  });

  it('starts nothing after it was stopped, and lets those who wait go', async () => {
    const { driver, started } = driving(true, () => new Promise(() => {}));
    driver.want('a');
    const waiting = driver.run('a');
    driver.stop();
    await waiting;
    driver.want('b');
    await vi.advanceTimersByTimeAsync(1000);
    expect(started).toEqual(['a']);
  });
});
