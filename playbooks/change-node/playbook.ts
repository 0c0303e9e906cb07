import type { Answer } from '../../src/core/contract.ts';
import { code, say } from '../../src/core/words.ts';
import { nodePods } from '../readings/node-pods.ts';
import { nodes } from '../readings/room.ts';
import { nodeCalled } from '../readings/wording.ts';
import { cordonAsked, uncordonAsked } from '../remedies/by-command.ts';
import { onNode } from '../targets/node.ts';

const there = onNode.check('node-exists', {
  severity: 'critical',
  ask: 'Is there such a node?',
  rulesOut: 'no such node',
  needs: [nodes],
  find: (seen, _also, { t }): Answer => {
    if (nodeCalled(t.name, seen.nodes) !== undefined) return 'clear';
    return {
      found: say`there is no node ${code(t.name)} here`,
      short: `no node ${t.name}`,
      byHand: `kubectl --context=${t.region} get nodes`,
      mistaken: true,
    };
  },
});

const state = onNode.remark('Node', {
  needs: [nodes],
  say: (t, seen) => {
    const found = nodeCalled(t.name, seen.nodes);
    if (found === undefined) return null;
    return say`${found.ready === 'True' ? 'ready' : `not ready (Ready is ${found.ready})`}, ${found.unschedulable ? 'cordoned' : 'takes new pods'}`;
  },
});

/** What a person asks for a node by command. */
export const changeNode = onNode.playbook({
  id: 'change-node',
  title: 'quick change of a node',
  guide: 'Common Quick Fixes',
  about: 'A change of a node that a person asks for: cordon, uncordon.',
  alerts: [],
  symptoms: [],
  look: [nodes, nodePods],
  checks: [there],
  remedies: [cordonAsked, uncordonAsked],
  advice: [],
  remarks: [state],
});
