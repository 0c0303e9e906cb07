import { describe, expect, test } from 'vitest';
import type { Deployment, PodTemplate, Quota } from '../../src/core/ports/kubernetes.ts';
import { container, deployment, node, nodeUse, template } from '../../test/playbooks/objects.ts';
import { freeRoomOf } from '../readings/free-room.ts';
import { morePods, otherTemplate } from './preflight.ts';
import type { Ground, Preflight } from './preflight.ts';

/** Each pod: 2 cores, 8 GiB, one GPU. Each node: 32 cores, 128 GiB, 4 GPUs. */
const one = template();
const service = deployment(one);

/** Two nodes on which so much is asked for. */
function ground(requested: Record<string, string>, over: Partial<Ground> = {}): Ground {
  const nodes = [1, 2].map((number) => node(number));
  const use = [1, 2].map((number) => nodeUse(number, { requested }));
  return {
    quotas: [],
    'limit ranges': [],
    'free room': freeRoomOf(one, nodes, use, new Set(['gpu-1', 'gpu-2'])),
    ...over,
  };
}
const roomy = ground({ cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '1' });
const full = ground({ cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '4' });
const quota = (hard: Quota['hard'], used: Quota['used']): Quota => ({ name: 'team', hard, used });
const said = (is: Preflight): string => ('no' in is ? `no: ${is.no}` : is.caution);

describe('more pods', () => {
  test.each([
    ['none more', 0, full, ''],
    ['they fit', 6, roomy, ''],
    [
      'some fit',
      8,
      roomy,
      'room for 6 of the 8 now (a pod asks for 2 cpu, 8 GiB memory and 1 nvidia.com/gpu; most free on one node 24 cpu, 96 GiB memory and 3 nvidia.com/gpu (2 nodes)); the others wait for nodes',
    ],
    [
      'none fits',
      1,
      full,
      'no: no node has room for one more pod now: a pod asks for 2 cpu, 8 GiB memory and 1 nvidia.com/gpu; most free on one node 24 cpu, 96 GiB memory and 0 nvidia.com/gpu (2 nodes)',
    ],
  ] as const)('%s', (_name, more, on, text) => {
    expect(said(morePods(service, more, on))).toBe(text);
  });

  test.each([
    [{ pods: '14' }, { pods: '12' }, 2, ''],
    [{ pods: '14' }, { pods: '12' }, 3, 'no: quota team would refuse them: pods 12 of 14 taken, 3 more pods ask for 3'],
    [
      { 'requests.cpu': '30' },
      { 'requests.cpu': '27' },
      2,
      'no: quota team would refuse them: requests.cpu 27 of 30 taken, 2 more pods ask for 4',
    ],
    [
      { 'requests.nvidia.com/gpu': '12' },
      { 'requests.nvidia.com/gpu': '12' },
      1,
      'no: quota team would refuse it: requests.nvidia.com/gpu 12 of 12 taken, 1 more pod asks for 1',
    ],
    [
      { 'limits.memory': '200Gi' },
      { 'limits.memory': '192Gi' },
      1,
      'no: quota team would refuse it: limits.memory 192 GiB of 200 GiB taken, 1 more pod asks for 16 GiB',
    ],
    // What pods do not count for says nothing.
    [{ 'count/services': '3', 'requests.storage': '1Gi' }, { 'count/services': '3', 'requests.storage': '1Gi' }, 4, ''],
  ] as const)('a quota of %o with %o taken, %i more', (hard, used, more, text) => {
    expect(said(morePods(service, more, { ...roomy, quotas: [quota(hard, used)] }))).toBe(text);
  });
});

