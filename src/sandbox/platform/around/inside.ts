import { Failure } from '../../../core/failure.ts';
import { whyNotInside } from '../../../core/inside.ts';
import { lacks } from '../../../core/rights.ts';
import type { Fetched, ObjectName, Ran } from '../../../core/ports/kubernetes.ts';
import { amount } from '../quantity.ts';
import type { Cluster, Pod } from '../state.ts';
import { effectsOn } from '../telemetry/effects.ts';
import { quantileOf } from '../telemetry/latency.ts';
import { instanceOf, type Instance, noise, plainCores, sharesOf, type Share } from '../telemetry/load.ts';
import { rssAt, workingSetAt } from '../telemetry/memory.ts';
import { gpuQuery, gpuTable } from './nvidia.ts';
import { allowed } from './views.ts';

/** What programs in a container print, from the model. */
export function exec(
  cluster: Cluster,
  of: ObjectName,
  program: { readonly container: string; readonly argv: readonly string[] },
  now: number,
): Ran {
  const right = { verb: 'create', resource: 'pods/exec', namespace: of.namespace };
  if (!allowed(cluster, right).allowed) {
    throw new Failure('forbidden', lacks(right));
  }
  const why = whyNotInside(program.argv);
  if (why !== null) throw new Failure('invalid', why);
  const pod = cluster.pods.find((one) => one.namespace === of.namespace && one.name === of.name);
  if (pod === undefined) throw new Failure('not found', `pods "${of.name}" not found`);
  const container = pod.containers.find((one) => one.spec.name === program.container);
  if (container === undefined)
    throw new Failure('invalid', `container ${program.container} is not valid for pod ${of.name}`);
  if (container.state.is !== 'running') {
    throw new Failure('server error', `unable to upgrade connection: container not found ("${program.container}")`);
  }
  return answer(seenInside(cluster, pod, now), program.argv);
}

/** What a program in the pod can see. */
export interface Inside {
  readonly cluster: Cluster;
  readonly pod: Pod;
  readonly share: Share | undefined;
  readonly now: number;
}

function seenInside(cluster: Cluster, pod: Pod, now: number): Inside {
  const service = cluster.services.find((one) => one.workload === pod.workload);
  const share =
    service === undefined ? undefined : sharesOf(cluster, service, now).find((one) => one.of.uid === pod.uid);
  return { cluster, pod, share, now };
}

const printed = (out: readonly string[], exitCode = 0, err: readonly string[] = []): Ran => ({
  exitCode,
  out,
  err,
  cut: false,
});

function answer(inside: Inside, argv: readonly string[]): Ran {
  const [name = '', ...args] = argv;
  const { cluster, pod } = inside;
  switch (name) {
    case 'nvidia-smi': {
      if (pod.template.containers[0]?.limits['nvidia.com/gpu'] === undefined) return missing(name);
      const xid = cluster.effects.some(
        (one) => one.effect.is === 'xid' && one.where.node === pod.node && one.until === null,
      );
      if (xid) return printed([], 255, ['Failed to initialize NVML: Unknown Error']);
      return printed(args[0]?.startsWith('--query') === true ? gpuQuery(inside, args) : gpuTable(inside));
    }
    case 'top':
      return printed(topOf(inside, args.includes('-H')));
    case 'nproc':
      return printed([cluster.nodes.find((one) => one.name === pod.node)?.allocatable['cpu'] ?? '1']);
    case 'df':
      return printed(dfOf(args));
    case 'ls':
      return lsOf(args.at(-1) ?? '/');
    case 'stat':
      return statOf(args.at(-1) ?? '/');
    case 'du':
      return printed([`4.0G\t${args.at(-1) ?? '/'}`]);
    case 'cat':
      return catOf(inside, args[0] ?? '');
    default:
      return missing(name);
  }
}

const missing = (name: string): Ran =>
  printed([], 126, [
    `OCI runtime exec failed: exec failed: unable to start container process: exec: "${name}": executable file not found in $PATH: unknown`,
  ]);

