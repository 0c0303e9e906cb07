import type { Condition } from './kube-types.ts';
import { kubeTime } from './kubelet-status.ts';

export interface NodeSpec {
  readonly name: string;
  /** Allocatable amounts; 16 cores, 64Gi, 110 pods and no GPU by default. */
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: number;
  readonly gpus?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly {
    readonly key: string;
    readonly value?: string;
    readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  }[];
  readonly architecture?: 'amd64' | 'arm64';
}

/** The Ready condition in the kubelet's words (pkg/kubelet/nodestatus, v1.36). */
export function readyCondition(ready: boolean, message?: string): Condition {
  return {
    type: 'Ready',
    status: ready ? 'True' : 'False',
    reason: ready ? 'KubeletReady' : 'KubeletNotReady',
    message: ready
      ? 'kubelet is posting ready status'
      : (message ??
        'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized'),
    lastHeartbeatTime: kubeTime(),
    lastTransitionTime: kubeTime(),
  };
}

/** A node as its kubelet registers it. All played nodes share the loopback address and one port. */
export function nodeObject(spec: NodeSpec, kubeletPort: number): object {
  const architecture = spec.architecture ?? 'amd64';
  const amounts = {
    cpu: spec.cpu ?? '16',
    memory: spec.memory ?? '64Gi',
    pods: String(spec.pods ?? 110),
    'ephemeral-storage': '200Gi',
    ...(spec.gpus === undefined || spec.gpus === 0 ? {} : { 'nvidia.com/gpu': String(spec.gpus) }),
  };
  const fine = (type: string, reason: string, message: string): Condition => ({
    type,
    status: 'False',
    reason,
    message,
    lastHeartbeatTime: kubeTime(),
    lastTransitionTime: kubeTime(),
  });
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: spec.name,
      labels: {
        'kubernetes.io/hostname': spec.name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': architecture,
        ...spec.labels,
      },
    },
    spec: spec.taints === undefined ? {} : { taints: spec.taints },
    status: {
      capacity: amounts,
      allocatable: amounts,
      addresses: [
        { type: 'InternalIP', address: '127.0.0.1' },
        { type: 'Hostname', address: spec.name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
      conditions: [
        fine('MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
        fine('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
        fine('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
        readyCondition(true),
      ],
      nodeInfo: {
        architecture,
        operatingSystem: 'linux',
        osImage: 'Bottlerocket OS 1.20.0 (aws-k8s-1.36)',
        kernelVersion: '6.1.90',
        kubeletVersion: 'v1.36.1',
        kubeProxyVersion: '',
        containerRuntimeVersion: 'containerd://2.1.4',
        machineID: '',
        systemUUID: '',
        bootID: '',
      },
    },
  };
}

export function leaseObject(node: string): object {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: node, namespace: 'kube-node-lease' },
    spec: { holderIdentity: node, leaseDurationSeconds: 40, renewTime: new Date().toISOString().replace('Z', '000Z') },
  };
}
