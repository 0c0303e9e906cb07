import type { Probe } from '../../core/ports/kubernetes.ts';
import { aboutPod, record } from './records.ts';
import { seconds, type Cluster, type Pod, type PodContainer, type Program } from './state.ts';

/** Runs the probes that matter now. Answers when to look again (Infinity when nothing will change by itself), or that the container must die. */
export function probeContainer(
  cluster: Cluster,
  pod: Pod,
  container: PodContainer,
  program: Program,
  at: number,
): number | 'kill' {
  const age = at - container.startedAt;
  const warm = age >= seconds(program.warmSeconds);
  const hangs = program.hangsAfterSeconds !== null && age >= seconds(program.hangsAfterSeconds);
  const answers: Answer = hangs ? 'hangs' : warm ? program.readyStatus : 'refused';
  const { startup, readiness, liveness } = container.spec;
  if (!container.started && startup !== null) {
    return probeStartup(cluster, pod, container, startup, warm && !hangs ? 200 : answers, at);
  }
  const isDue = (probe: Probe): boolean => age >= seconds(probe.initialDelaySeconds);
  if (!container.init) {
    if (readiness === null) container.ready = true;
    else if (isDue(readiness)) {
      container.ready = answers === 200;
      if (answers !== 200) unhealthy(cluster, pod, 'Readiness', readiness, answers, at);
    }
  }
  if (liveness !== null && isDue(liveness)) {
    // A health page that says 503 to "are you ready" still says that the process lives.
    if (answers === 'hangs' || answers === 'refused') {
      unhealthy(cluster, pod, 'Liveness', liveness, answers, at);
      container.failedProbes += 1;
      if (container.failedProbes >= liveness.failureThreshold) {
        const message = `Container ${container.spec.name} failed liveness probe, will be restarted`;
        record(cluster, aboutPod(pod), at, 'Normal', 'Killing', message);
        return 'kill';
      }
    } else container.failedProbes = 0;
  }
  if (answers === 200) {
    return program.hangsAfterSeconds === null ? Infinity : container.startedAt + seconds(program.hangsAfterSeconds);
  }
  const periods = [readiness, liveness].flatMap((one) => (one === null ? [] : [one.periodSeconds]));
  const next = at + seconds(Math.min(...periods, 10));
  return warm ? next : Math.min(next, container.startedAt + seconds(program.warmSeconds));
}

type Answer = 200 | 503 | 'refused' | 'hangs';

function probeStartup(
  cluster: Cluster,
  pod: Pod,
  container: PodContainer,
  startup: Probe,
  answers: Answer,
  at: number,
): number | 'kill' {
  if (answers === 200) {
    container.started = true;
    container.failedProbes = 0;
    return at;
  }
  const first = container.startedAt + seconds(startup.initialDelaySeconds + startup.periodSeconds);
  if (at < first) return first;
  unhealthy(cluster, pod, 'Startup', startup, answers, at);
  container.failedProbes += 1;
  if (container.failedProbes < startup.failureThreshold) return at + seconds(startup.periodSeconds);
  const message = `Container ${container.spec.name} failed startup probe, will be restarted`;
  record(cluster, aboutPod(pod), at, 'Normal', 'Killing', message);
  return 'kill';
}

function unhealthy(cluster: Cluster, pod: Pod, which: string, probe: Probe, answers: Answer, at: number): void {
  record(
    cluster,
    aboutPod(pod),
    at,
    'Warning',
    'Unhealthy',
    `${which} probe failed: ${complaint(pod, probe, answers)}`,
  );
}

/** The kubelet's words for an HTTP probe; `asks` is "GET :8080/health". */
function complaint(pod: Pod, probe: Probe, answers: Answer): string {
  const [, port = '8080', path = '/'] = /:(\d+)(\/\S*)?/.exec(probe.asks) ?? [];
  const host = `10.0.${pod.uid.charCodeAt(0)}.${pod.uid.charCodeAt(1)}:${port}`;
  switch (answers) {
    case 'refused':
      return `Get "http://${host}${path}": dial tcp ${host}: connect: connection refused`;
    case 'hangs':
      return `Get "http://${host}${path}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
    default:
      return `HTTP probe failed with statuscode: ${answers}`;
  }
}
