import type { OpenReading } from '../src/core/contract.ts';
import { look } from '../src/engine/look.ts';
import { systemClock } from '../src/engine/parts.ts';
import { SharedReads } from '../src/engine/shared-reads.ts';
import { playbooks } from '../playbooks/index.ts';
import { whyNot } from '../test/peers/need.ts';
import { slowestOf, type Alone } from './chain.ts';
import { median, ratioOf, rounded, type Figures } from './figures.ts';
import { namespace, regions, startFar, type Far } from './real.ts';

const rounds = 3;
const [region] = regions;

/**
 * Each playbook's readings in three regions, every system 100 ms away: all of them at once, as the engine makes them, divided by the
 * slowest chain of them. The chain is of one region, since the three are alike. The median of rounds that alternate.
 */
export async function ratio(): Promise<Figures> {
  const missing = whyNot('control-plane', 'prometheus', 'toxiproxy');
  if (missing !== undefined) {
    process.stderr.write(`diagnose_ratio of each playbook ${missing}\n`);
    return {};
  }
  const far = await startFar('image', { past: true });
  try {
    const node = `${region}-a`;
    const ratios = new Map<string, number[]>(playbooks.map(({ id }) => [id, []]));
    // The first round opens the connections.
    for (let round = 0; round <= rounds; round += 1) {
      const alone: Alone = new Map();
      for (const playbook of playbooks) {
        const readings = (where: string): readonly OpenReading[] =>
          playbook.open(targetOf(playbook.id, where, node)).look;
        const from = performance.now();
        await all(far, readings);
        const tookMs = performance.now() - from;
        if (round === 0) continue;
        const read = () => far.platform.read(region, AbortSignal.timeout(10_000));
        ratios.get(playbook.id)?.push(tookMs / (await slowestOf(readings(region), read, alone)));
      }
    }
    return Object.fromEntries([...ratios].map(([id, measured]) => [ratioOf(id), rounded(median(measured), 2)]));
  } finally {
    await far.stop();
  }
}

function targetOf(id: string, where: string, node: string): object {
  if (id === 'change-node') return { region: where, namespace: '', name: node };
  return { region: where, namespace, name: id === 'triage' ? '' : 'model-server' };
}

async function all(far: Far, readings: (region: string) => readonly OpenReading[]): Promise<void> {
  const shared = new SharedReads(far.platform, systemClock);
  await Promise.all(regions.map((where) => look(readings(where), () => shared.reader(where), systemClock)));
}
