import type { Deployment } from '../../src/core/ports/kubernetes.ts';
import { code, say } from '../../src/core/words.ts';
import { autoscaler, deployment } from '../readings/deployment.ts';
import { facts } from '../readings/facts.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { nodes } from '../readings/room.ts';
import { nodeName } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { burst } from './checks-pods.ts';
import { hotPod, requestsByPodNow } from './hot-pod.ts';
import { nodeLoad } from './node-load.ts';
import { cpu } from './use.ts';
import type { Use } from './use.ts';

const { advice } = onDeployment;

const callers = advice({
  when: ['retry-storm'],
  needs: [deployment],
  say: (t) => ({
    fix: say`have the callers try less: fewer attempts, growing waits with jitter, a budget for retries. More pods alone feed it. First find what failed before it began`,
    steps: [
      `${kubectl(t)} logs deployment/${t.name} --since=10m --tail=200`,
      `${kubectl(t)} get pods -l app=<CALLER> -o wide`,
      `${kubectl(t)} set env deployment/<CALLER> <RETRY_LIMIT>=1`,
    ],
  }),
});

const metricsApi = advice({
  when: ['hpa-blind'],
  needs: [autoscaler],
  say: (t, seen) => ({
    fix: say`bring back the metrics that the autoscaler goes by; it then adds pods by itself. Until then its minimum is the number`,
    steps: [
      `${kubectl(t)} describe hpa ${seen.autoscaler?.name ?? t.name}`,
      `kubectl --context=${t.region} get apiservices`,
      `kubectl --context=${t.region} -n kube-system get pods -l k8s-app=metrics-server`,
      `${kubectl(t)} top pods`,
    ],
  }),
});

const stolen = advice({
  when: ['node-steal'],
  needs: [nodeLoad, nodes, podRows],
  say: (t, seen) => {
    const robbed = seen['node load'].nodes.toSorted((a, b) => (b.steal ?? 0) - (a.steal ?? 0))[0];
    const of = seen.nodes.find((one) => one.name === robbed?.node);
    const type = of?.labels['node.kubernetes.io/instance-type'] ?? '';
    const family = burst(type);
    const there = seen['pod rows'].rows.filter((one) => one.node === robbed?.node).map((one) => one.name);
    return {
      fix: say`move the pods off node ${code(nodeName(robbed?.node ?? '<NODE>'))}: cordon it, then delete its pods one at a time${family === null ? '. Scaling helps only as far as new pods land elsewhere' : say`. ${code(type)} runs on CPU credits: use another instance type, or unlimited credits`}`,
      steps: [
        `kubectl --context=${t.region} cordon ${robbed?.node ?? '<NODE>'}`,
        ...(there.length === 0 ? ['<POD>'] : there).map((pod) => `${kubectl(t)} delete pod ${pod}`),
        `aws cloudwatch get-metric-statistics --region ${t.region} --namespace AWS/EC2 --metric-name CPUCreditBalance --dimensions Name=InstanceId,Value=<INSTANCE> --start-time <FROM> --end-time <TO> --period 300 --statistics Minimum`,
      ],
    };
  },
});

const fullNode = advice({
  when: ['node-busy'],
  needs: [nodeLoad],
  say: (t, seen) => ({
    fix: say`take load off the node: move what uses most of it, raise the CPU request so that the scheduler leaves room, or use larger nodes`,
    steps: [
      `kubectl --context=${t.region} describe node ${seen['node load'].nodes[0]?.node ?? '<NODE>'}`,
      `${kubectl(t)} top pods --sort-by=cpu`,
    ],
  }),
});

/** Of the container that serves; null: no pod was measured. */
function hottest({ deployment: { template }, cpu: { pods } }: { readonly deployment: Deployment; readonly cpu: Use }) {
  const mine = pods.filter((one) => one.container === template.containers[0]?.name);
  return mine.toSorted((a, b) => b.value - a.value)[0]?.pod ?? null;
}

const profile = advice({
  when: ['cost-per-request', 'high-without-cause'],
  needs: [deployment, cpu],
  say: (t, seen) => ({
    fix: say`see what the CPU is spent on: profile one pod for a minute, and look for requests that take long`,
    steps: [
      `${kubectl(t)} exec deployment/${t.name} -c ${seen.deployment.template.containers[0]?.name ?? '<CONTAINER>'} -- top -b -H -n 1`,
      `${kubectl(t)} debug ${hottest(seen) ?? '<POD>'} -it --image=<IMAGE_WITH_PY_SPY> --target=${seen.deployment.template.containers[0]?.name ?? '<CONTAINER>'} --profile=sysadmin -- py-spy top --pid 1`,
      `${kubectl(t)} logs deployment/${t.name} --since=10m --tail=200`,
    ],
  }),
});

