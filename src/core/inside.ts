/**
 * What may be run inside a container: programs that only look, with exactly these arguments. Kubernetes cannot restrict the command of an
 * exec, so this list does. No shell, no interpreter, nothing that opens a connection or a model file, nothing that shows an environment
 * or a command line, as those may hold secrets.
 */

/** Null when it may be run, else why not, for people. */
export function whyNotInside(argv: readonly string[]): string | null {
  const [program = '', ...args] = argv;
  const allowed = programs[program];
  if (allowed?.(args) === true) return null;
  const told = argv.join(' ').slice(0, 120);
  return `\`${told}\` is not on the list of what I run inside a container: ${Object.keys(programs).join(', ')}, and those only to look`;
}

type Allows = (args: readonly string[]) => boolean;

const programs: Readonly<Record<string, Allows>> = Object.assign(Object.create(null) as object, {
  'nvidia-smi': (args) => args.length === 0 || isOneOf(args, ['-L']) || isQuery(args) || isDetail(args),
  top: (args) => isOneOf(args, ['-b', '-n', '1']) || isOneOf(args, ['-b', '-H', '-n', '1']),
  ls: (args) => withPath(args, /^-[lahnL1]{1,6}$/, 1),
  stat: (args) => withPath(args, /^(?:-L|-f)$/, 1),
  df: (args) =>
    args.length === 0 || isOneOf(args, ['-h']) || isOneOf(args, ['-i']) || withPath(args, /^-[hikP]{1,4}$/, 1),
  du: (args) => withPath(args, /^-[shkxL]{1,5}$/, 1),
  nproc: (args) => args.length === 0,
  cat: (args) => args.length === 1 && files.has(args[0] ?? ''),
} satisfies Record<string, Allows>);

function isOneOf(args: readonly string[], wanted: readonly string[]): boolean {
  return args.length === wanted.length && args.every((one, at) => one === wanted[at]);
}

/** `--query-gpu=utilization.gpu,memory.used --format=csv,noheader,nounits` and the same of the processes that compute. */
function isQuery(args: readonly string[]): boolean {
  const [query = '', format = ''] = args;
  return (
    args.length === 2 &&
    /^--query-(?:gpu|compute-apps)=[a-z0-9_.]{1,60}(?:,[a-z0-9_.]{1,60}){0,40}$/.test(query) &&
    /^--format=csv(?:,noheader)?(?:,nounits)?$/.test(format)
  );
}

const details =
  'MEMORY|UTILIZATION|ECC|TEMPERATURE|POWER|CLOCK|PERFORMANCE|PIDS|PAGE_RETIREMENT|ROW_REMAPPER|ACCOUNTING';
const detail = new RegExp(`^(?:${details})(?:,(?:${details})){0,5}$`);

function isDetail(args: readonly string[]): boolean {
  return args.length === 3 && args[0] === '-q' && args[1] === '-d' && detail.test(args[2] ?? '');
}

/** Options in one word, then one path to where data lies. */
function withPath(args: readonly string[], option: RegExp, maxOptions: number): boolean {
  const path = args.at(-1) ?? '';
  const options = args.slice(0, -1);
  return options.length <= maxOptions && options.every((one) => option.test(one)) && isDataPath(path);
}

/** Where names alone would tell something, or listing would never end. */
const hidden = /^\/(?:proc|sys|etc|root|boot|dev(?!\/shm(?:\/|$))|run|var\/run|var\/lib\/kubelet)(?:\/|$)/;

function isDataPath(path: string): boolean {
  return (
    /^(?:\/[A-Za-z0-9_.@:+-]{1,255}){1,20}\/?$/.test(path) &&
    !path.split('/').includes('..') &&
    !path.split('/').includes('.') &&
    !hidden.test(path) &&
    path.length <= 1_000
  );
}

/** Numbers of the kernel and of the container's group; of processes none but the first one's, without its environment or command line. */
const files = new Set([
  '/proc/meminfo',
  '/proc/cpuinfo',
  '/proc/loadavg',
  '/proc/uptime',
  '/proc/mounts',
  '/proc/1/status',
  '/proc/1/limits',
  '/proc/pressure/cpu',
  '/proc/pressure/io',
  '/proc/pressure/memory',
  '/proc/driver/nvidia/version',
  '/sys/fs/cgroup/cpu.max',
  '/sys/fs/cgroup/cpu.stat',
  '/sys/fs/cgroup/io.stat',
  '/sys/fs/cgroup/memory.current',
  '/sys/fs/cgroup/memory.events',
  '/sys/fs/cgroup/memory.max',
  '/sys/fs/cgroup/memory.peak',
  '/sys/fs/cgroup/memory.stat',
  '/sys/fs/cgroup/pids.current',
  '/sys/fs/cgroup/pids.max',
]);
