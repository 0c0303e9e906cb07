import type { Outcome } from '../../src/core/contract.ts';
import { endingOf } from '../readings/endings.ts';
import type { Ending, Ends, Told } from '../readings/endings.ts';
import type { EventGroup } from '../readings/events.ts';
import type { LackSeen } from '../readings/lacks.ts';
import { linesOf } from '../readings/logs.ts';
import type { PodLog } from '../readings/logs.ts';
import type { Pods, Sample } from '../readings/pods.ts';
import { affected } from '../readings/trouble.ts';
import type { Affected, Trouble } from '../readings/trouble.ts';
import { brief, plural, podsOf } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';

/** What the checks about containers that end have in common. */

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

export function lastLines(all: Told['logs'], a: Affected<Ends>, count = 3): readonly string[] {
  return (all === null ? [] : (linesOf(all, a.pod.name, a.trouble.container) ?? []))
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .map((line) => brief(line));
}

export function logsByHand(t: DeploymentTarget, a: Affected<Ends>): string {
  return `${kubectl(t)} logs ${a.pod.name} -c ${a.trouble.container} --previous --tail=50`;
}

export function lackSeen(
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
