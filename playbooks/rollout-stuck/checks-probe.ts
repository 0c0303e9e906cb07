import type { Answer, Found } from '../../src/core/contract.ts';
import type { Container, Deployment, Pod, PodTemplate, Probe } from '../../src/core/ports/kubernetes.ts';
import { code, say } from '../../src/core/words.ts';
import { currentRevision, deployment, revisions } from '../readings/deployment.ts';
import { killedBy, livedSeconds, probeAnswer, probeFailure } from '../readings/endings.ts';
import type { Ends } from '../readings/endings.ts';
import { events } from '../readings/events.ts';
import { linesOf, logs } from '../readings/logs.ts';
import { onDeployment } from '../readings/on.ts';
import { pods, samples } from '../readings/pods.ts';
import { affected, runningSince } from '../readings/trouble.ts';
import type { Affected, Trouble } from '../readings/trouble.ts';
import { brief, minutesBetween, podsOf } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { countOf, endsBy, logsByHand, toldBy } from './crash.ts';

const { check } = onDeployment;

function containerOf(template: PodTemplate, name: string): Container | undefined {
  return [...template.containers, ...template.initContainers].find((one) => one.name === name);
}

/** Seconds that a probe allows before it counts as failed: delay, then so many failures in a row. */
export function allowedSeconds(probe: Probe): number {
  return probe.initialDelaySeconds + probe.periodSeconds * probe.failureThreshold;
}

/** Killed by its startup probe; or by its liveness probe at once, never having been ready, with no startup probe to wait for it. */
export function isSlowStart(of: Deployment, a: Affected<Ends>, by: 'startup probe' | 'liveness probe'): boolean {
  if (by === 'startup probe') return true;
  const spec = containerOf(of.template, a.trouble.container);
  if (!spec?.liveness || spec.startup) return false;
  const lived = livedSeconds(a.trouble.end);
  // A kill takes up to the grace period on top.
  return (
    lived !== null &&
    lived <= allowedSeconds(spec.liveness) + spec.liveness.periodSeconds + a.pod.terminationGraceSeconds
  );
}

export const slowStart = check('slow-start', {
  severity: 'critical',
  ask: 'Do the containers start within what their probes allow?',
  rulesOut: 'probe kills',
  needs: [deployment, pods, samples],
  also: [events, logs],
  find: (seen, also, { t }): Answer => {
    const told = toldBy(also);
    for (const by of ['startup probe', 'liveness probe'] as const) {
      const a = endsBy(seen, told, by);
      if (a === null || !isSlowStart(seen.deployment, a, by)) continue;
      const spec = containerOf(seen.deployment.template, a.trouble.container);
      const probe = by === 'startup probe' ? spec?.startup : spec?.liveness;
      const lines = linesOf(told.logs ?? [], a.pod.name, a.trouble.container) ?? [];
      return {
        found: say`container ${code(a.trouble.container)} needs longer to start than its ${by} allows${probe ? ` (${allowedSeconds(probe)} s for ${probe.asks})` : ''}, and is killed each time${by === 'liveness probe' ? '. It has no startup probe' : ''}. ${countOf(a, seen.pods)}`,
        short: `start-up slower than its ${by}`,
        since: a.oldestAt,
        quotes: [
          brief(
            killedBy(by === 'startup probe' ? 'startup' : 'liveness', a.trouble.container, told.events ?? [])
              ?.message ?? '',
          ),
          ...lines.slice(-2).map((line) => brief(line)),
        ],
        notKnown: say`how long it needs: it has never got there`,
        byHand: logsByHand(t, a),
      };
    }
    return untold(seen, also);
  },
});

/** A kill without the events that say who did it. */
function untold(
  seen: { readonly pods: Parameters<typeof affected>[0]; readonly samples: Parameters<typeof affected>[1] },
  also: { readonly events: { readonly known: true } | { readonly known: false; readonly why: string } },
): Answer {
  const killed = affected(
    seen.pods,
    seen.samples,
    (trouble) =>
      trouble.is === 'ends' && trouble.end.reason !== 'OOMKilled' && [137, 143].includes(trouble.end.exitCode),
  );
  return killed !== null && !also.events.known ? { unsure: `events: ${also.events.why}` } : 'clear';
}

