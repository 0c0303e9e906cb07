import { z } from 'zod';
import { text, count, flag, time, quantities, listOf } from './fields.ts';
import { condition, container, metadata, resources } from './objects.ts';

// Pods and what is said about them.

const terminated = z.object({
  exitCode: z.number(),
  signal: count,
  reason: text,
  message: text,
  startedAt: time,
  finishedAt: time,
});
const containerState = z
  .object({
    waiting: z.object({ reason: text, message: text }).nullish(),
    running: z.object({ startedAt: text }).nullish(),
    terminated: terminated.nullish(),
  })
  .nullish();
export type ApiState = z.infer<typeof containerState>;

export const containerStatus = z.object({
  name: z.string(),
  image: text,
  imageID: text,
  ready: flag,
  started: z
    .boolean()
    .nullish()
    .transform((value) => value ?? null),
  restartCount: count,
  state: containerState,
  lastState: containerState,
});
export type ApiContainerStatus = z.infer<typeof containerStatus>;

export const pod = z.object({
  metadata,
  spec: z.object({
    nodeName: text,
    serviceAccountName: text,
    terminationGracePeriodSeconds: count,
    containers: z.array(container),
    initContainers: listOf(container),
    overhead: quantities,
    resources,
  }),
  status: z
    .object({
      phase: z
        .enum(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'])
        .nullish()
        .transform((value) => value ?? 'Unknown'),
      reason: text,
      message: text,
      conditions: listOf(condition),
      containerStatuses: listOf(containerStatus),
      initContainerStatuses: listOf(containerStatus),
    })
    .prefault({}),
});
export type ApiPod = z.infer<typeof pod>;

/** Only what a sum over thousands of pods needs. */
export const placedPod = z.object({
  metadata: z.object({ deletionTimestamp: time }),
  spec: z.object({
    nodeName: text,
    containers: z.array(z.object({ resources })),
    initContainers: listOf(z.object({ restartPolicy: text, resources })),
    overhead: quantities,
    resources,
  }),
});
export type PlacedPod = z.infer<typeof placedPod>;

export const event = z.object({
  metadata: z.object({ creationTimestamp: text }),
  type: text,
  reason: text,
  message: text,
  involvedObject: z.object({ kind: text, name: text, uid: text }),
  count: z.number().nullish(),
  firstTimestamp: time,
  lastTimestamp: time,
  eventTime: time,
  series: z.object({ count: z.number().nullish(), lastObservedTime: time }).nullish(),
});
export type ApiEvent = z.infer<typeof event>;
