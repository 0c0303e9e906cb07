import type { Container, Pod, Probe } from './kube-types.ts';

export type ProbeKind = 'Readiness' | 'Liveness' | 'Startup';

/**
 * What an image does wrong. Missing config maps, secrets and keys are no faults of this kind: the played kubelet looks them up in
 * the real API server, as a real one does. A pod's own fault is `kubelet.faultOf`.
 */
export type Fault =
  /** The registry says that there is no such tag. */
  | { readonly kind: 'image-not-found' }
  /** A private registry refuses (as ECR does). */
  | { readonly kind: 'image-forbidden' }
  /** Docker Hub's answer to both: no such repository, or it is private. */
  | { readonly kind: 'image-not-found-or-private' }
  | { readonly kind: 'image-wrong-architecture'; readonly runtime?: 'containerd' | 'docker' }
  | { readonly kind: 'image-rate-limited' }
  | { readonly kind: 'registry-unreachable' }
  /** Any other answer of the registry or runtime, in its own words. `times`: it works after so many failures. */
  | { readonly kind: 'pull-fails'; readonly error: string; readonly times?: number }
  | { readonly kind: 'pull-takes'; readonly ms: number }
  /** Runs `afterMs` (100), then ends; again and again. `reason` is the runtime's (Error; Completed for code 0). */
  | {
      readonly kind: 'exits';
      readonly code: number;
      readonly afterMs?: number;
      readonly logs?: string;
      readonly reason?: string;
      readonly message?: string;
    }
  | { readonly kind: 'oom'; readonly afterMs?: number; readonly logs?: string }
  /** The runtime cannot start the process: RunContainerError, exit code 128, reason StartError. */
  | { readonly kind: 'command-not-found'; readonly command?: string }
  | { readonly kind: 'start-fails'; readonly error: string }
  /** Another processor's binary in an image that claims ours. */
  | { readonly kind: 'exec-format' }
  /** A probe gets this HTTP status, or times out (`"timeout"`), or is refused (`"refused"`), from `afterMs` (0) on. */
  | {
      readonly kind: 'probe-fails';
      readonly probe: ProbeKind;
      readonly gets: number | 'timeout' | 'refused';
      readonly afterMs?: number;
      readonly logs?: string;
      readonly exitCode?: number;
    }
  /** Nothing is wrong: every probe fails until the model is loaded. */
  | { readonly kind: 'loads'; readonly ms: number; readonly logs?: string }
  /** The network plugin has no address for the pod. */
  | { readonly kind: 'no-sandbox'; readonly error?: string }
  | { readonly kind: 'volume'; readonly volume: string; readonly error: string }
  /** Healthy, but takes this long to end when it is told to (and holds its GPUs until then). */
  | { readonly kind: 'ends-slowly'; readonly ms: number }
  /** Healthy; writes this. */
  | { readonly kind: 'logs'; readonly logs: string | Buffer };

/** What one run of a container does, as the played runtime needs it. */
export interface Behaviour {
  readonly pullError?: { readonly text: string; readonly times: number };
  readonly pullMs?: number;
  readonly startError?: string;
  readonly exit?: {
    readonly code: number;
    readonly reason: string;
    readonly afterMs: number;
    readonly message?: string;
  };
  readonly logs: string | Buffer;
  readonly sandboxError?: string;
  readonly volumeError?: { readonly volume: string; readonly error: string };
  readonly endsAfterMs?: number;
  /** What a probe got this long after the start; undefined when it passed. */
  readonly probe: (probe: ProbeKind, sinceStartMs: number) => number | 'timeout' | 'refused' | undefined;
  /** Exit code when it is killed: 143 obeys SIGTERM, 137 had to be killed. */
  readonly killedCode: number;
}

const healthy: Behaviour = { logs: '', probe: () => undefined, killedCode: 143 };

/** What a container does under a fault. */
export function behaviourOf(fault: Fault | undefined, container: Container): Behaviour {
  if (fault === undefined) return healthy;
  switch (fault.kind) {
    case 'pull-takes':
      return { ...healthy, pullMs: fault.ms };
    case 'exits': {
      const reason = fault.reason ?? (fault.code === 0 ? 'Completed' : 'Error');
      const message = fault.message === undefined ? {} : { message: fault.message };
      return {
        ...healthy,
        logs: fault.logs ?? '',
        exit: { code: fault.code, reason, afterMs: fault.afterMs ?? 100, ...message },
      };
    }
    case 'oom':
      return {
        ...healthy,
        logs: fault.logs ?? '',
        exit: { code: 137, reason: 'OOMKilled', afterMs: fault.afterMs ?? 100 },
      };
    case 'exec-format': {
      const command = container.command?.[0] ?? '/usr/local/bin/serve';
      return {
        ...healthy,
        logs: `exec ${command}: exec format error\n`,
        exit: { code: 255, reason: 'Error', afterMs: 20 },
      };
    }
    case 'command-not-found': {
      const command = fault.command ?? container.command?.[0] ?? 'serve';
      const why = command.startsWith('/')
        ? `stat ${command}: no such file or directory`
        : 'executable file not found in $PATH';
      return { ...healthy, startError: startError(`exec: "${command}": ${why}`) };
    }
    case 'start-fails':
      return { ...healthy, startError: fault.error };
    case 'probe-fails': {
      const from = fault.afterMs ?? 0;
      const probe: Behaviour['probe'] = (kind, sinceMs) =>
        kind === fault.probe && sinceMs >= from ? fault.gets : undefined;
      return { ...healthy, logs: fault.logs ?? '', probe, killedCode: fault.exitCode ?? 137 };
    }
    case 'loads':
      return {
        ...healthy,
        logs: fault.logs ?? '',
        killedCode: 137,
        probe: (_, sinceMs) => (sinceMs < fault.ms ? 'refused' : undefined),
      };
    case 'no-sandbox':
      return { ...healthy, sandboxError: fault.error ?? noAddress };
    case 'volume':
      return { ...healthy, volumeError: { volume: fault.volume, error: fault.error } };
    case 'ends-slowly':
      return { ...healthy, endsAfterMs: fault.ms };
    case 'logs':
      return { ...healthy, logs: fault.logs };
    case 'pull-fails':
      return { ...healthy, pullError: { text: fault.error, times: fault.times ?? Infinity } };
    default:
      return { ...healthy, pullError: { text: pullError(fault, container.image), times: Infinity } };
  }
}

