import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Region } from './control-plane-region.ts';
import type { NodeHost } from './kubelet-host.ts';
import { EventRecorder } from './kubelet-events.ts';
import type { Fault, FaultOf } from './kubelet-faults.ts';
import { LogStore, serveLogs } from './kubelet-logs.ts';
import { leaseObject, nodeObject, readyCondition, type NodeSpec } from './kubelet-node.ts';
import { PodWorker } from './kubelet-pod.ts';
import type { Condition, Pod } from './kube-types.ts';
import { freePort } from './process.ts';

export type { Fault, FaultOf } from './kubelet-faults.ts';
export type { NodeSpec } from './kubelet-node.ts';

export interface KubeletOptions {
  readonly nodes: readonly NodeSpec[];
  /** What images do wrong from the start. */
  readonly faults?: Readonly<Record<string, Fault>>;
  /** Asked before `faults`: a fault by pod, node or anything else. */
  readonly faultOf?: FaultOf;
  /** How many times faster its waits (back-offs, probe periods) are than a real kubelet's; 20 by default. The words stay. */
  readonly speed?: number;
  /** A port of `startKwok`'s, for exec; left out: exec breaks off. */
  readonly execPort?: number;
}

/** Registers the nodes and plays their kubelets until `stop()`. Resolves when the nodes are there and pods are watched. */
export async function startKubelet(region: Region, options: KubeletOptions): Promise<Kubelet> {
  const kubelet = new Kubelet(region, options);
  await kubelet.start(options.nodes);
  return kubelet;
}

interface PlayedNode {
  readonly name: string;
  readonly host: NodeHost;
  isSilent: boolean;
}

const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

// pkg/kubelet/eviction, v1.36
const lowOnMemory =
  'The node was low on resource: memory. Threshold quantity: 100Mi, available: 88Mi. Container serve was using 4Gi, request is 0, has larger consumption of memory. ';

/** The nodes of one region, played: what schedulers and controllers see is what they would see of real ones. */
export class Kubelet {
  readonly #region: Region;
  readonly #options: KubeletOptions;
  readonly #logs = new LogStore();
  readonly #faults: Map<string, Fault>;
  readonly #seeds = new Map<string, string>();
  readonly #nodes = new Map<string, PlayedNode>();
  readonly #workers = new Map<string, PodWorker>();
  readonly #end = new AbortController();
  #port = 0;
  #stopServing: () => Promise<void> = async () => {};
  #loops: readonly Promise<void>[] = [];

  constructor(region: Region, options: KubeletOptions) {
    this.#region = region;
    this.#options = options;
    this.#faults = new Map(Object.entries(options.faults ?? {}));
  }

