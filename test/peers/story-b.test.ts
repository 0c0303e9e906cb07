import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestOf, withoutHash, type RawTemplate } from '../../src/adapters/kubernetes/template.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { judge } from '../blockkit/validate.ts';
import { ownerOf, type BotProcess } from './bot.ts';
import { botUser } from './bot-rights.ts';
import { botWrites, changesTemplate, isRollback } from './bot-writes.ts';
import { need } from './need.ts';
import { channel, deployments, images, namespace, startRealWorld, type RealWorld } from './real-world.ts';

const broken = 'eu-west-1';
const healthy = 'us-east-1';
const { sana } = ids.users;

interface Deployment {
  readonly metadata: { readonly uid: string; readonly generation: number };
  readonly spec: { readonly template: RawTemplate };
  readonly status: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}
interface ReplicaSets {
  readonly items: readonly {
    readonly metadata: { readonly uid: string; readonly name: string };
    readonly spec: { readonly replicas: number; readonly template: RawTemplate };
  }[];
}
need(
  'control-plane',
  'prometheus',
  'alertmanager',
  'postgres',
)('story B: a stuck rollout, with nothing simulated but Slack', { timeout: 90_000 }, () => {
  let world: RealWorld;
  const began = performance.now();

  beforeAll(async () => {
    const faults = { [images.missing]: { kind: 'image-not-found' } } as const;
    world = await startRealWorld({ regions: [broken, healthy], replicas: 2, mode: 'http', faults });
    tell('everything runs');
  }, 60_000);
  afterAll(async () => {
    await world?.stop();
    if (world !== undefined) judge(world.slack.sent);
  }, 30_000);

  /** With MLP_TELL=1 the story is told while it happens. */
  function tell(what: string): void {
    if (process.env['MLP_TELL'] !== '1') return;
    process.stdout.write(`${((performance.now() - began) / 1000).toFixed(1)} s: ${what}\n`);
  }
  const live = (region = broken): Promise<Deployment> =>
    world.plane.region(region).admin.get(`${deployments}/model-server`);
  const replicaSets = (): Promise<ReplicaSets> =>
    world.plane.region(broken).admin.get(`/apis/apps/v1/namespaces/${namespace}/replicasets`);

  it('alert, thread, approval, a killed replica, rollback, resolved, looked again, closed: each once', async () => {
    const before = { broken: await live(), healthy: await live(healthy) };
    const [good] = (await replicaSets()).items;
    if (good === undefined) throw new Error('no ReplicaSet');
    const image = `serve=${images.missing}`;
    const set = ['set', 'image', 'deployment/model-server', image, '-n', namespace];
    await world.plane.kubectl(set, { region: broken });

    const waiting = await world.threadWith(/^(?=[^]*\*Evidence of\*)(?=[^]*\[Deny…\])/, 30_000);
    tell(`approval is asked for\n\n${waiting}\n`);
    for (const said of asked) expect(waiting).toMatch(said);
    // The plan names the ReplicaSet and the digest of its template: exactly what is approved.
    const digest = digestOf(good.spec.template);
    expect(waiting).toContain(`ReplicaSet ${good.metadata.name} (template digest ${digest.slice(0, 12)})`);

    // The replica that owns the incident dies when its write is on the way: the cluster gets it, nobody hears the answer.
    const killed = Promise.withResolvers<BotProcess>();
    world.gates.get(broken)?.holdNext(async () => {
      const one = await ownerOf(world.replicas);
      await one.stop('SIGKILL');
      killed.resolve(one);
    });
    const approvedAt = new Date();
    await world.slack.as(sana).press({ channel, ts: world.rootTs() }, 'Approve rollback');
    const owner = await killed.promise;
    const killedAt = performance.now();
    tell(`approved; ${owner.name}, which owned the incident, was killed while its write was on the way`);
    await world.threadWith(/Found it done \(its answer was lost\)/, 30_000);
    const takenOverMs = performance.now() - killedAt;
    tell(`taken over after ${Math.round(takenOverMs)} ms`);
    expect(takenOverMs).toBeLessThan(30_000);
    // The card follows its root.
    const closed = await world.threadWith(/^(?=[^]*Closed)(?=[^]*before and after:\* (errors|not))/, 40_000);
    tell(`closed\n\n${closed}\n`);
    for (const said of over) expect(closed).toMatch(said);

    // The exact template is back, and the controller has finished.
    const after = await live();
    expect(after.metadata.uid).toBe(before.broken.metadata.uid);
    expect(digestOf(after.spec.template)).toBe(digest);
    expect(after.spec.template).toEqual(withoutHash(good.spec.template));
    expect(after.status).toMatchObject({ updatedReplicas: 4, availableReplicas: 4 });
    const running = (await replicaSets()).items.filter((one) => one.spec.replicas > 0);
    expect(running.map((one) => one.metadata.uid)).toEqual([good.metadata.uid]);

    // Each thing once: one change of the template, one incident, one call for people. The bad image was one write, and so was each of the
    // bot's, as every one of them gives the fence a new value: nobody else wrote.
    const written = botWrites(world.plane, approvedAt);
    expect(written.filter(changesTemplate)).toEqual([expect.objectContaining({ region: broken, status: 200 })]);
    expect(after.metadata.generation).toBe(before.broken.metadata.generation + 1 + written.length);
    expect(written.filter((one) => !isRollback(one))).toEqual([]);
    expect((await live(healthy)).metadata.generation).toBe(before.healthy.metadata.generation);
    expect(world.slack.roots(channel)).toHaveLength(1);
    expect(mentions(world)).toBe(1);

    // Prometheus and Alertmanager agree that it is over, and said so to the replica that lived on.
    expect((await world.alertmanager.alerts()).filter((one) => one.status.state === 'active')).toEqual([]);
    const left = world.replicas.find((one) => one !== owner);
    expect(await left?.count('mlp_webhook_deliveries_total', { outcome: 'stored' })).toBeGreaterThan(0);

    // The rights of deploy/ were enough, and nothing else was tried.
    const refused = world.plane.regions
      .flatMap(({ name }) => world.plane.requests(name, { user: botUser }))
      .filter((one) => one.status === 403);
    expect(refused).toEqual([]);
  });

  it('the incident went through its phases in order, in one message', () => {
    const roots = world.slack.sent
      .filter(({ method, args }) =>
        method === 'chat.update' ? args['ts'] === world.rootTs() : args['thread_ts'] === undefined,
      )
      .map(({ args }) => JSON.stringify(args['blocks'] ?? ''));
    const at = phases.map((phase) => roots.findIndex((blocks) => phase.test(blocks)));
    expect(at).not.toContain(-1);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
  });
});

