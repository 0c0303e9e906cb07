import { afterAll, beforeAll, expect, test } from 'vitest';
import { whyOf } from '../../src/core/failure.ts';
import type { Looked } from '../../src/core/looking/parse.ts';
import { parseCommand } from '../../src/core/command/command.ts';
import type { Seen } from '../../src/core/looking/view.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { plain } from '../../src/core/words.ts';
import { views } from '../../src/views/index.ts';
import { catalogue } from '../core/catalogue.ts';
import { need } from '../peers/need.ts';
import { until } from '../peers/until.ts';
import { grant } from '../ports/deploy-roles.ts';
import { Cluster, limit, namespace } from './cluster.ts';

/** What the views show of a real API server, with the role that reads and nothing more. */
need('control-plane')('views on a real API server', { timeout: 60_000 }, () => {
  let cluster: Cluster;
  let pod = '';
  beforeAll(async () => {
    cluster = await Cluster.start();
    await cluster.deployed('watched');
    pod = (await cluster.as('watcher').read(limit()).pods(namespace, 'app=watched'))[0]?.name ?? '';
  }, 120_000);
  afterAll(() => cluster.stop());

  async function shown(typed: string, user = 'watcher'): Promise<string> {
    const parsed = parseCommand(typed, catalogue);
    const { asked } = parsed as Looked;
    expect([typed, parsed.is]).toEqual([typed, 'look']);
    const view = views.find((one) => one.word === asked.view);
    if (view === undefined) throw new Error(asked.view);
    const service = (): ReturnType<Read['service']> => ({
      shards: false,
      variables: { modelVersion: 'MODEL_VERSION', batchSize: 'BATCH_SIZE', threads: 'OMP_NUM_THREADS' },
      limits: null,
      minRequests: 50,
    });
    const read = { kubernetes: cluster.as(user).read(limit()), metrics: {}, service } as unknown as Read;
    const at = new Date().toISOString();
    const outcome = await view.look(read, { ...asked, regions: ['eu-west-1'] }, at).then(
      (value): Seen<unknown>['outcome'] => ({ known: true, value }),
      (error: unknown): Seen<unknown>['outcome'] => ({ known: false, why: whyOf(error) }),
    );
    const { blocks } = view.render({ ...asked, regions: ['eu-west-1'] }, [{ region: 'eu-west-1', outcome }], at, null);
    const said = blocks
      .flatMap((one) =>
        one.is === 'lines'
          ? one.lines.map(plain)
          : one.is === 'note'
            ? [plain(one.words)]
            : one.is === 'verbatim'
              ? [one.text]
              : [],
      )
      .join('\n');
    if (process.env['SHOW'] !== undefined) process.stdout.write(`\n=== ${typed}\n${said}\n`);
    return said;
  }

  test.each([
    ['pods watched', /eu-west-1: 1 of 1 ready · no restarts\nPOD .*\nwatched-/],
    ['pods', /everything in ml-platform · pods[\s\S]*watched-/],
    ['events watched', /events? in the last 60 min\n(Normal|Warning) /],
    ['logs watched', /1 of 1 pod read\n--- watched-\S+ \(serve\): last 1 of 1 line read\nlistening on :8080/],
    ['logs watched grep LISTENING', /1 of 1 pod read: 1 line matches/],
    ['describe watched', /1 of 1 ready, 1 of 1 pod on the newest template[\s\S]*Container: [\s\S]*Autoscaler: none/],
    ['changes watched', /rollout, revision 1: the deployment was made/],
    ['compare watched', /eu-west-1: \S+:\S+, 1 of 1 ready/],
    ['top watched', /eu-west-1: (there is no metrics server|1 pod)/],
    ['pods no-such-thing', /eu-west-1: there is no deployment no-such-thing in ml-platform/],
  ])('%s', async (typed, wanted) => {
    const said = await shown(typed);
    expect(said).toMatch(wanted);
    expect(said).not.toMatch(/undefined|\[object|NaN/);
  });

  test('changes: replicas by kubectl, bounds, a cordoned node and one that is gone, each with who', async () => {
    const { plane, region } = cluster;
    await cluster.deployed('moved');
    const hpas = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
    await region.admin.post(hpas, {
      metadata: { name: 'moved' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'moved' },
        minReplicas: 1,
        maxReplicas: 4,
      },
    });
    await region.admin.post('/api/v1/nodes', { metadata: { name: 'passing', labels: { made: 'by-hand' } } });
    await plane.kubectl(['-n', namespace, 'scale', 'deployment/watched', '--replicas=2']);
    await plane.kubectl(['-n', namespace, 'patch', 'hpa/moved', '-p', '{"spec":{"maxReplicas":6}}']);
    await plane.kubectl(['cordon', 'node-1']);
    const told = async (reason: string): Promise<true | undefined> =>
      (await cluster.as('watcher').read(limit()).events('default', ['Node'])).some(
        (one) => one.name === 'passing' && one.reason === reason,
      ) || undefined;
    await until('it is known', () => told('RegisteredNode'));
    await region.admin.delete('/api/v1/nodes/passing');
    await until('it is gone', () => told('RemovingNode'));
    const moved = await shown('changes moved 1h');
    expect(moved).toMatch(/autoscaler moved: set to max 6, from what is not known · by kubectl-patch/);
    expect(moved).toMatch(/node node-1 cordoned · by kubectl/);
    expect(moved).toMatch(/node node-1 added/);
    expect(moved).toMatch(/node passing removed/);
    expect(moved).toMatch(/autoscaler moved made · by /);
    expect(moved).not.toMatch(/Could not see/);
    expect(await shown('changes watched 2h')).toMatch(
      /replicas (1 → 2 · by kubectl|are 2 now, last scaled by kubectl)/,
    );
    await plane.kubectl(['uncordon', 'node-1']);
    expect(await shown('changes moved 1h')).not.toMatch(/node-1 cordoned · by/);
  });

  test('changes: without the events of nodes it says the rule, and that a removed node would not be seen', async () => {
    await grant(cluster.region, ['read.yaml'], 'fixer', namespace);
    const said = await until('the role is there', async () => {
      const one = await shown('changes watched 1h', 'fixer');
      return /rollout history \(forbidden/.test(one) || /could not look/.test(one) ? undefined : one;
    });
    expect(said).toMatch(
      /Could not see: nodes \(forbidden: .*"list nodes in all namespaces"; the rule to add: {apiGroups: \[""\], resources: \["nodes"\], verbs: \["list"\]}\); nodes' events, so not whether a node was removed \(forbidden: .*"list events in namespace default"; the rule to add: {apiGroups: \[""\], resources: \["events"\], verbs: \["list"\]}/,
    );
  });

  test('one pod', async () => {
    expect(await shown(`describe ${pod}`)).toMatch(/eu-west-1: Running, 1 of 1 container ready, on /);
    expect(await shown(`logs ${pod}`)).toMatch(/listening on :8080/);
    expect(await shown(`pods ${pod}`)).toMatch(/1 of 1 ready/);
  });
});