  async start(nodes: readonly NodeSpec[]): Promise<void> {
    this.#port = await freePort();
    this.#stopServing = await serveLogs({
      tls: this.#region.serving,
      port: this.#port,
      execPort: this.#options.execPort,
      logs: this.#logs,
      findPod: (namespace, name) => this.#find(namespace, name)?.pod,
      statuses: (pod) => this.#workers.get(pod.metadata.uid)?.statuses ?? [],
    });
    for (const node of nodes) await this.addNode(node);
    this.#loops = [this.#watchPods(await this.#relist()), this.#renewLeases()];
  }

  /** From now on this image does this wrong; pods that are retrying or being probed notice too. */
  fault(image: string, fault: Fault): void {
    this.#faults.set(image, fault);
  }

  heal(image: string): void {
    this.#faults.delete(image);
  }

  /** Gives a tag other content: `imageID` becomes `<repository>@sha256:<of seed>` for containers started from now on. */
  retag(image: string, seed: string): void {
    this.#seeds.set(image, seed);
  }

  async addNode(spec: NodeSpec): Promise<void> {
    const { admin } = this.#region;
    const host: NodeHost = {
      client: admin,
      events: new EventRecorder(admin, spec.name),
      logs: this.#logs,
      speed: this.#options.speed ?? 20,
      images: new Set(),
      isSilent: () => this.#nodes.get(spec.name)?.isSilent ?? true,
      faultOf: (pod, container) => this.#options.faultOf?.(pod, container) ?? this.#faults.get(container.image),
      imageId: (image) => imageIdOf(image, this.#seeds.get(image) ?? image),
    };
    this.#nodes.set(spec.name, { name: spec.name, host, isSilent: false });
    await admin.post('/api/v1/nodes', nodeObject(spec, this.#port));
    await admin.post(leases, leaseObject(spec.name));
  }

  /** The node falls silent, as when its power is cut: after the grace period the node controller calls it lost. */
  loseNode(name: string): void {
    this.#node(name).isSilent = true;
  }

  returnNode(name: string): void {
    this.#node(name).isSilent = false;
  }

  /** The node says itself that it is not ready, and why. */
  async setReady(name: string, ready: boolean, message?: string): Promise<void> {
    const { admin } = this.#region;
    const { uid } = (await admin.get<{ metadata: { uid: string } }>(`/api/v1/nodes/${name}`)).metadata;
    await this.#setCondition(name, readyCondition(ready, message));
    const reason = ready ? 'NodeReady' : 'NodeNotReady';
    const subject = { kind: 'Node', name, uid } as const;
    this.#node(name).host.events.record(subject, 'Normal', reason, `Node ${name} status is now: ${reason}`);
  }

  /** Appends to the log of a running container. */
  write(namespace: string, pod: string, container: string, text: string | Buffer): void {
    const status = this.#find(namespace, pod)?.statuses.find((one) => one.name === container);
    if (status?.containerID === undefined) throw new Error(`${container} of ${namespace}/${pod} has not started`);
    this.#logs.append(status.containerID, text);
  }

  /** Evicts a pod from its node, as for lack of memory there. */
  async evict(namespace: string, pod: string, message = lowOnMemory): Promise<void> {
    const worker = this.#find(namespace, pod);
    if (worker === undefined) throw new Error(`no pod ${namespace}/${pod} runs here`);
    await worker.evict(message);
  }

  /** Resolves when every event until now is written. */
  async flush(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map(({ host }) => host.events.flush()));
  }

  async stop(): Promise<void> {
    const loops = Promise.allSettled(this.#loops); // before they are ended: nobody else hears that they were
    this.#end.abort();
    for (const worker of this.#workers.values()) worker.abort();
    await this.#stopServing();
    await loops;
  }

  #node(name: string): PlayedNode {
    const node = this.#nodes.get(name);
    if (!node) throw new Error(`no node ${name}; there are ${[...this.#nodes.keys()].join(', ')}`);
    return node;
  }

  #find(namespace: string, name: string): PodWorker | undefined {
    return [...this.#workers.values()].find(
      ({ pod }) => pod.metadata.namespace === namespace && pod.metadata.name === name,
    );
  }

  #see(type: string, pod: Pod): void {
    const { uid } = pod.metadata;
    const known = this.#workers.get(uid);
    if (type === 'DELETED') {
      known?.abort();
      this.#workers.delete(uid);
      return;
    }
    if (known) {
      known.update(pod);
      return;
    }
    const host = this.#nodes.get(pod.spec.nodeName ?? '')?.host;
    const phase = pod.status?.phase;
    if (host === undefined || phase === 'Succeeded' || phase === 'Failed') return;
    const worker = new PodWorker(host, pod);
    this.#workers.set(uid, worker);
    worker.start();
  }

  async #relist(): Promise<string> {
    const list = await this.#region.admin.get<{
      metadata: { resourceVersion: string };
      items: readonly Pod[];
    }>('/api/v1/pods');
    const there = new Set(list.items.map((pod) => pod.metadata.uid));
    for (const [uid, worker] of this.#workers) if (!there.has(uid)) this.#see('DELETED', worker.pod);
    for (const pod of list.items) this.#see('MODIFIED', pod);
    return list.metadata.resourceVersion;
  }

  /** Watches all pods; a watch that ends (the API server stopped, the version is too old) begins again with a list. */
  async #watchPods(from: string): Promise<void> {
    const { signal } = this.#end;
    let version: string | undefined = from;
    while (!signal.aborted) {
      try {
        version ??= await this.#relist();
        const path = `/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=${version}`;
        for await (const event of this.#region.admin.watch<Pod>(path, signal)) {
          if (event.type === 'ERROR') break;
          version = event.object.metadata.resourceVersion;
          if (event.type !== 'BOOKMARK') this.#see(event.type, event.object);
        }
      } catch {
        // The API server is away or paused; ask again.
      }
      version = undefined;
      if (!signal.aborted) await sleep(100);
    }
  }

  async #renewLeases(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      await sleep(2000, undefined, { signal });
      const speaking = [...this.#nodes.values()].filter((node) => !node.isSilent);
      await Promise.allSettled(speaking.map((node) => this.#renew(node)));
    }
  }

  /** Renews a node's lease; one that was called lost says that it is ready again, as a kubelet that is back does. */
  async #renew(node: PlayedNode): Promise<void> {
    const { admin } = this.#region;
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    await admin.merge(`${leases}/${node.name}`, { spec: { renewTime } });
    const found = await admin.get<{ status: { conditions: readonly Condition[] } }>(`/api/v1/nodes/${node.name}`);
    const ready = found.status.conditions.find((one) => one.type === 'Ready');
    if (ready?.status === 'Unknown') await this.#setCondition(node.name, readyCondition(true));
  }

  async #setCondition(node: string, condition: Condition): Promise<void> {
    await this.#region.admin.strategic(`/api/v1/nodes/${node}/status`, { status: { conditions: [condition] } });
  }
}

function imageIdOf(image: string, seed: string): string {
  const at = image.lastIndexOf(':');
  const repository = at > image.lastIndexOf('/') ? image.slice(0, at) : image;
  return `${repository}@sha256:${createHash('sha256').update(seed).digest('hex')}`;
}
