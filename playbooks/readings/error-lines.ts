import { Failure, whyOf } from '../../src/core/failure.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { kubectl } from '../targets/deployment.ts';
import { deployment } from './deployment.ts';
import { oddPod } from './odd-pod.ts';
import { onDeployment } from './on.ts';
import { inOrder } from './order.ts';
import { podRows } from './pod-rows.ts';
import type { Row } from './pod-rows.ts';
import { brief } from './wording.ts';

/** What serving pods write about requests that fail: lines that say the same, added up over a few pods of different ages and nodes. */
export interface ErrorLines {
  /** Pods whose log was read, of so many that serve. */
  readonly read: number;
  readonly of: number;
  /** Why others could not be read; '' when all that were asked for were. */
  readonly unread: string;
  /** How far back all of them reach: less than ten where more was written than is read. */
  readonly minutes: number;
  /** Requests that these logs tell of, by how they ended: failed is 5xx. */
  readonly requests: number;
  readonly failed: number;
  /** The same of the last two minutes, with error lines: whether it still goes on. */
  readonly recent: { readonly requests: number; readonly failed: number; readonly lines: number };
  /** Most lines first. */
  readonly groups: readonly LineGroup[];
}
export interface LineGroup {
  /** The newest one's words, without time and level. */
  readonly text: string;
  readonly lines: number;
  /** At most five names, and how many there are. */
  readonly pods: readonly string[];
  readonly inPods: number;
  /** ISO 8601, as far back as was read; null: its lines carry no time. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
}

const sinceS = 600;
const tail = 1_000;
const atMost = 6;
const kept = 12;

export const errorLines = onDeployment.reading('error lines', {
  after: [deployment, podRows],
  withinMs: 10_000,
  byHand: (t) => `${kubectl(t)} logs deployment/${t.name} --since=10m --tail=${tail}`,
  read: async (read, t, seen): Promise<ErrorLines> => {
    const serving = seen['pod rows'].rows.filter((one) => one.ready);
    const container = seen.deployment.template.containers[0]?.name ?? '';
    const logs = await readAll(read, t.namespace, container, chosen(serving));
    return added(logs, serving.length);
  },
});

/** The same of the one pod that stands out, which a few of many may well miss. Null: none stands out. */
export const oddLines = onDeployment.reading('lines of the odd pod', {
  after: [deployment, oddPod],
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} logs <POD> --since=10m --tail=${tail}`,
  read: async (read, t, seen): Promise<ErrorLines | null> => {
    const odd = seen['odd pod'];
    if (odd === null) return null;
    const container = seen.deployment.template.containers[0]?.name ?? '';
    return added(await readAll(read, t.namespace, container, [odd.pod]), 1);
  },
});

/** The oldest and the youngest, then one of each node in turn: what hits only some of them must not be missed by chance. */
export function chosen(rows: readonly Row[]): readonly string[] {
  const byAge = rows.toSorted((a, b) => inOrder(a.createdAt, b.createdAt) || inOrder(a.name, b.name));
  const ends = [byAge[0], byAge.at(-1)].flatMap((one) => (one === undefined ? [] : [one]));
  const names = new Set(ends.map((one) => one.name));
  const nodes = new Set(ends.map((one) => one.node));
  for (const isNewNode of [true, false]) {
    for (const row of byAge) {
      if (names.size >= atMost) break;
      if (isNewNode && nodes.has(row.node)) continue;
      names.add(row.name);
      nodes.add(row.node);
    }
  }
  return [...names];
}

interface OneLog {
  readonly pod: string;
  readonly lines: readonly string[];
  readonly cut: boolean;
  readonly unread: string;
}

async function readAll(
  read: Read,
  namespace: string,
  container: string,
  names: readonly string[],
): Promise<readonly OneLog[]> {
  return await Promise.all(
    names.map(async (pod): Promise<OneLog> => {
      try {
        const { lines, cut } = await read.kubernetes.log(
          { namespace, name: pod },
          { container, previous: false, tail, sinceS },
        );
        return { pod, lines, cut, unread: '' };
      } catch (error) {
        return { pod, lines: [], cut: false, unread: whyOf(error) };
      }
    }),
  );
}

function added(logs: readonly OneLog[], of: number): ErrorLines {
  const read = logs.filter((one) => one.unread === '');
  const unread = logs.find((one) => one.unread !== '')?.unread ?? '';
  if (read.length === 0) {
    throw logs.length === 0
      ? new Failure('not found', 'no pod serves, so none has written anything')
      : new Failure('unreadable', `no log could be read (${unread})`);
  }
  const all = read.map(({ pod, lines }) => ({ pod, ...toldBy(lines) }));
  const spoken = all.flatMap(({ pod, errors }) => errors.map((one) => ({ pod, ...one })));
  return {
    read: read.length,
    of,
    unread,
    minutes: Math.min(...read.map(reachOf)),
    requests: all.reduce((sum, one) => sum + one.requests, 0),
    failed: all.reduce((sum, one) => sum + one.failed, 0),
    recent: recentOf(read),
    groups: grouped(spoken),
  };
}

const recentMs = 120_000;

/** By the newest stamp of all that was read: logs have no other clock. */
function recentOf(read: readonly OneLog[]): ErrorLines['recent'] {
  const stamped = read.map(({ lines }) => lines.map((line) => ({ line, atMs: Date.parse(saidBy(line).at ?? '') })));
  const newestMs = stamped.flat().reduce((newest, { atMs }) => (atMs > newest ? atMs : newest), 0);
  const told = stamped.map((lines) =>
    toldBy(lines.flatMap(({ line, atMs }) => (newestMs - atMs <= recentMs ? [line] : []))),
  );
  return {
    requests: told.reduce((sum, one) => sum + one.requests, 0),
    failed: told.reduce((sum, one) => sum + one.failed, 0),
    lines: told.reduce((sum, one) => sum + one.errors.length, 0),
  };
}

/** Between the first and the last stamp, where lines were left out; at least one minute. */
function reachOf({ lines, cut }: OneLog): number {
  const [first, last] = [lines[0], lines.at(-1)].map((line) => Date.parse(saidBy(line ?? '').at ?? ''));
  const whole = sinceS / 60;
  if (!cut || first === undefined || last === undefined || Number.isNaN(last - first)) return whole;
  return Math.min(whole, Math.max(1, Math.round((last - first) / 60_000)));
}

interface Spoken {
  readonly at: string | null;
  readonly text: string;
}

const accessLine = /\bstatus[=:]\s*"?(\d{3})\b|"\s(\d{3})\s/;
const errorLine =
  /\b(ERROR|FATAL|CRITICAL|SEVERE)\b|level"?[=:]\s*"?(error|fatal)|(Error|Exception)\b(?=:|\()|\bCUDA out of memory|Failed to initialize NVML|\bNVRM: Xid/;
/** The head and the frames of a trace say nothing that its last line does not. */
const frame = /^\s*(Traceback \(most recent call last\)|File "|at [\w.$]+\(|\^+$)/;

/** Errors that end in an answer 4xx are the client's, and no fault of ours. */
export function toldBy(lines: readonly string[]): {
  readonly requests: number;
  readonly failed: number;
  readonly errors: readonly Spoken[];
} {
  const errors: Spoken[] = [];
  let open: Spoken[] = [];
  let [requests, failed] = [0, 0];
  for (const line of lines) {
    const code = codeOf(line);
    if (code !== null) {
      requests += 1;
      if (code >= 500) failed += 1;
      if (code < 400 || code >= 500) errors.push(...open);
      open = [];
      continue;
    }
    if (!errorLine.test(line)) continue;
    const said = saidBy(line);
    if (!frame.test(said.text)) open.push(said);
  }
  return { requests, failed, errors: [...errors, ...open] };
}

function codeOf(line: string): number | null {
  const [, named, plain] = accessLine.exec(line) ?? [];
  const code = Number(named ?? plain ?? Number.NaN);
  return code >= 100 && code < 600 ? code : null;
}

/** Times and levels at the beginning, in the usual orders. */
function saidBy(line: string): Spoken {
  const stamp = /^\[?(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:[.,]\d+)?)(Z|[+-]\d{2}:?\d{2})?\]?\s*/.exec(line);
  const at = stamp === null ? Number.NaN : Date.parse(`${stamp[1]}T${stamp[2]?.replace(',', '.')}${stamp[3] ?? 'Z'}`);
  const text = line
    .slice(stamp?.[0].length ?? 0)
    .replace(/^[[(]?(ERROR|FATAL|CRITICAL|SEVERE|WARN(ING)?|INFO)[\])]?:?\s*/, '');
  return { at: Number.isNaN(at) ? null : new Date(at).toISOString(), text };
}

/** Without what differs from request to request: numbers, ids, addresses, quoted values. */
export function shapeOf(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\b0x[0-9a-f]+\b|\b[0-9a-f]{8,}\b/gi, '<id>')
    .replaceAll(/\d+([.:]\d+)*/g, '<n>')
    .slice(0, 400);
}

function grouped(all: readonly (Spoken & { readonly pod: string })[]): readonly LineGroup[] {
  const groups = Map.groupBy(all, (one) => shapeOf(one.text));
  return [...groups.values()]
    .map((group): LineGroup => {
      const times = group.flatMap((one) => one.at ?? []).toSorted();
      const pods = [...new Set(group.map((one) => one.pod))];
      return {
        text: brief(group.at(-1)?.text ?? '', 900),
        lines: group.length,
        pods: pods.slice(0, 5),
        inPods: pods.length,
        firstAt: times[0] ?? null,
        lastAt: times.at(-1) ?? null,
      };
    })
    .toSorted((a, b) => b.lines - a.lines || a.text.localeCompare(b.text))
    .slice(0, kept);
}
