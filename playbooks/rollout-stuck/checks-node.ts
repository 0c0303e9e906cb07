import type { Answer } from '../../src/core/contract.ts';
import { code, say } from '../../src/core/words.ts';
import { deployment, isWell } from '../readings/deployment.ts';
import { events } from '../readings/events.ts';
import type { EventGroup } from '../readings/events.ts';
import { missingInMessage, missingKeyOfVolume } from '../readings/missing.ts';
import { onDeployment } from '../readings/on.ts';
import { pods, samples } from '../readings/pods.ts';
import { affected } from '../readings/trouble.ts';
import { brief, minutesBetween, plural, podsOf } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';

const { check } = onDeployment;

interface EventCheck {
  readonly ask: string;
  readonly rulesOut: string;
  readonly is: (event: EventGroup) => boolean;
  readonly what: (message: string) => string;
  readonly short: (message: string) => string;
}

/** Pods that are placed and not made: only the events say why. */
function notMade<const I extends string>(id: I, c: EventCheck) {
  return check(id, {
    severity: 'critical',
    ask: c.ask,
    rulesOut: c.rulesOut,
    needs: [pods, samples],
    also: [events],
    find: (seen, also, { t, at }): Answer => {
      const a = affected(seen.pods, seen.samples, (trouble) => trouble.is === 'not created');
      if (a === null) return 'clear';
      if (!also.events.known) return { unsure: `events: ${also.events.why}` };
      const told = also.events.value.find(c.is);
      if (told === undefined) {
        const late = minutesBetween(a.oldestAt, at) > 60 && also.events.value.length === 0;
        return late ? { unsure: 'the events that say why are gone (they live about an hour)' } : 'clear';
      }
      return {
        found: say`${c.what(told.message)}. ${podsOf(a, seen.pods)} wait for it`,
        short: c.short(told.message),
        since: told.firstAt,
        quotes: [brief(told.message, 400)],
        byHand: `${kubectl(t)} describe pod ${told.names[0] ?? a.pod.name}`,
      };
    },
  });
}

export const sandbox = notMade('sandbox', {
  ask: 'Can the pods get their network?',
  rulesOut: 'pod network',
  is: (event) => event.reason === 'FailedCreatePodSandBox',
  what: (message) =>
    /assign an IP address|no free IP|no available IP|insufficient.*(ip|address)/i.test(message)
      ? 'the node has no address left for the pod: the subnet or the node is out of addresses'
      : "the node cannot make the pod's sandbox (its network)",
  short: (message) =>
    /assign an IP|free IP|available IP/i.test(message) ? 'out of pod addresses' : 'pod network cannot be made',
});

export const volumeAttach = notMade('volume-attach', {
  ask: 'Can the volumes be attached?',
  rulesOut: 'volumes',
  is: (event) => event.reason === 'FailedAttachVolume',
  what: (message) =>
    /Multi-Attach/.test(message)
      ? 'the volume is still attached to another node and can be used on one at a time (Multi-Attach)'
      : 'the volume cannot be attached to the node',
  short: (message) => (/Multi-Attach/.test(message) ? 'volume still attached elsewhere' : 'volume cannot be attached'),
});

export const volumeMount = notMade('volume-mount', {
  ask: 'Can the volumes be mounted?',
  rulesOut: 'volumes',
  is: (event) =>
    event.reason === 'FailedMount' &&
    missingInMessage(event.message) === null &&
    missingKeyOfVolume(event.message) === null,
  what: () => 'a volume cannot be mounted',
  short: () => 'volume cannot be mounted',
});

const refusing = /^(OutOf\S+|UnexpectedAdmissionError|NodeAffinity|Topology\S+)$/;

export const kubeletRefuses = check('kubelet-refuses', {
  severity: 'critical',
  ask: 'Do the nodes take the pods that are placed on them?',
  rulesOut: 'node trouble',
  needs: [deployment, pods],
  also: [events],
  find: (seen, also, { t }): Answer => {
    if (isWell(seen.deployment)) return 'clear';
    const failed = seen.pods.failed.filter((one) => refusing.test(one.status));
    const [first] = failed;
    if (first === undefined) return 'clear';
    const count = failed.reduce((sum, one) => sum + one.pods, 0);
    const told = also.events.known
      ? also.events.value.find((event) => failed.some((one) => one.status === event.reason))
      : undefined;
    const gpu = /gpu/i.test(`${first.status} ${told?.message ?? ''}`);
    return {
      found: say`nodes refuse pods that the scheduler placed on them (${code(first.status)}), ${plural(count, 'pod')} so far${gpu ? '. A GPU that is unhealthy or taken lowers what the node can give' : ''}`,
      short: `nodes refuse pods (${first.status})`,
      ...(told === undefined ? {} : { since: told.firstAt, quotes: [brief(told.message)] }),
      byHand: `${kubectl(t)} describe pod ${first.names[0] ?? ''}`,
    };
  },
});

export const evictions = check('evictions', {
  severity: 'warning',
  ask: 'Are pods evicted?',
  rulesOut: 'node trouble',
  needs: [deployment, pods],
  also: [events],
  find: (seen, also, { t }): Answer => {
    if (isWell(seen.deployment)) return 'clear';
    const evicted = seen.pods.failed.find((one) => one.status === 'Evicted');
    if (evicted === undefined) return 'clear';
    const told = also.events.known ? also.events.value.find((event) => event.reason === 'Evicted') : undefined;
    // Old leftovers say nothing about now.
    if (also.events.known && told === undefined) return 'clear';
    return {
      found: say`nodes evict pods for want of ${told === undefined ? 'something' : (/low on resource: ([\w-]+)/.exec(told.message)?.[1] ?? 'room')}, ${plural(evicted.pods, 'pod')} so far`,
      short: 'pods are evicted',
      ...(told === undefined ? {} : { since: told.firstAt, quotes: [brief(told.message)] }),
      ...(also.events.known ? {} : { notKnown: say`when and why: I could not read the events (${also.events.why})` }),
      byHand: `${kubectl(t)} describe pod ${evicted.names[0] ?? ''}`,
    };
  },
});
