import type { Subject } from './service-model.ts';

/** A pod, as far as its exporters tell of it. */
export interface PodObject {
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: Spec & { readonly nodeName?: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}
interface Spec {
  readonly containers: readonly {
    readonly image: string;
    readonly env?: readonly { readonly name: string; readonly value?: string }[];
    readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
  }[];
}
/** A ReplicaSet. */
export interface SetObject {
  readonly metadata: PodObject['metadata'];
  readonly spec: { readonly replicas: number; readonly template: { readonly spec: Spec } };
}
export interface ListOf<T> {
  readonly items: readonly T[];
}

/** What a template says of the pods that are made of it. */
export function partsOf(
  { labels }: PodObject['metadata'],
  { containers: [main] }: Spec,
): Pick<Subject, 'hash' | 'image' | 'env' | 'cpuLimit'> {
  const limit = main?.resources?.limits?.['cpu'];
  return {
    hash: labels['pod-template-hash'] ?? '',
    image: main?.image ?? '',
    env: Object.fromEntries((main?.env ?? []).map((one) => [one.name, one.value ?? ''])),
    cpuLimit: limit === undefined ? null : limit.endsWith('m') ? Number(limit.slice(0, -1)) / 1000 : Number(limit),
  };
}
