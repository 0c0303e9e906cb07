import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLocalSlack, type LocalSlack } from '../src/sandbox/slack/server.ts';
import { grantBot } from '../test/peers/bot-rights.ts';
import { writeConfig } from '../test/peers/bot.ts';
import { startControlPlane, type ControlPlane } from '../test/peers/control-plane.ts';
import { startKubelet } from '../test/peers/kubelet.ts';
import { deployment } from '../test/peers/manifests.ts';
import { whyNot } from '../test/peers/need.ts';
import { removeFolder, temporaryFolder } from '../test/peers/process.ts';
import { until } from '../test/peers/until.ts';
import { startBot, type Bot } from './bot.ts';
import { startCountingProxy, type CountingProxy } from './counting-proxy.ts';
import { median, rounded, type Figures } from './figures.ts';
import { namespace, regions } from './real.ts';
import { channel, people } from './simulated.ts';

const atOnce = 50;
/** Asked one after the other, each of a deployment of its own: `alone` of them, for one's time and CPU. */
const alone = 6;
/** Each round asks for deployments that nobody has asked for yet: equal questions within five seconds would be asked once. */
const names = Array.from({ length: atOnce + alone + 1 }, (_, at) => `service-${String(at + 1).padStart(3, '0')}`);
/** Of Linux: `getconf CLK_TCK`. */
const tickMs = 10;

/** The bot as a process of its own, three real API servers behind proxies that count connections, one pod of each deployment. */
export async function many(): Promise<Figures> {
  const missing = whyNot('control-plane');
  if (missing !== undefined) {
    process.stderr.write(`many_ratio, many_refused, connections_per_api_server ${missing}\n`);
    return {};
  }
  const folder = temporaryFolder('bench-many');
  const ends: (() => Promise<unknown>)[] = [() => removeFolder(folder)];
  try {
    const plane = await startControlPlane({ regions: [...regions], nodeGraceSeconds: 600 });
    ends.push(() => plane.stop());
    for (const end of await Promise.all(regions.map((region) => serve(plane, region)))) ends.push(end);
    const proxies = await Promise.all(regions.map((name) => startCountingProxy(plane.region(name).server)));
    ends.push(() => Promise.all(proxies.map((one) => one.close())));
    const servers = Object.fromEntries(regions.map((name, at) => [name, proxies[at]?.server ?? '']));
    const KUBECONFIG = await grantBot(plane, folder, ['read.yaml', 'read-cluster.yaml'], servers);
    const slack = await startLocalSlack({ limitScale: Number.POSITIVE_INFINITY });
    ends.push(() => slack.close());
    const bot = await startBot({ folder, configFile: config(folder), slackApiUrl: slack.apiUrl, env: { KUBECONFIG } });
    ends.push(() => bot.stop());
    await slack.until(() => slack.connections > 0, 'a socket', 10_000);
    return await measured(bot, slack, [bot.pid, ...apiServers(plane)], proxies);
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

async function measured(
  bot: Bot,
  slack: LocalSlack,
  pids: readonly number[],
  proxies: readonly CountingProxy[],
): Promise<Figures> {
  const [first = '', ...rest] = names;
  await diagnose(bot, slack, [first]); // opens connections, compiles
  const idleCpuMs = await cpuOf(pids, () => sleep(3_000));
  const ones: { readonly tookMs: number; readonly cpuMs: number }[] = [];
  for (const name of rest.slice(0, alone)) {
    const from = performance.now();
    const cpuMs = await cpuOf(pids, () => diagnose(bot, slack, [name]));
    const tookMs = performance.now() - from;
    ones.push({ tookMs, cpuMs: Math.max(0, cpuMs - (idleCpuMs * tookMs) / 3_000) });
  }
  const aloneMs = median(ones.map((one) => one.tookMs));
  // The mean: a tick is as long as much of what is measured.
  const oneCpuMs = ones.reduce((sum, one) => sum + one.cpuMs, 0) / ones.length;
  const from = performance.now();
  const looked = await diagnose(bot, slack, rest.slice(alone));
  const tookMs = performance.now() - from;
  const floorMs = Math.max(aloneMs, (atOnce * oneCpuMs) / availableParallelism());
  return {
    many_ratio: rounded(tookMs / floorMs, 2),
    many_refused: atOnce - looked,
    connections_per_api_server: Math.max(...proxies.map((one) => one.opened())),
    many_ms: rounded(tookMs),
    many_one_alone_ms: rounded(aloneMs),
    many_one_cpu_ms: rounded(oneCpuMs),
  };
}

/** Until each of them has been looked at in each region, at most a minute. How many of them were. */
async function diagnose(bot: Bot, slack: LocalSlack, all: readonly string[]): Promise<number> {
  const looks = (): Promise<number> => bot.count('mlp_look_seconds_count');
  const before = await looks();
  const oncall = slack.as(people.sana);
  await Promise.all(all.map((name) => oncall.command(`/mlp diagnose ${name}`, { channel })));
  const end = performance.now() + 60_000;
  for (;;) {
    const looked = ((await looks()) - before) / regions.length;
    if (looked >= all.length || performance.now() > end) return Math.floor(looked);
    await sleep(10);
  }
}

async function serve(plane: ControlPlane, name: string): Promise<() => Promise<void>> {
  const region = plane.region(name);
  await region.createNamespace(namespace);
  const kubelet = await startKubelet(region, { nodes: [{ name: `${name}-a`, pods: 200 }], speed: 5 });
  const made = names.map((one) =>
    deployment({ name: one, namespace, image: 'registry.example/ml/service:v1', replicas: 1 }),
  );
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  while (made.length > 0) await Promise.all(made.splice(0, 8).map((one) => region.admin.post(path, one)));
  await until(
    `the services of ${name} are there`,
    async () => {
      const { items } = await region.admin.get<{ items: { status: { availableReplicas?: number } }[] }>(path);
      return items.filter((one) => one.status.availableReplicas === 1).length === names.length ? true : undefined;
    },
    { withinMs: 60_000, everyMs: 500 },
  );
  return () => kubelet.stop();
}

function config(folder: string): string {
  const file = writeConfig(
    folder,
    regions.map((name) => ({ name })),
  );
  const written = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...written, services: names.map((name) => ({ name })) }));
  return file;
}

/** The process ids of the API servers, by their ports. */
function apiServers(plane: ControlPlane): readonly number[] {
  const ports = plane.regions.map((one) => new URL(one.server).port);
  const all = readdirSync('/proc').filter((one) => /^\d+$/.test(one));
  const found = all.filter((pid) => {
    const args = commandOf(pid);
    return args[0]?.endsWith('kube-apiserver') === true && ports.some((port) => args.includes(`--secure-port=${port}`));
  });
  if (found.length !== ports.length) throw new Error(`${found.length} of ${ports.length} API servers were found`);
  return found.map(Number);
}

function commandOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // it has ended
  }
}

/** CPU time that these processes used meanwhile (ms). */
async function cpuOf(pids: readonly number[], run: () => Promise<unknown>): Promise<number> {
  const used = (): number => pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);
  const before = used();
  await run();
  return used() - before;
}

/** proc(5): fields 14 and 15, user and system time in ticks; the command's name before them may hold blanks. */
function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}
