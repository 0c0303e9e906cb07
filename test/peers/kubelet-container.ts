import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { behaviourOf, type Behaviour } from './kubelet-faults.ts';
import { backOffMs, goDuration, type NodeHost } from './kubelet-host.ts';
import { missingConfig } from './kubelet-config.ts';
import { runProbes, type Ended } from './kubelet-probes.ts';
import { describePod, isSidecar, kubeTime } from './kubelet-status.ts';
import type { Container, ContainerStatus, Pod, Terminated } from './kube-types.ts';

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
        (ended.code === 0 && (policy === 'OnFailure' || this.#runsOnce) && !isSidecar(this.container));
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

  /** An init container that has to end before the next begins; sidecars are the other kind. */
  get #runsOnce(): boolean {
    return this.#isInit && !isSidecar(this.container);
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
    const isReady = !hasStartup && this.container.readinessProbe === undefined && !this.#runsOnce;
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
    const exit = behaviour.exit ?? (this.#runsOnce ? { code: 0, reason: 'Completed', afterMs: 20 } : undefined);
    const ends: Promise<Ended>[] = [this.#probes(signal)];
    if (exit) ends.push(sleep(exit.afterMs, exit, { signal }));
    try {
      return await Promise.race(ends);
    } finally {
      losers.abort();
      for (const end of ends) void end.catch(() => {});
    }
  }

  #probes(signal: AbortSignal): Promise<Ended> {
    const readiness = this.container.readinessProbe;
    return runProbes({
      container: this.container,
      podIP: this.#podIP,
      graceSeconds: this.#pod.spec.terminationGracePeriodSeconds ?? 30,
      speed: this.#host.speed,
      behaviour: () => this.behaviour,
      isReady: () => this.status.ready,
      setReady: (ready) => this.#set({ ready }),
      setStarted: async () => {
        this.#hasStarted.resolve();
        await this.#set({ started: true, ready: readiness === undefined && !this.#runsOnce });
      },
      say: (type, reason, message) => this.#say(type, reason, message),
      signal,
    });
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

  #say(type: 'Normal' | 'Warning', reason: string, message: string): void {
    if (this.#host.isSilent()) return;
    const { name, namespace, uid, resourceVersion } = this.#pod.metadata;
    const container = { name: this.container.name, isInit: this.#isInit };
    this.#host.events.record({ kind: 'Pod', name, namespace, uid, resourceVersion, container }, type, reason, message);
  }
}
