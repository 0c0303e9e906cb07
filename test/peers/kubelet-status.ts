import type { Condition, Container, ContainerStatus, Pod } from './kube-types.ts';

/** A time as the API writes it: whole seconds, UTC. */
export function kubeTime(at: Date = new Date()): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** `name_namespace(uid)`: how kubelet messages call a pod. */
export function describePod(pod: Pod): string {
  const { name, namespace, uid } = pod.metadata;
  return `${name}_${namespace}(${uid})`;
}

export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

export interface PodView {
  readonly pod: Pod;
  readonly podIP: string;
  readonly startTime: string;
  readonly sandboxReady: boolean;
  readonly init: readonly ContainerStatus[];
  readonly containers: readonly ContainerStatus[];
  /** Conditions as written last, to keep their transition times; also those that others wrote. */
  readonly conditions: readonly Condition[];
}

/** The status that a kubelet would write for these containers (pkg/kubelet/status/generate.go and getPhase, v1.36). */
export function podStatus(view: PodView): object {
  const phase = phaseOf(view);
  const conditions = conditionsOf(view, phase).map((condition) => withTransition(condition, view.conditions));
  const hasNetwork = view.sandboxReady;
  return {
    phase,
    conditions,
    hostIP: '127.0.0.1',
    hostIPs: [{ ip: '127.0.0.1' }],
    ...(hasNetwork ? { podIP: view.podIP, podIPs: [{ ip: view.podIP }] } : {}),
    startTime: view.startTime,
    observedGeneration: view.pod.metadata.generation ?? 1,
    containerStatuses: view.containers,
    ...(view.init.length > 0 ? { initContainerStatuses: view.init } : {}),
  };
}

function phaseOf(view: PodView): string {
  const { init, containers, pod } = view;
  const regularInit = init.filter(
    (status) => !pod.spec.initContainers?.some((one) => one.name === status.name && isSidecar(one)),
  );
  if (
    regularInit.some((one) => exitCode(one) !== undefined && exitCode(one) !== 0) &&
    pod.spec.restartPolicy === 'Never'
  )
    return 'Failed';
  if (regularInit.some((one) => exitCode(one) !== 0)) return 'Pending';
  if (containers.some((one) => 'waiting' in one.state && !('terminated' in one.lastState))) return 'Pending';
  if (containers.some((one) => !('terminated' in one.state))) return 'Running';
  if (pod.spec.restartPolicy === 'Always') return 'Running';
  return containers.every((one) => exitCode(one) === 0) ? 'Succeeded' : 'Failed';
}

function exitCode(status: ContainerStatus): number | undefined {
  return 'terminated' in status.state ? status.state.terminated.exitCode : undefined;
}

function conditionsOf(view: PodView, phase: string): readonly Condition[] {
  const { pod, containers, init } = view;
  const sandbox: Condition = { type: 'PodReadyToStartContainers', status: view.sandboxReady ? 'True' : 'False' };
  if (phase === 'Succeeded' || phase === 'Failed') {
    const reason = phase === 'Failed' ? 'PodFailed' : 'PodCompleted';
    return [
      { ...sandbox, status: 'False' },
      { type: 'Initialized', status: 'True' },
      { type: 'Ready', status: 'False', reason },
      { type: 'ContainersReady', status: 'False', reason },
    ];
  }
  const incomplete = init.filter(
    (one) => !one.ready && !(one.started && pod.spec.initContainers?.some((c) => c.name === one.name && isSidecar(c))),
  );
  const hasStarted = containers.some(
    (one) => 'running' in one.state || 'terminated' in one.state || 'terminated' in one.lastState,
  );
  const initialized: Condition =
    incomplete.length === 0 || hasStarted
      ? { type: 'Initialized', status: 'True' }
      : {
          type: 'Initialized',
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: [${names(incomplete)}]`,
        };
  const sidecars = init.filter((one) => pod.spec.initContainers?.some((c) => c.name === one.name && isSidecar(c)));
  const unready = [...sidecars, ...containers].filter((one) => !one.ready);
  const notReady = { reason: 'ContainersNotReady', message: `containers with unready status: [${names(unready)}]` };
  const containersReady: Condition = {
    type: 'ContainersReady',
    ...(unready.length === 0 ? { status: 'True' } : { status: 'False', ...notReady }),
  };
  return [sandbox, initialized, readyOf(view, containersReady), containersReady];
}

function readyOf(view: PodView, containersReady: Condition): Condition {
  if (containersReady.status !== 'True') return { ...containersReady, type: 'Ready' };
  const messages: string[] = [];
  for (const { conditionType } of view.pod.spec.readinessGates ?? []) {
    const gate = view.conditions.find((one) => one.type === conditionType);
    if (!gate) messages.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (gate.status !== 'True')
      messages.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`);
  }
  return messages.length === 0
    ? { type: 'Ready', status: 'True' }
    : { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}

function names(statuses: readonly ContainerStatus[]): string {
  return statuses.map((one) => one.name).join(' ');
}

function withTransition(condition: Condition, before: readonly Condition[]): object {
  const old = before.find((one) => one.type === condition.type);
  const lastTransitionTime = old?.status === condition.status ? (old.lastTransitionTime ?? kubeTime()) : kubeTime();
  // Strategic merge keeps what it is not told about: an old reason has to be removed by name.
  return { lastProbeTime: null, reason: null, message: null, ...condition, lastTransitionTime };
}
