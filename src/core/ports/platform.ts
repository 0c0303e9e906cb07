import type { DeploymentAct, DeploymentRehearse, KubernetesRead, ObjectName } from './kubernetes.ts';
import type { MetricsRead } from './metrics.ts';

/** Everything that a reading may look at. Read-only by type and by credentials, bound to one region. */
export interface Read {
  readonly kubernetes: KubernetesRead;
  readonly metrics: MetricsRead;
}

/** What can be changed, by kind: its target, what acts on it, what rehearses it. */
export interface ActOn {
  readonly deployment: {
    readonly target: ObjectName;
    readonly act: DeploymentAct;
    readonly rehearse: DeploymentRehearse;
  };
}
export type Kind = keyof ActOn;

/** One try to do one act. */
export interface Attempt {
  /** The new value of the fence: unique per attempt. */
  readonly fence: string;
  /** ISO 8601: after this moment the adapter must not send the write. */
  readonly notAfter: string;
  /** The fence that the target carried when it was read for this attempt, null: none. Any other means that somebody has taken over: conflict. Left out: whatever the first look finds. */
  readonly expects?: string | null;
}

/** The adapters behind one door: the engine binds what it hands out. */
export interface Platform {
  readonly regions: readonly string[];
  read(region: string, signal: AbortSignal): Read;
  rehearse<K extends Kind>(
    kind: K,
    region: string,
    target: ActOn[K]['target'],
    signal: AbortSignal,
  ): ActOn[K]['rehearse'];
  act<K extends Kind>(
    kind: K,
    region: string,
    target: ActOn[K]['target'],
    attempt: Attempt,
    signal: AbortSignal,
  ): ActOn[K]['act'];
  /** Gives the target's fence a new value, so that a paused predecessor's conditional write fails. Throws a Failure. */
  fence(kind: Kind, region: string, target: ActOn[Kind]['target'], token: string, signal: AbortSignal): Promise<void>;
}
