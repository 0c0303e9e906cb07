import { z } from 'zod';
import { text, count, flag, time, texts, map, quantities, listOf, intOrPercent } from './fields.ts';

// The API's objects, as far as they are read. Everything that is not named is dropped here, the values of environment variables among it.

export const metadata = z.object({
  name: text,
  namespace: text,
  uid: text,
  generation: count,
  resourceVersion: text,
  creationTimestamp: text,
  deletionTimestamp: time,
  labels: map,
  annotations: map,
  ownerReferences: listOf(
    z.object({ apiVersion: text, kind: z.string(), name: z.string(), uid: z.string(), controller: flag }),
  ),
  managedFields: listOf(z.object({ manager: text, time, subresource: text, fieldsV1: z.unknown().optional() })),
});
export type Metadata = z.infer<typeof metadata>;

export const condition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: text,
  message: text,
  lastTransitionTime: time,
  lastUpdateTime: time,
});

const keyRef = z.object({ name: text, key: text, optional: flag });
const nameRef = z.object({ name: text, optional: flag });
const probe = z.object({
  httpGet: z.object({ path: text, port: intOrPercent, scheme: text }).nullish(),
  tcpSocket: z.object({ port: intOrPercent }).nullish(),
  grpc: z.object({ port: z.number() }).nullish(),
  exec: z.object({ command: texts }).nullish(),
  initialDelaySeconds: count,
  periodSeconds: count,
  timeoutSeconds: count,
  failureThreshold: count,
});
export type ApiProbe = z.infer<typeof probe>;

export const resources = z
  .object({ requests: quantities, limits: quantities })
  .nullish()
  .transform((value) => value ?? { requests: {}, limits: {} });

export const container = z.object({
  name: z.string(),
  image: text,
  command: texts,
  args: texts,
  restartPolicy: text,
  resources,
  readinessProbe: probe.nullish(),
  livenessProbe: probe.nullish(),
  startupProbe: probe.nullish(),
  env: listOf(
    z.object({
      name: z.string(),
      valueFrom: z.object({ configMapKeyRef: keyRef.nullish(), secretKeyRef: keyRef.nullish() }).nullish(),
    }),
  ),
  ports: listOf(z.object({ hostPort: count, protocol: text })),
  envFrom: listOf(z.object({ prefix: text, configMapRef: nameRef.nullish(), secretRef: nameRef.nullish() })),
});
export type ApiContainer = z.infer<typeof container>;

export const volume = z.object({
  name: z.string(),
  configMap: nameRef.nullish(),
  secret: z.object({ secretName: text, optional: flag }).nullish(),
  persistentVolumeClaim: z.object({ claimName: z.string() }).nullish(),
});

export const selector = z.object({
  matchLabels: map,
  matchExpressions: listOf(z.object({ key: z.string(), operator: z.string(), values: texts })),
});
export type ApiSelector = z.infer<typeof selector>;

const toleration = z.object({ key: text, operator: text, value: text, effect: text });
const nodeRule = z.object({ key: z.string(), operator: z.string(), values: texts });
const nodeTerm = z.object({ matchExpressions: listOf(nodeRule), matchFields: listOf(nodeRule) });
const podTerm = z.object({
  labelSelector: selector.nullish(),
  topologyKey: z.string(),
  namespaces: texts,
  namespaceSelector: selector.nullish(),
});
const podTerms = z.object({ requiredDuringSchedulingIgnoredDuringExecution: listOf(podTerm) }).nullish();
const affinity = z.object({
  nodeAffinity: z
    .object({
      requiredDuringSchedulingIgnoredDuringExecution: z.object({ nodeSelectorTerms: listOf(nodeTerm) }).nullish(),
    })
    .nullish(),
  podAffinity: podTerms,
  podAntiAffinity: podTerms,
});
const spreadConstraint = z.object({
  maxSkew: z.number(),
  topologyKey: z.string(),
  whenUnsatisfiable: text,
  labelSelector: selector.nullish(),
});