function topOf({ cluster, pod, share, now }: Inside, threads: boolean): readonly string[] {
  const of = instanceOf(pod);
  const cores = share?.cores ?? plainCores(cluster, of, now);
  const effects = effectsOn(cluster, of, now).map((one) => one.effect);
  const runaway = effects.find((one) => one.is === 'extra cpu');
  const extra = runaway?.is === 'extra cpu' ? Math.min(runaway.cores, cores) : 0;
  const rss = rssAt(cluster, of, now) ?? 0;
  const kib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)}g`;
  const row = (pid: number, name: string, used: number, bytes: number): string =>
    `${String(pid).padStart(7)} app       20   0 ${kib(bytes * 2.6).padStart(7)} ${kib(bytes).padStart(6)}  612m S ${(used * 100).toFixed(1).padStart(6)} ${((bytes / (180 * 2 ** 30)) * 100).toFixed(1).padStart(5)}  12:04.51 ${name}`;
  const own = Math.max(0, cores - extra);
  const counted = effects.find((one) => one.is === 'threads');
  const count = counted?.is === 'threads' ? counted.count : 4;
  const mains = threads
    ? Array.from({ length: Math.min(count, 60) }, (_, index) => row(40 + index, 'serve', own / count, rss))
    : [row(1, pod.template.containers[0]?.name ?? 'serve', own, rss)];
  const others = runaway?.is === 'extra cpu' ? [row(812, runaway.process, extra, 40e6)] : [];
  const rows = extra > own ? [...others, ...mains] : [...mains, ...others];
  const nodeCpu = amount(cluster.nodes.find((one) => one.name === pod.node)?.allocatable['cpu'] ?? '8');
  return [
    `top - ${new Date(now).toISOString().slice(11, 19)} up 30 days,  4:12,  0 user,  load average: ${(cores * 1.1).toFixed(2)}, ${(cores * 1.05).toFixed(2)}, ${cores.toFixed(2)}`,
    `Tasks: ${rows.length + 1} total,   1 running, ${rows.length} sleeping,   0 stopped,   0 zombie`,
    `%Cpu(s): ${((cores / nodeCpu) * 100).toFixed(1)} us,  0.4 sy,  0.0 ni, ${Math.max(0, 100 - (cores / nodeCpu) * 100).toFixed(1)} id,  0.1 wa,  0.0 hi,  0.0 si,  0.0 st`,
    '',
    '    PID USER      PR  NI    VIRT    RES    SHR S   %CPU  %MEM     TIME+ COMMAND',
    ...rows,
  ];
}

function dfOf(args: readonly string[]): readonly string[] {
  const shm = args.at(-1) === '/dev/shm';
  const head = 'Filesystem      Size  Used Avail Use% Mounted on';
  const rows = [
    'overlay         100G   38G   63G  38% /',
    'shm              64M   11M   54M  17% /dev/shm',
    'fs-0a1:/        8.0E  412G  8.0E   1% /models',
  ];
  return [head, ...(shm ? rows.slice(1, 2) : rows)];
}

function lsOf(path: string): Ran {
  if (!path.startsWith('/models')) return printed([], 2, [`ls: cannot access '${path}': No such file or directory`]);
  return printed([
    'total 4.0G',
    '-rw-r--r-- 1 app app 4.0G Mar  8 02:10 ranker-large-v1.0.0.safetensors',
    '-rw-r--r-- 1 app app  78K Mar  8 02:10 tokenizer.json',
  ]);
}

function statOf(path: string): Ran {
  if (!/^\/models\/ranker-large-v1\.0\.0\.safetensors$/.test(path)) {
    return printed([], 1, [`stat: cannot statx '${path}': No such file or directory`]);
  }
  return printed([
    `  File: ${path}`,
    '  Size: 4213842341\tBlocks: 8230160    IO Block: 1048576 regular file',
    'Modify: 2026-03-08 02:10:44.000000000 +0000',
  ]);
}

function catOf({ cluster, pod, share, now }: Inside, path: string): Ran {
  const main = pod.template.containers[0];
  const of = instanceOf(pod);
  const limit = main?.limits['cpu'];
  switch (path) {
    case '/sys/fs/cgroup/cpu.max':
      return printed([limit === undefined ? 'max 100000' : `${Math.round(amount(limit) * 100_000)} 100000`]);
    case '/sys/fs/cgroup/cpu.stat': {
      const periods = Math.floor((now - of.createdAt) / 100) % 10_000_000;
      const throttled = Math.round(periods * (limit === undefined ? 0 : (share?.throttled ?? 0)));
      return printed([`nr_periods ${limit === undefined ? 0 : periods}`, `nr_throttled ${throttled}`]);
    }
    case '/sys/fs/cgroup/memory.max':
      return printed([main?.limits['memory'] === undefined ? 'max' : String(amount(main.limits['memory']))]);
    case '/sys/fs/cgroup/memory.current':
      return printed([String(Math.round(workingSetAt(cluster, of, now) ?? 0))]);
    case '/sys/fs/cgroup/memory.stat': {
      const rss = Math.round(rssAt(cluster, of, now) ?? 0);
      const file = Math.max(0, Math.round((workingSetAt(cluster, of, now) ?? 0) - rss));
      return printed([`anon ${rss}`, `file ${file}`, `active_file ${file}`, 'inactive_file 0']);
    }
    case '/sys/fs/cgroup/memory.events':
      return printed(['low 0', 'high 0', 'max 0', 'oom 0', `oom_kill ${killsOf(cluster, of, now)}`]);
    case '/proc/loadavg':
      return printed([`${((share?.cores ?? 1) * noise(cluster, pod.uid, now)).toFixed(2)} 1.90 1.88 3/412 91`]);
    default:
      return printed([], 1, [`cat: ${path}: No such file or directory`]);
  }
}

/** Of the container that runs now: children, as the kill of the first process ends it. */
function killsOf(cluster: Cluster, of: Instance, now: number): number {
  let count = 0;
  for (const { effect, since } of effectsOn(cluster, of, now)) {
    const from = Math.max(since, of.runs.at(-1)?.startedAt ?? since);
    if (effect.is === 'child killed') count += Math.floor((now - from) / 1000 / effect.everyS);
  }
  return count;
}

/** One GET through the service proxy: a ready pod's health page, or what the API server says when nobody stands behind it. */
export function fetchPage(
  cluster: Cluster,
  of: ObjectName,
  at: { readonly port: string; readonly path: string },
  now: number,
): Fetched {
  const right = { verb: 'get', resource: 'services/proxy', namespace: of.namespace };
  if (!allowed(cluster, right).allowed) {
    throw new Failure(
      'forbidden',
      `services "${of.name}" is forbidden: User "mlp-bot" cannot get resource "services/proxy"`,
    );
  }
  const service = cluster.around.services.find((one) => one.namespace === of.namespace && one.name === of.name);
  if (service === undefined) throw new Failure('not found', `services "${of.name}" not found`);
  const known = service.ports.some(({ name, port }) => at.port === name || at.port === String(port));
  const ready = cluster.pods.find(
    (pod) =>
      pod.readySince !== null &&
      pod.deletedAt === null &&
      Object.entries(service.selector).every(([key, value]) => pod.labels[key] === value),
  );
  if (!known || ready === undefined) {
    return { status: 503, tookMs: 2, body: `no endpoints available for service "${of.name}"` };
  }
  const { share } = seenInside(cluster, ready, now);
  if (!['/health', '/live', '/metrics', '/'].includes(at.path)) return { status: 404, tookMs: 1, body: 'not found' };
  const slow = share === undefined ? 0.004 : Math.min(1, quantileOf(share, 0.5) / 10);
  return { status: 200, tookMs: Math.round(slow * 1000), body: at.path === '/health' ? '{"status":"ok"}' : 'ok' };
}
