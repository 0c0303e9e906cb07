import type { Answer } from '../../src/core/contract.ts';
import { code, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { endingOf, exitMeaning } from '../readings/endings.ts';
import { events } from '../readings/events.ts';
import { linesOf, logs } from '../readings/logs.ts';
import { onDeployment } from '../readings/on.ts';
import { pods, samples } from '../readings/pods.ts';
import { shortImage } from '../readings/pull.ts';
import { affected } from '../readings/trouble.ts';
import type { Affected, Trouble } from '../readings/trouble.ts';
import { brief, plural, podsOf } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { containerWord, endsAgain, toldBy } from './crash.ts';

const { check } = onDeployment;

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
  rulesOut: 'container start',
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
