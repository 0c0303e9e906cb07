import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { startLocalSlack, type LocalSlack } from '../../src/sandbox/slack/server.ts';
import { judge } from '../blockkit/validate.ts';
import { startBotProcess, writeConfig, type BotProcess } from '../peers/bot.ts';
import { grantBot } from '../peers/bot-rights.ts';
import { botWrites, changesTemplate, isRollback } from '../peers/bot-writes.ts';
import { startControlPlane, type ControlPlane } from '../peers/control-plane.ts';
import { startKubelet } from '../peers/kubelet.ts';
import { need } from '../peers/need.ts';
import { freePort, removeFolder, temporaryFolder } from '../peers/process.ts';
import { channel, deployments, images, modelServer, namespace, served } from '../peers/real-world.ts';
import { startToxiproxy, type Proxy } from '../peers/toxiproxy.ts';
import { until } from '../peers/until.ts';
import { deliver } from './delivery.ts';

const broken = 'eu-west-1';
const hanging = 'ap-southeast-1';
const regions = [broken, 'us-east-1', hanging];
/** The longest that any one reading waits (playbooks/readings), and what the rest of a run may add. */
const readingMs = 8000;
const marginMs = 3000;
/** The shortest limit of a reading that hangs. */
const shortestMs = 5000;

const labels = {
  alertname: 'KubeDeploymentRolloutStuck',
  region: broken,
  namespace,
  deployment: 'model-server',
  severity: 'warning',
};

