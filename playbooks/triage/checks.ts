import type { Answer } from '../../src/core/contract.ts';
import { code, say } from '../../src/core/words.ts';
import { brief, listed, minutesBetween, plural } from '../readings/wording.ts';
import { nodes } from '../readings/room.ts';
import { kubectl } from '../targets/deployment.ts';
import { allPods, isBehind, onNamespace, others, warnings, workloads } from '../readings/namespace.ts';
import type { Other, Troubled, Workload } from '../readings/namespace.ts';

const { check } = onNamespace;

/** The namespace's or workload's own trouble, told from a start that is under way. */
const bad = /BackOff|Err|Error|OOMKilled|Invalid|Failed|CreateContainer|RunContainer|Unknown/;
const settlingMinutes = 5;

/** Young pods that nothing speaks against are on their way. */
function isSettling(one: Troubled, at: string): boolean {
  return one.pods.groups
    .filter((group) => !group.ready)
    .every((group) => !bad.test(group.status) && minutesBetween(group.oldestAt, at) < settlingMinutes);
}

export const there = check('there', {
  severity: 'warning',
  ask: 'Is there what was asked for?',
  rulesOut: 'nothing of that name',
  needs: [workloads, allPods],
  also: [others],
  find: (seen, also, { t }): Answer => {
    const { total, alike } = seen.deployments;
    const pods = seen['all pods'].pods;
    const besides = also['other workloads'].known ? also['other workloads'].value.total : 0;
    if (besides > 0 || total > 0 || pods.total + pods.leftovers + pods.terminating > 0) return 'clear';
    if (t.name === '') {
      return {
        found: say`${code(t.namespace)} holds no deployment and no pod here`,
        short: `nothing in ${t.namespace}`,
      };
    }
    const hint = alike.length === 0 ? '' : `. There is ${listed(alike, 'or')}`;
    return {
      found: say`there is no deployment and no pod ${code(t.name)} in ${code(t.namespace)} here${hint}`,
      short: `no ${t.name} here`,
      byHand: `${kubectl(t)} get deployments`,
    };
  },
});

export const nodesLost = check('nodes-not-ready', {
  severity: 'critical',
  ask: 'Do all nodes report?',
  rulesOut: 'lost nodes',
  needs: [nodes],
  find: (seen, _also, { t }): Answer => {
    const lost = seen.nodes.filter((one) => one.ready !== 'True');
    const [first] = lost;
    if (first === undefined) return 'clear';
    const since = lost
      .map((one) => one.readySince)
      .filter((one) => one !== null)
      .toSorted()[0];
    const all = lost.length === seen.nodes.length;
    return {
      found: say`${lost.length} of ${plural(seen.nodes.length, 'node')} ${lost.length === 1 ? 'is' : 'are'} not ready: ${listed(lost.slice(0, 3).map((one) => one.name))}${lost.length > 3 ? ', …' : ''}${all ? '. "Running" pods are only the last known state' : ''}`,
      short: all ? 'all nodes not ready' : `${plural(lost.length, 'node')} not ready`,
      ...(since === undefined ? {} : { since }),
      byHand: `kubectl --context=${t.region} describe node ${first.name}`,
    };
  },
});

export const deploymentsUnready = check('deployments-not-ready', {
  severity: 'critical',
  ask: 'Are all deployments as they should be?',
  rulesOut: 'deployments not ready',
  needs: [workloads],
  also: [allPods, warnings],
  find: (seen, also, { t, at }): Answer => {
    const { unready, total } = seen.deployments;
    const troubled = also['all pods'].known ? also['all pods'].value.troubled : [];
    const late = unready.filter((one) => {
      const pods = troubled.find((each) => each.of === one.name);
      // All its pods are ready and still it is behind: paused, or nobody rolls it out.
      return pods === undefined || !isSettling(pods, at);
    });
    const [worst] = late;
    if (worst === undefined) return 'clear';
    const told = also.warnings.known ? also.warnings.value.find((one) => one.replicaSet === worst.name) : undefined;
    const since = troubled
      .find((one) => one.of === worst.name)
      // Those that are well are older, and no part of it.
      ?.pods.groups.filter((one) => !one.ready)
      .map((one) => one.oldestAt)
      .toSorted()[0];
    return {
      found: say`${late.length} of ${plural(total, 'deployment')} ${late.length === 1 ? 'is' : 'are'} not ready: ${listed(late.slice(0, 4).map(countOf))}${late.length > 4 ? ', …' : ''}`,
      short: late.length === 1 ? `${worst.name} not ready` : `${late.length} deployments not ready`,
      ...(since === undefined ? {} : { since }),
      quotes: told === undefined ? [] : [brief(`${told.reason}: ${told.message}`)],
      byHand: `${kubectl(t)} rollout status deployment/${worst.name} --watch=false`,
      handOver: { playbook: 'rollout-stuck', target: { namespace: t.namespace, name: worst.name } },
    };
  },
});

