import { Failure, whyOf } from '../core/failure.ts';
import { matcherOf, patternText } from '../core/looking/pattern.ts';
import { viewOf } from '../core/looking/view.ts';
import type { Asked } from '../core/looking/view.ts';
import type { ContainerStatus, Pod, PodRow } from '../core/ports/kubernetes.ts';
import type { Read } from '../core/ports/platform.ts';
import { duration } from '../core/render/small.ts';
import { bold, code, join, say } from '../core/words.ts';
import type { Words } from '../core/words.ts';
import { targetIn } from './found.ts';
import { worstFirst } from './order.ts';
import { counted, view } from './show.ts';
import type { Part } from './show.ts';

/** `kubectl logs` of several pods, what is wrong first; searched here, so that no secret can be searched for: they are taken out before. */

interface PodLines {
  readonly pod: string;
  readonly container: string;
  readonly others: readonly string[];
  /** Those that match, the last ones. */
  readonly lines: readonly string[];
  readonly read: number;
  readonly matched: number;
  /** There is more than was read. */
  readonly cut: boolean;
  /** The pattern was too much work for the whole of it. */
  readonly stopped: boolean;
  /** Why it could not be read; '' when it was. */
  readonly unread: string;
}
interface Logs {
  readonly pods: readonly PodLines[];
  /** How many there are. */
  readonly there: number;
  /** Of these, how many can have a `previous`. */
  readonly restarted: number;
  /** Those that have not begun, by why: "6 ImagePullBackOff". */
  readonly idle: readonly string[];
}

/** Pods that are read: in one region, and in each of several. */
const ALONE = 6;
const BESIDE = 3;
const TAIL = 200;
/** Time limit of one pod, ms. */
const POD_MS = 4_000;
const SEARCHED = 5_000;
/** Lines that are shown in all. */
const LINES = 45;
const CHARS = 220;
/** Lines that are searched before anything else in the process has its turn. */
const AT_ONCE = 100;

export const logs = viewOf<Logs>({
  word: 'logs',
  also: ['log'],
  options: ['since', 'grep', 'previous', 'container'],
  of: 'one',
  withinMs: 10_000,
  help: {
    usage: 'logs <deployment or pod> [region] [previous] [10m] [grep text]',
    short: 'last lines of its pods, what is wrong first',
    more: [
      '`grep` is last: a plain text (case ignored), or `/regular expression/`. I say which pods were read, and how far back.',
      '`previous`: of the instance before the last restart. `-c`: of another container. Secrets are taken out before anything is searched.',
      'Only you see the answer; with `here` before `grep`, or in a thread, everybody does.',
    ],
    examples: [
      'logs <deployment> <region> 10m grep timeout',
      'logs <deployment> <region> previous',
      'logs <deployment> grep /5\\d\\d/',
    ],
  },
  async look(read, asked) {
    const target = await targetIn(read, asked);
    if (target.is === 'pod')
      return { pods: [await linesOf(read, asked, target.pod)], there: 1, restarted: 1, idle: [] };
    const rows = await read.kubernetes.pods(asked.namespace, target.selector);
    // What has not begun has written nothing: those that run are read in their place.
    const idle = asked.container === null ? rows.filter(isUnstarted) : [];
    const begun = rows.filter((row) => !idle.includes(row));
    const able = asked.previous ? rows.filter((row) => row.restarts > 0) : begun;
    const most = asked.regions.length === 1 ? ALONE : BESIDE;
    // Those that go may be on a node that is lost: what is there now comes first.
    const sorted = worstFirst(able).toSorted((a, b) => Number(a.terminating) - Number(b.terminating));
    const look = async (rows: readonly PodRow[]): Promise<readonly PodLines[]> =>
      Promise.all(rows.map(async (row) => ofRow(read, asked, row)));
    const first = await look(sorted.slice(0, most));
    // Those on a lost node have no log that can be read: others may tell what happened.
    const pods = first.every((one) => one.unread !== '')
      ? [...first, ...(await look(sorted.slice(most, 2 * most)))]
      : first;
    const restarted = rows.filter((row) => row.restarts > 0).length;
    return { pods, there: rows.length, restarted, idle: asked.previous ? [] : statusesOf(idle) };
  },
  render(asked, all, at) {
    const shown = all.flatMap(({ outcome }) =>
      outcome.known ? outcome.value.pods.filter((one) => one.lines.length > 0) : [],
    );
    const each = Math.max(4, Math.floor(LINES / Math.max(1, shown.length)));
    return view(asked, all, at, {
      part: (value, region) => partOf(value, { region, asked, each }),
      notes: [how(asked)],
    });
  },
});

