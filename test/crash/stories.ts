import type { Cluster } from '../../src/sandbox/platform/state.ts';
import { digestOf } from '../../src/sandbox/platform/template.ts';
import { deployTemplate, workloadOf } from '../../src/sandbox/platform/write.ts';
import type { Button } from '../../src/core/message.ts';
import type { World } from './harness.ts';
import { find, press, presses, types, users } from './people.ts';
import { endingOf } from './sweep.ts';
import type { Story } from './sweep.ts';

const closed = async (world: World): Promise<boolean> => (await world.incident()).closed !== null;
const region = 'eu-west-1';

export const rollback: Story = {
  setup: (world) => {
    world.inject('image-missing');
    presses(world, users.sana, 'approve');
  },
  done: closed,
  ending: endingOf,
};

/** Somebody asks for more pods by command, of a deployment that nothing else scales. */
export const scaled: Story = {
  options: { change: (config) => ({ ...config, timing: { ...config.timing, quietMs: 0 } }) },
  setup: (world) => {
    world.platform.region(region).at(world.clock.now()).autoscalers.splice(0);
    types(world, users.kofi, 'scale model-server eu 14');
    presses(world, users.sana, 'approve');
  },
  done: closed,
  ending: async (world) => {
    const workload = workloadOf(world.platform.region(region).at(world.clock.now()), {
      namespace: 'ml-platform',
      name: 'model-server',
    });
    return `${await endingOf(world)}; ${workload?.replicas} replicas wanted`;
  },
};

/** The same in two regions on one approval: the second follows when the first is verified. */
export const scaledInTwo: Story = {
  ...scaled,
  setup: (world) => {
    for (const one of ['us-east-1', region]) world.platform.region(one).at(world.clock.now()).autoscalers.splice(0);
    types(world, users.kofi, 'scale model-server us eu 14');
    presses(world, users.sana, 'approve');
  },
  ending: async (world) => {
    const wanted = ['us-east-1', region].map((one) => {
      const cluster = world.platform.region(one).at(world.clock.now());
      return workloadOf(cluster, { namespace: 'ml-platform', name: 'model-server' })?.replicas;
    });
    return `${await endingOf(world)}; ${wanted.join(' and ')} replicas wanted`;
  },
};

/** Somebody says no; later it is repaired by hand. */
export const denied: Story = {
  setup: (world) => {
    world.inject('image-missing');
    presses(world, users.sana, 'deny', { reason: 'not during the demo' });
    healsAfter(world, 'denied');
  },
  done: closed,
  ending: endingOf,
};

export const expired: Story = {
  options: { change: (config) => ({ ...config, timing: { ...config.timing, approvalMs: 20_000 } }) },
  setup: (world) => {
    world.inject('image-missing');
    healsAfter(world, 'expired');
  },
  done: closed,
  ending: endingOf,
};

/** The rollback makes requests fail; who approved it approved its undo. */
export const worse: Story = {
  options: { change: (config) => ({ ...config, timing: { ...config.timing, observeMs: 5_000, watchMs: 120_000 } }) },
  setup: (world) => {
    world.inject('image-missing');
    const changes = (): number => world.writes.filter((one) => one.method === 'deployment.write').length;
    presses(world, users.sana, 'approve', { when: () => changes() === 0 });
    world.onWrite = () => failing(world, changes() === 1 ? 0.4 : 0);
    // Back on the broken version nothing is gained: somebody goes on by hand.
    let healed = false;
    world.scripts.push(() => {
      if (healed || changes() < 2) return;
      healed = true;
      undoByHand(world);
    });
  },
  done: closed,
  ending: endingOf,
  // Dead when the person reverted it: the fence says that the undo had arrived, so it is not done again.
  also: [/p2 rollback \(undoes p1\) superseded votes:\w+; closed: .*; written 2 times$/],
};

/** Stopped for all while the proposal waits: the approval is refused; lifted, it is asked again and counted. */
export const killSwitch: Story = {
  setup: (world) => {
    world.inject('image-missing');
    let button: Button | undefined;
    world.scripts.push(() => {
      // The button is gone while everything is stopped; who had it on the screen can still press it.
      button ??= find(world, 'approve');
      if (button === undefined) return;
      const stop = types(world, users.noah, 'stop all');
      if (!world.delivered(stop)) return;
      const tried = press(world, users.kofi, button);
      if (!world.delivered(tried) || !world.chat.whispers.some((one) => one.to === users.kofi)) return;
      const lift = types(world, users.ada, 'stop off');
      if (world.delivered(lift)) press(world, users.sana, button);
    });
  },
  done: closed,
  ending: endingOf,
};

