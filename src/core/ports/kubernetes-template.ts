/** A pod template, as far as playbooks may know it: never the values of environment variables. Types only. */

export interface PodTemplate {
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
  readonly serviceAccount: string;
  readonly pullSecrets: readonly string[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly volumes: readonly Volume[];
  readonly placement: Placement;
  /** `kubectl rollout restart`'s annotation: revisions that differ only in it are the same code. */
  readonly restartedAt: string | null;
}

/**
 * What decides where its pods may run, beside what they ask for, the node selector and the volumes. Each in one canonical text, '' for
 * none: equal texts are equal wishes. Only what can refuse a node; preferences are left out.
 */
export interface Placement {
  /** `nvidia.com/gpu:NoSchedule, dedicated=training`: key, value where it must be equal, effect where it is limited to one. */
  readonly tolerations: string;
  /** `topology.kubernetes.io/zone in (a,b) or …`. */
  readonly nodeAffinity: string;
  /** `apart from app=x per kubernetes.io/hostname`, `beside app=y per …`. */
  readonly podAffinity: string;
  /** `app=x per topology.kubernetes.io/zone, skew at most 1`. */
  readonly spread: string;
  /** `8080/TCP`. */
  readonly hostPorts: string;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
  readonly readiness: Probe | null;
  readonly liveness: Probe | null;
  readonly startup: Probe | null;
  /** What the environment refers to; plain values are left out, names of variables are kept. */
  readonly env: readonly EnvFrom[];
  /** An init container with `restartPolicy: Always`. */
  readonly sidecar: boolean;
}

export type EnvFrom =
  | { readonly is: 'value'; readonly variable: string }
  | {
      readonly is: 'config map' | 'secret';
      readonly variable: string;
      readonly name: string;
      readonly key: string;
      readonly optional: boolean;
    }
  /** `envFrom`: the whole object; `variable` is the prefix. */
  | {
      readonly is: 'whole config map' | 'whole secret';
      readonly variable: string;
      readonly name: string;
      readonly optional: boolean;
    };

export interface Probe {
  /** What it asks, for people: `GET :8080/health`, `exec cat /ready`, `tcp :8080`, `grpc :9000`. */
  readonly asks: string;
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

export interface Volume {
  readonly name: string;
  readonly from: 'config map' | 'secret' | 'claim' | 'other';
  /** Name of the config map, secret or claim; '' otherwise. */
  readonly source: string;
  readonly optional: boolean;
}

/** A part of a pod template: an image, an environment … of any of its containers. */
export type TemplatePart =
  | 'image'
  | 'command'
  | 'environment'
  | 'resources'
  | 'probes'
  | 'volumes'
  | 'placement'
  | 'service account'
  | 'other';

export interface TemplateOwner {
  readonly manager: string;
  readonly at: string;
  readonly parts: readonly TemplatePart[];
}
