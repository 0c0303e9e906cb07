import { ago, event, registry, template, container } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { breakPods, freshNames, rollingOut } from './world.ts';
import type { World } from './world.ts';

const image = `${registry}/model-server:v2.4.1`;

/** The pull of the new image fails with these words of the runtime. */
export function pullFails(
  said: string,
  options: {
    readonly inStatus?: boolean;
    readonly reason?: string;
    readonly events?: boolean;
    readonly image?: string;
  } = {},
): World {
  const wanted = options.image ?? image;
  const back = `Back-off pulling image "${wanted}"`;
  const reason = options.reason ?? 'ImagePullBackOff';
  const message = options.inStatus === false ? back : `${back}: ErrImagePull: ${said}`;
  const world = breakPods(rollingOut({ containers: [container({ image: wanted })] }), reason, {
    image: wanted,
    state: { is: 'waiting', reason, message: reason === 'ImagePullBackOff' ? message : said },
  });
  if (options.events === false) return world;
  const failed = `Failed to pull image "${wanted}": ${said}`;
  world.events = freshNames(world).flatMap((name) => [
    event({ name, reason: 'Failed', message: failed, count: 5, lastAt: ago(2) }),
    event({ name, reason: 'BackOff', message: back, count: 90, type: 'Normal' }),
  ]);
  return world;
}

const failing = `failed to pull and unpack image "${image}": failed to resolve reference "${image}":`;
const notFound = `rpc error: code = NotFound desc = ${failing} ${image}: not found`;
const unknown = (rest: string): string => `rpc error: code = Unknown desc = ${failing} ${rest}`;

const pulls = (name: string, about: string, said: string, options: Parameters<typeof pullFails>[1] = {}): Scenario => ({
  name,
  about,
  playbook: 'rollout-stuck',
  world: () => pullFails(said, options),
});

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
  pulls(
    'image-missing-told-by-events',
    'An older kubelet: only the events repeat the words of the registry',
    notFound,
    {
      inStatus: false,
    },
  ),
  pulls('image-untold', 'An older kubelet, and the events are gone: why the pull fails cannot be told', notFound, {
    inStatus: false,
    events: false,
  }),
  {
    name: 'image-not-authorised',
    about: 'The registry answers 403; the version before has the same repository and credentials',
    playbook: 'rollout-stuck',
    world: () =>
      pullFails(
        unknown(
          `unexpected status from HEAD request to https://${registry}/v2/model-server/manifests/v2.4.1: 403 Forbidden`,
        ),
      ),
  },
  pulls(
    'image-token-expired',
    'The token for the registry has expired',
    unknown('Your authorization token has expired. Reauthenticate and try again.'),
  ),
  pulls(
    'image-either',
    'Docker Hub does not tell missing from forbidden',
    'rpc error: code = Unknown desc = failed to pull and unpack image "docker.io/acme/model-server:v2.4.1": failed to resolve reference "docker.io/acme/model-server:v2.4.1": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    { image: 'acme/model-server:v2.4.1' },
  ),
  pulls(
    'image-architecture',
    'The image has no build for the nodes, which are arm64',
    `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": no match for platform in manifest: not found`,
  ),
  pulls(
    'image-pull-limit',
    'Docker Hub limits the pulls',
    'rpc error: code = Unknown desc = failed to pull and unpack image "docker.io/acme/model-server:v2.4.1": failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/acme/model-server/manifests/sha256:1: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit.',
    { image: 'acme/model-server:v2.4.1' },
  ),
  pulls(
    'registry-unreachable',
    'The name of the registry does not resolve on the nodes',
    unknown(
      `failed to do request: Head "https://${registry}/v2/model-server/manifests/v2.4.1": dial tcp: lookup ${registry} on 10.0.0.2:53: no such host`,
    ),
  ),
  pulls(
    'registry-certificate',
    'The nodes do not know the CA of the registry',
    unknown(
      `failed to do request: Head "https://${registry}/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    ),
  ),
  pulls(
    'registry-error',
    'The registry itself answers with an error',
    unknown(
      `unexpected status from HEAD request to https://${registry}/v2/model-server/manifests/v2.4.1: 503 Service Unavailable`,
    ),
  ),
  pulls(
    'node-disk-full',
    'The disk of the nodes is full',
    `rpc error: code = Unknown desc = failed to pull and unpack image "${image}": failed to extract layer sha256:4f1c: write /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/97/fs/model.bin: no space left on device`,
  ),
  pulls(
    'image-name',
    'The image has a name that no registry can have',
    'Failed to apply default image tag "registry/Model Server:v2.4.1": couldn\'t parse image name "registry/Model Server:v2.4.1": invalid reference format',
    { reason: 'InvalidImageName', events: false, image: 'registry/Model Server:v2.4.1' },
  ),
  pulls(
    'image-never-pulled',
    'imagePullPolicy is Never',
    `Container image "${image}" is not present with pull policy of Never`,
    { reason: 'ErrImageNeverPull', events: false },
  ),
  {
    name: 'image-missing-argo-self-heals',
    about: 'Argo CD with self-heal will undo the rollback at once; the version before is not running any more',
    playbook: 'rollout-stuck',
    world: () => {
      const world = pullFails(notFound);
      const owner = { kind: 'argo-cd', name: 'model-server', reverts: 'at once' } as const;
      const [old, fresh] = world.revisions;
      if (old === undefined || fresh === undefined || world.deployment === null) throw new Error('no such world');
      const restartedOnly = {
        ...old,
        uid: 'rs-15',
        name: 'model-server-6b8f9c7d5',
        number: 15,
        hash: '6b8f9c7d5',
        template: template({ containers: [container({ image })], restartedAt: ago(9000) }),
        templateDigest: 'same-code-restarted',
      };
      const gone = { ...old, replicas: { wanted: 0, ready: 0, available: 0 } };
      const replicas = { ...world.deployment.replicas, total: 6, ready: 0, available: 0, unavailable: 12 };
      return {
        ...world,
        deployment: { ...world.deployment, owner, replicas },
        revisions: [{ ...restartedOnly, replicas: gone.replicas }, gone, fresh],
        pods: world.pods.filter((one) => one.row.ownerUid === fresh.uid),
      };
    },
  },
];
