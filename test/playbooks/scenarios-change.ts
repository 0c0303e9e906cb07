import type { PodTemplate, TemplateOwner } from '../../src/core/ports/kubernetes.ts';
import { ago, container, digestOf, everyPart, registry, revision } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { pullFails } from './scenarios-image.ts';
import { crashing, ended } from './scenarios-start.ts';
import { isFresh, rollingOut, unplaced } from './world.ts';
import type { World } from './world.ts';

/** Several changes before the look: which of them broke it. */

const image = `${registry}/model-server:v2.4.1`;
const change = (name: string, about: string, world: () => World): Scenario => ({
  name,
  about,
  playbook: 'rollout-stuck',
  world,
});

const notFound = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;

/** Ten minutes ago somebody edited the memory of what Argo CD had rolled out 27 minutes ago: a third revision, with the same trouble. */
function editedLater(world: World, memory = '17Gi'): World {
  const [old, released] = world.revisions;
  const { deployment } = world;
  if (old === undefined || released === undefined || deployment === null) throw new Error('no such world');
  const of: PodTemplate = {
    ...released.template,
    containers: released.template.containers.map((one) => ({
      ...one,
      requests: { ...one.requests, memory },
      limits: { ...one.limits, memory },
    })),
  };
  const edited = revision(18, of, { createdAt: ago(10), replicas: { wanted: 6, ready: 0, available: 0 } });
  const owners: readonly TemplateOwner[] = [
    { manager: 'argocd-controller', at: ago(27), parts: everyPart },
    { manager: 'kubectl-edit', at: ago(10), parts: ['resources'] },
  ];
  return {
    ...world,
    deployment: {
      ...deployment,
      template: of,
      templateDigest: digestOf(of),
      revision: 18,
      owner: { kind: 'argo-cd', name: 'model-server', reverts: 'no' },
      templateChangedBy: { manager: 'kubectl-edit', at: ago(10) },
      templateOwners: owners,
    },
    revisions: [old, { ...released, replicas: { wanted: 0, ready: 0, available: 0 } }, edited],
    pods: world.pods.map((one) =>
      isFresh(world, one) ? { row: { ...one.row, ownerUid: edited.uid, hash: edited.hash }, pod: one.pod } : one,
    ),
  };
}

export const changeScenarios: readonly Scenario[] = [
  change('change-image-then-memory', 'The image is missing; the memory was edited later, and is not to blame', () =>
    editedLater(pullFails(notFound)),
  ),
  change(
    'change-memory-no-room',
    'The edit asks for more memory than there is; the release before it is not to blame',
    () =>
      editedLater(
        unplaced(
          rollingOut({ containers: [container({ image })] }),
          '0/2 nodes are available: 2 Insufficient memory. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
        ),
        '110Gi',
      ),
  ),
  change('change-crash-either', 'A crash after a release and an edit: it may be either', () =>
    editedLater(crashing(ended(1), ['loading model', "ModuleNotFoundError: No module named 'tokenizers'"])),
  ),
];