/** Its container has not begun; the log of an init container that fails is another matter. */
function isUnstarted({ status, restarts, node }: PodRow): boolean {
  const waits =
    /^(ImagePullBackOff|ErrImagePull|InvalidImageName|Pending|ContainerCreating|PodInitializing|CreateContainer(Config)?Error)$/;
  return node === '' || (restarts === 0 && waits.test(status));
}

function statusesOf(rows: readonly PodRow[]): readonly string[] {
  return [...Map.groupBy(rows, (row) => row.status)].map(([status, of]) => `${of.length} ${status}`);
}

/** A kubelet that does not answer must not take the other pods' logs with it. Searching, which takes its time, is not counted. */
async function within<T>(asked: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Failure('timeout', `no answer within ${POD_MS / 1000} s`)), POD_MS);
  });
  try {
    return await Promise.race([asked, limit]);
  } finally {
    clearTimeout(timer);
  }
}

async function ofRow(read: Read, asked: Asked, row: PodRow): Promise<PodLines> {
  try {
    const pod = await read.kubernetes.pod({ namespace: asked.namespace, name: row.name });
    if (pod !== null) return await linesOf(read, asked, pod);
    return nothing(row.name, '', 'it is gone');
  } catch (error) {
    return nothing(row.name, '', whyOf(error));
  }
}

function nothing(pod: string, container: string, unread: string): PodLines {
  return { pod, container, others: [], lines: [], read: 0, matched: 0, cut: false, stopped: false, unread };
}

async function linesOf(read: Read, asked: Asked, pod: Pod): Promise<PodLines> {
  const container = asked.container ?? containerOf(pod);
  const others = pod.containers.map((one) => one.name).filter((name) => name !== container);
  const tail = asked.grep === null ? TAIL : SEARCHED;
  const since = asked.sinceMs === null ? {} : { sinceS: Math.ceil(asked.sinceMs / 1000) };
  try {
    const of = { namespace: asked.namespace, name: pod.name };
    const log = await within(read.kubernetes.log(of, { container, previous: asked.previous, tail, ...since }));
    return { pod: pod.name, container, others, cut: log.cut, unread: '', ...(await searched(log.lines, asked)) };
  } catch (error) {
    return { ...nothing(pod.name, container, whyOf(error)), others };
  }
}

async function searched(
  all: readonly string[],
  { grep }: Asked,
): Promise<Pick<PodLines, 'lines' | 'read' | 'matched' | 'stopped'>> {
  const matcher = grep === null ? null : matcherOf(grep);
  if (matcher === null || 'wrong' in matcher)
    return { lines: all.slice(-LINES), read: all.length, matched: all.length, stopped: false };
  const found: string[] = [];
  let stopped = false;
  // The newest first: they are wanted most if it stops.
  for (const [index, line] of all.toReversed().entries()) {
    // Others want to go on meanwhile: a press must be answered within seconds.
    if (index % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => void setTimeout(resolve, 0));
    const answer = matcher.matches(line);
    stopped ||= answer === null;
    if (answer === true) found.unshift(line);
  }
  return { lines: found.slice(-LINES), read: all.length, matched: found.length, stopped };
}

