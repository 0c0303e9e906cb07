import { z } from 'zod';
import type { Revision } from '../../src/core/ports/kubernetes.ts';
import { say } from '../../src/core/words.ts';
import { currentRevision, deployment } from '../readings/deployment.ts';
import { variables } from '../readings/facts.ts';
import { onDeployment } from '../readings/on.ts';
import { pods } from '../readings/pods.ts';
import { uncheckedFor } from '../readings/references.ts';
import { nodes, nodeUse } from '../readings/room.ts';
import { listed } from '../readings/wording.ts';
import { onNode } from '../targets/node.ts';
import { changePlan, changing, doubts, podMoves } from './change.ts';
import { cordoning, planCordon } from './cordon.ts';
import { differences, versionOf } from './difference.ts';
import { candidates, ranUntil, wouldFail } from './ladder.ts';
import { deadlock, restartOf, restarting } from './restart.ts';
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
  asks: { schema: z.object({}), usage: '' },
  plan: (t, seen, at, want) => {
    const now = seen.deployment;
    if (want === null) return BY_COMMAND;
    if (now.paused) return { no: 'it is paused: a restart would wait until it is resumed' };
    const unfinished = now.replicas.updated < now.replicas.wanted;
    if (unfinished) return { no: 'a rollout is going on: a restart would begin another one in the middle of it' };
    const no = deadlock(now, seen.nodes, seen['node use']);
    return no === null ? restartOf(t, now, at) : { no };
  },
});

const revision = z.object({ to: z.int().min(1).nullable().default(null) });

/** To the revision that is named, or to the newest other code: what runs now, else what was made last. */
export const rollbackAsked = onDeployment.remedy('rollback', {
  title: 'Roll back',
  acts: 'deployment',
  when: [],
  needs: rollbackNeeds,
  also: [variables],
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
      caution: '',
      unchecked: start === 0 ? [] : [...uncheckedFor(to.template, seen.references)],
      paused: { from: now.paused, to: now.paused },
      strategy: stateOf(now, []).strategy,
      lines: [...differences(now.template, to.template, shownFor(to, also.variables))],
      pods: { remove: seen.pods.fresh.total, start, keep: to.replicas.ready },
      owner: now.owner,
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
  if (current?.number === number) return { no: `it is at revision ${number} already` };
  const found = all.find((one) => one.number === number);
  const kept = all.filter((one) => one !== current).map((one) => String(one.number));
  return (
    found ?? {
      no: `revision ${number} is not kept any more; ${kept.length === 0 ? 'no other one is' : `there are ${listed(kept)}`}`,
    }
  );
}

const node = z.object({});

export const cordonAsked = onNode.remedy('cordon', {
  ...cordoning,
  when: [],
  needs: [nodes],
  asks: { schema: node, usage: '' },
  plan: (t, seen, _at, want) => (want === null ? BY_COMMAND : planCordon(t.name, seen.nodes)),
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
