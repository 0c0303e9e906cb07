import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type {
  Bounds,
  BoundsAct,
  DeploymentAct,
  DeploymentChange,
  DeploymentExpectation,
  NodeAct,
  ObjectName,
  PodAct,
} from '../../core/ports/kubernetes.ts';
import type { ActOn, Attempt, Kind } from '../../core/ports/platform.ts';
import type { Caller } from './rpc.ts';

/** Writers that touch neither what is expected nor the fence (status updates, scaling) may get between look and write this often. */
const tries = 5;

/** One try at one target: where it is sent, until when, and by which clock (Unix ms). */
export interface Trying {
  readonly rpc: Caller;
  readonly region: string;
  readonly attempt: Attempt;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/** What acts on a target, by its kind. */
export const acts: { readonly [K in Kind]: (of: ActOn[K]['target'], by: Trying) => ActOn[K]['act'] } = {
  deployment: onDeployment,
  autoscaler: (of, by) => onBounds('autoscaler', of, by),
  'scaled object': (of, by) => onBounds('scaledObject', of, by),
  pod: onPod,
  node: onNode,
};

/** The method's first word for each kind. */
export const wordOf: { readonly [K in Kind]: string } = {
  deployment: 'deployment',
  autoscaler: 'autoscaler',
  'scaled object': 'scaledObject',
  pod: 'pod',
  node: 'node',
};

const base = z.object({ uid: z.string(), resourceVersion: z.string(), fence: z.string().nullable() });
type Base = z.infer<typeof base>;

const deploymentSeen = z.object({
  ...base.shape,
  paused: z.boolean(),
  templateDigest: z.string(),
  restartedAt: z.string().nullable(),
  replicas: z.number(),
  holdsValues: z.boolean(),
  /** Whether the template already is what the change makes of it. */
  isThere: z.boolean(),
});
const boundsSeen = z.object({ ...base.shape, min: z.number(), max: z.number() });
const nodeSeen = z.object({ ...base.shape, unschedulable: z.boolean() });

/** Nothing is sent after `notAfter`, and what is under way then is given up. */
function within({ attempt, signal, now }: Trying): AbortSignal {
  const leftMs = Date.parse(attempt.notAfter) - now();
  if (!(leftMs > 0)) throw new Failure('timeout', `not sent: the time for it was over at ${attempt.notAfter}`);
  return AbortSignal.any([signal, AbortSignal.timeout(leftMs)]);
}

interface Conditional<S extends Base> {
  readonly word: string;
  readonly of: ObjectName;
  readonly to: unknown;
  /** What else the look must know. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly schema: z.ZodType<S>;
  readonly uid: string;
  readonly isThere: (now: S) => boolean;
  /** Why the expectation does not hold; null when it does. */
  readonly whyNot: (now: S) => string | null;
}

/** Look, compare, write on the version that was seen; again when only the version had moved. */
async function conditionally<S extends Base>(by: Trying, of: Conditional<S>): Promise<void> {
  const { rpc, region, attempt } = by;
  const target = { region, of: of.of, to: of.to };
  const asked = { ...target, ...of.more };
  const look = async (): Promise<S> => of.schema.parse(await rpc.call(`${of.word}.see`, asked, within(by)));
  const first = await look();
  const fence = attempt.expects === undefined ? first.fence : attempt.expects;
  let now = first;
  for (let left = tries; ; left -= 1) {
    // A new fence means that somebody has taken over: this attempt must not try again.
    if (now.fence !== fence) throw new Failure('conflict', 'another attempt has fenced this one off');
    if (now.uid !== of.uid) throw new Failure('conflict', `the ${of.word} was deleted and made again`);
    if (of.isThere(now)) return;
    const why = of.whyNot(now);
    if (why !== null) throw new Failure('conflict', why);
    try {
      const write = { ...target, fence: attempt.fence, resourceVersion: now.resourceVersion };
      await rpc.call(`${of.word}.write`, write, within(by), true);
      return;
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'conflict' || left <= 1) throw error;
    }
    now = await look();
  }
}

function onDeployment(of: ObjectName, by: Trying): DeploymentAct {
  return {
    change: (to: DeploymentChange, when: DeploymentExpectation) =>
      conditionally(by, {
        word: 'deployment',
        of,
        to,
        more: when.values === undefined ? {} : { values: when.values },
        schema: deploymentSeen,
        uid: when.uid,
        isThere: (now) =>
          now.isThere &&
          (to.template === undefined || now.templateDigest === to.template.digest) &&
          (to.paused === undefined || now.paused === to.paused) &&
          (to.restartedAt === undefined || now.restartedAt === to.restartedAt) &&
          (to.replicas === undefined || now.replicas === to.replicas),
        whyNot(now) {
          if (when.templateDigest !== null && now.templateDigest !== when.templateDigest) {
            return 'its pod template was changed';
          }
          if (!now.holdsValues) return 'its values are not those that the plan was made from';
          if (now.paused !== when.paused) return now.paused ? 'it was paused' : 'it was resumed';
          if (when.replicas !== undefined && now.replicas !== when.replicas) {
            return `it was scaled to ${now.replicas} meanwhile`;
          }
          return null;
        },
      }),
  };
}

function onBounds(word: 'autoscaler' | 'scaledObject', of: ObjectName, by: Trying): BoundsAct {
  return {
    change: (to: Bounds, when) =>
      conditionally(by, {
        word,
        of,
        to: { min: to.min, max: to.max },
        schema: boundsSeen,
        uid: when.uid,
        isThere: (now) => now.min === to.min && now.max === to.max,
        whyNot: (now) =>
          now.min === when.min && now.max === when.max ? null : `its bounds were changed to ${now.min}–${now.max}`,
      }),
  };
}

function onNode(of: ObjectName, by: Trying): NodeAct {
  return {
    schedulable: (to, when) =>
      conditionally(by, {
        word: 'node',
        of,
        to: { schedulable: to },
        schema: nodeSeen,
        uid: when.uid,
        isThere: (now) => now.unschedulable === !to,
        whyNot: (now) =>
          now.unschedulable === when.unschedulable
            ? null
            : `it was ${now.unschedulable ? 'cordoned' : 'uncordoned'} meanwhile`,
      }),
  };
}

/** A pod's uid is its fence: the server compares it, and a pod that is gone or going stays so. */
function onPod(of: ObjectName, by: Trying): PodAct {
  return {
    evict: async (when) => {
      await by.rpc.call('pod.evict', { region: by.region, of, uid: when.uid }, within(by), true);
    },
  };
}
