import { ago, container, event, registry } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { pullFails } from './scenarios-image.ts';
import { moved, waits } from './scenarios-start.ts';
import { freshNames, isFresh } from './world.ts';
import type { World } from './world.ts';

/** Mended by hand, and the pods still sit out their back-off. */

const image = `${registry}/model-server:v2.4.1`;
const back = (name: string, about: string, world: () => World): Scenario => ({
  name,
  about,
  playbook: 'rollout-stuck',
  world,
});

/** The last crash was three minutes ago. */
function secret(madeMinutesAgo: number): World {
  return {
    ...moved(true, true),
    missing: new Set(),
    keys: { 'Secret/feature-store-credentials': ['password'] },
    made: { 'Secret/feature-store-credentials': ago(madeMinutesAgo) },
  };
}

function mounts(over: Partial<World>): World {
  const of = {
    containers: [container({ image })],
    volumes: [{ name: 'settings', from: 'config map', source: 'model-settings', optional: false }] as const,
  };
  const world = waits('ContainerCreating', '', of);
  const message = 'MountVolume.SetUp failed for volume "settings" : configmap "model-settings" not found';
  const events = freshNames(world).map((name) => event({ name, reason: 'FailedMount', message, lastAt: ago(1.5) }));
  return { ...world, events, ...over };
}

function keyOf(over: Partial<World>): World {
  const env = [
    { is: 'config map', variable: 'MAX_BATCH', name: 'model-limits', key: 'max-batch', optional: false },
  ] as const;
  const message = "couldn't find key max-batch in ConfigMap ml-platform/model-limits";
  const world = waits('CreateContainerConfigError', message, { containers: [container({ image, env })] });
  const events = freshNames(world).map((name) =>
    event({ name, reason: 'Failed', message: `Error: ${message}`, lastAt: ago(0.5) }),
  );
  return { ...world, events, ...over };
}

const notFound = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;

/** One pod has tried again, and could pull. */
function pushed(pulledMinutesAgo: number): World {
  const world = pullFails(notFound);
  const [name = ''] = freshNames(world);
  const message = `Successfully pulled image "${image}" in 20s (20s including waiting). Image size: 4213842341 bytes.`;
  const pulled = event({ name, type: 'Normal', reason: 'Pulled', message, lastAt: ago(pulledMinutesAgo) });
  const pods = world.pods.map((one) =>
    isFresh(world, one) && one.row.name === name
      ? {
          row: { ...one.row, status: 'Running' },
          pod: {
            ...one.pod,
            containers: one.pod.containers.map((each) => ({
              ...each,
              state: { is: 'running', since: ago(pulledMinutesAgo) } as const,
            })),
          },
        }
      : one,
  );
  return { ...world, pods, events: [...world.events, pulled] };
}

export const backScenarios: readonly Scenario[] = [
  back('secret-back', 'The secret is there again since the last crash: pods wait for their next try', () => secret(1)),
  back('secret-back-failed-again', 'Pods crashed after the secret came back: it is not that', () => secret(10)),
  back('config-map-back-volume', 'The config map of a volume was made after the last failed mount', () =>
    mounts({ made: { 'ConfigMap/model-settings': ago(1) } }),
  ),
  back('config-map-key-back', 'The key was added after the kubelet last missed it', () =>
    keyOf({
      keys: { 'ConfigMap/model-limits': ['max-batch'] },
      written: { 'ConfigMap/model-limits': ago(0.2) },
    }),
  ),
  back('image-back', 'The tag was pushed: one pod could pull it, five sit out their back-off', () => pushed(1)),
  back('image-pulled-before-it-was-lost', 'Pulled ten minutes ago, not found since', () => pushed(10)),
];
