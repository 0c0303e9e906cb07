import type { Maybe } from '../../src/core/contract.ts';
import type { Revision } from '../../src/core/ports/kubernetes.ts';
import { currentRevision, deployment, revisions } from '../readings/deployment.ts';
import { endedContainers } from '../readings/ended-containers.ts';
import type { EndedContainers } from '../readings/ended-containers.ts';
import { errorLines, oddLines } from '../readings/error-lines.ts';
import type { ErrorLines, LineGroup } from '../readings/error-lines.ts';
import { facts, variables } from '../readings/facts.ts';
import { loadedModel } from '../readings/loaded-model.ts';
import { newest, valuesOf } from '../readings/measures.ts';
import type { Measured } from '../readings/measures.ts';
import { errorsByPod, oddPod, requestsByPod } from '../readings/odd-pod.ts';
import type { Odd } from '../readings/odd-pod.ts';
import { podRows } from '../readings/pod-rows.ts';
import { nodes } from '../readings/room.ts';
import { jumpOf } from '../readings/trend.ts';
import { minutesBetween } from '../readings/wording.ts';
import { errors, harmOf, requests } from './harm.ts';
import type { Counted, Harm } from './harm.ts';
import { gpuXid, inputSize, podsReady } from './readings.ts';
import { cudaCause, cudaNumbers, kindOf } from './words-of-errors.ts';
import type { CudaNumbers, Kind } from './words-of-errors.ts';

/** Requests fail for one reason at a time, as far as anybody can tell at three in the morning: the one that explains most. Each check asks whether it is that one. */

export const evidence = [
  facts,
  deployment,
  revisions,
  podRows,
  nodes,
  requests,
  errors,
  requestsByPod,
  errorsByPod,
  oddPod,
  errorLines,
  oddLines,
  endedContainers,
  variables,
  loadedModel,
  inputSize,
  gpuXid,
  podsReady,
] as const;
export type Evidence = Maybe<typeof evidence, 'region'>;

export type Cause =
  | 'gpu-broken'
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
  readonly xid: { readonly number: number; readonly pods: number } | null;
  readonly cuda: CudaNumbers | null;
  readonly inputs: { readonly times: number; readonly at: string } | null;
  /** Ends of the last hour. */
  readonly ends: EndedContainers['ends'];
  /** Moments (Unix seconds) at which fewer pods were ready than just before, each with errors around it. */
  readonly drains: readonly number[];
  /** Episodes of errors that began with such a moment, of all. */
  readonly change: Revision | null;
  readonly log: ErrorLines | null;
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
  };
  return { ...facts_, cause: isFault(harm, told) ? causeOf(facts_, seen) : null };
}

/** Four hundreds, a handful of requests at night, and five seconds long over are none. */
function isFault(harm: Harm, told: Told | null): boolean {
  switch (harm.is) {
    case 'bad':
      return true;
    case 'fine':
      return recurs(harm);
    case 'few':
      return false;
    case 'unknown':
      return told !== null && told.lines >= fewestLines;
  }
}

const recurs = (harm: Counted): boolean => harm.episodes.length >= 2;

/** The kind with the most lines; what nobody can put a name to only where it is more than half. */
function toldBy(log: ErrorLines | null, odd: boolean): Told | null {
  if (log === null || log.groups.length === 0) return null;
  const kinds = new Map<Kind, { lines: number; inPods: number; newest: LineGroup }>();
  const all = log.groups.reduce((sum, one) => sum + one.lines, 0);
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
  return { kind, ...most, all, read: log.read, of: log.of, minutes: log.minutes, odd };
}

/** Errors of the hardware or its driver, not of the program that ran on it: NVIDIA's "XID Errors", 13, 31, 43 and 45 are the program's. */
const ofTheProgram = new Set([13, 31, 43, 45]);

/** Where one pod or node stands out it must be that one's: the driver keeps its last error for days. */
function xidOf(seen: Evidence, odd: Odd | null): Story['xid'] {
  const all = seen['GPU errors (XID)'];
  if (!all.known || odd === null) return null;
  const rows = seen['pod rows'].known ? seen['pod rows'].value.rows : [];
  const there = new Set(rows.filter((one) => one.node === odd.nodeName).map((one) => one.name));
  const bad = all.value.series.flatMap((one) => {
    const number = newest(one) ?? 0;
    const pod = one.labels['pod'] ?? '';
    return there.has(pod) && number > 0 && !ofTheProgram.has(number) ? [{ number, pod }] : [];
  });
  const [first] = bad;
  return first === undefined ? null : { number: first.number, pods: new Set(bad.map((one) => one.pod)).size };
}

const longer = 1.3;

