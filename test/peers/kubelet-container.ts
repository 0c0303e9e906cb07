import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from './kube-client.ts';
import { behaviourOf, probeOutput, type Behaviour, type Fault, type ProbeKind } from './kubelet-faults.ts';
import type { EventRecorder } from './kubelet-events.ts';
import { missingConfig } from './kubelet-config.ts';
import type { LogStore } from './kubelet-logs.ts';
import { describePod, isSidecar, kubeTime } from './kubelet-status.ts';
import type { Container, ContainerStatus, Pod, Probe, Terminated } from './kube-types.ts';

/** What a played node offers to the pods on it. */
export interface NodeHost {
  readonly client: KubeClient;
  readonly events: EventRecorder;
  readonly logs: LogStore;
  /** How many times faster than a real kubelet's its waits are. */
  readonly speed: number;
  readonly images: Set<string>;
  /** True while the node is lost: it writes nothing. */
  isSilent(): boolean;
  faultOf(pod: Pod, container: Container): Fault | undefined;
  imageId(image: string): string;
}

interface Ended {
  readonly code: number;
  readonly reason: string;
  readonly message?: string;
}

const firstBackOffMs = 10_000;
const longestBackOffMs = 300_000;

/** One container of one pod: pulled, configured, started, probed, restarted with the kubelet's own back-off. */
export class ContainerLife {
  readonly container: Container;
  status: ContainerStatus;
  readonly #host: NodeHost;
  readonly #pod: Pod;
  readonly #podIP: string;
  readonly #isInit: boolean;
  readonly #changed: () => Promise<void>;
  readonly #signal: AbortSignal;
  #crashes = 0;
  #pullFailures = 0;
  #hasStarted = Promise.withResolvers<void>();

  constructor(options: {
    readonly host: NodeHost;
    readonly pod: Pod;
    readonly podIP: string;
    readonly container: Container;
    readonly isInit: boolean;
    readonly signal: AbortSignal;
    /** Writes the pod's status; resolves when it is written. */
    readonly changed: () => Promise<void>;
  }) {
    this.#host = options.host;
    this.#pod = options.pod;
    this.#podIP = options.podIP;
    this.container = options.container;
    this.#isInit = options.isInit;
    this.#changed = options.changed;
    this.#signal = options.signal;
    const reason = (options.pod.spec.initContainers ?? []).length > 0 ? 'PodInitializing' : 'ContainerCreating';
    this.status = {
      name: this.container.name,
      image: this.container.image,
      imageID: '',
      ready: false,
      started: false,
      restartCount: 0,
      state: { waiting: { reason } },
      lastState: {},
    };
  }

  /** Resolves when the container has started for the first time. */
  get started(): Promise<void> {
    return this.#hasStarted.promise;
  }