/** The init container that it waits for, else its first. */
function containerOf(pod: Pod): string {
  const isDone = ({ state }: ContainerStatus): boolean => state.is === 'terminated' && state.exitCode === 0;
  const waits = pod.phase === 'Pending' ? pod.initContainers.find((one) => !isDone(one) && !one.ready) : undefined;
  return (waits ?? pod.containers[0])?.name ?? '';
}

function partOf(
  { pods, there, restarted, idle }: Logs,
  { region, asked, each }: { readonly region: string; readonly asked: Asked; readonly each: number },
): Part {
  if (there === 0) return { line: say`${bold(region)}: no pods` };
  const waiting = idle.length === 0 ? [] : [say`*No log yet*, as nothing has begun there: ${idle.join(', ')}`];
  if (pods.length === 0 && idle.length > 0)
    return { line: say`${bold(region)}: none of ${counted(there, 'pod')} has a log yet`, more: waiting };
  if (pods.length === 0)
    return { line: say`${bold(region)}: none of ${counted(there, 'pod')} was restarted, so there is no previous log` };
  const read = pods.filter((one) => one.unread === '');
  const matched = read.reduce((sum, one) => sum + one.matched, 0);
  const of = asked.previous ? `${restarted} restarted of ${there}` : String(there);
  const found =
    asked.grep === null
      ? ''
      : `: ${matched === 0 ? 'no line matches' : counted(matched, 'line matches', 'lines match')}`;
  const alike = Map.groupBy(
    pods.filter((one) => one.unread !== ''),
    (one) => one.unread.replaceAll(one.pod, '<pod>'),
  );
  const wrong = [...alike].map(([why, of]) => say`${listed(of.map((one) => one.pod))}: could not read: ${why}`);
  const silent = read.filter((one) => one.lines.length === 0).map((one) => one.pod);
  const more = [
    ...wrong,
    ...waiting,
    ...(silent.length === 0 || asked.grep !== null
      ? []
      : [
          say`Nothing written${asked.sinceMs === null ? '' : ` in the last ${duration(asked.sinceMs)}`}: ${silent.join(', ')}`,
        ]),
    ...(read.some((one) => one.stopped)
      ? [say`The expression is too much work for all of it: only the newest lines were searched`]
      : []),
  ];
  return {
    line: say`${bold(region)}: ${`${read.length} of ${of} ${there === 1 ? 'pod' : 'pods'} read${found}`}`,
    texts: read
      .filter((one) => one.lines.length > 0)
      .map((one) => [headOf(one, asked, each), ...one.lines.slice(-each).map(cutLine)].join('\n')),
    more,
  };
}

/** `a`, `b` and 4 more. */
function listed(names: readonly string[]): Words {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return say`${join(
    names.slice(0, 3).map((one) => [code(one)]),
    ', ',
  )}${more}`;
}

function headOf(one: PodLines, asked: Asked, each: number): string {
  const shown = Math.min(each, one.lines.length);
  const of =
    asked.grep === null
      ? `last ${shown} of ${counted(one.read, 'line')} read`
      : `last ${shown} of ${one.matched} that match, in ${counted(one.read, 'line')} read`;
  const others = one.others.length === 0 ? '' : `, other containers: ${one.others.join(', ')}`;
  return `--- ${one.pod} (${one.container}${asked.previous ? ', previous instance' : ''}): ${of}${one.cut ? ', older ones not' : ''}${others}`;
}

function cutLine(line: string): string {
  return line.length <= CHARS ? line : `${line.slice(0, CHARS - 1)}…`;
}

/** How it was read and searched: what is not shown is not claimed to be not there. */
function how({ grep, sinceMs }: Asked): Words {
  const back = sinceMs === null ? '' : ` of the last ${duration(sinceMs)}`;
  return grep === null
    ? say`At most ${TAIL} lines of a pod${back} were read. Secrets are taken out`
    : say`Searched for ${code(patternText(grep))}${grep.is === 'text' ? ' (case ignored)' : ''} in at most ${SEARCHED} lines of a pod${back}, after secrets were taken out`;
}