describe('another template for all pods', () => {
  const asking = (requests: Record<string, string>, limits: Record<string, string> = {}): PodTemplate =>
    template({
      containers: [
        container({ requests: { ...container().requests, ...requests }, limits: { ...container().limits, ...limits } }),
      ],
    });
  /** None may be missing meanwhile: an extra pod must run first. */
  const surging: Deployment = {
    ...service,
    strategy: { ...service.strategy, maxUnavailable: '0', unavailablePods: 0 },
  };

  test.each([
    ['as much as before, with room', service, asking({}), roomy, ''],
    [
      'as much as before, without',
      service,
      asking({}),
      full,
      'no node has room for an extra pod now: each new pod waits until an old one has gone',
    ],
    [
      'more CPU, where the old pod goes first',
      service,
      asking({ cpu: '8' }),
      full,
      'no node has room for an extra pod now: each new pod waits until an old one has gone',
    ],
    [
      'more CPU than a node has',
      service,
      asking({ cpu: '40' }),
      full,
      'no: its pods would ask for more cpu than any node has, also when the old pod has gone: a pod asks for 40 cpu, 8 GiB memory and 1 nvidia.com/gpu; most free on one node 24 cpu, 96 GiB memory and 0 nvidia.com/gpu (2 nodes)',
    ],
    [
      'a second GPU, where none is free',
      service,
      asking({ 'nvidia.com/gpu': '2' }, { 'nvidia.com/gpu': '2' }),
      full,
      'no: its pods would ask for more nvidia.com/gpu than any node has, also when the old pod has gone: a pod asks for 2 cpu, 8 GiB memory and 2 nvidia.com/gpu; most free on one node 24 cpu, 96 GiB memory and 0 nvidia.com/gpu (2 nodes)',
    ],
    ['a second GPU, with free ones', service, asking({ 'nvidia.com/gpu': '2' }, { 'nvidia.com/gpu': '2' }), roomy, ''],
    [
      'an extra pod first, without room',
      surging,
      asking({}),
      full,
      'no: it would hang: no pod may be missing meanwhile (maxUnavailable is 0), and its extra pod has no room: a pod asks for 2 cpu, 8 GiB memory and 1 nvidia.com/gpu; most free on one node 24 cpu, 96 GiB memory and 0 nvidia.com/gpu (2 nodes)',
    ],
    ['an extra pod first, with room', surging, asking({}), roomy, ''],
  ] as const)('%s', (_name, of, to, on, text) => {
    expect(said(otherTemplate(of, to, on))).toBe(text);
  });

  test('a limit range acts on pods, so that no dry run would tell', () => {
    const range = { name: 'small', limits: [{ type: 'Container', min: {}, max: { memory: '20Gi' }, default: {} }] };
    const on = { ...roomy, 'limit ranges': [range] };
    expect(said(otherTemplate(service, asking({}), on))).toBe('');
    expect(said(otherTemplate(service, asking({}, { memory: '24Gi' }), on))).toBe(
      'no: limit range small would refuse the pods: container server would have 24 GiB memory, at most 20 GiB is allowed',
    );
  });

  test('at least so much, and the sum of a pod; one that came later refuses more of the present pods too', () => {
    const range = (type: string, min: Record<string, string>, max: Record<string, string>): Ground => ({
      ...roomy,
      'limit ranges': [{ name: 'small', limits: [{ type, min, max, default: {} }] }],
    });
    expect(said(otherTemplate(service, asking({ cpu: '1' }), range('Container', { cpu: '2' }, {})))).toBe(
      'no: limit range small would refuse the pods: container server would ask for 1 cpu, at least 2 is wanted',
    );
    expect(said(otherTemplate(service, asking({}), range('Container', { cpu: '2' }, {})))).toBe('');
    const two = template({ containers: [container(), container({ name: 'proxy' })] });
    expect(said(otherTemplate(service, two, range('Pod', {}, { memory: '20Gi' })))).toBe(
      'no: limit range small would refuse the pods: a pod would have 32 GiB memory in all, at most 20 GiB is allowed',
    );
    expect(said(morePods(service, 1, range('Container', {}, { memory: '8Gi' })))).toBe(
      'no: limit range small would refuse the pods: container server would have 16 GiB memory, at most 8 GiB is allowed',
    );
  });

  test('a quota with room for the first larger pod may have none for the last', () => {
    const on = { ...roomy, quotas: [quota({ 'requests.cpu': '36' }, { 'requests.cpu': '24' })] };
    expect(said(otherTemplate(service, asking({ cpu: '3' }), on))).toBe('');
    expect(said(otherTemplate(service, asking({ cpu: '4' }), on))).toBe(
      'no: quota team would refuse some of its pods: requests.cpu 24 of 36 taken, all 12 pods together would ask for 24 more',
    );
  });

  test('a quota holds against the extra pod only where it must come first', () => {
    const on = { ...roomy, quotas: [quota({ pods: '12' }, { pods: '12' })] };
    expect(said(otherTemplate(service, asking({}), on))).toBe('');
    expect(said(otherTemplate(surging, asking({}), on))).toMatch(
      /^no: quota team would refuse them: pods 12 of 12 taken/,
    );
  });
});

describe('what is free', () => {
  const free = (nodes: Parameters<typeof freeRoomOf>[1]) => {
    const room = freeRoomOf(
      one,
      nodes,
      [nodeUse(1, { requested: { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '1' } })],
      new Set(['gpu-1']),
    );
    return [room.nodes.map((each) => each.node), room.away];
  };

  test('nodes that are cordoned, silent or not for these pods are none', () => {
    expect(free([node(1), node(2, { unschedulable: true }), node(3, { ready: 'Unknown' })])).toEqual([['gpu-1'], 2]);
    const taint = { key: 'other', value: 'x', effect: 'NoSchedule' };
    // A taint that a node with its pods carries is tolerated; another one is not.
    expect(free([node(1), node(2, { taints: [taint] })])).toEqual([['gpu-1'], 0]);
    expect(free([node(1, { taints: [taint] }), node(2, { taints: [taint] })])).toEqual([['gpu-1', 'gpu-2'], 0]);
    const soft = { ...taint, effect: 'PreferNoSchedule' };
    expect(free([node(1), node(2, { taints: [soft] })])).toEqual([['gpu-1', 'gpu-2'], 0]);
  });

  test('never less than nothing, and pods are counted too', () => {
    const crowded = nodeUse(1, { pods: 58, requested: { cpu: '99', memory: '32Gi', 'nvidia.com/gpu': '1' } });
    const room = freeRoomOf(one, [node(1)], [crowded], new Set());
    expect(room.nodes[0]?.free).toMatchObject({ cpu: 0, pods: 0, 'nvidia.com/gpu': 3 });
    expect(said(morePods(service, 1, { ...roomy, 'free room': room }))).toMatch(/^no: no node has room/);
  });
});
