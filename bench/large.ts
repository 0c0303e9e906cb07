import { monitorEventLoopDelay } from 'node:perf_hooks';
import { kubernetesRegions } from '../src/adapters/kubernetes/regions.ts';
import { diagnoseRegion } from '../src/core/diagnose.ts';
import { impactLook } from '../src/core/impact.ts';
import { look } from '../src/engine/look.ts';
import { systemClock } from '../src/engine/parts.ts';
import { SharedReads } from '../src/engine/shared-reads.ts';
import { rolloutStuck } from '../playbooks/rollout-stuck/playbook.ts';
import { botUser, grantBot } from '../test/peers/bot-rights.ts';
import { startControlPlane, type ControlPlane } from '../test/peers/control-plane.ts';
import { whyNot } from '../test/peers/need.ts';
import { removeFolder, temporaryFolder } from '../test/peers/process.ts';
import { platformOf } from '../test/ports/real-world.ts';
import { rounded, type Figures } from './figures.ts';
import { fill, name, namespace, rolledOut } from './requests.ts';

const regions = ['us-east-1', 'eu-west-1', 'ap-southeast-1'] as const;
const pods = 5_000;
const rounds = 5;
/** How finely the event loop is watched (ms); what it adds itself is taken off. */
const resolution = 2;

/**
 * A diagnosis of a deployment with 5,000 pods in each of three regions, real API servers: the longest time for which nothing else could
 * run (worst of five), what it asks, and the memory that it needs at its highest. One process, so that the readings, their parsing and the
 * checks are all in it; the first round warms up.
 */
export async function large(): Promise<Figures> {
  const missing = whyNot('control-plane');
  if (missing !== undefined) {
    process.stderr.write(`large_block_ms, large_memory_mb ${missing}\n`);
    return {};
  }
  const folder = temporaryFolder('bench-large');
  const plane = await startControlPlane({ regions: [...regions], auditLog: true, nodeGraceSeconds: 600 });
  try {
    await Promise.all(
      regions.map(async (region) => {
        const cluster = plane.region(region);
        await cluster.createNamespace(namespace);
        await fill(cluster, await rolledOut(cluster), 0, pods);
      }),
    );
    const kubeconfigPath = await grantBot(plane, folder, ['read.yaml', 'read-cluster.yaml', 'remedy-rollback.yaml']);
    return await measured(plane, kubeconfigPath);
  } finally {
    await plane.stop();
    await removeFolder(folder);
  }
}

async function measured(plane: ControlPlane, kubeconfigPath: string): Promise<Figures> {
  const clusters = kubernetesRegions({
    credentials: { kubeconfigPath },
    regions: regions.map((one) => ({ name: one })),
  });
  try {
    const platform = platformOf(clusters);
    const blocks: number[] = [];
    const memory: number[] = [];
    let since = new Date();
    for (let round = 0; round <= rounds; round += 1) {
      since = new Date();
      const one = await watched(() => diagnoseAll(new SharedReads(platform, systemClock)));
      if (round === 0) continue;
      blocks.push(one.blockMs);
      memory.push(one.addedBytes);
    }
    const seen = regions.flatMap((region) => plane.requests(region, { user: botUser, since }));
    const pages = seen.filter((one) => one.uri.includes('continue=')).length;
    return {
      large_block_ms: rounded(Math.max(...blocks)),
      large_memory_mb: rounded(Math.max(...memory) / 2 ** 20),
      large_requests_per_region: rounded((seen.length - pages) / regions.length, 1),
      large_further_pages_per_region: rounded(pages / regions.length, 1),
    };
  } finally {
    await Promise.all([...clusters.values()].map((one) => one.close()));
  }
}

async function diagnoseAll(shared: SharedReads): Promise<void> {
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

/** The longest block of the event loop, and the highest memory above that of before. */
async function watched(run: () => Promise<void>): Promise<{ readonly blockMs: number; readonly addedBytes: number }> {
  const collect = (globalThis as { gc?: () => void }).gc;
  collect?.();
  const used = (): number => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  let highest = before;
  const sampler = setInterval(() => {
    highest = Math.max(highest, used());
  }, resolution);
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  await run();
  delay.disable();
  clearInterval(sampler);
  return { blockMs: delay.max / 1e6 - resolution, addedBytes: Math.max(highest, used()) - before };
}
