import { randomBytes } from 'node:crypto';
import type { KubeClient } from './kube-client.ts';

export interface EventSubject {
  readonly kind: 'Pod' | 'Node';
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion?: string;
  /** The container it is about. */
  readonly container?: { readonly name: string; readonly isInit: boolean };
}

/** Writes events as client-go's recorder does: the same one again raises its count instead of making another. */
export class EventRecorder {
  readonly #client: KubeClient;
  readonly #host: string;
  readonly #known = new Map<string, { name: string; count: number }>();
  #last: Promise<void> = Promise.resolve();

  constructor(client: KubeClient, host: string) {
    this.#client = client;
    this.#host = host;
  }

  record(subject: EventSubject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const key = JSON.stringify([subject.uid, subject.container?.name, type, reason, message]);
    // One after the other, so that what happened first is also written first. A refused event is lost, as a real kubelet's is.
    this.#last = this.#last.then(() => this.#write(key, subject, type, reason, message)).catch(() => {});
  }

  /** Resolves when all that was recorded until now is written. */
  async flush(): Promise<void> {
    await this.#last;
  }

  async #write(key: string, subject: EventSubject, type: string, reason: string, message: string): Promise<void> {
    const namespace = subject.namespace ?? 'default';
    const path = `/api/v1/namespaces/${namespace}/events`;
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const known = this.#known.get(key);
    if (known) {
      known.count += 1;
      await this.#client.merge(`${path}/${known.name}`, { count: known.count, lastTimestamp: now });
      return;
    }
    const name = `${subject.name}.${randomBytes(8).toString('hex')}`;
    this.#known.set(key, { name, count: 1 });
    const field =
      subject.container &&
      `spec.${subject.container.isInit ? 'initContainers' : 'containers'}{${subject.container.name}}`;
    await this.#client.post(path, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: {
        kind: subject.kind,
        apiVersion: 'v1',
        name: subject.name,
        uid: subject.uid,
        ...(subject.namespace === undefined ? {} : { namespace }),
        ...(subject.resourceVersion === undefined ? {} : { resourceVersion: subject.resourceVersion }),
        ...(field === undefined ? {} : { fieldPath: field }),
      },
      reason,
      message,
      type,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      source: { component: 'kubelet', host: this.#host },
      reportingComponent: 'kubelet',
      reportingInstance: this.#host,
    });
  }
}
