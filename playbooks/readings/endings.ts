import type { EventGroup } from './events.ts';
import type { PodLog } from './logs.ts';
import { linesOf } from './logs.ts';
import type { Ended, Trouble } from './trouble.ts';

/** Why a container ends, each container one reason; the surest first. */
export type Ending = 'memory' | 'architecture' | 'startup probe' | 'liveness probe' | 'itself';

export type Ends = Extract<Trouble, { is: 'ends' }>;

export interface Told {
  readonly events: readonly EventGroup[] | null;
  readonly logs: readonly PodLog[] | null;
}

export function endingOf(trouble: Ends, pod: string, told: Told): Ending {
  if (trouble.end.reason === 'OOMKilled') return 'memory';
  const lines = told.logs === null ? null : linesOf(told.logs, pod, trouble.container);
  if (/exec format error/.test(`${trouble.end.message}\n${(lines ?? []).join('\n')}`)) return 'architecture';
  // Only a kill ends so; a server that handles SIGTERM may well leave with 0.
  if (told.events !== null && [0, 137, 143].includes(trouble.end.exitCode)) {
    if (killedBy('startup', trouble.container, told.events) !== null) return 'startup probe';
    if (killedBy('liveness', trouble.container, told.events) !== null) return 'liveness probe';
  }
  return 'itself';
}

/** The kubelet's "Container server failed liveness probe, will be restarted". */
export function killedBy(
  probe: 'startup' | 'liveness',
  container: string,
  events: readonly EventGroup[],
): EventGroup | null {
  const words = `Container ${container} failed ${probe} probe`;
  return events.find((event) => event.reason === 'Killing' && event.message.startsWith(words)) ?? null;
}

/** The newest "Readiness probe failed: …" of this kind. */
export function probeFailure(
  probe: 'Startup' | 'Liveness' | 'Readiness',
  replicaSet: string | null,
  events: readonly EventGroup[],
): EventGroup | null {
  return (
    events.find(
      (event) =>
        event.reason === 'Unhealthy' &&
        event.message.startsWith(`${probe} probe`) &&
        (replicaSet === null || event.replicaSet === replicaSet),
    ) ?? null
  );
}

/** What a probe got, from the kubelet's words. */
export function probeAnswer(message: string): string {
  const code = /statuscode: (\d+)/.exec(message)?.[1];
  if (code !== undefined) return `status ${code}`;
  if (/connection refused/.test(message)) return 'connection refused: nothing listens there';
  if (/no route to host/.test(message)) return 'no route to host';
  if (/connection reset/.test(message)) return 'connection reset';
  if (/context deadline exceeded|Client\.Timeout|i\/o timeout|timed out|timeout/.test(message))
    return 'no answer in time';
  if (/x509|tls:/.test(message)) return 'a TLS error';
  const own = message.replace(/^(Startup|Liveness|Readiness) probe (failed|errored):?\s*/, '').trim();
  return own === '' ? 'a failure without a word' : own.slice(0, 160);
}

/** How long this instance lived, in whole seconds; null when not told. */
export function livedSeconds(end: Ended): number | null {
  if (end.startedAt === null || end.finishedAt === null) return null;
  const seconds = Math.round((Date.parse(end.finishedAt) - Date.parse(end.startedAt)) / 1000);
  return Number.isFinite(seconds) && seconds >= 0 && seconds < 10 * 365 * 86_400 ? seconds : null;
}

const meanings: Readonly<Record<number, string>> = {
  0: 'it ended by itself without an error, but a server must go on running',
  1: 'an error of the application itself',
  2: 'wrong use: mostly a bad argument',
  126: 'the command was found but may not be executed',
  127: 'the command was not found',
  128: 'the runtime could not start it',
  130: 'interrupted (SIGINT)',
  134: 'aborted (SIGABRT): mostly an assertion or a native library',
  137: 'killed (SIGKILL); not by its own memory limit, which the kubelet would have said',
  139: 'crashed on a bad memory access (SIGSEGV): mostly a native library or driver',
  143: 'asked to stop (SIGTERM)',
  255: 'an error outside the usual codes',
};

export function exitMeaning(code: number): string {
  const known = meanings[code];
  if (known !== undefined) return known;
  return code > 128 && code < 160 ? `killed by signal ${code - 128}` : 'a code of the application itself';
}