/** runc's words inside containerd's, as of containerd 2 and runc 1.2. */
function startError(why: string): string {
  return `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ${why}`;
}

const noAddress =
  'rpc error: code = Unknown desc = failed to setup network for sandbox "6f0c9d2a7be14c55": plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container';

type PullFault = Extract<Fault, { kind: `image-${string}` | 'registry-unreachable' }>;

/** The words of containerd for each way in which a pull fails. */
function pullError(fault: PullFault, image: string): string {
  const { full, host, repository, tag } = parts(image);
  const unpack = `failed to pull and unpack image "${full}"`;
  const resolve = `${unpack}: failed to resolve reference "${full}"`;
  switch (fault.kind) {
    case 'image-not-found':
      return `rpc error: code = NotFound desc = ${resolve}: ${full}: not found`;
    case 'image-forbidden':
      return `rpc error: code = Unknown desc = ${resolve}: unexpected status from HEAD request to https://${host}/v2/${repository}/manifests/${tag}: 403 Forbidden`;
    case 'image-not-found-or-private':
      return `rpc error: code = Unknown desc = ${resolve}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`;
    case 'image-wrong-architecture':
      return fault.runtime === 'docker'
        ? 'rpc error: code = Unknown desc = no matching manifest for linux/amd64 in the manifest list entries'
        : `rpc error: code = NotFound desc = ${unpack}: no match for platform in manifest: not found`;
    case 'image-rate-limited':
      return `rpc error: code = Unknown desc = ${resolve}: unexpected status from HEAD request to https://${host}/v2/${repository}/manifests/${tag}: 429 Too Many Requests`;
    case 'registry-unreachable':
      return `rpc error: code = Unknown desc = ${resolve}: failed to do request: Head "https://${host}/v2/${repository}/manifests/${tag}": dial tcp: lookup ${host} on 10.96.0.10:53: no such host`;
  }
}

/** How containerd spells an image: Docker Hub's host, `library/` and `latest` are added. */
function parts(image: string): { full: string; host: string; repository: string; tag: string } {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  const isHost = first.includes('.') || first.includes(':') || first === 'localhost';
  const rest = isHost ? image.slice(slash + 1) : image;
  const colon = rest.lastIndexOf(':');
  const tag = colon < 0 ? 'latest' : rest.slice(colon + 1);
  const name = colon < 0 ? rest : rest.slice(0, colon);
  const repository = isHost || name.includes('/') ? name : `library/${name}`;
  const spelled = isHost ? first : 'docker.io';
  return { full: `${spelled}/${repository}:${tag}`, host: isHost ? first : 'registry-1.docker.io', repository, tag };
}

/** The kubelet's words for what a probe got (pkg/probe/http, v1.36; net/http's for the other two). */
export function probeOutput(podIP: string, probe: Probe, got: number | 'timeout' | 'refused'): string {
  const port = probe.httpGet?.port ?? probe.tcpSocket?.port ?? 8080;
  const address = `${podIP}:${port}`;
  if (probe.exec)
    return typeof got === 'number'
      ? `command exited with ${got}`
      : `command timed out: "${probe.exec.command.join(' ')}" timed out after ${probe.timeoutSeconds ?? 1}s`;
  if (probe.tcpSocket)
    return `dial tcp ${address}: ${got === 'timeout' ? 'i/o timeout' : 'connect: connection refused'}`;
  if (typeof got === 'number') return `HTTP probe failed with statuscode: ${got}`;
  const url = `${(probe.httpGet?.scheme ?? 'HTTP').toLowerCase()}://${address}${probe.httpGet?.path ?? '/'}`;
  return got === 'timeout'
    ? `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`
    : `Get "${url}": dial tcp ${address}: connect: connection refused`;
}

/** Chooses a fault by something else than the image. */
export type FaultOf = (pod: Pod, container: Container) => Fault | undefined;
