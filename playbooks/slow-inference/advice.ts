import { say } from '../../src/core/words.ts';
import { facts, variables } from '../readings/facts.ts';
import { deployment } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { kubectl } from '../targets/deployment.ts';
import { slowSpot } from './checks-node.ts';

const { advice } = onDeployment;

const threadCount = advice({
  when: ['threads'],
  needs: [facts, variables],
  say: (t, seen) => ({
    fix: say`set the number of threads to the cores that the container has, and keep it where the deployment is declared (${seen.config.variables.threads})`,
    steps: [`${kubectl(t)} exec deployment/${t.name} -c ${seen.variables.container} -- cat /proc/1/status`],
  }),
});

const cpuLimit = advice({
  when: ['cpu-throttled'],
  needs: [deployment],
  say: (t, seen) => ({
    fix: say`raise the CPU limit where the deployment is declared, or take it away there: only a limit throttles, a request does not`,
    steps: [
      `${kubectl(t)} get deployment ${t.name} -o jsonpath='{.spec.template.spec.containers[*].resources}'`,
      `${kubectl(t)} exec deployment/${t.name} -c ${seen.deployment.template.containers[0]?.name ?? '<CONTAINER>'} -- cat /sys/fs/cgroup/cpu.stat`,
    ],
  }),
});

const swap = advice({
  when: ['model-swapping'],
  needs: [],
  say: (t) => ({
    fix: say`keep the models that are asked for in memory together: smaller (quantized) ones, fewer for each pod, or a deployment for each. Scaling does not help while each pod swaps`,
    steps: [
      `${kubectl(t)} logs deployment/${t.name} --since=10m --tail=600`,
      `${kubectl(t)} exec deployment/${t.name} -- nvidia-smi`,
    ],
  }),
});

const spreadLoad = advice({
  when: ['load-not-spread'],
  needs: [],
  say: (t) => ({
    fix: say`for good: let connections end after a while on the server (gRPC: MAX_CONNECTION_AGE), or share out requests instead of connections (a proxy, a mesh, client-side round robin). Until then more pods change nothing`,
    steps: [`${kubectl(t)} get pods -o wide`, `${kubectl(t)} get service ${t.name} -o yaml`],
  }),
});

const idleGpu = advice({
  when: ['gpu-idle'],
  needs: [deployment],
  say: (t, seen) => ({
    fix: say`see what requests wait for before they reach the GPU: preprocessing on the CPU, reading inputs, a lock. Then move that work, or give it workers of its own. More GPUs change nothing`,
    steps: [
      `${kubectl(t)} exec deployment/${t.name} -c ${seen.deployment.template.containers[0]?.name ?? '<CONTAINER>'} -- top -b -H -n 1`,
      `${kubectl(t)} exec deployment/${t.name} -c ${seen.deployment.template.containers[0]?.name ?? '<CONTAINER>'} -- nvidia-smi`,
    ],
  }),
});

const fullGpu = advice({
  when: ['gpu-saturated'],
  needs: [],
  say: (t) => ({
    fix: say`beside more pods: a smaller model (quantized, distilled), a larger batch where latency allows it, or a limit on requests at once`,
    steps: [`${kubectl(t)} exec deployment/${t.name} -- nvidia-smi`, `${kubectl(t)} get hpa`],
  }),
});

const queues = advice({
  when: ['queueing'],
  needs: [],
  say: (t) => ({
    fix: say`let it scale by how many requests wait rather than by CPU, which does not see them; or allow more requests at once in each pod, where the GPU has time left`,
    steps: [`${kubectl(t)} get hpa`, `${kubectl(t)} describe hpa`],
  }),
});

const inputs = advice({
  when: ['longer-inputs'],
  needs: [],
  say: (t) => ({
    fix: say`find who sends them, and limit their size or send them to a deployment of their own. More pods help against waiting, not against the time that a long input itself takes`,
    steps: [`${kubectl(t)} logs deployment/${t.name} --since=10m --tail=600`],
  }),
});

const node = advice({
  when: ['slow-disk', 'noisy-neighbour'],
  needs: [slowSpot, podRows],
  say: (t, seen) => {
    const name = seen['odd pod']?.nodeName ?? '<NODE>';
    const there = seen['pod rows'].rows.filter((one) => one.node === name).map((one) => one.name);
    const pods = there.length === 0 ? ['<POD>'] : there;
    return {
      fix: say`take the node out: keep new pods off it, let its pods be made elsewhere one by one, then replace the machine. Models on local SSD, or cached in memory, need no disk while they serve`,
      steps: [
        `kubectl --context=${t.region} cordon ${name}`,
        `${kubectl(t)} get pods -o wide --field-selector=spec.nodeName=${name}`,
        ...pods.map((pod) => `${kubectl(t)} delete pod ${pod}`),
      ],
    };
  },
});

const pod = advice({
  when: ['one-pod-slow'],
  needs: [slowSpot],
  say: (t, seen) => {
    const name = seen['odd pod']?.pod ?? '<POD>';
    return {
      fix: say`see what holds its GPU back before it is replaced: the next pod may get the same GPU`,
      first: true,
      steps: [
        `${kubectl(t)} exec ${name} -- nvidia-smi -q -d PERFORMANCE`,
        `${kubectl(t)} exec ${name} -- nvidia-smi -q -d TEMPERATURE`,
      ],
    };
  },
});

const calls = advice({
  when: ['cross-region'],
  needs: [],
  say: (t) => ({
    fix: say`point it at the service of its own region, or keep what it asks for here. Pods, GPUs and a rollback of other things change nothing`,
    steps: [
      `${kubectl(t)} get service`,
      `${kubectl(t)} get configmap`,
      `${kubectl(t)} logs deployment/${t.name} --since=10m --tail=600`,
    ],
  }),
});

const dns = advice({
  when: ['dns-tail'],
  needs: [],
  say: (t) => ({
    fix: say`see whether the cluster's DNS loses answers (CoreDNS full, conntrack race on UDP): NodeLocal DNSCache or a trailing dot in host names ends it`,
    steps: [
      `kubectl --context=${t.region} -n kube-system get pods -l k8s-app=kube-dns -o wide`,
      `kubectl --context=${t.region} -n kube-system logs -l k8s-app=kube-dns --since=10m --tail=100`,
      `kubectl --context=${t.region} -n kube-system top pods -l k8s-app=kube-dns`,
    ],
  }),
});

const profile = advice({
  when: ['since-change', 'unexplained'],
  needs: [],
  say: (t) => ({
    fix: say`profile a slow request: where its time goes (waiting, preprocessing, the model, calls) tells what to change`,
    first: true,
    steps: [
      `${kubectl(t)} logs deployment/${t.name} --since=10m --tail=100`,
      `${kubectl(t)} rollout history deployment/${t.name}`,
    ],
  }),
});

export const allAdvice = [
  threadCount,
  cpuLimit,
  swap,
  spreadLoad,
  idleGpu,
  fullGpu,
  queues,
  inputs,
  node,
  pod,
  calls,
  dns,
  profile,
] as const;
