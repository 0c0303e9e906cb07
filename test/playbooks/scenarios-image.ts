import type { Scenario } from './scenario.ts';
import { event } from './objects.ts';
import { breakPods, freshNames, rollingOut } from './world.ts';
import type { World } from './world.ts';
import { ago, registry } from './objects.ts';

const image = `${registry}/model-server:v2.4.1`;

/** The pull of v2.4.1 fails with these words of the runtime. */
function pullFails(said: string, options: { readonly inStatus?: boolean; readonly reason?: string } = {}): World {
  const back = `Back-off pulling image "${image}"`;
  const message = options.inStatus === false ? back : `${back}: ErrImagePull: ${said}`;
  const world = breakPods(rollingOut(), options.reason ?? 'ImagePullBackOff', {
    image,
    state: { is: 'waiting', reason: options.reason ?? 'ImagePullBackOff', message },
  });
  world.events = freshNames(world).flatMap((name) => [
    event({ name, reason: 'Failed', message: `Failed to pull image "${image}": ${said}`, count: 5, lastAt: ago(2) }),
    event({ name, reason: 'BackOff', message: back, count: 90, type: 'Normal' }),
  ]);
  return world;
}

const notFound = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;

export const imageScenarios: readonly Scenario[] = [
  {
    name: 'image-missing',
    about: 'v2.4.1 is not in the registry of this region (mock-up A)',
    playbook: 'rollout-stuck',
    world: () => {
      const world = pullFails(notFound);
      const owner = { kind: 'argo-cd', name: 'model-server', reverts: 'no' } as const;
      return { ...world, deployment: world.deployment && { ...world.deployment, owner } };
    },
  },
];
