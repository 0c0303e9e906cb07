import type { Answer } from '../../src/core/contract.ts';
import type { Deployment, LimitRange, Quota, Revision } from '../../src/core/ports/kubernetes.ts';
import { code, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { currentRevision, deployment, revisions } from '../readings/deployment.ts';
import { events } from '../readings/events.ts';
import { onDeployment } from '../readings/on.ts';
import { pods } from '../readings/pods.ts';
import type { Pods } from '../readings/pods.ts';
import { refusedPods } from '../readings/refusal.ts';
import type { Refusal } from '../readings/refusal.ts';
import { limitRanges, quotas } from '../readings/room.ts';
import { standing } from '../readings/standing.ts';
import { brief, listed, minutesBetween, plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';

const { check } = onDeployment;

/** A controller that is merely busy catches up within a second or two. */
const aliveMinutes = 2;

export const notObserving = check('controller-not-observing', {
  severity: 'critical',
  ask: 'Has the deployment controller seen the newest change?',
  rulesOut: 'controller not observing',
  needs: [deployment],
  also: [events],
  find: (seen, also, { t, at }): Answer => {
    const { generation, observedGeneration, templateChangedBy, revision } = seen.deployment;
    if (observedGeneration >= generation) return 'clear';
    const changedAt = templateChangedBy?.at ?? null;
    if (changedAt !== null && minutesBetween(changedAt, at) < aliveMinutes) return 'clear';
    const acted =
      also.events.known &&
      also.events.value.some((event) => event.kind === 'Deployment' && minutesBetween(event.lastAt, at) < aliveMinutes);
    if (acted) return 'clear';
    return {
      found: say`the deployment controller has not seen the newest change: it is at generation ${observedGeneration}, the deployment at ${generation}${revision === null ? '. It has never looked at this deployment' : ''}. Nothing is rolled out, scaled or replaced until it does`,
      short: 'deployment controller does not react',
      ...(changedAt === null ? {} : { since: changedAt }),
      notKnown: say`why. kube-controller-manager and its logs are not within my reach`,
      byHand: `${kubectl(t)} get deployment ${t.name} -o jsonpath={.metadata.generation}/{.status.observedGeneration}`,
    };
  },
});

/** Paused with the new version healthy beside the old is a canary on purpose. */
export function isPausedShort(of: Deployment, all: readonly Revision[], seen: Pods): boolean {
  if (!of.paused) return false;
  const { wanted, updated } = of.replicas;
  if (currentRevision(of, all) === null) return true;
  if (updated >= wanted) return false;
  const canary = seen.fresh.total > 0 && seen.fresh.ready === seen.fresh.total;
  return !canary || of.replicas.available < wanted;
}

export const paused = check('paused', {
  severity: 'warning',
  ask: 'Is the rollout paused?',
  rulesOut: 'paused',
  needs: [deployment, revisions, pods],
  find: (seen, _also, { t }): Answer => {
    const of = seen.deployment;
    if (!isPausedShort(of, seen.revisions, seen.pods)) return 'clear';
    const condition = of.conditions.find((one) => one.type === 'Progressing' && one.reason === 'DeploymentPaused');
    const begun = currentRevision(of, seen.revisions) !== null;
    const since = condition?.updatedAt ?? condition?.since ?? null;
    return {
      found: begun
        ? say`the rollout is paused at ${of.replicas.updated} of ${plural(of.replicas.wanted, 'pod')}`
        : say`the deployment is paused: its newest change has not been started (0 of ${plural(of.replicas.wanted, 'pod')})`,
      short: `rollout paused at ${of.replicas.updated} of ${of.replicas.wanted}`,
      ...(since === null ? {} : { since }),
      notKnown: say`who paused it, and whether on purpose`,
      byHand: `${kubectl(t)} rollout status deployment/${t.name} --watch=false`,
    };
  },
});

type Is<K extends Refusal['is']> = Extract<Refusal, { is: K }>;

function refusalCheck<const I extends string, K extends Refusal['is']>(
  id: I,
  kinds: readonly K[],
  c: {
    readonly ask: string;
    readonly rulesOut: string;
    readonly found: (refusal: Is<K>, quotas: readonly Quota[], ranges: readonly LimitRange[]) => Words;
    readonly short: (refusal: Is<K>) => string;
    readonly byHand: (refusal: Is<K>) => string;
  },
) {
  return check(id, {
    severity: 'critical',
    ask: c.ask,
    rulesOut: c.rulesOut,
    needs: [deployment, revisions],
    also: [quotas, limitRanges, standing],
    find: (seen, also, { t }): Answer => {
      const refused = refusedPods(seen.deployment, seen.revisions);
      const mine = kinds.find((kind) => kind === refused?.refusal.is);
      if (refused === null || mine === undefined) return 'clear';
      // The namespace's own check has said so.
      const isTold = also.namespace.known && also.namespace.value.phase === 'Terminating';
      if (refused.refusal.is === 'namespace goes' && isTold) return 'clear';
      const refusal = refused.refusal as Is<K>;
      const { wanted, updated } = seen.deployment.replicas;
      const held = also.quotas.known ? also.quotas.value : [];
      const ranges = also['limit ranges'].known ? also['limit ranges'].value : [];
      return {
        found: say`${c.found(refusal, held, ranges)}. ${updated} of ${wanted} new pods could be made`,
        short: c.short(refusal),
        ...(refused.since === null ? {} : { since: refused.since }),
        quotes: [brief(refused.message, 500)],
        byHand: `${kubectl(t)} ${c.byHand(refusal)}`,
      };
    },
  });
}

/** "each asks for 1 requests.nvidia.com/gpu, 9 of 9 are taken". */
function quotaText(refusal: Is<'quota'>, all: readonly Quota[]): string {
  const pairs = (text: string): ReadonlyMap<string, string> =>
    new Map(text.split(',').map((one) => one.split('=') as [string, string]));
  const used = pairs(refusal.used);
  const limited = pairs(refusal.limited);
  const now = all.find((one) => one.name === refusal.quota);
  const parts = [...pairs(refusal.requested)].map(([resource, asked]) => {
    const taken = now?.used[resource] ?? used.get(resource) ?? 'not known';
    return `${asked} ${resource}, ${taken} of ${now?.hard[resource] ?? limited.get(resource) ?? 'not known'} are taken`;
  });
  return `each asks for ${listed(parts)}`;
}

export const refusalChecks = [
  refusalCheck('service-account-missing', ['service account'], {
    ask: 'Is the service account there?',
    rulesOut: 'pods refused',
    found: ({ name }) => say`the service account ${code(name)} does not exist, so no pod can be made`,
    short: ({ name }) => `service account ${name} missing`,
    byHand: () => 'get serviceaccounts',
  }),
  refusalCheck('quota', ['quota', 'quota wants'], {
    ask: 'Does the quota leave room?',
    rulesOut: 'quota',
    found: (refusal, all) =>
      refusal.is === 'quota'
        ? say`the quota ${code(refusal.quota)} refuses new pods: ${quotaText(refusal, all)}`
        : say`the quota ${code(refusal.quota)} refuses new pods: they ${refusal.what}`,
    short: (refusal) => `quota ${refusal.quota} refuses new pods`,
    byHand: (refusal) => `describe resourcequota ${refusal.quota}`,
  }),
  refusalCheck('limit-range', ['limit range'], {
    ask: 'Do the pods keep to the limit range?',
    rulesOut: 'quota',
    found: ({ what }, _quotas, ranges) =>
      say`the limit range${ranges.length === 1 ? ` ${ranges[0]?.name}` : ''} refuses new pods: ${brief(what)}`,
    short: () => 'limit range refuses new pods',
    byHand: () => 'describe limitrange',
  }),
  refusalCheck('pod-security', ['pod security'], {
    ask: 'Does PodSecurity let the pods in?',
    rulesOut: 'pods refused',
    found: ({ level, what }) => say`PodSecurity ${code(level)} refuses new pods: ${brief(what)}`,
    short: ({ level }) => `PodSecurity ${level} refuses new pods`,
    byHand: () => 'get events --field-selector reason=FailedCreate',
  }),
  refusalCheck('webhook-denies', ['webhook denies'], {
    ask: 'Do the admission webhooks let the pods in?',
    rulesOut: 'pods refused',
    found: ({ webhook, what }) => say`the admission webhook ${code(webhook)} refuses new pods: ${brief(what)}`,
    short: ({ webhook }) => `webhook ${webhook} refuses new pods`,
    byHand: () => 'get events --field-selector reason=FailedCreate',
  }),
  refusalCheck('webhook-down', ['webhook down'], {
    ask: 'Do the admission webhooks answer?',
    rulesOut: 'pods refused',
    found: ({ webhook, what }) =>
      say`the admission webhook ${code(webhook)} does not answer, and without it no pod is let in: ${brief(what)}`,
    short: ({ webhook }) => `webhook ${webhook} down, it blocks new pods`,
    byHand: () => 'get events --field-selector reason=FailedCreate',
  }),
  refusalCheck('pods-not-made', ['other', 'namespace goes'], {
    ask: 'Can the ReplicaSet make its pods?',
    rulesOut: 'pods refused',
    found: ({ what }) => say`the API server refuses new pods: ${brief(what)}`,
    short: () => 'API server refuses new pods',
    byHand: () => 'get events --field-selector reason=FailedCreate',
  }),
] as const;
