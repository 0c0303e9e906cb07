import { missedAtStart, programOf, reasonNotToStart } from './programs.ts';
import { probeContainer } from './probes.ts';
import { aboutPod, record } from './records.ts';
import { uidOf } from './random.ts';
import { iso, seconds, type Cluster, type Pod, type PodContainer } from './state.ts';
import { instanceOf } from './telemetry/load.ts';
import { killedAt } from './telemetry/memory.ts';

const longestBackOffSeconds = 300;
/** A container that ran this long starts again without a pause. */
const goodRunMs = seconds(600);

/** What the runtime says when it cannot pull, by registry answer; the texts are containerd's. */
function pullError(image: string, pull: 'missing' | 'denied' | 'either' | 'no platform'): string {
  const slash = image.indexOf('/');
  const host = image.slice(0, slash);
  const [repository = '', tag = ''] = image.slice(slash + 1).split(':');
  const start = `failed to pull and unpack image "${image}": `;
  switch (pull) {
    case 'missing':
      return `rpc error: code = NotFound desc = ${start}failed to resolve reference "${image}": ${image}: not found`;
    case 'denied':
      return `rpc error: code = Unknown desc = ${start}failed to resolve reference "${image}": unexpected status from HEAD request to https://${host}/v2/${repository}/manifests/${tag}: 403 Forbidden`;
    case 'either':
      return `rpc error: code = Unknown desc = ${start}failed to resolve reference "${image}": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`;
    case 'no platform':
      return `rpc error: code = NotFound desc = ${start}no match for platform in manifest: not found`;
  }
}

/** Does what is due for one container. */
export function runContainer(cluster: Cluster, pod: Pod, container: PodContainer, at: number): void {
  for (let guard = 0; guard < 8 && container.dueAt <= at && container.step !== 'done'; guard += 1) {
    switch (container.step) {
      case 'pull':
        startPull(cluster, pod, container, at);
        break;
      case 'pulling':
        endPull(cluster, pod, container, at);
        break;
      case 'pull failed':
        backOffPull(cluster, pod, container, at);
        break;
      case 'create':
        create(cluster, pod, container, at);
        break;
      case 'running':
        run(cluster, pod, container, at);
        break;
      case 'ended':
        restart(cluster, pod, container, at);
        break;
    }
  }
}

function startPull(cluster: Cluster, pod: Pod, container: PodContainer, at: number): void {
  const { image } = container.spec;
  record(cluster, aboutPod(pod), at, 'Normal', 'Pulling', `Pulling image "${image}"`);
  container.step = 'pulling';
  const known = cluster.images.get(image);
  container.dueAt = at + seconds(known?.pull === 'ok' ? known.pullSeconds : 1);
}

function endPull(cluster: Cluster, pod: Pod, container: PodContainer, at: number): void {
  const { image } = container.spec;
  const known = cluster.images.get(image);
  const pull = known?.pull ?? 'missing';
  if (pull === 'ok') {
    const message = `Successfully pulled image "${image}" in ${known?.pullSeconds ?? 1}s (${known?.pullSeconds ?? 1}s including waiting). Image size: 4213842341 bytes.`;
    record(cluster, aboutPod(pod), at, 'Normal', 'Pulled', message);
    container.imageId = `${image.split(':')[0] ?? image}@sha256:${uidOf(image).replaceAll('-', '').padEnd(64, '0')}`;
    container.step = 'create';
    return;
  }
  const error = pullError(image, pull);
  record(cluster, aboutPod(pod), at, 'Warning', 'Failed', `Failed to pull image "${image}": ${error}`);
  record(cluster, aboutPod(pod), at, 'Warning', 'Failed', 'Error: ErrImagePull');
  container.state = { is: 'waiting', reason: 'ErrImagePull', message: error };
  container.pullTries += 1;
  container.step = 'pull failed';
  container.dueAt = at + seconds(3);
}

function backOffPull(cluster: Cluster, pod: Pod, container: PodContainer, at: number): void {
  const { image } = container.spec;
  const before = container.state;
  const why = before.is === 'waiting' ? before.message : '';
  record(cluster, aboutPod(pod), at, 'Normal', 'BackOff', `Back-off pulling image "${image}"`);
  record(cluster, aboutPod(pod), at, 'Warning', 'Failed', 'Error: ImagePullBackOff');
  const message = `Back-off pulling image "${image}": ErrImagePull: ${why}`;
  container.state = { is: 'waiting', reason: 'ImagePullBackOff', message };
  container.step = 'pull';
  container.dueAt = at + seconds(Math.min(10 * 2 ** (container.pullTries - 1), longestBackOffSeconds) - 3);
}

