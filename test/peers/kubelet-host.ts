import type { KubeClient } from './kube-client.ts';
import type { EventRecorder } from './kubelet-events.ts';
import type { Fault } from './kubelet-faults.ts';
import type { LogStore } from './kubelet-logs.ts';
import type { Container, Pod } from './kube-types.ts';

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

const firstBackOffMs = 10_000;
const longestBackOffMs = 300_000;

/** The kubelet's wait after so many failures in a row: 10 s, doubled each time, at most five minutes. */
export function backOffMs(failures: number): number {
  return Math.min(firstBackOffMs * 2 ** (failures - 1), longestBackOffMs);
}

/** 80 s is `1m20s`: how Go prints a duration of whole seconds. */
export function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
