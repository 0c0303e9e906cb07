import type { Revision } from '../../src/core/ports/kubernetes.ts';
import type { EndedContainers } from '../readings/ended-containers.ts';
import type { ErrorLines, LineGroup } from '../readings/error-lines.ts';
import type { Odd } from '../readings/odd-pod.ts';
import type { Evidence } from './evidence.ts';
import { harmOf } from './harm.ts';
import type { Harm } from './harm.ts';
import { batchOf, notReady, otherModelLoaded } from './settings.ts';
import { changeOf, drainsOf, endsOf, inputsOf, xidOf } from './signs.ts';
import type { Xid } from './signs.ts';
import { cudaCause, cudaNumbers, kindOf } from './words-of-errors.ts';
import type { CudaNumbers, Kind } from './words-of-errors.ts';

/** Requests fail for one reason at a time, as far as anybody can tell at three in the morning: the one that explains most. Each check asks whether it is that one. */

export type Cause =
  | 'gpu-broken'
  | 'gpu-lost'
  | 'driver-mismatch'
  | 'model-missing'
  | 'version-mismatch'
  | 'model-load-failing'
  | 'model-load-slow'
  | 'cuda-oom-neighbour'
  | 'cuda-oom-fragmentation'
  | 'cuda-oom-batch'
  | 'cuda-oom-sequence'
  | 'shared-memory'
  | 'dependency'
  | 'bad-outputs'
  | 'oom-under-load'
  | 'crash-under-load'
  | 'no-drain'
  | 'keep-alive'
  | 'one-node'
  | 'one-pod'
  | 'pods-not-ready'
  | 'since-change'
  | 'errors-unexplained';

export interface Story {
  readonly cause: Cause | null;
  readonly harm: Harm;
  /** What most error lines say; null: there are none. */
  readonly told: Told | null;
  readonly odd: Odd | null;
  readonly xid: Xid | null;
  readonly cuda: CudaNumbers | null;
  readonly inputs: { readonly times: number; readonly at: string } | null;
  /** Ends of the last hour. */
  readonly ends: EndedContainers['ends'];
  /** Moments (Unix seconds) at which fewer pods were ready than just before, each with errors around it. */
  readonly drains: readonly number[];
  /** The change of the template that came just before the errors. */
  readonly change: Revision | null;
  readonly log: ErrorLines | null;
  /** Requests fail in the logs' last two minutes too; numbers over five minutes go on for a while after a fix. */
  readonly goesOn: boolean;
}
export interface Told {
  readonly kind: Kind;
  readonly newest: LineGroup;
  readonly lines: number;
  readonly all: number;
  /** Pods that wrote such lines, of so many whose logs were read; `odd`: those of the one pod that stands out. */
  readonly inPods: number;
  readonly read: number;
  readonly of: number;
  /** How far back those logs reach. */
  readonly minutes: number;
  readonly odd: boolean;
  /** What else is told in at least one of ten lines. */
  readonly besides: readonly Kind[];
}

/** Without counters only what is written again and again counts. */
const fewestLines = 5;

export function storyOf(seen: Evidence, at: string): Story {
  const config = seen.config.known ? seen.config.value : null;
  const harm: Harm =
    config === null ? { is: 'unknown', why: 'config' } : harmOf(config, seen.requests, seen.errors, at);
  const odd = seen['odd pod'].known ? seen['odd pod'].value : null;
  const log = seen['error lines'].known ? seen['error lines'].value : null;
  const ofOdd = seen['lines of the odd pod'].known ? seen['lines of the odd pod'].value : null;
  const told = (odd === null ? null : toldBy(ofOdd, true)) ?? toldBy(log, false);
  const facts_ = {
    harm,
    told,
    odd,
    xid: xidOf(seen, odd),
    cuda: told?.kind === 'cuda oom' ? cudaNumbers(told.newest.text) : null,
    inputs: inputsOf(seen),
    ends: endsOf(seen, at),
    drains: drainsOf(seen, harm),
    change: changeOf(seen, harm),
    log,
    goesOn: goesOn(ofOdd) || goesOn(log),
  };
  return { ...facts_, cause: isFault(harm, told) ? causeOf(facts_, seen) : null };
}

/** Four hundreds, a handful of requests at night, and five seconds long over are none. */
function isFault(harm: Harm, told: Told | null): boolean {
  switch (harm.is) {
    case 'bad':
      return true;
    case 'fine':
      return harm.recurs;
    case 'few':
      return false;
    case 'unknown':
      return told !== null && told.lines >= fewestLines;
  }
}

const fewest = 20;
const aFew = 0.005;

function goesOn(log: ErrorLines | null): boolean {
  if (log === null) return false;
  const { requests, failed, lines } = log.recent;
  return requests < fewest ? lines > 0 : failed / requests >= aFew;
}

const fewestTold = 3;