export const podTemplate = z.object({
  metadata: z.object({ labels: map, annotations: map }).nullish(),
  spec: z.object({
    containers: z.array(container),
    initContainers: listOf(container),
    serviceAccountName: text,
    imagePullSecrets: listOf(z.object({ name: text })),
    nodeSelector: map,
    volumes: listOf(volume),
    tolerations: listOf(toleration),
    affinity: affinity.nullish(),
    topologySpreadConstraints: listOf(spreadConstraint),
  }),
});
export type ApiTemplate = z.infer<typeof podTemplate>;

/** A template is kept as it came, for its digest and for writing it back; `podTemplate` reads it. */
const rawTemplate = z.record(z.string(), z.unknown()).refine((raw) => podTemplate.safeParse(raw).success);

export const deployment = z.object({
  metadata,
  spec: z.object({
    replicas: z
      .number()
      .nullish()
      .transform((value) => value ?? 1),
    paused: flag,
    minReadySeconds: count,
    progressDeadlineSeconds: z
      .number()
      .nullish()
      .transform((value) => value ?? 600),
    selector,
    strategy: z
      .object({
        type: z.enum(['RollingUpdate', 'Recreate']).nullish(),
        rollingUpdate: z.object({ maxSurge: intOrPercent.nullish(), maxUnavailable: intOrPercent.nullish() }).nullish(),
      })
      .nullish(),
    template: rawTemplate,
  }),
  status: z
    .object({
      observedGeneration: count,
      replicas: count,
      updatedReplicas: count,
      readyReplicas: count,
      availableReplicas: count,
      unavailableReplicas: count,
      conditions: listOf(condition),
    })
    .prefault({}),
});
export type ApiDeployment = z.infer<typeof deployment>;

export const replicaSet = z.object({
  metadata,
  spec: z.object({ replicas: count, template: rawTemplate }),
  status: z.object({ readyReplicas: count, availableReplicas: count, conditions: listOf(condition) }).prefault({}),
});
export type ApiReplicaSet = z.infer<typeof replicaSet>;

export const quota = z.object({
  metadata,
  spec: z.object({ hard: quantities }).prefault({}),
  status: z.object({ hard: quantities, used: quantities }).prefault({}),
});

export const limitRange = z.object({
  metadata,
  spec: z
    .object({ limits: listOf(z.object({ type: z.string(), min: quantities, max: quantities, default: quantities })) })
    .prefault({}),
});

export const node = z.object({
  metadata,
  spec: z
    .object({ unschedulable: flag, taints: listOf(z.object({ key: z.string(), value: text, effect: text })) })
    .prefault({}),
  status: z.object({ allocatable: quantities, conditions: listOf(condition) }).prefault({}),
});

/** Of a config map or a secret the keys alone: the values are dropped while parsing. */
export const keyed = z.object({
  metadata,
  data: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((value) => Object.keys(value ?? {})),
  binaryData: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((value) => Object.keys(value ?? {})),
});

export const anything = z.object({});

const listMeta = z
  .object({ continue: text })
  .nullish()
  .transform((value) => value ?? { continue: '' });
const madePages = new WeakMap<z.ZodType, z.ZodType>();

/** One schema per kind of item: making one, and its first use, costs more than a page read with it. */
export function pageOf<T extends z.ZodType>(item: T): ReturnType<typeof pageSchema<T>> {
  const made = (madePages.get(item) as ReturnType<typeof pageSchema<T>> | undefined) ?? pageSchema(item);
  madePages.set(item, made);
  return made;
}
const pageSchema = <T extends z.ZodType>(item: T) => z.object({ metadata: listMeta, items: listOf(item) });

/** As much of `metadata` as a row of thousands needs; `managedFields`, which are most of it, are not worked through. */
const rowMetadata = z.object({
  name: text,
  uid: text,
  creationTimestamp: text,
  deletionTimestamp: time,
  labels: map,
  ownerReferences: listOf(z.object({ uid: z.string(), controller: flag })),
});
export type RowMetadata = z.infer<typeof rowMetadata>;

/** `meta.k8s.io/v1` Table: what `kubectl get` prints. */
export const table = z.object({
  metadata: listMeta,
  columnDefinitions: z.array(z.object({ name: z.string() })),
  rows: listOf(z.object({ cells: z.array(z.unknown()), object: z.object({ metadata: rowMetadata }).nullish() })),
});
