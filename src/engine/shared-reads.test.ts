import { expect, test } from 'vitest';
import { Failure } from '../core/failure.ts';
import type { Platform } from '../core/ports/platform.ts';
import { SharedReads } from './shared-reads.ts';

function sharing(): { readonly shared: SharedReads; readonly calls: string[]; now: number; fails: boolean } {
  const made = { calls: [] as string[], now: 1_000_000, fails: false };
  const kubernetes = {
    nodes: async () => {
      made.calls.push('nodes');
      if (made.fails) throw new Failure('timeout', 'no answer');
      return [];
    },
  };
  const platform = { regions: [], read: () => ({ kubernetes, metrics: {} }) } as unknown as Platform;
  const shared = new SharedReads(platform, { now: () => made.now, wait: async () => undefined });
  return Object.assign(made, { shared });
}

test('equal questions within five seconds are asked once, and every reader learns how old the answer is', async () => {
  const made = sharing();
  const first = made.now;
  const readers = Array.from({ length: 20 }, () => made.shared.reader('eu-west-1'));
  await Promise.all(readers.map((one) => one.read.kubernetes.nodes()));
  made.now += 4_000;
  const late = made.shared.reader('eu-west-1');
  await late.read.kubernetes.nodes();
  expect(made.calls).toHaveLength(1);
  expect(late.oldest()).toBe(first);
  await made.shared.reader('us-east-1').read.kubernetes.nodes();
  expect(made.calls).toHaveLength(2);
  made.now += 1_000;
  await late.read.kubernetes.nodes();
  expect(made.calls).toHaveLength(3);
});

test('a failure is not shared with who asks later', async () => {
  const made = sharing();
  made.fails = true;
  const { read } = made.shared.reader('eu-west-1');
  await expect(Promise.all([read.kubernetes.nodes(), read.kubernetes.nodes()])).rejects.toThrow('no answer');
  made.fails = false;
  await expect(read.kubernetes.nodes()).resolves.toEqual([]);
  expect(made.calls).toHaveLength(2);
});

test('an answer of a later moment than now is of before the clock was set back: asked anew', async () => {
  const made = sharing();
  await made.shared.reader('eu-west-1').read.kubernetes.nodes();
  made.now -= 120_000;
  await made.shared.reader('eu-west-1').read.kubernetes.nodes();
  expect(made.calls).toHaveLength(2);
});
