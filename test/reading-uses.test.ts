import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { playbooks } from '../playbooks/index.ts';
import { readingUses } from '../src/cli/reading-uses.ts';
import type { Opened } from '../src/core/contract.ts';
import { tierOf, methodRights } from '../src/core/method-rights.ts';
import type { Read } from '../src/core/ports/platform.ts';
import { faults } from '../src/sandbox/platform/faults/catalogue.ts';
import { look } from './playbooks/replay.ts';
import { broken, region, simulated, target } from './playbooks/simulated.ts';
import type { Simulated } from './playbooks/simulated.ts';

/**
 * What the catalogue says that each reading asks is what it asked in the sandbox, over all of its faults.
 * `MLP_RECORD=1 npx vitest run test/reading-uses.test.ts` writes it anew; then `npm run catalogue -- --write`.
 */
/** Each of these makes some reading ask what it does not ask otherwise; the others add nothing. `MLP_ALL=1`: all the same. */
const TELLING = new Set([
  'image-missing',
  'exec-format',
  'cuda-oom-neighbour',
  'cuda-oom-sequence',
  'cpu-throttled',
  'slow-disk',
  'noisy-neighbour',
]);
const file = join(import.meta.dirname, '../src/cli/reading-uses.ts');
let world: Simulated;
beforeAll(async () => {
  world = await simulated();
});
afterAll(() => world.running.close());

/** Everything that is asked through it is noted under this reading. */
function noting(read: Read, note: (use: string) => void): Read {
  const wrap = <S extends object>(system: 'kubernetes' | 'metrics', inner: S): S =>
    new Proxy(inner, {
      get: (from, name) => {
        const method = Reflect.get(from, name) as unknown;
        if (typeof method !== 'function') return method;
        return (...given: readonly unknown[]): unknown => {
          const [first] = given;
          const ask = typeof first === 'object' && first !== null && 'ask' in first ? String(first.ask) : null;
          note(system === 'metrics' ? `metrics: ${ask ?? String(name)}` : String(name));
          return (method as (...all: readonly unknown[]) => unknown).apply(from, [...given]);
        };
      },
    });
  return { ...read, kubernetes: wrap('kubernetes', read.kubernetes), metrics: wrap('metrics', read.metrics) };
}

async function recorded(): Promise<Record<string, Record<string, string[]>>> {
  const uses: Record<string, Map<string, Set<string>>> = {};
  for (const fault of faults.filter((one) => process.env['MLP_ALL'] === '1' || TELLING.has(one.id))) {
    broken(world, fault.id);
    await Promise.all(
      playbooks.map(async (playbook) => {
        const own = (uses[playbook.id] ??= new Map<string, Set<string>>());
        const name = playbook.id === 'change-node' ? { namespace: '', name: 'gpu-1' } : target;
        const opened: Opened = playbook.open({ region, ...name });
        const read = world.platform.read(region, AbortSignal.timeout(20_000));
        const noted = opened.look.map((one) => ({
          ...one,
          read: (given: Read, seen: Parameters<typeof one.read>[1]) =>
            one.read(
              noting(given, (use) => {
                const of = own.get(one.id) ?? new Set<string>();
                own.set(one.id, of.add(use));
              }),
              seen,
            ),
        }));
        await look({ ...opened, look: noted }, read);
      }),
    );
  }
  return Object.fromEntries(
    Object.entries(uses).map(([id, all]) => [
      id,
      Object.fromEntries([...all].toSorted(byName).map(([reading, of]) => [reading, [...of].toSorted(inOrder)])),
    ]),
  );
}
const inOrder = (a: string, b: string): number => a.localeCompare(b, 'en');
const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => inOrder(a, b);

test('each reading asks what the catalogue says, and nothing else', { timeout: 180_000 }, async () => {
  const found = await recorded();
  const isRecording = process.env['MLP_RECORD'] === '1';
  if (isRecording) writeFileSync(file, written(found));
  expect(found).toEqual(isRecording ? found : readingUses);
});

function written(found: Awaited<ReturnType<typeof recorded>>): string {
  return `/**
 * What each reading of each playbook asks: methods of the cluster's port, measures of Prometheus. Written by
 * \`MLP_RECORD=1 npx vitest run test/reading-uses.test.ts\`. Do not edit.
 */
export const readingUses: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = ${JSON.stringify(found, null, 2)};
`;
}

test('each right that a question takes is granted by a manifest of deploy/', () => {
  const lacking = Object.entries(methodRights).flatMap(([method, rights]) =>
    rights
      .filter((right) => tierOf(right, method as keyof typeof methodRights) === null)
      .map((right) => `${method}: ${right}`),
  );
  expect(lacking).toEqual([]);
});
