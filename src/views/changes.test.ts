import { describe, expect, test } from 'vitest';
import type { Act } from '../core/looking/view.ts';
import type { Autoscaler, Event, KubernetesRead, Node } from '../core/ports/kubernetes.ts';
import { ago, container, deployment, namespace, revision, template } from '../../test/playbooks/objects.ts';
import { asked, forbidden, shown } from '../../test/views/shown.ts';
import { changes } from './changes.ts';

/** `/mlp changes`, from recorded answers of the cluster and of our own records. */

test('changes: a rollback takes an old ReplicaSet again, and says when it was written', async () => {
  const old = template();
  const fresh = template({
    containers: [container({ image: 'registry/model-server:v2.4.1', env: [{ is: 'value', variable: 'NEW' }] })],
  });
  const sets = [
    revision(4, fresh, { name: 'b', createdAt: ago(60) }),
    revision(5, old, { name: 'a', createdAt: ago(9_000) }),
  ];
  const now = deployment(old, { templateChangedBy: { manager: 'mlp-bot', at: ago(20) } });
  const current = sets.map((one, index) => (index === 1 ? { ...one, templateDigest: now.templateDigest } : one));
  const said = await shown(changes, asked('changes'), {
    'eu-west-1': {
      deployment: async () => now,
      revisions: async () => current,
      autoscaler: async () => null,
      nodes: async () => [],
      events: forbidden,
    },
  });
  expect(said).toMatch(
    /02:22 UTC rollout, revision 5: image model-server:v2\.4\.1 → model-server:v2\.4\.0, environment of server \(−NEW\) \(its ReplicaSet is of .* used again\).* · by mlp-bot/,
  );
  expect(said).toMatch(
    /Could not see: scaling events \(forbidden: .*; nodes' events, so not whether a node was removed \(forbidden: .*the rule to add/,
  );
});

describe('changes of numbers, bounds and nodes', () => {
  const scaler = (over: Partial<Autoscaler> = {}): Autoscaler => ({
    name: 'model-server',
    min: 12,
    max: 30,
    current: 12,
    desired: 12,
    conditions: [],
    uid: 'hpa',
    metrics: [],
    scaledObject: null,
    createdAt: ago(90_000),
    ...over,
  });
  const event = (
    kind: Event['kind'],
    reason: string,
    message: string,
    minutes: number,
    name = 'model-server',
  ): Event => ({
    type: 'Normal',
    reason,
    message,
    kind,
    name,
    uid: name,
    count: 1,
    firstAt: ago(minutes),
    lastAt: ago(minutes),
  });
  const node = (name: string, over: Partial<Node> = {}): Node => ({
    name,
    ready: 'True',
    readySince: ago(90_000),
    unschedulable: false,
    taints: [],
    labels: {},
    allocatable: {},
    pressures: [],
    uid: name,
    createdAt: ago(90_000),
    ...over,
  });
  const set = revision(17, template());
  const cluster = (
    over: Partial<KubernetesRead>,
    told: readonly Event[] = [],
    nodes: readonly Node[] = [],
  ): Partial<KubernetesRead> => ({
    deployment: async () => deployment(template()),
    revisions: async () => [set],
    autoscaler: async () => null,
    nodes: async () => nodes,
    events: async (_namespace, kinds) => told.filter((one) => kinds.some((kind) => kind === one.kind)),
    ...over,
  });
  const lines = async (
    of: Partial<KubernetesRead>,
    acts: readonly Act[] = [],
    sinceMs = 3_600_000,
  ): Promise<readonly string[]> => {
    const beside = { known: true, value: { commits: null, acts: { known: true, value: acts } } } as const;
    const said = await shown(changes, asked('changes', { sinceMs }), { 'eu-west-1': of }, beside);
    return said.split('\n').slice(2, -2);
  };
  const scaled = (from: number, to: number, minutes: number): Event =>
    event('Deployment', 'ScalingReplicaSet', `Scaled up replica set ${set.name} from ${from} to ${to}`, minutes);
  const act = (over: Partial<Act>): Act => ({
    region: 'eu-west-1',
    at: ago(10),
    of: ['model-server'],
    says: 'autoscaler model-server: at most 30 replicas instead of 24 (at least 12, as before)',
    undo: false,
    askedBy: 'U1',
    approvedBy: 'U2',
    number: 7,
    temporary: true,
    ...over,
  });
  const held = (manager: string, at: string | null, ...fields: readonly string[]) => ({ manager, at, fields });

  test('kubectl scale leaves no time in the object: the event has it, with both numbers', async () => {
    const now = deployment(template(), { specWriters: [held('kubectl', null, 'replicas')] });
    expect(await lines(cluster({ deployment: async () => now }, [scaled(9, 12, 20)]))).toEqual([
      '02:22 UTC replicas 9 → 12 · by kubectl',
    ]);
    // Within an hour no event means earlier; asked for longer it is said without a time.
    expect(await lines(cluster({ deployment: async () => now }))).toEqual([]);
    expect(await lines(cluster({ deployment: async () => now }), [], 86_400_000)).toEqual([
      'Not dated: replicas are 12 now, last scaled by kubectl: when is not recorded, and no event tells of it',
    ]);
  });

  test('two in a row: only the last one has a name', async () => {
    const now = deployment(template(), { specWriters: [held('kubectl', null, 'replicas')] });
    expect(await lines(cluster({ deployment: async () => now }, [scaled(9, 14, 30), scaled(14, 12, 20)]))).toEqual([
      '02:22 UTC replicas 14 → 12 · by kubectl',
      '02:12 UTC replicas 9 → 14, by whom is not recorded (only the last who wrote is kept)',
    ]);
  });

  test("the bot's own, when no event tells of it: from what, for whom, by its records", async () => {
    const now = deployment(template(), { specWriters: [held('mlp-bot', ago(10), 'replicas')] });
    const own = act({ says: 'scale from 9 to 12 replicas', temporary: false });
    expect(await lines(cluster({ deployment: async () => now }), [own])).toEqual([
      '02:32 UTC scale from 9 to 12 replicas · by mlp-bot, asked by @U1, approved by @U2 (INC-7)',
    ]);
    expect(await lines(cluster({ deployment: async () => now }))).toEqual([
      '02:32 UTC replicas set to 12, from what is not known · by mlp-bot',
    ]);
  });

  test('steps of a rollout are no scaling; an old server that names no first number is believed less', async () => {
    const other = event('Deployment', 'ScalingReplicaSet', 'Scaled down replica set model-server-old from 12 to 9', 21);
    expect(await lines(cluster({}, [scaled(3, 6, 20), other]))).toEqual([]);
    const old = event('Deployment', 'ScalingReplicaSet', `Scaled up replica set ${set.name} to 12`, 20);
    expect(await lines(cluster({}, [old]))).toEqual([
      '02:22 UTC replicas set to 12, from what is not known, by whom is not recorded (only the last who wrote is kept)',
    ]);
  });

  test('an autoscaler says why, and from what where it is known', async () => {
    const size = (to: number, minutes: number): Event =>
      event('HorizontalPodAutoscaler', 'SuccessfulRescale', `New size: ${to}; reason: cpu above target`, minutes);
    const now = deployment(template(), { specWriters: [held('kube-controller-manager', null, 'replicas')] });
    const of = { deployment: async () => now, autoscaler: async () => scaler() };
    expect(await lines(cluster(of, [size(10, 40), size(12, 20), scaled(10, 12, 20)]))).toEqual([
      '02:22 UTC replicas 10 → 12: cpu above target · by the autoscaler model-server',
      '02:02 UTC replicas set to 10, from what is not known: cpu above target · by the autoscaler model-server',
    ]);
  });

  test('bounds: by a person from what is not known; by the bot from what its records say; written whole is no proof', async () => {
    const of = (...specWriters: NonNullable<Autoscaler['specWriters']>) =>
      cluster({ autoscaler: async () => scaler({ specWriters }) });
    expect(await lines(of(held('kubectl-edit', ago(10), 'maxReplicas')))).toEqual([
      '02:32 UTC autoscaler model-server: set to max 30, from what is not known · by kubectl-edit',
    ]);
    expect(await lines(of(held('mlp-bot', ago(10), 'maxReplicas')), [act({})])).toEqual([
      '02:32 UTC autoscaler model-server: at most 30 replicas instead of 24 (at least 12, as before) · by mlp-bot, asked by @U1, approved by @U2 (INC-7) · for a while: `/mlp temp`',
    ]);
    expect(
      await lines(of(held('argocd-controller', ago(10), 'maxReplicas', 'metrics', 'minReplicas', 'scaleTargetRef'))),
    ).toEqual([
      '02:32 UTC autoscaler model-server written, its bounds are 12 to 30 now: whether they were changed then is not recorded · by argocd-controller',
    ]);
    expect(await lines(of(held('kubectl-edit', ago(3_000), 'maxReplicas')))).toEqual([]);
  });

  test('where KEDA makes the autoscaler it is the ScaledObject that people change', async () => {
    const object = {
      namespace,
      name: 'model-server',
      uid: 'so',
      labels: {},
      spec: '{"minReplicaCount":12,"maxReplicaCount":30}',
      createdAt: ago(90_000),
      specWriters: [held('kubectl-patch', ago(10), 'maxReplicaCount', 'minReplicaCount')],
    };
    const keda = scaler({ scaledObject: 'model-server', specWriters: [held('keda', ago(10), 'maxReplicas')] });
    expect(await lines(cluster({ autoscaler: async () => keda, custom: async () => [object] }))).toEqual([
      '02:32 UTC ScaledObject model-server: set to min 12 and max 30, from what is not known · by kubectl-patch',
    ]);
  });

  test('nodes: added, gone, cordoned, not ready; a controller that starts registers all of them again', async () => {
    const of = (name: string, reason: string, minutes: number): Event =>
      event('Node', reason, `Node ${name} event: ${reason}`, minutes, name);
    const told = [of('gone', 'NodeNotReady', 30), of('gone', 'RemovingNode', 25), of('old', 'RegisteredNode', 20)];
    const nodes = [
      node('old'),
      node('new', { createdAt: ago(12), readySince: ago(11) }),
      node('held', { unschedulable: true, specWriters: [held('kubectl', ago(9), 'unschedulable')] }),
      node('silent', { ready: 'Unknown', readySince: ago(8) }),
    ];
    expect(await lines(cluster({}, told, nodes))).toEqual([
      '02:34 UTC node silent not ready: its kubelet reports nothing',
      '02:33 UTC node held cordoned · by kubectl',
      '02:30 UTC node new added',
      '02:17 UTC node gone removed',
      '02:12 UTC node gone not ready',
    ]);
  });

  test('where its own records cannot be read it says so', async () => {
    const beside = { known: true, value: { commits: null, acts: { known: false, why: 'the disk is full' } } } as const;
    expect(await shown(changes, asked('changes'), { 'eu-west-1': cluster({}) }, beside)).toMatch(
      /My own changes: could not be read: the disk is full/,
    );
  });
});
