import type { Node } from '../../src/core/ports/kubernetes.ts';
import { code, say } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { kills } from '../readings/kills.ts';
import type { Kills } from '../readings/kills.ts';
import { memory } from '../readings/memory.ts';
import { onDeployment } from '../readings/on.ts';
import { nodes } from '../readings/room.ts';
import { nodeName } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { hoursText, sized } from './amounts.ts';
import { lookedAt } from './leak.ts';
import { growthOf } from './remedies.ts';
import { growingPod } from './readings.ts';

const { advice } = onDeployment;

/** The kernel's account first: it tells resident memory, page cache and files in memory apart, in any image. */
const kindsStep = (
  t: { readonly region: string; readonly namespace: string },
  pod: string,
  container: string,
): string => `${kubectl(t)} exec ${pod} -c ${container} -- cat /sys/fs/cgroup/memory.stat`;

const findIt = advice({
  when: ['leak', 'slow-leak'],
  needs: lookedAt,
  say: (t, seen) => {
    const growth = growthOf(seen);
    const fullest = growth?.growing.toSorted((a, b) => (b.now ?? 0) - (a.now ?? 0))[0]?.pod ?? '<POD>';
    const container = growth?.container ?? '<CONTAINER>';
    return {
      fix: say`find what holds the memory: two heap profiles of one pod, an hour apart, before it is restarted. Often a cache without a bound, requests without a time limit, or batches that are kept`,
      first: true,
      steps: [
        kindsStep(t, fullest, container),
        `${kubectl(t)} exec -it ${fullest} -c ${container} -- memray attach --aggregate --duration 60 1`,
        `${kubectl(t)} logs ${fullest} -c ${container} --since=1h --tail=200`,
      ],
    };
  },
});

/** What each way of waiting is worth, so that nobody has to work it out at night. */
const time = advice({
  when: ['leak', 'slow-leak'],
  needs: lookedAt,
  say: (t, seen) => {
    const growth = growthOf(seen);
    const steps = [`${kubectl(t)} top pods --containers --sort-by=memory`];
    if (growth?.limitMib === null || growth === null || growth.fromStart === null) {
      return {
        fix: say`set a memory limit: without one a single pod takes its node with it, and a restart buys time only until then`,
        steps,
      };
    }
    const { fromStart, limitMib, low, high } = growth;
    const more = {
      from: fromStart.from + limitMib / 2 / high,
      to: fromStart.to === null || low <= 0 ? null : fromStart.to + limitMib / 2 / low,
    };
    return {
      fix: say`time can be bought until then: a restart gives ${hoursText(fromStart)}, a limit of ${sized(limitMib * 1.5)} with its restart ${hoursText(more)}`,
      steps,
    };
  },
});

const pileUp = advice({
  when: ['queue-grows'],
  needs: [deployment],
  say: (t) => ({
    fix: say`bound the queue and give requests a time limit, so that what nobody waits for any more is dropped; then find out why they are not answered`,
    steps: [`${kubectl(t)} logs deployment/${t.name} --since=15m --tail=200`, `${kubectl(t)} get hpa`],
  }),
});

const compare = advice({
  when: ['one-pod-grows'],
  needs: [deployment, memory, growingPod],
  say: (t, seen) => {
    const container = seen.deployment.template.containers[0]?.name ?? '<CONTAINER>';
    const pod = seen['odd pod']?.pod ?? '<POD>';
    return {
      fix: say`before it is replaced, look at what only this pod does: one client or one model that is routed to it, or a thread that hangs`,
      first: true,
      steps: [kindsStep(t, pod, container), `${kubectl(t)} logs ${pod} -c ${container} --since=1h --tail=200`],
    };
  },
});

/** A node under pressure whose kernel killed: the kubelet evicted nobody. */
function killedOn({
  kills: { kills: all },
  nodes: there,
}: {
  readonly kills: Kills;
  readonly nodes: readonly Node[];
}): string | undefined {
  const pressed = new Set(there.filter((one) => one.pressures.includes('MemoryPressure')).map((one) => one.name));
  return all.find((one) => one.how === 'signal' && pressed.has(one.node))?.node;
}

const node = advice({
  when: ['node-pressure'],
  needs: [deployment, kills, nodes],
  say: (t, seen) => {
    const evicted = seen.kills.evictions.find((one) => one.memory);
    const name = evicted?.node ?? killedOn(seen) ?? '<NODE>';
    const again =
      evicted === undefined
        ? 'the killed container was started again there'
        : 'the evicted pods were made anew elsewhere by themselves';
    return {
      fix: say`find what fills node ${code(nodeName(name))} and give that a limit, or move it; ${again}. Whoever uses more than it asked for is evicted first: a request that is as high as the real use protects it`,
      steps: [
        `kubectl --context=${t.region} describe node ${name}`,
        `kubectl --context=${t.region} get pods --all-namespaces -o wide --field-selector=spec.nodeName=${name}`,
        ...(evicted === undefined ? [] : [`${kubectl(t)} delete pods --field-selector=status.phase=Failed`]),
      ],
    };
  },
});

const smaller = advice({
  when: ['oom-kills', 'child-killed', 'child-ends', 'near-limit', 'memory-follows-requests'],
  needs: [deployment],
  say: (t, seen) => {
    const container = seen.deployment.template.containers[0]?.name ?? '<CONTAINER>';
    return {
      fix: say`let it need less: fewer workers (each holds its own copy of the model), a smaller batch, a bound on input size; more pods where memory follows the requests. Memory that freed blocks do not give back is often glibc's arenas: ${code('MALLOC_ARENA_MAX=2')} or another allocator`,
      steps: [
        `${kubectl(t)} set env deployment/${t.name} --list`,
        kindsStep(t, `deployment/${t.name}`, container),
        `${kubectl(t)} exec deployment/${t.name} -c ${container} -- top -b -n 1`,
      ],
    };
  },
});

const files = advice({
  when: ['files-in-memory'],
  needs: [deployment],
  say: (t, seen) => {
    const container = seen.deployment.template.containers[0]?.name ?? '<CONTAINER>';
    return {
      fix: say`give the volume a ${code('sizeLimit')} or take its ${code('medium: Memory')} away, and clean up what is written there; data loaders that end badly leave files in ${code('/dev/shm')}`,
      steps: [
        `${kubectl(t)} exec deployment/${t.name} -c ${container} -- df -h`,
        `${kubectl(t)} exec deployment/${t.name} -c ${container} -- ls -la /dev/shm`,
        `${kubectl(t)} get deployment ${t.name} -o jsonpath='{.spec.template.spec.volumes}'`,
      ],
    };
  },
});

export const allAdvice = [findIt, time, pileUp, compare, node, smaller, files] as const;
