import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { heal } from '../../src/sandbox/platform/control.ts';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

/** What `/mlp pods`, `logs` … show, over the real Slack protocol and the simulation. What only the asker sees is read with his eyes. */
let world: World;
let repository: string;
beforeAll(async () => {
  repository = mkdtempSync(join(tmpdir(), 'mlp-looking-'));
  const git = (...argv: readonly string[]): Buffer =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=Ada Winter', '-c', 'user.email=a@example.com', ...argv]);
  git('init', '-q', '-b', 'main');
  git('commit', '-q', '--allow-empty', '-m', 'Batch size 16');
  world = await startWorld((config) => ({
    ...config,
    sources: [{ service: 'model-server', path: repository, branch: 'main' }],
  }));
}, 30_000);
afterAll(async () => {
  await world.stop();
  rmSync(repository, { recursive: true, force: true });
});

async function ask(who: string, text: string): Promise<string> {
  const before = world.slack.ephemerals(who).length;
  const own = (): readonly string[] =>
    world.slack
      .channelText(channel, who)
      .split('\n---\n')
      .filter((one) => /^\S+ \(only /.test(one));
  const seen = own().length;
  await world.slack.as(who).command(text, { channel });
  await world.slack.until(() => world.slack.ephemerals(who).length > before, `an answer to ${text}`, 10_000);
  const news = (): string => own().slice(seen).join('\n---\n');
  // What takes longer is announced.
  await world.slack.until(
    () => /changed nothing/.test(news()) || !/Looking/.test(news()) || /The watch|I watch|\*Watched/.test(news()),
    `more than ${news()} to ${text}`,
    10_000,
  );
  const said = news();
  if (process.env['SHOW'] !== undefined)
    process.stdout.write(
      `\n=== ${text}\n${said}\n${JSON.stringify(world.logs.filter((one) => one.level !== 'info'))}\n`,
    );
  return said;
}

test('pods: all regions side by side, what is wrong first', { timeout: 60_000 }, async () => {
  const calm = await ask(people.noah, '/mlp pods model-server');
  expect(calm).toMatch(/model-server · pods\* · 3 regions/);
  expect(calm).toMatch(/eu-west-1\*: 12 of 12 ready · no restarts/);
  world.inject('image-missing', 'eu-west-1');
  // Looks within half a second are one.
  await new Promise((resolve) => setTimeout(resolve, 600));
  const said = await ask(people.noah, '/mlp pods model-server');
  expect(said).toMatch(/us-east-1\*: 12 of 12 ready/);
  expect(said).toMatch(/eu-west-1\*: 9 of 15 ready · 6 ImagePullBackOff/);
  expect(said).toMatch(/POD +READY +STATUS +RESTARTS +AGE +NODE\nmodel-server-\S+ +0\/1 +ImagePullBackOff/);
  expect(await ask(people.noah, '/mlp pods eu')).toMatch(/everything in ml-platform · pods/);
});

test('logs: which pods were read, searched by a text or an expression', { timeout: 60_000 }, async () => {
  const said = await ask(people.noah, '/mlp logs model-server us');
  expect(said).toMatch(/us-east-1\*: 6 of 12 pods read/);
  expect(said).toMatch(/--- model-server-\S+ \(\S+\): last \d+ of \d+ lines read/);
  const found = await ask(people.noah, '/mlp logs model-server us 30m grep GET');
  expect(found).toMatch(/Searched for `GET` \(case ignored\) in at most 5000 lines of a pod of the last 30 min/);
  expect(await ask(people.noah, '/mlp logs model-server us grep /(a+)+$/')).toMatch(/Searched for `\/\(a\+\)\+\$\/`/);
  expect(await ask(people.noah, '/mlp logs model-server us previous')).toMatch(
    /us-east-1\*: none of 12 pods was restarted, so there is no previous log/,
  );
  expect(await ask(people.noah, '/mlp logs')).toMatch(
    /Name a deployment or a pod, for example `\/mlp logs model-server/,
  );
  expect(await ask(people.noah, '/mlp logs no-such-thing us')).toMatch(
    /us-east-1\*: there is no deployment no-such-thing/,
  );
});

test('events: warnings first, the same added up', { timeout: 60_000 }, async () => {
  const said = await ask(people.noah, '/mlp events model-server eu');
  expect(said).toMatch(/eu-west-1\*: \d+ warnings, \d+ events in the last 60 min/);
  expect(said).toMatch(/Warning {2}Failed.* · 6 Pods · .* ago: /);
  expect(said).toMatch(/Kubernetes keeps events for about an hour/);
  expect(await ask(people.noah, '/mlp events feature-store us 1m')).toMatch(/no events in the last 60 s/);
});

test('top: in % of request and limit; where there is no metrics server it is said', { timeout: 60_000 }, async () => {
  const said = await ask(people.noah, '/mlp top model-server us');
  expect(said).toMatch(/POD +CPU +OF REQUEST +OF LIMIT +MEMORY +OF REQUEST +OF LIMIT\nmodel-server-\S+ +\S+.* %/);
  expect(said).toMatch(
    /us-east-1\*: 12 pods, .* Fullest: model-server-\S+, CPU \d+ % of request \(no limit\), memory \d+ % of limit/,
  );
  expect(await ask(people.noah, '/mlp top nodes eu')).toMatch(/NODE +CPU +OF ALLOCATABLE/);
  expect(await ask(people.noah, '/mlp kubectl top pods -n ml-platform --context=us-east-1')).toMatch(
    /everything in ml-platform · top/,
  );
});

test('describe: a deployment and a pod in our words', { timeout: 60_000 }, async () => {
  const said = await ask(people.noah, '/mlp describe model-server');
  expect(said).toMatch(/eu-west-1\*: 9 of 12 ready, 6 of 15 pods on the newest template/);
  expect(said).toMatch(/\*Container:\* \S+model-server:v2\.4\.1 · requests .* · limits .* · ready by GET/);
  expect(said).toMatch(/\*Autoscaler:\* /);
  const pod = /model-server-\w+-\w{5}(?= +0\/1)/.exec(await ask(people.noah, '/mlp pods model-server eu'))?.[0] ?? '';
  expect(await ask(people.noah, `/mlp describe ${pod} eu`)).toMatch(
    /Pending, 0 of 1 container ready[\s\S]*not ready, waiting: ImagePullBackOff[\s\S]*Warning {2}Failed/,
  );
});

test('changes: rollouts region beside region, with who', { timeout: 60_000 }, async () => {
  const said = await ask(people.noah, '/mlp changes model-server 1h');
  expect(said).toMatch(/eu-west-1\*: model-server:v2\.4\.1 is wanted \(6 of 15 pods on it\), since /);
  expect(said).toMatch(
    /rollout, revision 4: image model-server:v2\.4\.0 → model-server:v2\.4\.1.* · by argocd-controller/,
  );
  expect(said).toMatch(/\*Commits\* in model-server \(main\):\n.* `[0-9a-f]{7}` Batch size 16 · Ada Winter/);
  expect(said).toMatch(/us-east-1\*: model-server:v2\.4\.1, since .* in the last 60 min/);
  expect(await ask(people.noah, '/mlp kubectl rollout history deployment/model-server --context eu-west-1')).toMatch(
    /model-server · changes\* · eu-west-1/,
  );
  expect(await ask(people.noah, '/mlp changes eu')).toMatch(/everything in ml-platform · changes/);
});

test('compare: what differs first, what is equal in a line', { timeout: 60_000 }, async () => {
  const said = await ask(people.noah, '/mlp compare us eu model-server');
  expect(said).toMatch(/difference/);
  expect(said).toMatch(/replicas +12 of 12 ready +9 of 12 ready/);
  expect(said).toMatch(/\*Equal:\* .*image.*MODEL_VERSION/);
  expect(said).toMatch(/rollout +complete +6 of 15 pods on it/);
  expect(said).not.toMatch(/ap-southeast-1/);
  const each = await ask(people.noah, '/mlp compare us eu');
  expect(each).toMatch(/Each that the config names: model-server, api-gateway, feature-store and replication-service/);
  expect(each).toMatch(/\*model-server\*: \*\d differences\*[\s\S]*\*feature-store\*: no difference in what I compare/);
});

test('help: by the word, its other names, and behind the command', { timeout: 60_000 }, async () => {
  for (const typed of ['/mlp help changes', '/mlp help history', '/mlp changes help'])
    expect(await ask(people.noah, typed)).toMatch(/For example `\/mlp changes model-server 1h`/);
  expect(await ask(people.noah, '/mlp help compare')).toMatch(/`\/mlp compare us-east-1 eu-west-1`/);
});

test(
  'a region that may not be read, and one that hangs, say so; the others are shown',
  { timeout: 60_000 },
  async () => {
    world.inject('no-metrics-server', 'us-east-1');
    world.inject('region-unreachable', 'ap-southeast-1');
    await new Promise((resolve) => setTimeout(resolve, 600));
    const said = await ask(people.ria, '/mlp top model-server');
    expect(said).toMatch(/Looking at `model-server` in 3 regions: top…/);
    expect(said).toMatch(/us-east-1\*: there is no metrics server/);
    expect(said).toMatch(/eu-west-1\*: \d+ pods, /);
    expect(said).toMatch(/ap-southeast-1\*: could not look: (timeout|unreachable|no answer)/);
    expect(said).toMatch(/2 of 3 regions answered/);
    heal(world.platform.platform, 'region-unreachable', 'ap-southeast-1');
  },
);

test('with `here` everybody sees it', { timeout: 60_000 }, async () => {
  const seen = world.slack.channelText(channel, people.kofi).length;
  await world.slack.as(people.noah).command('/mlp pods model-server eu here', { channel });
  await world.slack.until(
    () => /model-server · pods/.test(world.slack.channelText(channel, people.kofi).slice(seen)),
    'the answer',
    10_000,
  );
  expect(world.slack.channelText(channel, people.kofi).slice(seen)).toMatch(/eu-west-1\*: \d+ of \d+ ready/);
});

test('asked in a thread it is answered there, about what the thread is about', { timeout: 60_000 }, async () => {
  // The simulation's own alert has opened it by now.
  await world.until(/waiting for approval/, { limitMs: 30_000 });
  await world.slack.as(people.kofi).say('<@U0MLPBOT> pods', { channel, thread: world.rootTs() });
  const thread = await world.until(/model-server · pods/);
  expect(thread).toMatch(/eu-west-1\*: \d+ of \d+ ready · 6 ImagePullBackOff/);
});

test('watch: asked, listed, ended', { timeout: 60_000 }, async () => {
  expect(await ask(people.noah, '/mlp watch feature-store us 10m')).toMatch(
    /I watch \*feature-store\* in us-east-1 until /,
  );
  expect(await ask(people.noah, '/mlp status')).toMatch(/\*Watched:\* feature-store in us-east-1/);
  await world.restart();
  let listed = '';
  // The old process's connection may take the first one with it.
  for (let tries = 0; tries < 5 && !/Watched/.test(listed); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    listed = await ask(people.noah, '/mlp watch');
  }
  expect(listed).toMatch(/\*Watched:\* feature-store in us-east-1/);
  expect(await ask(people.noah, '/mlp watch off')).toMatch(/The watch is over/);
});
