import { clock, say } from '../../src/core/words.ts';
import { namespacePhase, wholeNamespaceGoes } from '../readings/going.ts';
import { tagOf } from '../readings/pull.ts';
import { nodes } from '../readings/room.ts';
import { brief, listed, minutesBetween, plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { deploymentsUnready, nodePressure, nodesLost, otherPods, othersBehind, there } from './checks.ts';
import { allPods, changes, onNamespace, others, warnings, workloads } from '../readings/namespace.ts';
import type { AllPods, Others, Workloads } from '../readings/namespace.ts';

const { remark, advice } = onNamespace;

const deployments = remark('Deployments', {
  needs: [workloads],
  say: (_t, seen) => {
    const { total, ready } = seen.deployments;
    return total === 0 ? null : say`${ready} of ${total} as they should be`;
  },
});

const besides = remark('StatefulSets and DaemonSets', {
  needs: [others],
  say: (t, seen) => {
    const { total, ready, all } = seen['other workloads'];
    const [first] = all;
    if (first === undefined) return null;
    if (t.name === '') return say`${ready} of ${total} as they should be`;
    const held = (first.partition ?? 0) > 0 ? `, new template from ordinal ${first.partition} on` : '';
    return say`${first.kind} ${first.name}: ${first.ready} of ${first.wanted} ready, ${first.updated} updated${held}`;
  },
});

/** Counts and pods are all that is looked at of other kinds. */
const notLookedAt = remark('Not looked at', {
  needs: [others, workloads, allPods],
  say: (t, seen) => {
    const kinds = [...new Set(seen['other workloads'].all.map((one) => `${one.kind}s`))];
    if (kinds.length === 0) {
      const alone = t.name !== '' && seen.deployments.total === 0 && seen['all pods'].pods.total > 0;
      return alone ? say`what makes these pods: no Deployment, StatefulSet or DaemonSet has this name` : null;
    }
    return t.name === '' || seen.deployments.total === 0
      ? say`inside of ${listed(kinds)}: whether they answer, their volumes and replication. Jobs: only their pods`
      : null;
  },
});

const pods = remark('Pods', {
  needs: [allPods],
  say: (_t, seen) => {
    const { total, ready, terminating, groups } = seen['all pods'].pods;
    const rest = groups.map((one) => `${one.pods} ${one.status}`).slice(0, 4);
    return say`${ready} of ${total} ready${rest.length === 0 ? '' : ` (${listed(rest)})`}${terminating === 0 ? '' : `, ${terminating} terminating`}`;
  },
});

const changed = remark('Changes in 24 h', {
  needs: [changes],
  say: (_t, seen, at) => {
    const { looked, of, newest } = seen.changes;
    if (looked === 0) return null;
    const among = looked < of ? ` (${looked} of ${of} deployments looked at)` : '';
    const recent = newest.filter((one) => minutesBetween(one.at, at) < 24 * 60);
    const [first] = recent;
    if (first === undefined) return say`none${among}`;
    const others = recent.slice(1, 4).map((one) => one.deployment);
    return say`${first.deployment} to ${first.images.map(tagOf).join(', ')} at ${clock(first.at)}${others.length === 0 ? '' : `; before that ${listed(others)}`}${among}`;
  },
});

const warned = remark('Warnings', {
  needs: [warnings],
  say: (_t, seen, at) => {
    const recent = seen.warnings.filter((one) => minutesBetween(one.lastAt, at) < 60);
    const [first] = recent;
    if (first === undefined) return null;
    return say`${plural(recent.length, 'kind')} in the last hour, newest about ${first.names.at(-1) ?? ''}: ${first.reason}, ${brief(first.message, 160)}`;
  },
});

const byHand = advice({
  when: ['nodes-not-ready', 'deployments-not-ready', 'other-workloads', 'other-pods', 'node-pressure'],
  needs: [workloads, others, allPods],
  say: (t, seen) => {
    const about = troubledOf(seen);
    const history =
      about?.startsWith('pod/') === true ? [] : [`${kubectl(t)} rollout history ${about ?? 'deployment/<DEPLOYMENT>'}`];
    return {
      fix: say`look in this order: what changed last, what the events say, what the logs say. Start with the least disruptive fix`,
      steps: [
        `${kubectl(t)} get events --sort-by=.lastTimestamp`,
        ...history,
        `${kubectl(t)} logs ${about ?? 'deployment/<DEPLOYMENT>'} --tail=100`,
      ],
    };
  },
});

/** What the commands are about: the first that is not as it should be, of the kind that it is. Undefined: none of these. */
function troubledOf(seen: {
  readonly deployments: Workloads;
  readonly 'other workloads': Others;
  readonly 'all pods': AllPods;
}): string | undefined {
  const [late] = seen.deployments.unready;
  if (late !== undefined) return `deployment/${late.name}`;
  const behind = seen['other workloads'].all.find((one) => one.ready < one.wanted);
  if (behind !== undefined) return `${behind.kind.toLowerCase()}/${behind.name}`;
  const pod = seen['all pods'].troubled.find((one) => !one.isDeployment);
  return pod === undefined ? undefined : `pod/${pod.of}`;
}

/** What is not there has no history and no logs. */
const notThere = advice({
  when: ['there'],
  needs: [workloads],
  say: (t, seen) => {
    const { alike } = seen.deployments;
    return {
      fix: say`${t.name === '' ? 'see whether this is the right namespace and region' : `see whether ${t.name} was deleted, or whether the name is right${alike.length === 0 ? '' : `: there is ${listed(alike, 'or')}`}`}`,
      steps: [
        `${kubectl(t)} get deployments,statefulsets,daemonsets`,
        `${kubectl(t)} get events --sort-by=.lastTimestamp`,
      ],
    };
  },
});

/** The guide's general approach: for whatever has no playbook of its own, and to find the one that has. */
export const triage = onNamespace.playbook({
  id: 'triage',
  title: 'triage',
  guide: 'General Debugging Approach › Step-by-Step Debugging Process',
  about: 'What is broken in a namespace or around one deployment, what changed, and which playbook knows more.',
  alerts: [],
  symptoms: ["what's broken", 'what is wrong', 'broken', 'not working', 'down', 'triage', 'health', 'check everything'],
  look: [workloads, others, allPods, warnings, changes, nodes, namespacePhase],
  checks: [there, wholeNamespaceGoes, nodesLost, deploymentsUnready, othersBehind, otherPods, nodePressure],
  remedies: [],
  advice: [notThere, byHand],
  remarks: [deployments, besides, pods, changed, warned, notLookedAt],
});