need('control-plane', 'toxiproxy')('Kubernetes fails while the bot looks and acts', { timeout: 60_000 }, () => {
  const ends: (() => Promise<unknown>)[] = [];
  let plane: ControlPlane;
  let slack: LocalSlack;
  let proxy: Proxy;
  let bot: BotProcess;
  let approvedAt: Date;

  beforeAll(async () => {
    const folder = temporaryFolder('faults');
    ends.push(() => removeFolder(folder));
    slack = await startLocalSlack();
    ends.push(() => slack.close());
    plane = await startControlPlane({ regions, auditLog: true, nodeGraceSeconds: 40 });
    ends.push(() => plane.stop());
    await Promise.all(regions.map((name) => serve(name)));
    const toxiproxy = await startToxiproxy();
    ends.push(() => toxiproxy.stop());
    proxy = await toxiproxy.proxy({ to: plane.region(hanging).server });
    const servers = { [hanging]: `https://${proxy.address}` };
    const kubeconfig = await grantBot(
      plane,
      folder,
      ['read.yaml', 'read-cluster.yaml', 'remedy-rollback.yaml'],
      servers,
    );
    bot = await startBotProcess({
      name: 'bot',
      port: await freePort(),
      configFile: writeConfig(
        folder,
        regions.map((name) => ({ name })),
      ),
      slack,
      env: { KUBECONFIG: kubeconfig, MLP_DATA: join(folder, 'data') },
    });
    ends.push(() => bot.stop());
  }, 60_000);
  afterAll(async () => {
    for (const end of ends.toReversed()) await end();
    if (slack !== undefined) judge(slack.sent);
  }, 30_000);

  async function serve(name: string): Promise<void> {
    const region = plane.region(name);
    await region.createNamespace(namespace);
    const faults = { [images.missing]: { kind: 'image-not-found' } } as const;
    const kubelet = await startKubelet(region, { nodes: [{ name: `${name}-a` }, { name: `${name}-b` }], faults });
    ends.push(() => kubelet.stop());
    await region.admin.post(deployments, modelServer());
    await served(plane, name);
  }
  const thread = (): string => {
    const root = slack.roots(channel).at(-1);
    return root === undefined ? '' : slack.thread(channel, root.ts);
  };
  const threadWith = (pattern: RegExp, withinMs: number): Promise<string> =>
    until(`${pattern}`, () => (pattern.test(thread()) ? thread() : undefined), {
      withinMs,
      everyMs: 50,
      explain: () => `${thread()}\n${bot.output().slice(-4000)}`,
    });

  it('one region of three hangs: the others are diagnosed without waiting for it', async () => {
    const image = `serve=${images.missing}`;
    const set = ['set', 'image', 'deployment/model-server', image, '-n', namespace];
    await plane.kubectl(set, { region: broken });
    await until('the rollout to be stuck', async () => {
      const { stdout } = await plane.kubectl(['get', 'pods', '-n', namespace], { region: broken });
      return stdout.includes('ImagePullBackOff') ? true : undefined;
    });
    await proxy.hang();
    const began = performance.now();
    expect((await deliver(bot.url, [{ labels, status: 'firing' }])).status).toBe(200);
    const offered = await threadWith(/\[Approve rollback\]/, readingMs + marginMs);
    const offeredMs = performance.now() - began;
    await threadWith(/ap-southeast-1: I cannot see/, readingMs + marginMs);
    const wholeMs = performance.now() - began;
    // The evidence is posted after the root, at the pace that Slack allows.
    const whole = await threadWith(/ap-southeast-1: I cannot see[\s\S]*\*Could not read:\*/, marginMs);
    // Not even the shortest limit of a reading was waited out before the fix was offered, and nothing was said of what was not seen.
    expect(offeredMs).toBeLessThan(shortestMs);
    expect(offered).toMatch(/\*Cause:\* the registry registry\.example has no image `model-server:v2\.4\.1`/);
    expect(offered).not.toMatch(
      /ap-southeast-1(?: checked|: on [^·]*), nothing wrong found|\*ap-southeast-1\* .*nothing wrong found/,
    );
    expect(wholeMs).toBeLessThan(readingMs + marginMs);
    expect(whole).toMatch(
      /\*Other regions:\* ap-southeast-1: I cannot see it · us-east-1: on v2\.4\.0, nothing wrong found/,
    );
    expect(whole).toMatch(/\*ap-southeast-1\* · no answer since .*, and none before in this thread/);
    expect(whole).toMatch(
      /\*Could not read:\* none of my looks was answered: no answer within 5 s\. By hand: `kubectl /,
    );
    expect(whole).toMatch(/\*Cause:\* the registry registry\.example has no image `model-server:v2\.4\.1`/);
    const [, answered, asked] = /(\d+) of (\d+) readings answered/.exec(whole) ?? [];
    expect(Number(answered)).toBeGreaterThan(0);
    expect(Number(answered) * 3).toBe(Number(asked) * 2);
    expect(whole).toMatch(/\[Approve rollback\]/);
  });

  it('the API server restarts while the change is followed: it is verified, once, without a false word', async () => {
    approvedAt = new Date();
    const root = slack.roots(channel).at(-1)?.ts ?? '';
    await slack.as(ids.users.sana).press({ channel, ts: root }, 'Approve rollback');
    await threadWith(/Written/, 10_000);
    const region = plane.region(broken);
    await region.stop();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const blind = thread();
    await region.start();
    expect(blind).toMatch(/· verifying$/m);
    expect(blind).toMatch(
      /Verifying: I cannot see it \(unreachable: get deployments\.apps model-server .*connection refused\)/,
    );
    expect(blind).not.toMatch(/verified|:white_check_mark:|rolled back/);
    const seen = await threadWith(/verified/, 30_000);
    expect(seen).toMatch(/Rollback of model-server in eu-west-1\*: verified, .*4 of 4 updated, 4 available/);
    // The region that is still dark keeps the incident open.
    expect(seen).not.toMatch(/Closed/);
  });

  it('the region comes back: it is seen again, and the incident closes when the alert is over', async () => {
    await proxy.heal();
    await threadWith(/Other regions:.*us-east-1 and ap-southeast-1: on v2\.4\.0/, 15_000);
    expect((await deliver(bot.url, [{ labels, status: 'resolved' }])).status).toBe(200);
    expect(await threadWith(/Closed/, 30_000)).toMatch(
      /:white_check_mark: \*model-server · eu-west-1 · rolled back to v2\.4\.0\*/,
    );
    const written = botWrites(plane, approvedAt);
    expect(written.filter(changesTemplate)).toEqual([expect.objectContaining({ region: broken, status: 200 })]);
    expect(written.filter((one) => !isRollback(one))).toEqual([]);
    expect(slack.roots(channel)).toHaveLength(1);
  });
});