function countOf(one: Workload): string {
  const behind = one.updated < one.wanted ? `, ${one.updated} updated` : '';
  return `${one.name} (${one.available} of ${one.wanted} available${behind})`;
}

export const othersBehind = check('other-workloads', {
  severity: 'critical',
  ask: 'Are all StatefulSets and DaemonSets as they should be?',
  rulesOut: 'StatefulSets not ready',
  needs: [others, allPods],
  also: [warnings],
  find: (seen, also, { t, at }): Answer => {
    const { pods, troubled } = seen['all pods'];
    const behind = seen['other workloads'].all.filter((one) => {
      const mine = troubled.filter((each) => each.of.startsWith(`${one.name}-`));
      return isBehind(one) && (mine.length === 0 || !mine.every((each) => isSettling(each, at)));
    });
    const [first] = behind;
    if (first === undefined) return 'clear';
    const missing = behind.reduce((sum, one) => sum + one.wanted - one.ready, 0);
    if (missing <= pods.terminating) return { unsure: 'pods are being replaced just now' };
    const told = also.warnings.known
      ? also.warnings.value.find((one) => one.replicaSet.startsWith(`${first.name}-`))
      : undefined;
    const text = (one: Other): string =>
      `${one.kind} ${one.name} (${one.ready} of ${one.wanted} ready${one.updated < one.wanted ? `, ${one.updated} updated` : ''})`;
    return {
      found: say`not as wanted: ${listed(behind.slice(0, 4).map(text))}`,
      short: `${first.kind} ${first.name} ${first.ready} of ${first.wanted} ready`,
      quotes: told === undefined ? [] : [brief(`${told.reason}: ${told.message}`)],
      notKnown: say`why. I have no playbook for ${first.kind}s: I see their counts, their pods and warnings`,
      byHand: `${kubectl(t)} describe ${first.kind.toLowerCase()} ${first.name}`,
    };
  },
});

/** Pods that belong to no deployment: the bot has no playbook for them and says what it sees. */
export const otherPods = check('other-pods', {
  severity: 'warning',
  ask: 'Are the pods fine that belong to no deployment?',
  rulesOut: 'other pods',
  needs: [allPods],
  also: [warnings],
  find: (seen, also, { t, at }): Answer => {
    const found = seen['all pods'].troubled.filter((one) => !one.isDeployment && !isSettling(one, at));
    const [first] = found;
    if (first === undefined) return 'clear';
    const status = (one: Troubled): string => one.pods.groups.find((group) => !group.ready)?.status ?? 'not ready';
    const told = also.warnings.known ? also.warnings.value.find((one) => one.replicaSet === first.of) : undefined;
    return {
      found: say`${plural(found.length, 'pod')} beside the deployments ${found.length === 1 ? 'is' : 'are'} not ready: ${listed(found.slice(0, 4).map((one) => `${one.of} (${status(one)})`))}`,
      short: `${first.of} ${status(first)}`,
      quotes: told === undefined ? [] : [brief(`${told.reason}: ${told.message}`)],
      notKnown: say`why. There is no playbook for pods of StatefulSets and jobs yet`,
      byHand: `${kubectl(t)} describe pod ${first.of}`,
    };
  },
});

export const nodePressure = check('node-pressure', {
  severity: 'warning',
  ask: 'Are the nodes free of pressure?',
  rulesOut: 'node pressure',
  needs: [nodes],
  find: (seen, _also, { t }): Answer => {
    const pressed = seen.nodes.filter((one) => one.pressures.length > 0);
    const [first] = pressed;
    if (first === undefined) return 'clear';
    return {
      found: say`${plural(pressed.length, 'node')} of ${seen.nodes.length} under pressure: ${listed(pressed.slice(0, 3).map((one) => `${one.name} (${one.pressures.join(', ')})`))}`,
      short: `${first.pressures.join(', ')} on ${plural(pressed.length, 'node')}`,
      byHand: `kubectl --context=${t.region} describe node ${first.name}`,
    };
  },
});
