import { simulatedPlatform } from '../../src/adapters/simulated/client.ts';
import type { Playbook, Proposed } from '../../src/core/contract.ts';
import type { RegionDiagnosis } from '../../src/core/diagnose.ts';
import type { Platform } from '../../src/core/ports/platform.ts';
import { inject } from '../../src/sandbox/platform/control.ts';
import { startPlatform } from '../../src/sandbox/platform/server.ts';
import type { RunningPlatform } from '../../src/sandbox/platform/server.ts';
import { look, replay } from './replay.ts';

export const region = 'eu-west-1';
export const target = { namespace: 'ml-platform', name: 'model-server' };
const limit = (): AbortSignal => AbortSignal.timeout(10_000);
let fences = 0;

/** The sandbox's platform behind its own protocol, with its clock in hand. */
export interface Simulated {
  readonly running: RunningPlatform;
  readonly platform: Platform;
}

export async function simulated(): Promise<Simulated> {
  const running = await startPlatform({
    port: 0,
    clock: { nowMs: () => Date.parse('2026-03-14T02:42:00Z') },
    seed: 'playbooks',
  });
  return { running, platform: simulatedPlatform({ url: running.url, regions: running.platform.regions }) };
}

export function broken(world: Simulated, fault: string): void {
  world.running.platform.reset();
  inject(world.running.platform, fault, region);
}

export async function diagnose(world: Simulated, playbook: Playbook, name = target.name): Promise<RegionDiagnosis> {
  const of = { region, namespace: target.namespace, name };
  const at = new Date(world.running.platform.now()).toISOString();
  const readings = await look(playbook.open(of), world.platform.read(region, limit()));
  return replay(playbook, { about: '', target: of, at, readings });
}

/** As the engine would: opened from the stored plan. */
export function opened(playbook: Playbook, offer: RegionDiagnosis['offers'][number]): Proposed {
  const of = { region, ...target };
  const remedy = playbook.open(of).remedies.find((one) => one.id === offer.remedy);
  if (remedy === undefined) throw new Error(`there is no remedy ${offer.remedy}`);
  return remedy.open(offer.plan);
}

/** `rateWindowMs`: judged as where rates are taken over so long; the simulation's own are of the moment. */
export function observe(world: Simulated, proposed: Proposed, rateWindowMs = 0): Promise<unknown> {
  const read = world.platform.read(region, limit());
  const metrics = { ...read.metrics, rateWindowMs: () => Promise.resolve(rateWindowMs) };
  return proposed.observe({ ...read, metrics });
}

export async function execute(world: Simulated, proposed: Proposed): Promise<void> {
  fences += 1;
  const notAfter = new Date(Date.now() + 60_000).toISOString();
  const attempt = { fence: `try-${fences}`, notAfter };
  await proposed.execute(world.platform.act(proposed.kind, region, proposed.target, attempt, limit()));
}

export function rehearse(world: Simulated, proposed: Proposed, now: unknown): ReturnType<Proposed['rehearse']> {
  return proposed.rehearse(world.platform.rehearse(proposed.kind, region, proposed.target, limit()), now);
}
