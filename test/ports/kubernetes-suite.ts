import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actingTests } from './kubernetes-acting.ts';
import { aroundTests } from './kubernetes-around.ts';
import { kindTests } from './kubernetes-kinds.ts';
import { writerTests } from './kubernetes-writers.ts';
import { readingTests } from './kubernetes-reading.ts';
import { wideTests } from './kubernetes-wide.ts';
import type { World } from './world.ts';

/**
 * What every Kubernetes adapter must mean by each method of its port. Run against the simulation and against a real API server, so that
 * the simulation cannot drift. Each test makes its own deployments, so that order does not matter.
 */
export function kubernetesSuite(name: string, makeWorld: () => Promise<World>): void {
  describe(`Kubernetes port: ${name}`, { timeout: 60_000 }, () => {
    let world: World | undefined;
    beforeAll(async () => {
      world = await makeWorld();
    }, 120_000);
    afterAll(async () => {
      await world?.close();
    });
    const get = (): World => {
      if (world === undefined) throw new Error('the world was not made');
      return world;
    };
    test('the platform knows its region', () => {
      expect(get().platform.regions).toContain(get().region);
    });
    readingTests(get);
    actingTests(get);
    aroundTests(get);
    kindTests(get);
    writerTests(get);
    wideTests(get);
  });
}