/** Two people must agree, and press in the same moment. */
export const twoVotes: Story = {
  options: {
    change: (config) => ({
      ...config,
      approvals: {
        ...config.approvals,
        low: { ...config.approvals.low, need: 2 },
        oncall: { groups: [], users: [] },
      },
    }),
  },
  setup: (world) => {
    world.inject('image-missing');
    presses(world, users.sana, 'approve');
    presses(world, users.mateo, 'approve');
    presses(world, users.noah, 'approve');
  },
  done: closed,
  ending: endingOf,
};

/** Approved, and stopped for all in the same moment: either it never began, or it is followed to its end. Never half. */
export const stoppedAtOnce: Story = {
  setup: (world) => {
    world.inject('image-missing');
    let button: Button | undefined;
    world.scripts.push(() => {
      button ??= find(world, 'approve');
      if (button === undefined) return;
      press(world, users.sana, button);
      types(world, users.noah, 'stop all');
    });
    world.scripts.push(() => {
      void world.incident().then((incident) => {
        if (incident.proposals.some((one) => one.ended?.how === 'stopped')) once(world, undoByHand);
        // Refused, since the stop came first.
        if (world.chat.whispers.some((one) => one.to === users.sana)) once(world, undoByHand);
      });
    });
  },
  done: closed,
  ending: endingOf,
  also: [
    /^p1 rollback stopped votes:U0SANAOKAFOR; closed: .*; written 0 times$/,
    /^p1 rollback (withdrawn|superseded) votes:; closed: .*; written 0 times$/,
    /^p1 rollback verified votes:U0SANAOKAFOR; closed: fixed; written 1 times$/,
  ],
};

const did = new WeakSet<World>();
function once(world: World, run: (world: World) => void): void {
  if (did.has(world)) return;
  did.add(world);
  run(world);
}

/** It is repaired by hand while the proposal waits: withdrawn, and closed without a change. */
export const byHand: Story = {
  setup: (world) => {
    world.inject('image-missing');
    let healed = false;
    world.scripts.push(() => {
      if (healed || find(world, 'approve') === undefined) return;
      healed = true;
      undoByHand(world);
    });
  },
  done: closed,
  ending: endingOf,
};

/** The write is done, its answer is lost. */
export const doneUnknown: Story = {
  ...rollback,
  setup: async (world) => {
    await rollback.setup(world);
    world.losses.push('done, answer lost');
  },
};

/** The write never arrives, and nobody says so. */
export const notDoneUnknown: Story = {
  ...rollback,
  setup: async (world) => {
    await rollback.setup(world);
    world.losses.push('not done, answer lost');
  },
};

function healsAfter(world: World, how: string): void {
  let healed = false;
  world.scripts.push(() => {
    if (healed) return;
    void world.incident().then((incident) => {
      if (healed || !incident.proposals.some((one) => one.ended?.how === how)) return;
      healed = true;
      undoByHand(world);
    });
  });
}

/** `kubectl rollout undo`, typed by a person. */
export function backByHand(cluster: Cluster, at: number): void {
  const workload = workloadOf(cluster, { namespace: 'ml-platform', name: 'model-server' });
  const now = workload === null ? '' : digestOf(workload.template);
  const before = workload?.sets.toSorted((a, b) => b.number - a.number).find((one) => one.digest !== now);
  if (workload === null || before === undefined) throw new Error('there is nothing to go back to');
  deployTemplate(cluster, workload, before.template, { manager: 'kubectl-rollout', cause: null }, at);
}

function undoByHand(world: World): void {
  const at = world.clock.now();
  world.platform.region(region).do({ at, kind: 'write', what: 'rolled back by hand', run: backByHand });
  world.platform.advance(90_000);
}

/** From now on the version that was rolled back to fails this share of its requests. */
function failing(world: World, ratio: number): void {
  const cluster = world.platform.region(region).at(world.clock.now());
  for (const [name, image] of cluster.images) {
    if (/model-server/.test(name))
      cluster.images.set(name, { ...image, program: { ...image.program, errorRatio: ratio } });
  }
}