function create(cluster: Cluster, pod: Pod, container: PodContainer, at: number): void {
  const why = reasonNotToStart(cluster, pod, container);
  if (why !== null) {
    record(cluster, aboutPod(pod), at, 'Warning', 'Failed', `Error: ${why}`);
    container.state = { is: 'waiting', reason: 'CreateContainerConfigError', message: why };
    container.dueAt = at + seconds(12);
    return;
  }
  const { name } = container.spec;
  record(cluster, aboutPod(pod), at, 'Normal', 'Created', `Container created: ${name}`);
  container.startedAt = at;
  container.missed = missedAtStart(cluster, pod, container);
  const program = programOf(cluster, container);
  if (program.cannotStart !== null) {
    const { exitCode, message } = program.cannotStart;
    record(cluster, aboutPod(pod), at, 'Warning', 'Failed', `Error: ${message}`);
    exitContainer(container, at, {
      exitCode,
      signal: 0,
      reason: 'StartError',
      message,
      startedAt: '1970-01-01T00:00:00Z',
    });
    return;
  }
  record(cluster, aboutPod(pod), at, 'Normal', 'Started', `Container started: ${name}`);
  container.state = { is: 'running', since: iso(at) };
  container.step = 'running';
  container.failedProbes = 0;
  container.started = container.spec.startup === null;
  container.ready = container.spec.readiness === null && container.started && !container.init;
  container.log = [];
}

interface Exit {
  readonly exitCode: number;
  readonly signal: number;
  readonly reason: string;
  readonly message: string;
  readonly startedAt: string;
}

export function exitContainer(container: PodContainer, at: number, exit: Exit): void {
  const done = container.init && exit.exitCode === 0;
  container.state = { is: 'terminated', ...exit, finishedAt: iso(at) };
  container.ready = false;
  container.started = false;
  container.previousLog = container.log;
  container.earlier = [...container.earlier.slice(-19), { startedAt: container.startedAt, endedAt: at }];
  if (at - container.startedAt >= goodRunMs) container.backOffSeconds = 0;
  container.step = done ? 'done' : 'ended';
  container.dueAt = done ? Infinity : at + seconds(1);
}

function run(cluster: Cluster, pod: Pod, container: PodContainer, at: number): void {
  const program = programOf(cluster, container);
  const { ends } = program;
  container.log = program.lines;
  const endsAt = ends === null ? Infinity : container.startedAt + seconds(ends.afterSeconds);
  if (ends !== null && endsAt <= at) {
    const { exitCode, signal, reason } = ends;
    exitContainer(container, at, { exitCode, signal, reason, message: '', startedAt: iso(container.startedAt) });
    return;
  }
  const killAt = container.init ? Infinity : killedAt(cluster, instanceOf(pod), container.startedAt, at);
  if (killAt <= at) {
    const startedAt = iso(container.startedAt);
    exitContainer(container, at, { exitCode: 137, signal: 0, reason: 'OOMKilled', message: '', startedAt });
    return;
  }
  const probed = probeContainer(cluster, pod, container, program, at);
  if (probed === 'kill') {
    const exitCode = program.ignoresTerm ? 137 : 143;
    exitContainer(container, at, {
      exitCode,
      signal: 0,
      reason: 'Error',
      message: '',
      startedAt: iso(container.startedAt),
    });
    return;
  }
  container.dueAt = Math.min(endsAt, probed, killAt);
}

/** The first restart is at once; then 10 s, doubling to five minutes. */
function restart(cluster: Cluster, pod: Pod, container: PodContainer, at: number): void {
  const { name } = container.spec;
  if (container.state.is === 'terminated') {
    container.last = container.state;
    if (container.backOffSeconds > 0) {
      const where = `${pod.name}_${pod.namespace}(${pod.uid})`;
      const long = duration(container.backOffSeconds);
      const message = `back-off ${long} restarting failed container=${name} pod=${where}`;
      const said = `Back-off restarting failed container ${name} in pod ${where}`;
      record(cluster, aboutPod(pod), at, 'Warning', 'BackOff', said);
      container.state = { is: 'waiting', reason: 'CrashLoopBackOff', message };
      container.dueAt = at + seconds(container.backOffSeconds);
      container.backedOffUntil = container.dueAt;
      container.backOffSeconds = Math.min(container.backOffSeconds * 2, longestBackOffSeconds);
      return;
    }
    container.backOffSeconds = 10;
  }
  const pulled = `Container image "${container.spec.image}" already present on machine and can be accessed by the pod`;
  record(cluster, aboutPod(pod), at, 'Normal', 'Pulled', pulled);
  container.restarts += 1;
  container.step = 'create';
  container.dueAt = at;
}

/** Go's way: 10s, 1m20s, 5m0s. */
function duration(count: number): string {
  return count < 60 ? `${count}s` : `${Math.floor(count / 60)}m${count % 60}s`;
}
