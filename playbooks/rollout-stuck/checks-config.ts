import type { Answer } from '../../src/core/contract.ts';
import { code, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { deployment, revisions } from '../readings/deployment.ts';
import { livedSeconds } from '../readings/endings.ts';
import { events } from '../readings/events.ts';
import { lackingOf, optionalNotSeen } from '../readings/lacks.ts';
import type { Lacking } from '../readings/lacks.ts';
import { logs } from '../readings/logs.ts';
import { missingInMessage } from '../readings/missing.ts';
import { onDeployment } from '../readings/on.ts';
import { pods, samples } from '../readings/pods.ts';
import type { Pods } from '../readings/pods.ts';
import { kindWord, needing, references } from '../readings/references.ts';
import { returnedOf } from '../readings/returned.ts';
import { affected } from '../readings/trouble.ts';
import type { Trouble } from '../readings/trouble.ts';
import { brief, listed, plural, podsOf } from '../readings/wording.ts';
import { candidates } from '../remedies/ladder.ts';
import { kubectl } from '../targets/deployment.ts';
import { containerWord, lackSeen } from './crash.ts';

const { check } = onDeployment;

export const configMissing = check('config-missing', {
  severity: 'critical',
  ask: 'Are the config maps, secrets and keys there that the containers need?',
  rulesOut: 'config or secret missing',
  needs: [deployment, revisions, pods, samples],
  also: [events, logs, references],
  find: (seen, also, { t }): Answer => {
    const all = lackSeen(seen, also);
    // Somebody restored it: what is left is to wait, and another check says so.
    if (returnedOf(all) !== null) return 'clear';
    const found = lackingOf(all);
    if (found === null) {
      const hidden = optionalNotSeen(all);
      if (hidden.length > 0) {
        return {
          unsure: `whether ${listed(hidden.map((one) => `${kindWord[one.kind]} ${one.name}`))} exists: ${hidden[0]?.why ?? ''}`,
        };
      }
      const waits = affected(seen.pods, seen.samples, (trouble) => trouble.is === 'not created');
      return waits !== null && !also.events.known ? { unsure: `events: ${also.events.why}` } : 'clear';
    }
    const { lack, a } = found;
    const what =
      lack.key === ''
        ? say`${kindWord[lack.kind]} ${code(lack.name)} does not exist in ${code(t.namespace)}`
        : say`${kindWord[lack.kind]} ${code(lack.name)} has no key ${code(lack.key)}`;
    const others = needing(candidates(seen.deployment, seen.revisions), lack);
    const kept = [...candidates(seen.deployment, seen.revisions)];
    return {
      found: say`${what}. ${consequence(found, seen.pods)}`,
      short: `${kindWord[lack.kind]} ${lack.name} ${lack.key === '' ? 'missing' : `without key ${lack.key}`}`,
      since: a.oldestAt,
      quotes: [brief(found.quote, 400)],
      notKnown: say`when and by whom it was ${lack.key === '' ? 'deleted' : 'changed'} (needs the audit log)`,
      byHand: `${kubectl(t)} ${lack.key === '' ? `get ${lack.kind.toLowerCase()}` : `describe ${lack.kind.toLowerCase()}`} ${lack.name}`,
      ...refusal(found, seen.pods, kept.length, others.length),
    };
  },
});

function consequence(found: Lacking, seen: Pods): Words {
  const { a, shape } = found;
  if (a.trouble.is === 'ends' && shape === 'optional') {
    const lived = livedSeconds(a.trouble.end);
    return say`It is marked optional, so containers start without it and exit ${a.trouble.end.exitCode}${lived === null ? '' : ` after ${lived} s`}. ${podsOf(a, seen)}, ${plural(a.restarts, 'restart')}`;
  }
  return shape === 'volume'
    ? say`${podsOf(a, seen)} wait for the volume that it fills`
    : say`${podsOf(a, seen)} cannot start their container`;
}

/** While it is missing, whatever ends a ready pod loses one: none of its successors starts. */
function refusal(
  found: Lacking,
  seen: Pods,
  kept: number,
  sharing: number,
): { refuse?: { remedies: string[]; endsPods?: true; because: Words } } {
  const noWayBack = kept === sharing;
  const noBack = noWayBack ? ['rollback', 'resume-and-rollback'] : [];
  const ready = seen.fresh.ready + (noWayBack ? seen.old.ready : 0);
  const way =
    kept === 0
      ? say`no other revision is kept`
      : say`all ${kept + 1} kept revisions need the same ${kindWord[found.lack.kind]}`;
  const back = noWayBack ? say`Rollback will not help: ${way}. ` : [];
  if (ready === 0) return noWayBack ? { refuse: { remedies: ['restart', ...noBack], because: back } } : {};
  return {
    refuse: {
      // What makes more pods would only make more that cannot start.
      remedies: ['restart', 'scale', 'autoscaler-bounds', 'scaled-object-bounds', ...noBack],
      endsPods: true,
      because: say`${back}Do not restart, scale or drain: the ${plural(ready, 'ready pod')} ${ready === 1 ? 'holds' : 'hold'} the value only in memory`,
    },
  };
}

export const containerConfig = check('container-config', {
  severity: 'critical',
  ask: 'Can the containers be made as the template says?',
  rulesOut: 'container start',
  needs: [pods, samples],
  find: (seen, _also, { t }): Answer => {
    const a = affected(
      seen.pods,
      seen.samples,
      (trouble): trouble is Extract<Trouble, { is: 'config' }> =>
        trouble.is === 'config' && missingInMessage(trouble.message) === null,
    );
    if (a === null) return 'clear';
    return {
      found: say`the kubelet cannot make ${containerWord(a.trouble)} ${code(a.trouble.container)}: ${brief(a.trouble.message)}. ${podsOf(a, seen.pods)}`,
      short: 'container cannot be made',
      since: a.oldestAt,
      quotes: [brief(a.trouble.message)],
      byHand: `${kubectl(t)} describe pod ${a.pod.name}`,
    };
  },
});