  get behaviour(): Behaviour {
    return behaviourOf(this.#host.faultOf(this.#pod, this.container), this.container);
  }

  /** Runs until it has ended for good, by its restart policy; rejects when the signal aborts. */
  async run(): Promise<void> {
    for (;;) {
      await this.#pull();
      await this.#configure();
      const ended = await this.#runOnce();
      const policy = isSidecar(this.container) ? 'Always' : (this.#pod.spec.restartPolicy ?? 'Always');
      const isDone =
        policy === 'Never' ||
        (ended.code === 0 && (policy === 'OnFailure' || this.#isInit) && !isSidecar(this.container));
      if (isDone) {
        await this.#set({ ready: this.#isInit && ended.code === 0 });
        return;
      }
      await this.#backOff();
    }
  }

  /** Says that it is being stopped, and how it ended. */
  stopping(): void {
    if ('running' in this.status.state) this.#say('Normal', 'Killing', `Stopping container ${this.container.name}`);
  }

  stopped(code: number): void {
    if (!('running' in this.status.state)) return;
    this.status = {
      ...this.status,
      ready: false,
      started: false,
      state: this.#terminated({ code, reason: code === 0 ? 'Completed' : 'Error' }),
    };
  }

  async #pull(): Promise<void> {
    const { image } = this.container;
    const policy = this.container.imagePullPolicy ?? (/:latest$|^[^:]+$/.test(image) ? 'Always' : 'IfNotPresent');
    for (;;) {
      const { pullError, pullMs } = this.behaviour;
      const isThere = this.#host.images.has(image) && pullError === undefined;
      if (policy !== 'Always' && isThere) {
        this.#say(
          'Normal',
          'Pulled',
          `Container image "${image}" already present on machine and can be accessed by the pod`,
        );
        return;
      }
      if (policy === 'Never') {
        this.#say(
          'Warning',
          'ErrImageNeverPull',
          `Container image "${image}" is not present with pull policy of Never`,
        );
        await this.#waiting(
          'ErrImageNeverPull',
          `Container image "${image}" is not present with pull policy of Never`,
          'ErrImageNeverPull',
        );
        await this.#pause(10_000);
        continue;
      }
      this.#say('Normal', 'Pulling', `Pulling image "${image}"`);
      const began = performance.now();
      if (pullMs === undefined) await this.#pause(500);
      else await sleep(pullMs, undefined, { signal: this.#signal });
      if (pullError === undefined || this.#pullFailures >= pullError.times) {
        const took = `${((performance.now() - began) / 1000).toFixed(3)}s`;
        this.#say(
          'Normal',
          'Pulled',
          `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: 3182551041 bytes.`,
        );
        this.#host.images.add(image);
        return;
      }
      await this.#pullFailed(image, pullError.text);
    }
  }

  async #pullFailed(image: string, why: string): Promise<void> {
    this.#pullFailures += 1;
    this.#say('Warning', 'Failed', `Failed to pull image "${image}": ${why}`);
    await this.#waiting('ErrImagePull', why, 'ErrImagePull');
    await this.#pause(5_000);
    this.#say('Normal', 'BackOff', `Back-off pulling image "${image}"`);
    await this.#waiting(
      'ImagePullBackOff',
      `Back-off pulling image "${image}": ErrImagePull: ${why}`,
      'ImagePullBackOff',
    );
    await this.#pause(backOffMs(this.#pullFailures));
  }

  async #configure(): Promise<void> {
    for (;;) {
      const missing = await missingConfig(this.#host.client, this.#pod.metadata.namespace, this.container);
      if (missing === undefined) return;
      await this.#waiting('CreateContainerConfigError', missing, missing);
      await this.#pause(10_000);
    }
  }

  async #runOnce(): Promise<Ended> {
    const behaviour = this.behaviour;
    const containerID = `containerd://${randomBytes(32).toString('hex')}`;
    const isRestart = this.status.containerID !== undefined;
    const restartCount = this.status.restartCount + (isRestart ? 1 : 0);
    if ('terminated' in this.status.state) this.status = { ...this.status, lastState: this.status.state };
    const imageID = this.#host.imageId(this.container.image);
    this.#say('Normal', 'Created', 'Container created');
    this.#host.logs.begin(containerID, [this.#pod.metadata.uid, this.container.name], behaviour.logs);
    if (behaviour.startError !== undefined) {
      this.status = { ...this.status, containerID, restartCount, imageID };
      const ended = { code: 128, reason: 'StartError', message: behaviour.startError };
      const lastState = this.#terminated(ended, null);
      this.status = { ...this.status, lastState };
      await this.#waiting('RunContainerError', behaviour.startError, behaviour.startError);
      await this.#pause(2_000);
      return ended;
    }
    this.#say('Normal', 'Started', 'Container started');
    const hasStartup = this.container.startupProbe !== undefined;
    const startedAt = kubeTime();
    const isReady = !hasStartup && this.container.readinessProbe === undefined && !this.#isInit;
    await this.#set({
      containerID,
      restartCount,
      imageID,
      started: !hasStartup,
      ready: isReady,
      state: { running: { startedAt } },
    });
    if (!hasStartup) this.#hasStarted.resolve();
    const ended = await this.#live(behaviour);
    await this.#set({ ready: false, started: false, state: this.#terminated(ended, startedAt) });
    return ended;
  }

  async #live(behaviour: Behaviour): Promise<Ended> {
    const losers = new AbortController();
    const signal = AbortSignal.any([this.#signal, losers.signal]);
    const exit =
      behaviour.exit ??
      (this.#isInit && !isSidecar(this.container) ? { code: 0, reason: 'Completed', afterMs: 20 } : undefined);
    const ends: Promise<Ended>[] = [this.#probes(signal)];
    if (exit) ends.push(sleep(exit.afterMs, exit, { signal }));
    try {
      return await Promise.race(ends);
    } finally {
      losers.abort();
      for (const end of ends) void end.catch(() => {});
    }
  }

  /** Probes as asked for; resolves with how the container ended when a probe had it killed. */
  async #probes(signal: AbortSignal): Promise<Ended> {
    const began = performance.now();
    const { startupProbe, livenessProbe, readinessProbe } = this.container;
    if (startupProbe) {
      const passed = await this.#untilVerdict(
        'Startup',
        startupProbe,
        began,
        signal,
        startupProbe.failureThreshold ?? 3,
      );
      if (!passed) return this.#kill('startup', signal);
      this.#hasStarted.resolve();
      await this.#set({ started: true, ready: readinessProbe === undefined && !this.#isInit });
    }
    const kills = Promise.withResolvers<Ended>();
    const loops: Promise<void>[] = [];
    if (readinessProbe) loops.push(this.#readiness(readinessProbe, began, signal));
    if (livenessProbe) loops.push(this.#liveness(livenessProbe, began, signal).then(kills.resolve));
    for (const loop of loops) loop.catch(kills.reject);
    signal.addEventListener('abort', () => kills.reject(signal.reason), { once: true });
    return kills.promise;
  }

  async #readiness(probe: Probe, began: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const passed = await this.#untilVerdict(
        'Readiness',
        probe,
        began,
        signal,
        this.status.ready ? (probe.failureThreshold ?? 3) : 1,
      );
      if (passed !== this.status.ready) await this.#set({ ready: passed });
      await sleep(this.#period(probe), undefined, { signal });
    }
  }

  async #liveness(probe: Probe, began: number, signal: AbortSignal): Promise<Ended> {
    for (;;) {
      const passed = await this.#untilVerdict('Liveness', probe, began, signal, probe.failureThreshold ?? 3);
      if (!passed) return this.#kill('liveness', signal);
      await sleep(this.#period(probe), undefined, { signal });
    }
  }

  /** True at the first success, false after `threshold` failures in a row. */
  async #untilVerdict(
    kind: ProbeKind,
    probe: Probe,
    began: number,
    signal: AbortSignal,
    threshold: number,
  ): Promise<boolean> {
    const notBefore = began + ((probe.initialDelaySeconds ?? 0) * 1000) / this.#host.speed;
    if (performance.now() < notBefore) await sleep(notBefore - performance.now(), undefined, { signal });
    for (let failures = 0; ;) {
      const got = this.behaviour.probe(kind, performance.now() - began);
      if (got === undefined) return true;
      this.#say('Warning', 'Unhealthy', `${kind} probe failed: ${probeOutput({ podIP: this.#podIP }, probe, got)}`);
      failures += 1;
      if (failures >= threshold) return false;
      await sleep(this.#period(probe), undefined, { signal });
    }
  }

  async #kill(probe: 'liveness' | 'startup', signal: AbortSignal): Promise<Ended> {
    this.#say('Normal', 'Killing', `Container ${this.container.name} failed ${probe} probe, will be restarted`);
    const { killedCode } = this.behaviour;
    const graceMs = killedCode === 137 ? (this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000 : 1000;
    await sleep(graceMs / this.#host.speed, undefined, { signal });
    return { code: killedCode, reason: 'Error' };
  }

  async #backOff(): Promise<void> {
    this.#crashes += 1;
    if (this.#crashes === 1) return this.#pause(1_000); // the first restart is at once; the second waits ten seconds
    const waitMs = backOffMs(this.#crashes - 1);
    const pod = describePod(this.#pod);
    this.#say('Warning', 'BackOff', `Back-off restarting failed container ${this.container.name} in pod ${pod}`);
    const message = `back-off ${goDuration(waitMs)} restarting failed container=${this.container.name} pod=${pod}`;
    if ('terminated' in this.status.state) this.status = { ...this.status, lastState: this.status.state };
    await this.#set({ state: { waiting: { reason: 'CrashLoopBackOff', message } } });
    await this.#pause(waitMs);
  }

  #terminated(ended: Ended, startedAt: string | null = null): Terminated {
    const tail =
      this.container.terminationMessagePolicy === 'FallbackToLogsOnError' &&
      ended.code !== 0 &&
      ended.reason !== 'StartError';
    const message = ended.message ?? (tail ? this.#host.logs.tail(this.status.containerID ?? '', 2048) : undefined);
    const running = 'running' in this.status.state ? this.status.state.running.startedAt : null;
    return {
      terminated: {
        exitCode: ended.code,
        reason: ended.reason,
        ...(message === undefined || message === '' ? {} : { message }),
        startedAt: startedAt ?? running ?? '1970-01-01T00:00:00Z',
        finishedAt: kubeTime(),
        containerID: this.status.containerID ?? '',
      },
    };
  }

  async #waiting(reason: string, message: string, event: string): Promise<void> {
    this.#say('Warning', 'Failed', `Error: ${event}`);
    await this.#set({ ready: false, started: false, state: { waiting: { reason, message } } });
  }

  async #set(change: Partial<ContainerStatus>): Promise<void> {
    this.status = { ...this.status, ...change };
    await this.#changed();
    this.#signal.throwIfAborted();
  }

  /** Waits as long as a real kubelet would, divided by the speed. */
  async #pause(realMs: number): Promise<void> {
    await sleep(realMs / this.#host.speed, undefined, { signal: this.#signal });
  }

  #period(probe: Probe): number {
    return ((probe.periodSeconds ?? 10) * 1000) / this.#host.speed;
  }

  #say(type: 'Normal' | 'Warning', reason: string, message: string): void {
    if (this.#host.isSilent()) return;
    const { name, namespace, uid, resourceVersion } = this.#pod.metadata;
    const container = { name: this.container.name, isInit: this.#isInit };
    this.#host.events.record({ kind: 'Pod', name, namespace, uid, resourceVersion, container }, type, reason, message);
  }
}

function backOffMs(failures: number): number {
  return Math.min(firstBackOffMs * 2 ** (failures - 1), longestBackOffMs);
}

/** 80 s is `1m20s`: how Go prints a duration of whole seconds. */
function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