export const liveness = check('liveness', {
  severity: 'critical',
  ask: 'Do the containers pass their liveness probe?',
  rulesOut: 'probe kills',
  needs: [deployment, pods, samples],
  also: [events, logs],
  find: (seen, also, { t }): Answer => {
    const told = toldBy(also);
    const a = endsBy(seen, told, 'liveness probe');
    if (a === null || isSlowStart(seen.deployment, a, 'liveness probe')) return untold(seen, also);
    const probe = containerOf(seen.deployment.template, a.trouble.container)?.liveness;
    const failure = probeFailure('Liveness', null, told.events ?? []);
    const lived = livedSeconds(a.trouble.end);
    return {
      found: say`the liveness probe ${code(probe?.asks ?? 'not known')} kills container ${code(a.trouble.container)}${lived === null ? '' : ` after ${lived} s`}. It got ${failure === null ? 'an answer that is no longer in the events' : probeAnswer(failure.message)}. ${countOf(a, seen.pods)}`,
      short: 'killed by its liveness probe',
      since: a.oldestAt,
      quotes: failure === null ? [] : [brief(failure.message)],
      byHand: logsByHand(t, a),
    };
  },
});

/** Minutes for which a pod may be unready before we speak of it: model servers load slowly. */
const patienceMinutes = 5;

/** A pod is unready from its making on; its container may have begun to run much later. */
function unreadySince(trouble: Extract<Trouble, { is: 'not ready' }>, pod: Pod): string {
  const unready = trouble.since ?? pod.createdAt;
  const runs = runningSince(pod, trouble.container);
  return runs !== null && runs > unready ? runs : unready;
}

export const readiness = check('readiness', {
  severity: 'critical',
  ask: 'Do the running containers pass their readiness probe?',
  rulesOut: 'readiness',
  needs: [deployment, revisions, pods, samples],
  also: [events],
  find: (seen, also, { t, at }): Answer => {
    const of = seen.deployment;
    const late = of.conditions.some((one) => one.reason === 'ProgressDeadlineExceeded');
    const a = affected(seen.pods, seen.samples, (trouble, pod): trouble is Extract<Trouble, { is: 'not ready' }> => {
      if (trouble.is !== 'not ready') return false;
      const probe = containerOf(of.template, trouble.container)?.readiness;
      const allowed = Math.max(patienceMinutes, (probe ? allowedSeconds(probe) : 0) / 60);
      return minutesBetween(unreadySince(trouble, pod), at) >= (late ? 1 : allowed);
    });
    if (a === null) return 'clear';
    const probe = containerOf(of.template, a.trouble.container)?.readiness ?? null;
    const mine = currentRevision(of, seen.revisions)?.name ?? null;
    const failure = also.events.known ? probeFailure('Readiness', mine, also.events.value) : null;
    const got = failure === null ? null : probeAnswer(failure.message);
    return {
      found: say`container ${code(a.trouble.container)} runs but is not ready: its readiness probe asks ${code(probe?.asks ?? 'nothing')}${probe === null ? '' : ` (limit ${probe.timeoutSeconds} s)`}${got === null ? '' : ` and gets ${got}`}. ${podsOf(a, seen.pods)}`,
      short: `not ready${probe === null ? '' : `: ${probe.asks}`}${got === null ? '' : ` gets ${got.split(':')[0] ?? got}`}`,
      since: unreadySince(a.trouble, a.pod),
      quotes: failure === null ? [] : [brief(failure.message)],
      byHand: `${kubectl(t)} describe pod ${a.pod.name}`,
      ...(got === null
        ? {
            notKnown: say`what the probe gets: ${also.events.known ? 'it is no longer in the events' : `I could not read the events (${also.events.why})`}`,
          }
        : {}),
    };
  },
});

export const readinessGate = check('readiness-gate', {
  severity: 'critical',
  ask: 'Are the readiness gates open?',
  rulesOut: 'readiness',
  needs: [pods, samples],
  find: (seen, _also, { t, at }): Answer => {
    const a = affected(
      seen.pods,
      seen.samples,
      (trouble, pod): trouble is Extract<Trouble, { is: 'pod not ready' }> =>
        trouble.is === 'pod not ready' &&
        trouble.reason === 'ReadinessGatesNotReady' &&
        minutesBetween(pod.createdAt, at) >= patienceMinutes,
    );
    if (a === null) return 'clear';
    const gate = /readiness gate "([^"]+)"/.exec(a.trouble.message)?.[1] ?? '';
    const found: Found = {
      found: say`all containers are ready, but the readiness gate ${code(gate)} is not met${/elb|target/.test(gate) ? ': the load balancer has not taken the pod in' : ''}. ${podsOf(a, seen.pods)}`,
      short: 'readiness gate not met',
      since: a.trouble.since ?? a.oldestAt,
      quotes: [brief(a.trouble.message)],
      byHand: `${kubectl(t)} get pod ${a.pod.name} -o wide`,
    };
    return found;
  },
});
