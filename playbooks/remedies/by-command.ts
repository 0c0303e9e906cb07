import { z } from 'zod';
import type { Revision } from '../../src/core/ports/kubernetes.ts';
import { say } from '../../src/core/words.ts';
import { currentRevision, deployment } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { nodePods } from '../readings/node-pods.ts';
import { pods } from '../readings/pods.ts';
import { uncheckedFor } from '../readings/references.ts';
import { nodes, nodeUse } from '../readings/room.ts';
import { listed } from '../readings/wording.ts';
import { onNode } from '../targets/node.ts';
import { backAlso, reachOf, roomAlso } from './back-reach.ts';
import { changeDeadlineMs, changePlan, changing, doubts, podMoves } from './change.ts';
import { cordoning, planCordon } from './cordon.ts';
import { cordonReach } from './reach.ts';
import { differences, versionOf } from './difference.ts';
import { candidates, ranUntil, wouldFail } from './ladder.ts';
import { restartOf, restartReach, restarting } from './restart.ts';
import { rollbackNeeds, shownFor } from './rollback.ts';
import { stateOf } from './state.ts';

/**
 * Remedies as a person asks for them by command. What they do is what they do for a finding; what they refuse is less: whether it helps is
 * the person's to judge, whether it would do harm still is not.
 */

/** Null without details: only a command makes a plan. */
const BY_COMMAND = { no: 'only by command' } as const;

export const restartAsked = onDeployment.remedy('restart', {
  ...restarting,
  when: [],
  needs: [deployment, pods, nodes, nodeUse],
  also: roomAlso,
  asks: { schema: z.object({}), usage: '' },
  plan: (t, seen, at, want, also) => {
    const now = seen.deployment;
    if (want === null) return BY_COMMAND;
    if (now.paused) return { no: 'it is paused: a restart would wait until it is resumed' };
    const unfinished = now.replicas.updated < now.replicas.wanted;
    if (unfinished) return { no: 'a rollout is going on: a restart would begin another one in the middle of it' };
    const moved = restartReach(t, seen, also);
    return 'no' in moved ? moved : restartOf(t, now, at, moved);
  },
});

const revision = z.object({ to: z.int().min(1).nullable().default(null) });

/** To the revision that is named, or to the newest other code: what runs now, else what was made last. */
export const rollbackAsked = onDeployment.remedy('rollback', {
  title: 'Roll back',
  acts: 'deployment',
  when: [],
  needs: rollbackNeeds,
  also: backAlso,
  schema: changePlan,
  asks: { schema: revision, usage: 'to <revision>' },
  plan: (t, seen, _at, want, also) => {
    const { deployment: now, revisions: all } = seen;
    if (want === null) return BY_COMMAND;
    if (now.paused) return { no: 'it is paused: resume it first, or `kubectl rollout undo` would be refused too' };
    const current = currentRevision(now, all);
    const to = chosen(want.to, { current, all, others: candidates(now, all) });
    if ('no' in to) return to;
    const start = Math.max(0, now.replicas.wanted - to.replicas.wanted);
    const why = wouldFail(seen, to, start);
    const until = ranUntil(to, all);
    if (why !== null) return { no: `${versionOf(to, now.template)}: ${why}` };
    const on = { namespace: t.namespace, now, fresh: seen.pods.fresh, start, deadlineMs: changeDeadlineMs };
    const moved = reachOf(on, to, also);
    if ('no' in moved) return moved;
    return {
      namespace: t.namespace,
      name: t.name,
      uid: now.uid,
      from: {
        replicaSet: current?.uid ?? '',
        replicaSetName: current?.name ?? '',
        digest: now.templateDigest,
        version: versionOf({ number: current?.number ?? (now.revision ?? 0) + 1, template: now.template }, to.template),
      },
      to: {
        replicaSet: to.uid,
        replicaSetName: to.name,
        digest: to.templateDigest,
        version: named(to, versionOf(to, now.template)),
      },
      worked: to.replicas.available > 0 ? ('available now' as const) : ('not known' as const),
      ...(until === null ? {} : { ranUntil: until }),
      caution: moved.caution,
      unchecked: start === 0 ? [] : [...uncheckedFor(to.template, seen.references)],
      paused: { from: now.paused, to: now.paused },
      strategy: stateOf(now, []).strategy,
      lines: [...differences(now.template, to.template, shownFor(to, also.variables))],
      pods: { remove: seen.pods.fresh.total, start, keep: to.replicas.ready },
      owner: now.owner,
      ...moved.reach,
    };
  },
  label: 'rollback',
  says: (plan) => say`roll back to ${plan.to.version}. ${podMoves(plan)}${doubts(plan)}`,
  ...changing,
});

/** "v2.4.0 (revision 16)". */
function named(one: Revision, version: string): string {
  return version === `revision ${one.number}` ? version : `${version} (revision ${one.number})`;
}

function chosen(
  number: number | null,
  seen: {
    readonly current: Revision | null;
    readonly all: readonly Revision[];
    readonly others: readonly Revision[];
  },
): Revision | { readonly no: string } {
  const { current, all, others } = seen;
  if (number === null) {
    const running = others.findLast((one) => one.replicas.available > 0);
    return running ?? others.at(-1) ?? { no: 'no other revision is kept' };
  }
  if (current?.number === number) return { no: `revision ${number} is what it runs already` };
  const found = all.find((one) => one.number === number);
  return found ?? { no: `${missing(number, all)}; ${keptIn(all, current)}` };
}

/** Numbers only go up: one above the highest never was, one below was given to a ReplicaSet that is gone, or that was gone back to since. */
function missing(number: number, all: readonly Revision[]): string {
  const newest = Math.max(0, ...all.map((one) => one.number));
  if (newest === 0) return `there is no revision ${number} to be seen`;
  if (number > newest) return `there never was a revision ${number}: the newest is ${newest}`;
  const again = all.some((one) => one.again === true && one.number > number);
  return `revision ${number} is not kept any more${again ? ' under this number (a version that is gone back to gets a new one)' : ''}`;
}

function keptIn(all: readonly Revision[], current: Revision | null): string {
  const others = all.filter((one) => one !== current);
  if (others.length === 0) return 'no other one is kept';
  const named = others.map((one) => {
    const version = current === null ? '' : versionOf(one, current.template);
    return version === '' || version === `revision ${one.number}` ? `${one.number}` : `${one.number} (${version})`;
  });
  return `there ${others.length === 1 ? 'is' : 'are'} ${listed(named)}`;
}

const node = z.object({});

export const cordonAsked = onNode.remedy('cordon', {
  ...cordoning,
  when: [],
  needs: [nodes],
  asks: { schema: node, usage: '' },
  also: [nodePods],
  plan: (t, seen, _at, want, also) => {
    if (want === null) return BY_COMMAND;
    const plan = planCordon(t.name, seen.nodes);
    return 'no' in plan ? plan : { ...plan, reach: cordonReach(also['node pods']) };
  },
});

export const uncordonAsked = onNode.remedy('uncordon', {
  ...cordoning,
  title: 'Uncordon a node',
  label: 'uncordon node',
  when: [],
  needs: [nodes],
  asks: { schema: node, usage: '' },
  plan: (t, seen, _at, want) => (want === null ? BY_COMMAND : planCordon(t.name, seen.nodes, false)),
});
