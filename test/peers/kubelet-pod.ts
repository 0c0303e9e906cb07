import { setTimeout as sleep } from 'node:timers/promises';
import { KubeError } from './kube-client.ts';
import { missingVolume } from './kubelet-config.ts';
import { ContainerLife } from './kubelet-container.ts';
import type { NodeHost } from './kubelet-host.ts';
import { isSidecar, kubeTime, podStatus } from './kubelet-status.ts';
import type { Condition, ContainerStatus, Pod, PodStatus } from './kube-types.ts';

let nextAddress = 0;

/** Brings one pod up, keeps it going, and takes it down: the kubelet's pod worker. */
export class PodWorker {
  readonly uid: string;
  readonly #host: NodeHost;
  readonly #life = new AbortController();
  readonly #podIP: string;
  readonly #startTime = kubeTime();
  readonly #init: readonly ContainerLife[];
  readonly #containers: readonly ContainerLife[];
  #pod: Pod;
  #conditions: readonly Condition[] = [];
  #sandboxReady = false;
  #terminating = false;
  #isGone = false;
  #writing: Promise<void> | undefined;
  #isDirty = false;

  constructor(host: NodeHost, pod: Pod) {
    this.#host = host;
    this.#pod = pod;
    this.uid = pod.metadata.uid;
    nextAddress = (nextAddress + 1) % 60_000;
    this.#podIP = `10.244.${Math.floor(nextAddress / 250)}.${(nextAddress % 250) + 2}`;
    this.#conditions = pod.status?.conditions ?? [];
    const make = (isInit: boolean) => (container: Pod['spec']['containers'][number]) =>
      new ContainerLife({
        host,
        pod,
        podIP: this.#podIP,
        container,
        isInit,
        signal: this.#life.signal,
        changed: () => this.#publish(),
      });
    this.#init = (pod.spec.initContainers ?? []).map(make(true));
    this.#containers = pod.spec.containers.map(make(false));
  }

  get pod(): Pod {
    return this.#pod;
  }

  get statuses(): readonly ContainerStatus[] {
    return [...this.#init, ...this.#containers].map((one) => one.status);
  }

  /** Begins; what goes wrong with the pod is in its status. */
  start(): void {
    this.#run().catch((error: unknown) => {
      if (this.#life.signal.aborted || isNotFound(error)) return;
      process.stderr.write(`the played kubelet gave up on ${this.#pod.metadata.name}: ${String(error)}\n`);
    });
  }

