import { monitorEventLoopDelay } from 'node:perf_hooks';
import { kubernetesRegions } from '../src/adapters/kubernetes/regions.ts';
import { diagnoseRegion } from '../src/core/diagnose.ts';
import { impactLook } from '../src/core/impact.ts';
import { look } from '../src/engine/look.ts';
import { systemClock } from '../src/engine/parts.ts';
import { SharedReads } from '../src/engine/shared-reads.ts';
import { rolloutStuck } from '../playbooks/rollout-stuck/playbook.ts';
import { platformOf } from '../test/ports/real-world.ts';

/**
 * Run by large.ts in a process of its own, with the image's flags: diagnoses in all regions at once, several times, and prints what it
 * cost. Arguments: the kubeconfig, namespace, name, rounds, then the regions.
 */
const [kubeconfigPath = '', namespace = '', name = '', rounds = '', ...regions] = process.argv.slice(2);

export interface Cost {
  /** The longest time for which nothing else could run, in each round. */
  readonly blocksMs: readonly number[];
  /** The most CPU time that this thread used without a break, in each round: as the above, without what other processes took. */
  readonly blocksCpuMs: readonly number[];
  /** The highest resident memory above that of before the first measured round. */
  readonly addedBytes: number;
  /** When the last round began (ISO 8601). */
  readonly since: string;
}

/** How finely the event loop is watched (ms); what it adds itself is taken off. */
const resolution = 2;
const sampleMs = 5;

const clusters = kubernetesRegions({ credentials: { kubeconfigPath }, regions: regions.map((one) => ({ name: one })) });
const platform = platformOf(clusters);
const blocksMs: number[] = [];
const blocksCpuMs: number[] = [];
await diagnoseAll();
(globalThis as { gc?: () => void }).gc?.();
const before = process.memoryUsage.rss();
let highest = before;
const sampler = setInterval(() => {
  highest = Math.max(highest, process.memoryUsage.rss());
}, sampleMs);
let since = '';
for (let round = 0; round < Number(rounds); round += 1) {
  since = new Date().toISOString();
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  const cpu = watchCpu();
  await diagnoseAll();
  delay.disable();
  blocksCpuMs.push(cpu());
  blocksMs.push(delay.max / 1e6 - resolution);
}
clearInterval(sampler);
await Promise.all([...clusters.values()].map((one) => one.close()));
process.stdout.write(JSON.stringify({ blocksMs, blocksCpuMs, addedBytes: highest - before, since } satisfies Cost));

/** Ends with the most CPU time (ms) that passed between two turns of a timer. */
function watchCpu(): () => number {
  const used = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  };
  let last = used();
  let most = 0;
  const timer = setInterval(() => {
    const now = used();
    most = Math.max(most, now - last);
    last = now;
  }, resolution);
  return () => {
    clearInterval(timer);
    return most;
  };
}

async function diagnoseAll(): Promise<void> {
  const shared = new SharedReads(platform, systemClock);
  const found = await Promise.all(
    regions.map(async (region) => {
      const target = { region, namespace, name };
      const opened = rolloutStuck.open(target);
      const evidence = await look(
        [...impactLook(null, target), ...opened.look],
        () => shared.reader(region),
        systemClock,
      );
      const at = new Date().toISOString();
      const asked = {
        opened,
        region,
        focus: region,
        fixedAt: null,
        drainMs: 0,
        evidence,
        health: null,
        at,
        runId: 'bench',
      };
      return diagnoseRegion(asked);
    }),
  );
  for (const one of found) {
    if (one.unread.length > 0) throw new Error(`${one.region}: ${JSON.stringify(one.unread)}`);
    if (one.findings.length === 0) throw new Error(`${one.region}: nothing found`);
  }
}
