import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type {
  DeploymentAct,
  DeploymentChange,
  DeploymentExpectation,
  KubernetesRead,
  Log,
  ObjectName,
  Rehearsal,
} from '../../core/ports/kubernetes.ts';
import type { Sample } from '../../core/ports/metrics.ts';
import type { Attempt, Platform, Read } from '../../core/ports/platform.ts';
import { redact } from '../../core/redact.ts';
import { caller, type Caller } from './rpc.ts';

/** How long one request may take, where the caller's signal does not end it earlier. */
const defaultLimitMs = 5_000;
/** Writers that touch neither the template nor the fence (status updates, scaling) may get between look and write this often. */
const tries = 5;

export interface SimulatedOptions {
  /** Where the simulated platform listens, `http://127.0.0.1:4001`. */
  readonly url: string;
  readonly regions: readonly string[];
  readonly limitMs?: number;
}

/** The sandbox's platform through its JSON-RPC server. The real adapter's equal: the same port tests hold both. */
export function simulatedPlatform(options: SimulatedOptions): Platform {
  return platformOver(caller(options.url, options.limitMs ?? defaultLimitMs), options.regions, () => Date.now());
}

/** The same over any line to the simulation, on any clock (Unix ms): tests hand in their own. */
export function platformOver(rpc: Caller, regions: readonly string[], now: () => number): Platform {
  return {
    regions,
    read: (region, signal) => reading(rpc, region, signal),
    rehearse: (_kind, region, of, signal) => ({
      rehearse: async (to, when) => {
        const answer = await rpc.call('deployment.rehearse', { region, of, to, when }, signal);
        return rehearsal.parse(answer) satisfies Rehearsal;
      },
    }),
    act: (_kind, region, of, attempt, signal) => acting(rpc, region, of, attempt, { signal, now }),
    async fence(_kind, region, of, token, signal) {
      await rpc.call('deployment.fence', { region, of, token }, signal, true);
    },
  };
}

/** Both ends are built from the same port types, and the port tests hold the shapes: answers are not checked field by field again. */
function reading(rpc: Caller, region: string, signal: AbortSignal): Read {
  const ask = async <M extends keyof KubernetesRead>(
    method: M,
    params: Readonly<Record<string, unknown>>,
  ): Promise<Awaited<ReturnType<KubernetesRead[M]>>> =>
    // eslint-disable-next-line typescript/no-unsafe-type-assertion
    (await rpc.call(`kubernetes.${method}`, { region, ...params }, signal)) as Awaited<ReturnType<KubernetesRead[M]>>;
  return {
    kubernetes: {
      deployment: (of) => ask('deployment', { of }),
      deployments: (namespace) => ask('deployments', { namespace }),
      revisions: (of) => ask('revisions', { of }),
      pods: (namespace, selector) => ask('pods', { namespace, selector }),
      pod: (of) => ask('pod', { of }),
      events: (namespace, kinds) => ask('events', { namespace, kinds }),
      log: async (of, log) => clean(await ask('log', { of, ...log })),
      quotas: (namespace) => ask('quotas', { namespace }),
      limitRanges: (namespace) => ask('limitRanges', { namespace }),
      nodes: () => ask('nodes', {}),
      nodeUse: () => ask('nodeUse', {}),
      presence: (kind, of) => ask('presence', { kind, of }),
      autoscaler: (of) => ask('autoscaler', { of }),
    },
    metrics: {
      instant: async (query): Promise<readonly Sample[]> =>
        samples.parse(await rpc.call('metrics.instant', { region, query }, signal)),
    },
  };
}

const samples = z.array(z.object({ labels: z.record(z.string(), z.string()), value: z.number().nullable() }));
const rehearsal = z.discriminatedUnion('is', [
  z.object({ is: z.literal('diff'), lines: z.array(z.string()) }),
  z.object({ is: z.literal('no preview'), because: z.string() }),
  z.object({ is: z.literal('refused'), because: z.string() }),
]);

/** Logs are strangers' text: no secrets, no control characters. */
function clean(log: Log): Log {
  // eslint-disable-next-line no-control-regex
  return { ...log, lines: log.lines.map((line) => redact(line).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')) };
}

const seen = z.object({
  uid: z.string(),
  resourceVersion: z.string(),
  fence: z.string().nullable(),
  paused: z.boolean(),
  templateDigest: z.string(),
  restartedAt: z.string().nullable(),
});
type Seen = z.infer<typeof seen>;

function acting(
  rpc: Caller,
  region: string,
  of: ObjectName,
  attempt: Attempt,
  { signal, now: clock }: { readonly signal: AbortSignal; readonly now: () => number },
): DeploymentAct {
  const notAfterMs = Date.parse(attempt.notAfter);
  /** Nothing is sent after `notAfter`, and what is under way then is given up. */
  const within = (): AbortSignal => {
    const leftMs = notAfterMs - clock();
    if (!(leftMs > 0)) throw new Failure('timeout', `not sent: the time for it was over at ${attempt.notAfter}`);
    return AbortSignal.any([signal, AbortSignal.timeout(leftMs)]);
  };
  const look = async (): Promise<Seen> => seen.parse(await rpc.call('deployment.see', { region, of }, within()));
  return {
    async change(to, when) {
      const first = await look();
      let now = first;
      for (let left = tries; ; left -= 1) {
        const why = whyNot(now, when, attempt.expects === undefined ? first.fence : attempt.expects);
        if (why === FENCED) throw new Failure('conflict', why);
        if (now.uid === when.uid && isThere(now, to)) return;
        if (why !== null) throw new Failure('conflict', why);
        try {
          const write = { region, of, to, fence: attempt.fence, resourceVersion: now.resourceVersion };
          await rpc.call('deployment.write', write, within(), true);
          return;
        } catch (error) {
          if (!(error instanceof Failure) || error.kind !== 'conflict' || left <= 1) throw error;
        }
        now = await look();
      }
    },
  };
}

const FENCED = 'another attempt has fenced this one off';

function whyNot(now: Seen, when: DeploymentExpectation, fence: string | null): string | null {
  // A new fence means that somebody has taken over: this attempt must not try again.
  if (now.fence !== fence) return FENCED;
  if (now.uid !== when.uid) return 'the deployment was deleted and made again';
  if (now.templateDigest !== when.templateDigest) return 'its pod template was changed';
  if (now.paused !== when.paused) return now.paused ? 'it was paused' : 'it was resumed';
  return null;
}

function isThere(now: Seen, to: DeploymentChange): boolean {
  return (
    (to.template === undefined || now.templateDigest === to.template.digest) &&
    (to.paused === undefined || now.paused === to.paused) &&
    (to.restartedAt === undefined || now.restartedAt === to.restartedAt)
  );
}
