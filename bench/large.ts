import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { botUser, grantBot } from '../test/peers/bot-rights.ts';
import { startControlPlane, type ControlPlane } from '../test/peers/control-plane.ts';
import { whyNot } from '../test/peers/need.ts';
import { removeFolder, temporaryFolder } from '../test/peers/process.ts';
import { imageFlags } from './bot.ts';
import { median, rounded, type Figures } from './figures.ts';
import type { Cost } from './large-process.ts';
import { fill, name, namespace, rolledOut } from './requests.ts';

const regions = ['us-east-1', 'eu-west-1', 'ap-southeast-1'] as const;
const pods = 5_000;
const rounds = 7;
const limitMs = 120_000;

/**
 * A diagnosis of a deployment with 5,000 pods in each of three regions, real API servers: the longest time for which nothing else could
 * run, what it asks, and the memory that it needs at its highest. Readings, their parsing and the checks are all in it; the first round
 * warms up.
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

/** In a process of its own, as the image runs the bot. */
async function measured(plane: ControlPlane, kubeconfigPath: string): Promise<Figures> {
  const script = join(import.meta.dirname, 'large-process.ts');
  const args = [...imageFlags(), '--expose-gc', script, kubeconfigPath, namespace, name, String(rounds), ...regions];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: limitMs });
  const { blocksMs, blocksCpuMs, addedBytes, since } = JSON.parse(stdout) as Cost;
  const seen = regions.flatMap((region) => plane.requests(region, { user: botUser, since: new Date(since) }));
  const pages = seen.filter((one) => one.uri.includes('continue=')).length;
  return {
    // The middle one: a collection of garbage, or another process on this machine, may fall into any.
    large_block_ms: rounded(median(blocksMs)),
    large_block_worst_ms: rounded(Math.max(...blocksMs)),
    // What of it is the bot's own, whatever else this machine does.
    large_block_cpu_ms: rounded(median(blocksCpuMs)),
    large_memory_mb: rounded(addedBytes / 2 ** 20),
    large_requests_per_region: rounded((seen.length - pages) / regions.length, 1),
    large_further_pages_per_region: rounded(pages / regions.length, 1),
  };
}