/** The kind with the most lines; what nobody can put a name to only where it is more than half. */
function toldBy(log: ErrorLines | null, odd: boolean): Told | null {
  if (log === null) return null;
  const kinds = new Map<Kind, { lines: number; inPods: number; newest: LineGroup }>();
  const all = log.groups.reduce((sum, one) => sum + one.lines, 0);
  // One or two are what fails on any good day.
  if (all < fewestTold) return null;
  for (const group of log.groups) {
    const kind = kindOf(group.text);
    const there = kinds.get(kind);
    kinds.set(kind, {
      lines: (there?.lines ?? 0) + group.lines,
      inPods: Math.max(there?.inPods ?? 0, group.inPods),
      newest: there?.newest ?? group,
    });
  }
  const ranked = [...kinds].toSorted(([, a], [, b]) => b.lines - a.lines);
  const named = ranked.find(([kind]) => kind !== 'other');
  const [kind, most] = (named !== undefined && named[1].lines * 2 >= all ? named : ranked[0]) ?? [];
  if (kind === undefined || most === undefined) return null;
  const besides = ranked.filter(([one, { lines }]) => one !== kind && lines * 10 >= all).map(([one]) => one);
  return { kind, ...most, besides, all, read: log.read, of: log.of, minutes: log.minutes, odd };
}

type Facts = Omit<Story, 'cause'>;

const byKind: Readonly<Partial<Record<Kind, Cause>>> = {
  'gpu broken': 'gpu-broken',
  driver: 'driver-mismatch',
  'model missing': 'model-missing',
  version: 'version-mismatch',
  'load failing': 'model-load-failing',
  'load slow': 'model-load-slow',
  'shared memory': 'shared-memory',
  dependency: 'dependency',
  outputs: 'bad-outputs',
  drain: 'no-drain',
  'keep-alive': 'keep-alive',
};

function causeOf(of: Facts, seen: Evidence): Cause | null {
  // Errors that come and go, and are away just now: only what comes with pods that go explains that.
  if (of.harm.is === 'fine' && !of.goesOn) return isDraining(of) ? 'no-drain' : null;
  if (of.xid !== null) return 'gpu-broken';
  if (of.told?.kind === 'cuda oom') return cudaCauseOf(of, seen);
  if (of.told?.kind === 'gpu broken' && isNvml(of.told)) {
    return of.odd === null ? 'gpu-lost' : of.odd.node ? 'gpu-broken' : 'one-pod';
  }
  const named = of.told === null ? undefined : byKind[of.told.kind];
  if (named !== undefined) return named;
  if (otherModelLoaded(seen) !== null) return 'version-mismatch';
  if (of.ends.some((one) => one.reason === 'OOMKilled')) return 'oom-under-load';
  if (of.ends.filter((one) => one.exitCode !== 0).length >= 2) return 'crash-under-load';
  if (isDraining(of)) return 'no-drain';
  if (of.odd !== null) return of.odd.node ? 'one-node' : 'one-pod';
  if (notReady(seen) > 0) return 'pods-not-ready';
  return of.change === null ? 'errors-unexplained' : 'since-change';
}

const isNvml = ({ newest: { text } }: Told): boolean => /initialize NVML/i.test(text);

/** Two times of three errors came with pods that went. */
function isDraining({ harm, drains }: Facts): boolean {
  if (harm.is !== 'bad' && harm.is !== 'fine') return false;
  return drains.length >= 2 && drains.length * 3 >= harm.episodes.length * 2;
}

function cudaCauseOf(of: Facts, seen: Evidence): Cause {
  const cause = of.cuda === null ? 'size' : cudaCause(of.cuda);
  if (cause !== 'size') return cause === 'neighbour' ? 'cuda-oom-neighbour' : 'cuda-oom-fragmentation';
  return of.inputs !== null && batchOf(seen)?.grew !== true ? 'cuda-oom-sequence' : 'cuda-oom-batch';
}

/** Words of checks that are clear only because another cause explains more. */
export function openWords({ told, odd, ends, drains, change }: Story, seen: Evidence): readonly string[] {
  return [
    ...(told?.besides ?? []).flatMap((kind) => wordOf[kind] ?? []),
    ...(odd === null ? [] : ['one pod or node']),
    ...(ends.length === 0 ? [] : ['crash or out of memory']),
    ...(drains.length === 0 ? [] : ['dropped connections']),
    ...(notReady(seen) === 0 ? [] : ['pods not ready']),
    ...(change === null ? [] : ['a change']),
  ];
}

const wordOf: Readonly<Partial<Record<Kind, string>>> = {
  'gpu broken': 'broken GPU or driver',
  driver: 'broken GPU or driver',
  'cuda oom': 'GPU memory full',
  'model missing': 'model not loaded',
  version: 'model version',
  'load failing': 'model not loaded',
  'load slow': 'model not loaded',
  'shared memory': 'shared memory',
  dependency: 'errors of a dependency',
  outputs: 'NaN outputs',
  drain: 'dropped connections',
  'keep-alive': 'dropped connections',
};
