// Objects that the tests of the real peers apply; each test's own words are in the options.

export interface DeploymentOptions {
  readonly name: string;
  readonly namespace?: string;
  readonly image: string;
  readonly replicas?: number;
  readonly progressDeadlineSeconds?: number;
  readonly strategy?: object;
  /** Merged into the only container, which is called `serve`. */
  readonly container?: object;
  /** Merged into the pod's spec. */
  readonly pod?: object;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A Deployment whose pods are labelled `app=<name>`. */
export function deployment(options: DeploymentOptions): object {
  const labels = { app: options.name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: options.name,
      namespace: options.namespace ?? 'default',
      ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
    },
    spec: {
      replicas: options.replicas ?? 2,
      progressDeadlineSeconds: options.progressDeadlineSeconds ?? 600,
      ...(options.strategy === undefined ? {} : { strategy: options.strategy }),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'serve', image: options.image, ...options.container }], ...options.pod },
      },
    },
  };
}

/** Several objects as one list that `kubectl apply -f -` takes. */
export function listOf(items: readonly object[]): object {
  return { apiVersion: 'v1', kind: 'List', items };
}