const hotOne = advice({
  when: ['one-hot-pod'],
  needs: [cpu, deployment, podRows, requestsByPodNow],
  say: (t, seen) => {
    const hot = hotPod(seen, { known: true, value: seen['requests of each pod now'] });
    const pod = hot?.pods[0]?.pod ?? '<POD>';
    return {
      fix: say`keep what it shows before it is replaced: its processes and a profile`,
      first: true,
      steps: [
        `${kubectl(t)} exec ${pod} -- top -b -n 1`,
        `${kubectl(t)} debug ${pod} -it --image=<IMAGE_WITH_PY_SPY> --target=${seen.deployment.template.containers[0]?.name ?? '<CONTAINER>'} --profile=sysadmin -- py-spy dump --pid <PID>`,
      ],
    };
  },
});

const spread = advice({
  when: ['uneven-load'],
  needs: [deployment],
  say: (t) => ({
    fix: say`spread the load: long-lived connections (gRPC, keep-alive) stay on the pods that they began with. Close them now and then, or balance on the client's side; more pods do not help, and replacing the hot one only moves it`,
    steps: [`${kubectl(t)} get endpointslices -l kubernetes.io/service-name=${t.name}`],
  }),
});

const beside = advice({
  when: ['sidecar'],
  needs: [cpu, deployment],
  say: (t, seen) => {
    const main = seen.deployment.template.containers[0]?.name ?? '';
    const hot = seen.cpu.containers.filter((one) => one.container !== main).toSorted((a, b) => b.median - a.median)[0];
    const name = hot?.container ?? '<CONTAINER>';
    const isOurs = seen.deployment.template.containers.some((one) => one.name === name);
    return {
      fix: say`quieten container ${code(name)} at its source: its log level, what it collects, its version${isOurs ? '' : '. It is put into the pods by something else (a mesh, an agent): its settings are there'}. A CPU limit keeps it from the model's share; an autoscaler by CPU counts it too and would add pods for it`,
      steps: [
        `${kubectl(t)} logs deployment/${t.name} -c ${name} --since=10m --tail=50`,
        ...(isOurs ? [`${kubectl(t)} set resources deployment/${t.name} -c ${name} --limits=cpu=<CORES>`] : []),
      ],
    };
  },
});

const threadSource = advice({
  when: ['threads'],
  needs: [facts],
  say: (t, seen) => ({
    fix: say`set ${code(seen.config.variables.threads)} to the container's cores at the source too, and what else starts threads: MKL_NUM_THREADS, OPENBLAS_NUM_THREADS, torch.set_num_threads. More pods or more CPU do not help: each starts as many again`,
    steps: [`${kubectl(t)} set env deployment/${t.name} --list`],
  }),
});

const atSource = advice({
  when: ['hpa-at-maximum'],
  needs: [deployment],
  say: (t) => ({
    fix: say`where the higher maximum is to stay: put it into the source too, and see that nodes and quota have room for it; larger nodes where each pod needs more`,
    steps: [`${kubectl(t)} get hpa`, `kubectl --context=${t.region} describe nodes`],
  }),
});

const grows = advice({
  when: ['growth'],
  needs: [autoscaler],
  say: (t, seen) =>
    seen.autoscaler === null
      ? {
          fix: say`give it an autoscaler, or put the number of pods into the source too; larger nodes where each pod needs more`,
          steps: [
            `${kubectl(t)} get hpa`,
            `${kubectl(t)} autoscale deployment ${t.name} --min=<PODS> --max=<PODS> --cpu-percent=70`,
          ],
        }
      : {
          fix: say`wait for the autoscaler: it adds pods by itself as long as there is room for them`,
          steps: [`${kubectl(t)} describe hpa ${seen.autoscaler.name}`],
        },
});

const limits = advice({
  when: ['throttled'],
  needs: [deployment],
  say: (t, seen) => ({
    fix: say`ask whether it needs a CPU limit at all: without one, a pod gets its request on a full node and may use what is left on any other`,
    steps: [
      `${kubectl(t)} describe deployment ${t.name}`,
      `${kubectl(t)} exec deployment/${t.name} -c ${seen.deployment.template.containers[0]?.name ?? '<CONTAINER>'} -- cat /sys/fs/cgroup/cpu.stat`,
    ],
  }),
});

export const allAdvice = [
  callers,
  metricsApi,
  stolen,
  fullNode,
  profile,
  hotOne,
  spread,
  beside,
  threadSource,
  limits,
  atSource,
  grows,
] as const;
