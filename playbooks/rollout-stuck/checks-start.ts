import type { Answer, Outcome } from '../../src/core/contract.ts';
import { code, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { deployment, revisions } from '../readings/deployment.ts';
import { endingOf, exitMeaning, livedSeconds } from '../readings/endings.ts';
import type { Ending, Ends, Told } from '../readings/endings.ts';
import { events } from '../readings/events.ts';
import type { EventGroup } from '../readings/events.ts';
import { lackingOf, optionalNotSeen } from '../readings/lacks.ts';
import type { LackSeen, Lacking } from '../readings/lacks.ts';
import { linesOf, logs } from '../readings/logs.ts';
import type { PodLog } from '../readings/logs.ts';
import { missingInMessage } from '../readings/missing.ts';
import { onDeployment } from '../readings/on.ts';
import { pods, samples } from '../readings/pods.ts';
import type { Pods, Sample } from '../readings/pods.ts';
import { kindWord, needing, references } from '../readings/references.ts';
import { shortImage } from '../readings/pull.ts';
import { affected } from '../readings/trouble.ts';
import type { Affected, Trouble } from '../readings/trouble.ts';
import { brief, listed, minutesBetween, plural, podsOf } from '../readings/wording.ts';
import { candidates } from '../remedies/ladder.ts';
import { kubectl } from '../targets/deployment.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';

const { check } = onDeployment;

export function toldBy(also: {
  readonly events: Outcome<readonly EventGroup[]>;
  readonly logs: Outcome<readonly PodLog[]>;
}): Told {
  return { events: also.events.known ? also.events.value : null, logs: also.logs.known ? also.logs.value : null };
}

/** Containers that have ended more than once, or wait to be started again. A single crash that is over is none. */
export function endsAgain(trouble: Trouble): trouble is Ends {
  return trouble.is === 'ends' && (trouble.restarts >= 2 || trouble.end.finishedAt !== null) && trouble.restarts >= 1;
}

export function endsBy(
  seen: { readonly pods: Pods; readonly samples: readonly Sample[] },
  told: Told,
  ending: Ending,
): Affected<Ends> | null {
  return affected(
    seen.pods,
    seen.samples,
    (trouble, pod): trouble is Ends => endsAgain(trouble) && endingOf(trouble, pod.name, told) === ending,
  );
}

/** "3 of 12 pods, 21 restarts". */
export function countOf(a: Affected<Ends>, pods: Pods): string {
  return `${podsOf(a, pods)}, ${plural(a.restarts, 'restart')}`;
}

export const containerWord = (a: { readonly init: boolean }): string => (a.init ? 'init container' : 'container');

function lastLines(all: Told['logs'], a: Affected<Ends>, count = 3): readonly string[] {
  return (all === null ? [] : (linesOf(all, a.pod.name, a.trouble.container) ?? []))
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .map((line) => brief(line));
}

export function logsByHand(t: DeploymentTarget, a: Affected<Ends>): string {
  return `${kubectl(t)} logs ${a.pod.name} -c ${a.trouble.container} --previous --tail=50`;
}

function lackSeen(
  seen: Pick<LackSeen, 'deployment' | 'pods' | 'samples'>,
  also: {
    readonly events: Outcome<readonly EventGroup[]>;
    readonly logs: Outcome<readonly PodLog[]>;
    readonly references: Outcome<LackSeen['references']>;
  },
): LackSeen {
  return {
    deployment: seen.deployment,
    pods: seen.pods,
    samples: seen.samples,
    references: also.references.known ? also.references.value : [],
    ...toldBy(also),
  };
}

export const configMissing = check('config-missing', {
  severity: 'critical',
  ask: 'Are the config maps, secrets and keys there that the containers need?',
  rulesOut: 'config or secret missing',
  needs: [deployment, revisions, pods, samples],
  also: [events, logs, references],
  find: (seen, also, { t }): Answer => {
    const all = lackSeen(seen, also);
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
): { refuse?: { remedies: string[]; because: Words } } {
  const noWayBack = kept === sharing;
  const remedies = ['restart', ...(noWayBack ? ['rollback', 'resume-and-rollback'] : [])];
  const ready = seen.fresh.ready + (noWayBack ? seen.old.ready : 0);
  const way =
    kept === 0
      ? say`no other revision is kept`
      : say`all ${kept + 1} kept revisions need the same ${kindWord[found.lack.kind]}`;
  const back = noWayBack ? say`Rollback will not help: ${way}. ` : [];
  if (ready === 0) return noWayBack ? { refuse: { remedies, because: back } } : {};
  return {
    refuse: {
      remedies,
      because: say`${back}Do not restart, scale or drain: the ${plural(ready, 'ready pod')} ${ready === 1 ? 'holds' : 'hold'} the value only in memory`,
    },
  };
}

export const containerConfig = check('container-config', {
  severity: 'critical',
  ask: 'Can the containers be made as the template says?',
  rulesOut: 'container config',
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

type Start = Extract<Trouble, { is: 'start' }>;
const noCommand = /exec: "([^"]+)": (.+?)(?:: unknown)?$|exec ([^\s:]+): (no such file or directory|permission denied)/;

function startCheck<const I extends string>(
  id: I,
  c: {
    readonly ask: string;
    readonly rulesOut: string;
    readonly is: (message: string) => boolean;
    readonly found: (a: Affected<Start>) => Words;
    readonly short: (a: Affected<Start>) => string;
  },
) {
  return check(id, {
    severity: 'critical',
    ask: c.ask,
    rulesOut: c.rulesOut,
    needs: [pods, samples],
    find: (seen, _also, { t }): Answer => {
      const a = affected(
        seen.pods,
        seen.samples,
        (trouble): trouble is Start => trouble.is === 'start' && c.is(trouble.message),
      );
      if (a === null) return 'clear';
      return {
        found: say`${c.found(a)}. ${podsOf(a, seen.pods)}, ${plural(a.restarts, 'restart')}`,
        short: c.short(a),
        since: a.oldestAt,
        quotes: [brief(a.trouble.message, 400)],
        byHand: `${kubectl(t)} describe pod ${a.pod.name}`,
      };
    },
  });
}

export const command = startCheck('command', {
  ask: 'Can the command be run?',
  rulesOut: 'command not found',
  is: (message) => noCommand.test(message) && !/exec format error/.test(message),
  found: (a) => {
    const parts = noCommand.exec(a.trouble.message);
    return say`the command ${code(parts?.[1] ?? parts?.[3] ?? '')} of ${containerWord(a.trouble)} ${code(a.trouble.container)} cannot be run: ${parts?.[2] ?? parts?.[4] ?? ''} (exit ${a.trouble.exitCode}: ${exitMeaning(a.trouble.exitCode)})`;
  },
  short: (a) =>
    `command ${noCommand.exec(a.trouble.message)?.[1] ?? noCommand.exec(a.trouble.message)?.[3] ?? ''} cannot be run`,
});

export const containerStart = startCheck('container-start', {
  ask: 'Does the runtime start the containers?',
  rulesOut: 'container start',
  is: (message) => !noCommand.test(message) && !/exec format error/.test(message),
  found: (a) =>
    say`the runtime cannot start ${containerWord(a.trouble)} ${code(a.trouble.container)}: ${brief(a.trouble.message)}`,
  short: (a) => `container ${a.trouble.container} cannot be started`,
});

export const execFormat = check('wrong-architecture', {
  severity: 'critical',
  ask: "Is the program built for the nodes' processors?",
  rulesOut: 'wrong architecture',
  needs: [pods, samples],
  also: [events, logs],
  find: (seen, also, { t }): Answer => {
    const told = toldBy(also);
    const a = affected(
      seen.pods,
      seen.samples,
      (trouble, pod) =>
        (trouble.is === 'start' && /exec format error/.test(trouble.message)) ||
        (endsAgain(trouble) && endingOf(trouble, pod.name, told) === 'architecture'),
    );
    if (a === null || (a.trouble.is !== 'start' && a.trouble.is !== 'ends')) return 'clear';
    const words =
      a.trouble.is === 'start'
        ? a.trouble.message
        : ((linesOf(told.logs ?? [], a.pod.name, a.trouble.container) ?? []).findLast((line) =>
            line.includes('exec format error'),
          ) ?? '');
    return {
      found: say`${code(shortImage(a.trouble.image))} holds a program for another processor than that of node ${a.pod.node} (exec format error). ${podsOf(a, seen.pods)}`,
      short: 'image built for another processor',
      since: a.oldestAt,
      quotes: [brief(words)],
      byHand: `kubectl --context=${t.region} get node ${a.pod.node} -o jsonpath={.status.nodeInfo.architecture}`,
    };
  },
});

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
    if (lackingOf(all)?.shape === 'optional') return 'clear';
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
  if (hidden.length > 0) return say`whether ${listed(hidden)} exists, which the log speaks of. I may not look`;
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