/** What the person who is woken reads before deciding. */
const asked = [
  /model-server rollout stuck · eu-west-1\* · P2 · INC-\d+ · waiting for approval/,
  /\*Users:\* no effect seen: errors 0 % \(limit 1\.0 %\), p95 1[12]\d ms \(limit 200 ms\), \d+ requests in 20 s\. 3 of 4 pods ready/,
  /\*Cause:\* the registry registry\.example has no image `model-server:v2\.4\.1`\. 2 of 2 new pods cannot pull it/,
  /\*Change:\* v2\.4\.0 → v2\.4\.1 .* by hand/,
  /\*Fix B:\* roll back to v2\.4\.0\. Removes 2 pods of v2\.4\.1, starts 1, leaves the 3 ready ones alone\. Risk low/,
  /\*May approve:\* 1 of @ml-oncall \(now: Sana Okafor, Kofi Mensah\)/,
  /\*Other regions:\* us-east-1: on v2\.4\.0, nothing wrong found/,
  /> rpc error: code = NotFound desc = failed to pull and unpack image/,
  /By hand: `kubectl --context=eu-west-1 -n ml-platform describe pod model-server-/,
  /- image of serve: registry\.example\/ml\/model-server:v2\.4\.1\n\+ image of serve: registry\.example\/ml\/model-server:v2\.4\.0/,
  /server dry run accepted/,
];
/** …and after it. */
const over = [
  /:white_check_mark: \*model-server · eu-west-1 · rolled back.*\* · INC-\d+ · fixed in/,
  /\*Times:\* began .* · noticed .* · approved .* by Sana Okafor · changed .* · fixed .* · closed /,
  /Fewest pods: 3 of 4 pods ready \(75 %\), .*, at the end 4 of 4/,
  /Rollback of model-server in eu-west-1\*: verified/,
  /\*Users before and after:\* (errors 0 % → 0 %|not compared: closed while the 20 s of the numbers begin before)/,
  /Found it done \(its answer was lost\)/,
  /Looked again until .*: over\. Closed/,
];
const phases = [/waiting for approval/, /fixed, waiting/, /white_check_mark/];

/** Posts that notify a group of people; edits notify nobody. */
function mentions({ slack }: RealWorld): number {
  return slack.sent.filter(
    ({ method, args }) => method === 'chat.postMessage' && JSON.stringify(args['blocks']).includes('<!subteam^'),
  ).length;
}