function inputsOf(seen: Evidence): Story['inputs'] {
  const size = seen['input size'];
  const [line] = size.known ? size.value.series : [];
  const jump = line === undefined ? null : jumpOf(line);
  if (jump === null || jump.before <= 0 || jump.after < jump.before * longer) return null;
  return { times: jump.after / jump.before, at: new Date(jump.at * 1000).toISOString() };
}

function endsOf(seen: Evidence, at: string): EndedContainers['ends'] {
  const ended = seen['ended containers'];
  return ended.known ? ended.value.ends.filter((one) => minutesBetween(one.finishedAt, at) < 60) : [];
}

/** How long before errors and after them pods may go for the two to be one story. */
const aroundS = 150;

function drainsOf(seen: Evidence, harm: Harm): readonly number[] {
  const ready = seen['pods ready over time'];
  if (!ready.known || (harm.is !== 'bad' && harm.is !== 'fine')) return [];
  const falls = fallsOf(ready.value);
  return harm.episodes.flatMap(({ from, to }) => {
    const fall = falls.find((one) => one >= from - aroundS && one <= to + aroundS);
    return fall === undefined ? [] : [fall];
  });
}

function fallsOf({ series }: Measured): readonly number[] {
  const [line] = series;
  if (line === undefined) return [];
  return line.points.flatMap(([at, value], index) => {
    const before = line.points[index - 1]?.[1] ?? null;
    return value !== null && before !== null && value < before ? [at] : [];
  });
}

/** A change of the template is near when the errors began within this time of it. */
const beforeMs = 3 * 60_000;
const afterMs = 30 * 60_000;

function changeOf(seen: Evidence, harm: Harm): Revision | null {
  if (!seen.deployment.known || !seen.revisions.known || harm.is !== 'bad' || harm.since === null) return null;
  const current = currentRevision(seen.deployment.value, seen.revisions.value);
  const isNewest = current !== null && seen.revisions.value.every((one) => one.createdAt <= current.createdAt);
  if (!isNewest || seen.revisions.value.length < 2) return null;
  const after = Date.parse(harm.since) - Date.parse(current.createdAt);
  return after >= -beforeMs && after <= afterMs ? current : null;
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

function causeOf(of: Facts, seen: Evidence): Cause {
  if (of.xid !== null) return 'gpu-broken';
  if (of.told?.kind === 'cuda oom') return cudaCauseOf(of, seen);
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

/** The batch size's variable, what it is and what it was; null: not known. */
export function batchOf(seen: Evidence): {
  readonly name: string;
  readonly now: string | null;
  readonly before: string | null;
  readonly changedAt: string | null;
  readonly grew: boolean;
} | null {
  if (!seen.config.known || !seen.variables.known) return null;
  const name = seen.config.value.variables.batchSize;
  const { values, before } = seen.variables.value;
  const [now, old] = [values[name] ?? null, before?.values[name] ?? null];
  const grew = now !== null && old !== null && Number(now) > Number(old);
  return { name, now, before: old, changedAt: before?.changedAt ?? null, grew };
}

/** The model's version as set, as it was set before, and what the youngest pods say that they loaded. */
export function modelOf(seen: Evidence): {
  readonly name: string;
  readonly now: string | null;
  readonly before: string | null;
  readonly changedAt: string | null;
  readonly loaded: readonly string[];
} | null {
  if (!seen.config.known || !seen.variables.known) return null;
  const name = seen.config.value.variables.modelVersion;
  const { values, before } = seen.variables.value;
  const loads = seen['loaded model'].known ? seen['loaded model'].value.loads : [];
  return {
    name,
    now: values[name] ?? null,
    before: before?.values[name] ?? null,
    changedAt: before?.changedAt ?? null,
    loaded: [...new Set(loads.flatMap((one) => one.version ?? []))],
  };
}

/** The version that all pods that say so loaded, where it is none that was set. */
export function otherModelLoaded(seen: Evidence): string | null {
  const model = modelOf(seen);
  const [loaded, ...more] = model?.loaded ?? [];
  if (model?.now === null || model === null || loaded === undefined || more.length > 0) return null;
  const same = (one: string): string => one.replace(/^v/, '');
  return same(loaded) === same(model.now) ? null : loaded;
}

export function notReady(seen: Evidence): number {
  if (!seen.deployment.known) return 0;
  const { wanted, ready } = seen.deployment.value.replicas;
  return Math.max(0, wanted - ready);
}

/** Requests per second and pod of the last minutes; null: not known. */
export function ratePerPod(seen: Evidence): number | null {
  if (!seen['requests by pod'].known) return null;
  const all = seen['requests by pod'].value.series.flatMap((one) => valuesOf(one).at(-1) ?? []);
  return all.length === 0 ? null : all.reduce((sum, one) => sum + one, 0) / all.length;
}
