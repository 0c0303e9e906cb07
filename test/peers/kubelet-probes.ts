import { setTimeout as sleep } from 'node:timers/promises';
import { probeOutput, type Behaviour, type ProbeKind } from './kubelet-faults.ts';
import type { Container, Probe } from './kube-types.ts';

/** How a container ended. */
export interface Ended {
  readonly code: number;
  readonly reason: string;
  readonly message?: string;
}

export interface ProbedContainer {
  readonly container: Container;
  readonly podIP: string;
  readonly graceSeconds: number;
  /** How many times faster than a real kubelet's the waits are. */
  readonly speed: number;
  /** What it does now; asked at every probe, so that a fault that is set or healed meanwhile shows. */
  readonly behaviour: () => Behaviour;
  readonly isReady: () => boolean;
  readonly setReady: (ready: boolean) => Promise<void>;
  /** Its startup probe passed, or it has none. */
  readonly setStarted: () => Promise<void>;
  readonly say: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
  /** Aborts when this run of the container is over. */
  readonly signal: AbortSignal;
}

/** Probes one run of a container; resolves with how it ended when a probe had it killed, rejects when the signal aborts. */
export async function runProbes(one: ProbedContainer): Promise<Ended> {
  const began = performance.now();
  const { startupProbe, livenessProbe, readinessProbe } = one.container;
  if (startupProbe) {
    const passed = await untilVerdict(one, 'Startup', startupProbe, began, startupProbe.failureThreshold ?? 3);
    if (!passed) return kill(one, 'startup');
    await one.setStarted();
  }
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  if (readinessProbe) readiness(one, readinessProbe, began).catch(reject);
  if (livenessProbe) liveness(one, livenessProbe, began).then(resolve, reject);
  one.signal.addEventListener('abort', () => reject(one.signal.reason), { once: true });
  return promise;
}

async function readiness(one: ProbedContainer, probe: Probe, began: number): Promise<void> {
  for (;;) {
    const threshold = one.isReady() ? (probe.failureThreshold ?? 3) : 1;
    const passed = await untilVerdict(one, 'Readiness', probe, began, threshold);
    if (passed !== one.isReady()) await one.setReady(passed);
    await period(one, probe);
  }
}

async function liveness(one: ProbedContainer, probe: Probe, began: number): Promise<Ended> {
  while (await untilVerdict(one, 'Liveness', probe, began, probe.failureThreshold ?? 3)) await period(one, probe);
  return kill(one, 'liveness');
}

/** True at the first success, false after `threshold` failures in a row. */
async function untilVerdict(
  one: ProbedContainer,
  kind: ProbeKind,
  probe: Probe,
  began: number,
  threshold: number,
): Promise<boolean> {
  const notBefore = began + ((probe.initialDelaySeconds ?? 0) * 1000) / one.speed;
  if (performance.now() < notBefore) await sleep(notBefore - performance.now(), undefined, { signal: one.signal });
  for (let failures = 1; ; failures += 1) {
    const got = one.behaviour().probe(kind, performance.now() - began);
    if (got === undefined) return true;
    one.say('Warning', 'Unhealthy', `${kind} probe failed: ${probeOutput(one.podIP, probe, got)}`);
    if (failures >= threshold) return false;
    await period(one, probe);
  }
}

async function kill(one: ProbedContainer, probe: 'liveness' | 'startup'): Promise<Ended> {
  one.say('Normal', 'Killing', `Container ${one.container.name} failed ${probe} probe, will be restarted`);
  const { killedCode } = one.behaviour();
  const graceMs = killedCode === 137 ? one.graceSeconds * 1000 : 1000;
  await sleep(graceMs / one.speed, undefined, { signal: one.signal });
  return { code: killedCode, reason: 'Error' };
}

async function period(one: ProbedContainer, probe: Probe): Promise<void> {
  await sleep(((probe.periodSeconds ?? 10) * 1000) / one.speed, undefined, { signal: one.signal });
}