  /** A newer version of the object, from the watch. */
  update(pod: Pod): void {
    this.#pod = pod;
    const mine = new Set(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady']);
    const others = (pod.status?.conditions ?? []).filter((one) => !mine.has(one.type));
    const gatesBefore = JSON.stringify(this.#conditions.filter((one) => !mine.has(one.type)));
    this.#conditions = [...this.#conditions.filter((one) => mine.has(one.type)), ...others];
    if ((pod.spec.readinessGates ?? []).length > 0 && gatesBefore !== JSON.stringify(others)) void this.#publish();
    if (pod.metadata.deletionTimestamp !== undefined && !this.#terminating) {
      this.#terminating = true;
      this.#terminate().catch(() => {});
    }
  }

  /** Ends the pod as the eviction manager does: it stays as a Failed leftover. */
  async evict(message: string): Promise<void> {
    this.#life.abort();
    for (const life of [...this.#init, ...this.#containers]) life.stopped(137);
    await this.#publish();
    this.#isGone = true;
    const { namespace, name } = this.#pod.metadata;
    const conditions = [
      {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'TerminationByKubelet',
        message,
        lastTransitionTime: kubeTime(),
      },
      { type: 'Ready', status: 'False', reason: 'PodFailed', message: null, lastTransitionTime: kubeTime() },
    ];
    const status = { phase: 'Failed', reason: 'Evicted', message, conditions };
    await this.#host.client.strategic(`/api/v1/namespaces/${namespace}/pods/${name}/status`, { status });
    this.#say('Evicted', message);
  }

  /** The object is gone, or the kubelet stops. */
  abort(): void {
    this.#isGone = true;
    this.#life.abort();
  }

  async #run(): Promise<void> {
    if (this.#pod.metadata.deletionTimestamp !== undefined) return this.update(this.#pod);
    await this.#publish();
    await this.#mountVolumes();
    await this.#makeSandbox();
    const sidecars: Promise<void>[] = [];
    for (const life of this.#init) {
      if (!isSidecar(life.container)) {
        await life.run();
        if ('terminated' in life.status.state && life.status.state.terminated.exitCode !== 0) return;
        continue;
      }
      const running = life.run();
      sidecars.push(running);
      await Promise.race([running, life.started]);
    }
    await Promise.all([...sidecars, ...this.#containers.map((life) => life.run())]);
  }

  async #mountVolumes(): Promise<void> {
    const began = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      const failed: string[] = [];
      for (const volume of this.#pod.spec.volumes ?? []) {
        const fault = this.#containers
          .map((life) => life.behaviour.volumeError)
          .find((one) => one?.volume === volume.name);
        const why = fault?.error ?? (await missingVolume(this.#host.client, this.#pod, volume));
        if (why === undefined) continue;
        failed.push(volume.name);
        this.#say('FailedMount', `MountVolume.SetUp failed for volume "${volume.name}" : ${why}`);
      }
      if (failed.length === 0) return;
      // After two minutes and three seconds the wait for all volumes ends too, and begins again.
      if (performance.now() - began > 123_000 / this.#host.speed) {
        const list = failed.join(' ');
        this.#say(
          'FailedMount',
          `Unable to attach or mount volumes: unmounted volumes=[${list}], unattached volumes=[], failed to process volumes=[]: context deadline exceeded`,
        );
      }
      await this.#pause(Math.min(500 * 2 ** attempt, 122_000));
    }
  }

  async #makeSandbox(): Promise<void> {
    for (;;) {
      const why = this.#containers.map((life) => life.behaviour.sandboxError).find((one) => one !== undefined);
      if (why === undefined) break;
      this.#say('FailedCreatePodSandBox', `Failed to create pod sandbox: ${why}`);
      await this.#pause(12_000);
    }
    this.#sandboxReady = true;
    await this.#publish();
  }

  async #terminate(): Promise<void> {
    this.#life.abort();
    const all = [...this.#init, ...this.#containers];
    const graceMs = (this.#pod.metadata.deletionGracePeriodSeconds ?? 30) * 1000;
    const wantsMs = Math.max(...this.#containers.map((life) => life.behaviour.endsAfterMs ?? 1000 / this.#host.speed));
    for (const life of all) life.stopping();
    await sleep(Math.min(wantsMs, graceMs));
    if (this.#isGone) return;
    for (const life of all) life.stopped(wantsMs > graceMs ? 137 : 0);
    await this.#publish();
    await this.#whileSilent();
    const { namespace, name } = this.#pod.metadata;
    await this.#again(() =>
      this.#host.client.delete(`/api/v1/namespaces/${namespace}/pods/${name}`, {
        gracePeriodSeconds: 0,
        preconditions: { uid: this.uid },
      }),
    );
  }

  /** Writes the status; calls while it is being written are answered by one more write. */
  #publish(): Promise<void> {
    this.#isDirty = true;
    this.#writing ??= this.#writeStatus().finally(() => (this.#writing = undefined));
    return this.#writing;
  }

  async #writeStatus(): Promise<void> {
    while (this.#isDirty && !this.#isGone) {
      await this.#whileSilent();
      this.#isDirty = false;
      const status = podStatus({
        pod: this.#pod,
        podIP: this.#podIP,
        startTime: this.#startTime,
        sandboxReady: this.#sandboxReady,
        init: this.#init.map((life) => life.status),
        containers: this.#containers.map((life) => life.status),
        conditions: this.#conditions,
      }) as PodStatus;
      const { namespace, name } = this.#pod.metadata;
      const body = { metadata: { uid: this.uid }, status };
      const written = await this.#again(() =>
        this.#host.client.strategic<Pod>(`/api/v1/namespaces/${namespace}/pods/${name}/status`, body),
      );
      if (written) this.#conditions = written.status?.conditions ?? [];
    }
  }

  /** Tries until the API server answers; undefined when it says that the pod is gone or another one. */
  async #again<T>(call: () => Promise<T>): Promise<T | undefined> {
    while (!this.#isGone) {
      try {
        return await call();
      } catch (error) {
        if (error instanceof KubeError && error.status >= 400 && error.status < 500 && error.status !== 429) {
          if (error.status === 404 || error.status === 409) return undefined;
          throw error;
        }
        await sleep(200);
      }
    }
    return undefined;
  }

  async #whileSilent(): Promise<void> {
    while (this.#host.isSilent() && !this.#isGone) await sleep(50);
  }

  async #pause(realMs: number): Promise<void> {
    await sleep(realMs / this.#host.speed, undefined, { signal: this.#life.signal });
  }

  #say(reason: string, message: string): void {
    const { name, namespace, uid, resourceVersion } = this.#pod.metadata;
    if (!this.#host.isSilent())
      this.#host.events.record({ kind: 'Pod', name, namespace, uid, resourceVersion }, 'Warning', reason, message);
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404;
}
