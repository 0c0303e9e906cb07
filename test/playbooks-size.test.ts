import { expect, test } from 'vitest';
import { rolloutStuck } from '../playbooks/rollout-stuck/playbook.ts';
import { triage } from '../playbooks/triage/playbook.ts';
import type { Playbook } from '../src/core/contract.ts';
import type { KubernetesRead, Revision } from '../src/core/ports/kubernetes.ts';
import { ago, event, readyPod } from './playbooks/objects.ts';
import { look, replay } from './playbooks/replay.ts';
import { pullFails } from './playbooks/scenarios-image.ts';
import { freshNames, readerOf } from './playbooks/world.ts';
import type { World } from './playbooks/world.ts';

const of = { region: 'eu-west-1', namespace: 'ml-platform', name: 'model-server' };
const said = 'rpc error: code = NotFound desc = model-server:v2.4.1: not found';

/** The new version's pods all alike, each with its own events. */
function crowd(count: number): World {
  const world = pullFails(said);
  const fresh = world.revisions.at(-1) as Revision;
  const like = world.pods.find((one) => one.row.ownerUid === fresh.uid);
  if (like === undefined) throw new Error('no such world');
  const pods = Array.from({ length: count }, (_, index) => {
    const { name, uid } = readyPod(fresh, index + 12, ago(26)).row;
    return { row: { ...like.row, name, uid }, pod: { ...like.pod, name, uid } };
  });
  const made = { ...world, pods: [...world.pods.slice(0, 9), ...pods] };
  const message = `Failed to pull image "x:v2.4.1": ${said}`;
  return { ...made, events: freshNames(made).map((name) => event({ name, reason: 'Failed', message })) };
}

async function looked(playbook: Playbook, world: World): Promise<{ calls: number; bytes: number; text: string }> {
  let calls = 0;
  const inner = readerOf(world);
  const kubernetes = Object.fromEntries(
    Object.entries(inner.kubernetes).map(([name, method]) => [
      name,
      (...args: readonly unknown[]): unknown => {
        calls += 1;
        return (method as (...all: readonly unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as KubernetesRead;
  const readings = await look(playbook.open(of), { ...inner, kubernetes });
  const diagnosis = replay(playbook, { about: '', target: of, at: '2026-03-14T02:42:00.000Z', readings });
  return { calls, bytes: JSON.stringify(readings).length, text: JSON.stringify(diagnosis.findings) };
}

test.each([rolloutStuck, triage])(
  '$id: neither requests nor evidence grow with the number of pods',
  async (playbook) => {
    const ten = await looked(playbook, crowd(10));
    const thousand = await looked(playbook, crowd(1000));
    expect(thousand.calls).toBe(ten.calls);
    expect(thousand.bytes).toBeLessThan(ten.bytes * 1.1);
  },
);

test('of a thousand pods it is said how many were read', async () => {
  const { text } = await looked(rolloutStuck, crowd(1000));
  expect(text).toContain('1000 of 1000 new pods (3 read in full)');
});
