import type { Answer, Outcome } from '../../src/core/contract.ts';
import { clock, code, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { endingOf, exitMeaning, livedSeconds } from '../readings/endings.ts';
import type { Ends, Told } from '../readings/endings.ts';
import { events } from '../readings/events.ts';
import { lackingOf, optionalNotSeen } from '../readings/lacks.ts';
import { logs } from '../readings/logs.ts';
import type { PodLog } from '../readings/logs.ts';
import { onDeployment } from '../readings/on.ts';
import { pods, samples } from '../readings/pods.ts';
import { kindWord, references } from '../readings/references.ts';
import { returnedOf } from '../readings/returned.ts';
import { affected } from '../readings/trouble.ts';
import type { Affected, Trouble } from '../readings/trouble.ts';
import { listed, minutesBetween, podsOf } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { containerWord, countOf, endsAgain, endsBy, lackSeen, lastLines, logsByHand, toldBy } from './crash.ts';

const { check } = onDeployment;

export const oom = check('oom', {
  severity: 'critical',
  ask: 'Do the containers keep to their memory limit?',
  rulesOut: 'out of memory',
  needs: [deployment, pods, samples],
  also: [events, logs],
  find: (seen, also, { t }): Answer => {
    const a = endsBy(seen, toldBy(also), 'memory');
    if (a === null) return 'clear';
    const { template } = seen.deployment;
    const spec = [...template.containers, ...template.initContainers].find((one) => one.name === a.trouble.container);
    const lived = livedSeconds(a.trouble.end);
    return {
      found: say`${containerWord(a.trouble)} ${code(a.trouble.container)} is killed for memory: it reached its limit of ${spec?.limits['memory'] ?? 'not known'}${lived === null ? '' : ` after ${lived} s`}. ${countOf(a, seen.pods)}`,
      short: `out of memory, limit ${spec?.limits['memory'] ?? 'not known'}`,
      since: a.oldestAt,
      quotes: lastLines(toldBy(also).logs, a),
      byHand: `${kubectl(t)} describe pod ${a.pod.name}`,
    };
  },
});

export const initContainer = check('init-container', {
  severity: 'critical',
  ask: 'Do the init containers and sidecars get done?',
  rulesOut: 'init container',
  needs: [deployment, pods, samples],
  also: [events, logs],
  find: (seen, also, { t, at }): Answer => {
    const told = toldBy(also);
    const a = affected(
      seen.pods,
      seen.samples,
      (trouble, pod): trouble is Ends =>
        endsAgain(trouble) && trouble.init && endingOf(trouble, pod.name, told) === 'itself',
    );
    const sidecar = (name: string): boolean =>
      seen.deployment.template.initContainers.some((one) => one.name === name && one.sidecar);
    if (a !== null) {
      return {
        found: say`${sidecar(a.trouble.container) ? 'sidecar' : 'init container'} ${code(a.trouble.container)} exits ${a.trouble.end.exitCode} (${exitMeaning(a.trouble.end.exitCode)}), so the containers after it never start. ${countOf(a, seen.pods)}`,
        short: `init container ${a.trouble.container} exits ${a.trouble.end.exitCode}`,
        since: a.oldestAt,
        quotes: lastLines(told.logs, a),
        byHand: logsByHand(t, a),
      };
    }
    const slow = affected(
      seen.pods,
      seen.samples,
      (trouble, pod): trouble is Extract<Trouble, { is: 'init running' }> =>
        trouble.is === 'init running' &&
        minutesBetween(pod.createdAt, at) * 60 >= seen.deployment.progressDeadlineSeconds,
    );
    if (slow === null) return 'clear';
    const word = sidecar(slow.trouble.container) ? 'sidecar' : 'init container';
    return {
      found: say`${word} ${code(slow.trouble.container)} ${word === 'sidecar' ? 'does not get ready' : 'does not end'}, so the containers after it never start. ${podsOf(slow, seen.pods)}`,
      short: `${word} ${slow.trouble.container} not done`,
      since: slow.oldestAt,
      byHand: `${kubectl(t)} logs ${slow.pod.name} -c ${slow.trouble.container} --tail=50`,
    };
  },
});

export const crashLoop = check('crash-loop', {
  severity: 'critical',
  ask: 'Do the containers stay up?',
  rulesOut: 'crash loop',
  needs: [deployment, pods, samples],
  also: [events, logs, references],
  find: (seen, also, { t }): Answer => {
    const told = toldBy(also);
    const all = lackSeen(seen, also);
    if (lackingOf(all)?.shape === 'optional' || returnedOf(all) !== null) return 'clear';
    const a = affected(
      seen.pods,
      seen.samples,
      (trouble, pod): trouble is Ends =>
        endsAgain(trouble) && !trouble.init && endingOf(trouble, pod.name, told) === 'itself',
    );
    if (a === null) return 'clear';
    const { exitCode } = a.trouble.end;
    const lived = livedSeconds(a.trouble.end);
    const hidden = optionalNotSeen(all);
    const open = crashNotKnown(
      also,
      exitCode,
      hidden.map((one) => `${kindWord[one.kind]} ${one.name}`),
      told,
      a,
    );
    return {
      found: say`container ${code(a.trouble.container)} exits ${exitCode}${lived === null ? '' : ` after ${lived} s`}: ${exitMeaning(exitCode)}. ${countOf(a, seen.pods)}`,
      short: `crash loop, exit ${exitCode}`,
      since: a.oldestAt,
      quotes: lastLines(told.logs, a),
      byHand: logsByHand(t, a),
      ...(open === null ? {} : { notKnown: open }),
    };
  },
});

function crashNotKnown(
  also: { readonly events: Outcome<unknown>; readonly logs: Outcome<readonly PodLog[]> },
  exitCode: number,
  hidden: readonly string[],
  told: Told,
  a: Affected<Ends>,
): Words | null {
  if (hidden.length > 0) {
    const { finishedAt } = a.trouble.end;
    const restored =
      finishedAt === null
        ? say``
        : say`; if it was restored after the last try at ${clock(finishedAt)}, the pods try again by themselves within 5 min`;
    return say`whether ${listed(hidden)} exists, which the log speaks of. I may not look${restored}`;
  }
  const unread = also.logs.known
    ? also.logs.value.find((one) => one.pod === a.pod.name && one.unread !== '')?.unread
    : also.logs.why;
  if (lastLines(told.logs, a).length === 0 && unread !== undefined)
    return say`its last words: the log could not be read (${unread})`;
  if (exitCode === 137) {
    return also.events.known
      ? say`who killed it: the node short of memory, a killed child, or somebody by hand`
      : say`whether a probe had it killed: I could not read the events`;
  }
  return null;
}
