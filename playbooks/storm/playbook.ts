import { clock, say } from '../../src/core/words.ts';
import { changes, onNamespace, warnings, workloads } from '../readings/namespace.ts';
import { tagOf } from '../readings/pull.ts';
import { nodes } from '../readings/room.ts';
import { brief, minutesBetween, plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { nodesLost, ownFaults, regionLost, sharedCause } from './checks.ts';
import { dependencyDown, needed } from './depends.ts';
import { load, loadRemark, takesLoad } from './load.ts';
import { placed } from './readings.ts';
import { lostOf } from './sharing.ts';

const { remark, advice } = onNamespace;

/** A release shortly before is the first suspect; none is worth a line as well. */
const changed = remark('Change', {
  needs: [changes],
  say: (_t, seen, at) => {
    const { looked, of, newest } = seen.changes;
    if (looked === 0) return null;
    const among = looked < of ? ` (${looked} of ${of} deployments looked at)` : '';
    const recent = newest.filter((one) => minutesBetween(one.at, at) < 120);
    if (recent.length === 0) return say`no deployment in 2 h${among}`;
    const text = recent
      .slice(0, 3)
      .map((one) => say`${one.deployment} to ${one.images.map(tagOf).join(', ')} at ${clock(one.at)}`);
    const [first = say``, ...others] = text;
    return say`${others.reduce((all, one) => say`${all}; ${one}`, first)}${among}`;
  },
});

const pods = remark('Pods', {
  needs: [placed],
  say: (_t, seen) => {
    const { ready, pods: all, hits, workloads: of } = seen['pods and nodes'];
    return say`${ready} of ${all} ready on nodes that report; ${hits} of ${of} workloads have pods that are not`;
  },
});

/** The API server shows what was last reported. */
const stale = remark('Do not trust', {
  needs: [nodes, placed],
  say: (_t, seen) => {
    const { runningOnLost: count } = seen['pods and nodes'];
    if (count === 0 || lostOf(seen.nodes)?.is !== 'all') return null;
    return say`${plural(count, 'pod')} listed "Running" ${count === 1 ? 'is' : 'are'} the last known state: nothing is evicted while nearly all nodes are silent`;
  },
});

const warned = remark('Warnings', {
  needs: [warnings],
  say: (_t, seen, at) => {
    const first = seen.warnings.find((one) => minutesBetween(one.lastAt, at) < 60);
    return first === undefined
      ? null
      : say`newest: ${first.names.at(-1) ?? ''}, ${first.reason}: ${brief(first.message, 160)}`;
  },
});

const lookAtNodes = advice({
  when: ['region-lost', 'nodes-lost'],
  needs: [nodes],
  say: (t, seen) => {
    const lost = seen.nodes.find((one) => one.ready !== 'True');
    return {
      fix: say`find out whether the machines run (cloud console, node group, network) before anything is restarted here: what runs on silent nodes may still serve`,
      steps: [
        `kubectl --context=${t.region} get nodes -o wide`,
        `kubectl --context=${t.region} describe node ${lost?.name ?? '<NODE>'}`,
        `kubectl --context=${t.region} get events --all-namespaces --field-selector involvedObject.kind=Node --sort-by=.lastTimestamp`,
      ],
    };
  },
});

const lookAtDependency = advice({
  when: ['dependency-down'],
  needs: [needed],
  say: (t, seen) => {
    const down = seen.dependencies.find((one) => one.wanted > 0 && one.ready === 0 && one.lacks.length === 0);
    return {
      fix: say`look at ${down?.name ?? 'it'} first: what depends on it comes back by itself, and restarting those now only adds load`,
      steps: [
        `${kubectl(t)} get pods,events`,
        `${kubectl(t)} describe ${down?.kind ?? 'deployment'} ${down?.name ?? '<NAME>'}`,
      ],
    };
  },
});

const lookAtShared = advice({
  when: ['shared-trouble', 'own-faults'],
  needs: [placed],
  say: (t, seen) => {
    const names = seen['pods and nodes'].hit.slice(0, 2).map((one) => one.name);
    return {
      fix: say`compare two of them: what they share (registry, secret, dependency, node pool) is where to look first`,
      steps: [
        `${kubectl(t)} get events --field-selector type=Warning --sort-by=.lastTimestamp`,
        ...names.map((name) => `${kubectl(t)} describe deployment ${name}`),
      ],
    };
  },
});

/** What many workloads of one region share that alert at once: looked at once for all of them. */
export const storm = onNamespace.playbook({
  id: 'storm',
  title: 'alert storm',
  guide: 'General Debugging Approach › Step-by-Step Debugging Process',
  about:
    'What the workloads of a region share that alert at once, what is a fault of its own among them, and what breaks next.',
  alerts: ['KubeNodeNotReady', 'KubeNodeUnreachable', 'NodeNotReady'],
  symptoms: ['storm', 'everything is down', 'region down', 'all alerts', 'nodes down', 'nodes not ready'],
  look: [nodes, placed, needed, workloads, changes, warnings, load],
  checks: [regionLost, nodesLost, dependencyDown, sharedCause, ownFaults, takesLoad],
  remedies: [],
  advice: [lookAtNodes, lookAtDependency, lookAtShared],
  remarks: [changed, pods, stale, warned, loadRemark],
});
