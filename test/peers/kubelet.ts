import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeError } from './kube-client.ts';
import type { Region } from './control-plane-region.ts';
import type { NodeHost } from './kubelet-container.ts';
import { EventRecorder } from './kubelet-events.ts';
import type { Fault, FaultOf } from './kubelet-faults.ts';
import { LogStore, serveLogs } from './kubelet-logs.ts';
import { PodWorker } from './kubelet-pod.ts';
import { leaseObject, nodeObject, readyCondition, type NodeSpec } from './kubelet-node.ts';
import type { Pod } from './kube-types.ts';
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
}

/** The nodes of one region, played: what schedulers and controllers see is what they would see of real ones. */
export interface Kubelet {
  /** From now on this image does this wrong; pods that are retrying or being probed notice too. */
  fault(image: string, fault: Fault): void;
  heal(image: string): void;
  /** Gives a tag other content: `imageID` becomes `<repository>@sha256:<of seed>` for containers started from now on. */
  retag(image: string, seed: string): void;
  addNode(node: NodeSpec): Promise<void>;
  /** The node falls silent, as when its power is cut: after the grace period the node controller calls it lost. */
  loseNode(name: string): void;
  returnNode(name: string): void;
  /** The node says itself that it is not ready, and why. */
  setReady(name: string, ready: boolean, message?: string): Promise<void>;
  /** Appends to the log of a running container. */
  write(namespace: string, pod: string, container: string, text: string | Buffer): void;
  /** Resolves when every event until now is written. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

interface PlayedNode {
  readonly spec: NodeSpec;
  readonly host: NodeHost;
  isSilent: boolean;
}

/** Registers the nodes and plays their kubelets until `stop()`. Resolves when the nodes are registered and pods are watched. */
export async function startKubelet(region: Region, options: KubeletOptions): Promise<Kubelet> {
  const { admin } = region;
  const logs = new LogStore();
  const faults = new Map(Object.entries(options.faults ?? {}));
  const seeds = new Map<string, string>();
  const nodes = new Map<string, PlayedNode>();
  const workers = new Map<string, PodWorker>();
  const end = new AbortController();
  const port = await freePort();
  const find = (namespace: string, name: string): PodWorker | undefined =>
    [...workers.values()].find(({ pod }) => pod.metadata.namespace === namespace && pod.metadata.name === name);
  const server = await serveLogs({
    tls: region.serving,
    port,
    logs,
    findPod: (namespace, name) => find(namespace, name)?.pod,
    statuses: (pod) => workers.get(pod.metadata.uid)?.statuses ?? [],
  });

  const addNode = async (spec: NodeSpec): Promise<void> => {
    const host: NodeHost = {
      client: admin,
      events: new EventRecorder(admin, spec.name),
      logs,
      speed: options.speed ?? 20,
      images: new Set(),
      isSilent: () => nodes.get(spec.name)?.isSilent ?? true,
      faultOf: (pod, container) => options.faultOf?.(pod, container) ?? faults.get(container.image),
      imageId: (image) => imageIdOf(image, seeds.get(image) ?? image),
    };
    nodes.set(spec.name, { spec, host, isSilent: false });
    await admin.post('/api/v1/nodes', nodeObject(spec, port));
    await admin.post(leases, leaseObject(spec.name));
  };
  for (const spec of options.nodes) await addNode(spec);

  const see = (type: string, pod: Pod): void => {
    const { uid } = pod.metadata;
    const known = workers.get(uid);
    if (type === 'DELETED') {
      known?.abort();
      workers.delete(uid);
      return;
    }
    if (known) return known.update(pod);
    const host = nodes.get(pod.spec.nodeName ?? '')?.host;
    if (host === undefined || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return;
    const worker = new PodWorker(host, pod);
    workers.set(uid, worker);
    worker.start();
  };
  const relist = async (): Promise<string> => {
    const list = await admin.get<{ metadata: { resourceVersion: string }; items: readonly Pod[] }>('/api/v1/pods');
    const there = new Set(list.items.map((pod) => pod.metadata.uid));
    for (const [uid, worker] of workers) if (!there.has(uid)) see('DELETED', { ...worker.pod });
    for (const pod of list.items) see('MODIFIED', pod);
    return list.metadata.resourceVersion;
  };
  const version = await relist();
  const watching = watchPods(region, version, relist, see, end.signal);
  const renewing = renewLeases(region, nodes, end.signal);

  return {
    fault: (image, fault) => void faults.set(image, fault),
    heal: (image) => void faults.delete(image),
    retag: (image, seed) => void seeds.set(image, seed),
    addNode,
    loseNode: (name) => void (nodeOf(nodes, name).isSilent = true),
    returnNode: (name) => void (nodeOf(nodes, name).isSilent = false),
    setReady: async (name, ready, message) => {
      const { uid } = (await admin.get<{ metadata: { uid: string } }>(`/api/v1/nodes/${name}`)).metadata;
      await admin.strategic(`/api/v1/nodes/${name}/status`, {
        status: { conditions: [readyCondition(ready, message)] },
      });
      const reason = ready ? 'NodeReady' : 'NodeNotReady';
      nodeOf(nodes, name).host.events.record(
        { kind: 'Node', name, uid },
        'Normal',
        reason,
        `Node ${name} status is now: ${reason}`,
      );
    },
    write: (namespace, pod, container, text) => {
      const status = find(namespace, pod)?.statuses.find((one) => one.name === container);
      if (status?.containerID === undefined) throw new Error(`${container} of ${namespace}/${pod} has not started`);
      logs.append(status.containerID, text);
    },
    flush: async () => {
      await Promise.all([...nodes.values()].map(({ host }) => host.events.flush()));
    },
    stop: async () => {
      end.abort();
      for (const worker of workers.values()) worker.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.allSettled([watching, renewing]);
    },
  };
}

const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

function nodeOf(nodes: ReadonlyMap<string, PlayedNode>, name: string): PlayedNode {
  const node = nodes.get(name);
  if (!node) throw new Error(`no node ${name}; there are ${[...nodes.keys()].join(', ')}`);
  return node;
}

/** Watches all pods; a watch that ends (the API server stopped, the version is too old) begins again with a list. */
async function watchPods(
  region: Region,
  from: string,
  relist: () => Promise<string>,
  see: (type: string, pod: Pod) => void,
  signal: AbortSignal,
): Promise<void> {
  let version: string | undefined = from;
  while (!signal.aborted) {
    try {
      version ??= await relist();
      const path = `/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=${version}`;
      for await (const event of region.admin.watch<Pod>(path, signal)) {
        if (event.type === 'ERROR') break;
        version = event.object.metadata.resourceVersion;
        if (event.type !== 'BOOKMARK') see(event.type, event.object);
      }
    } catch {
      // The API server is away or paused; ask again.
    }
    version = undefined;
    if (!signal.aborted) await sleep(100);
  }
}

async function renewLeases(region: Region, nodes: ReadonlyMap<string, PlayedNode>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(2000, undefined, { signal });
    const speaking = [...nodes.values()].filter((node) => !node.isSilent);
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    await Promise.allSettled(
      speaking.map((node) => region.admin.merge(`${leases}/${node.spec.name}`, { spec: { renewTime } })),
    );
    await Promise.allSettled(speaking.map((node) => comeBack(region, node)));
  }
}

/** A node that the node controller called lost says that it is ready again, as a kubelet that is back does. */
async function comeBack(region: Region, node: PlayedNode): Promise<void> {
  const path = `/api/v1/nodes/${node.spec.name}`;
  const { status } = await region.admin.get<{ status: { conditions: readonly { type: string; status: string }[] } }>(
    path,
  );
  const ready = status.conditions.find((one) => one.type === 'Ready');
  if (ready?.status === 'Unknown')
    await region.admin.strategic(`${path}/status`, { status: { conditions: nodeConditions() } });
}

function nodeConditions(): readonly object[] {
  return [readyCondition(true)];
}

function imageIdOf(image: string, seed: string): string {
  const at = image.lastIndexOf(':');
  const repository = at > image.lastIndexOf('/') ? image.slice(0, at) : image;
  return `${repository}@sha256:${createHash('sha256').update(seed).digest('hex')}`;
}

export { KubeError };
