import { z } from 'zod';
import { count, flag, intOrPercent, listOf, map, quantities, text, texts } from './fields.ts';
import { metadata, selector } from './objects.ts';

// What stands around a workload, as far as it is read.

export const service = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    type: z
      .enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'])
      .nullish()
      .transform((value) => value ?? 'ClusterIP'),
    clusterIP: text,
    selector: map,
    ports: listOf(z.object({ name: text, port: z.number(), targetPort: intOrPercent.nullish() })),
  }),
  status: z
    .object({
      loadBalancer: z.object({ ingress: listOf(z.object({ ip: text, hostname: text })) }).prefault({}),
    })
    .prefault({}),
});

const maybe = z
  .boolean()
  .nullish()
  .transform((value) => value ?? null);

export const endpointSlice = z.object({
  endpoints: listOf(
    z.object({
      addresses: texts,
      conditions: z.object({ ready: maybe, terminating: maybe }).nullish(),
      nodeName: text,
      targetRef: z.object({ kind: text, name: text }).nullish(),
    }),
  ),
});

export const disruptionBudget = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ selector: selector.nullish() }),
  status: z.object({ disruptionsAllowed: count, currentHealthy: count, desiredHealthy: count }).prefault({}),
});

const peer = z.object({
  podSelector: selector.nullish(),
  namespaceSelector: selector.nullish(),
  ipBlock: z.object({ cidr: z.string(), except: texts }).nullish(),
});
const ports = listOf(z.object({ protocol: text, port: intOrPercent.nullish(), endPort: z.number().nullish() }));
export const networkPolicy = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    podSelector: selector,
    policyTypes: listOf(z.enum(['Ingress', 'Egress'])),
    ingress: listOf(z.object({ from: listOf(peer), ports })),
    egress: listOf(z.object({ to: listOf(peer), ports })),
  }),
});
export type ApiPeer = z.infer<typeof peer>;
export type ApiPorts = z.infer<typeof ports>;

export const claim = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    storageClassName: text,
    volumeName: text,
    accessModes: texts,
    resources: z.object({ requests: quantities }).prefault({}),
  }),
  status: z
    .object({
      phase: z
        .enum(['Pending', 'Bound', 'Lost'])
        .nullish()
        .transform((value) => value ?? 'Pending'),
      capacity: quantities,
    })
    .prefault({}),
});

const zoneTerm = z.object({
  matchExpressions: listOf(z.object({ key: z.string(), operator: z.string(), values: texts })),
});
export const volume = z.object({
  metadata: z.object({ name: z.string(), labels: map }),
  spec: z.object({
    nodeAffinity: z.object({ required: z.object({ nodeSelectorTerms: listOf(zoneTerm) }).nullish() }).nullish(),
  }),
});
export type ApiVolume = z.infer<typeof volume>;

const template = z.object({ spec: z.object({ containers: z.array(z.object({ image: text })) }) });
export const workload = z.object({
  metadata,
  spec: z.object({
    replicas: z.number().nullish(),
    completions: z.number().nullish(),
    parallelism: z.number().nullish(),
    selector: selector.nullish(),
    updateStrategy: z
      .object({ type: text, rollingUpdate: z.object({ partition: z.number().nullish() }).nullish() })
      .nullish(),
    template,
  }),
  status: z
    .object({
      readyReplicas: count,
      updatedReplicas: count,
      desiredNumberScheduled: count,
      numberReady: count,
      updatedNumberScheduled: count,
      succeeded: count,
      failed: count,
    })
    .prefault({}),
});
export type ApiWorkload = z.infer<typeof workload>;

/** Values are needed for the digest and go no further. */
export const configMap = z.object({
  metadata,
  data: z.record(z.string(), z.string()).nullish(),
  binaryData: z.record(z.string(), z.string()).nullish(),
});

/** Any custom resource: its spec as it came. */
export const custom = z.object({ metadata, spec: z.unknown().optional() });

/** A Deployment's containers with the plain values of their environment: only for names that were asked for. */
export const valued = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.array(
          z.object({
            name: z.string(),
            env: listOf(z.object({ name: z.string(), value: z.string().nullish(), valueFrom: z.unknown().optional() })),
          }),
        ),
      }),
    }),
  }),
});

export const use = z.object({
  metadata: z.object({ name: z.string() }),
  timestamp: text,
  window: text,
  containers: listOf(z.object({ name: z.string(), usage: quantities })),
});
export const nodeUsage = z.object({ metadata: z.object({ name: z.string() }), timestamp: text, usage: quantities });

export const review = z.object({
  status: z.object({ allowed: flag, reason: text, evaluationError: text }),
});
