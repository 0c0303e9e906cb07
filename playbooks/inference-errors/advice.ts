import { code, say } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { errorLines } from '../readings/error-lines.ts';
import { facts, variables } from '../readings/facts.ts';
import { oddPod } from '../readings/odd-pod.ts';
import { onDeployment } from '../readings/on.ts';
import { kubectl } from '../targets/deployment.ts';
import { dependencyIn, kindOf } from './words-of-errors.ts';

const { advice } = onDeployment;

/** What only people can do; commands with placeholders, never a value that is a secret. */

const replicate = advice({
  when: ['model-missing'],
  needs: [facts, variables],
  say: (t, seen) => {
    const version = seen.variables.values[seen.config.variables.modelVersion] ?? '<VERSION>';
    return {
      fix: say`bring the model's file to this region's bucket, where it is wanted. Then restart the pods that fail: they look for it at their start`,
      steps: [
        `aws s3 ls s3://<MODEL_BUCKET_HERE>/models/ --region ${t.region}`,
        `aws s3 cp s3://<MODEL_BUCKET_ELSEWHERE>/models/<MODEL>-${version}<SUFFIX> s3://<MODEL_BUCKET_HERE>/models/`,
        `${kubectl(t)} set env deployment/${t.name} --list`,
      ],
    };
  },
});

const compareVersions = advice({
  when: ['version-mismatch'],
  needs: [facts],
  say: (t, seen) => ({
    fix: say`see which ${code(seen.config.variables.modelVersion)} this version of the code was built for; what other regions are set to is said beside them`,
    first: true,
    steps: [`kubectl --context=<OTHER_REGION> -n ${t.namespace} set env deployment/${t.name} --list`],
  }),
});

const loadAgain = advice({
  when: ['model-load-failing'],
  needs: [deployment],
  say: (t) => ({
    fix: say`check the model's file (size and checksum against where it comes from) and the role that reads it. Do not load it in a serving container: a second copy can take its memory`,
    steps: [
      `aws s3api head-object --bucket <MODEL_BUCKET> --key models/<MODEL> --checksum-mode ENABLED`,
      `${kubectl(t)} get serviceaccount <SERVICE_ACCOUNT> -o yaml`,
    ],
  }),
});

const readyLater = advice({
  when: ['model-load-slow'],
  needs: [deployment],
  say: (t) => ({
    fix: say`let a pod be ready only when its model is loaded (readiness probe on the model, a startup probe long enough), and keep the model near: in the image, on a volume, or on the node`,
    steps: [`${kubectl(t)} get deployment ${t.name} -o jsonpath='{.spec.template.spec.containers[0].readinessProbe}'`],
  }),
});

const allocator = advice({
  when: ['cuda-oom-fragmentation'],
  needs: [deployment],
  say: (t, seen) => ({
    fix: say`for good: let the allocator grow its segments, by a release or by hand (starts all pods anew)`,
    steps: [
      `${kubectl(t)} set env deployment/${t.name} -c ${seen.deployment.template.containers[0]?.name ?? '<CONTAINER>'} PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True`,
    ],
  }),
});

const lessAtOnce = advice({
  when: ['cuda-oom-batch', 'cuda-oom-sequence'],
  needs: [deployment],
  say: (t) => ({
    fix: say`limit what is computed at once: the longest input, tokens per batch; or use a GPU with more memory. More GPUs help only a model that spreads over them`,
    steps: [`${kubectl(t)} get deployment ${t.name} -o jsonpath='{.spec.template.spec.containers[0].env}'`],
  }),
});

const onNode = (t: { readonly region: string }, node: string): readonly string[] => [
  `kubectl --context=${t.region} get pods --all-namespaces -o wide --field-selector=spec.nodeName=${node}`,
  `kubectl --context=${t.region} debug node/${node} -it --image=<IMAGE_ON_THE_NODE> -- chroot /host nvidia-smi`,
  `kubectl --context=${t.region} debug node/${node} -it --image=<IMAGE_ON_THE_NODE> -- chroot /host dmesg`,
];

const brokenGpu = advice({
  when: ['gpu-broken'],
  needs: [oddPod],
  say: (t, seen) => ({
    fix: say`a broken GPU needs a reset, a reboot or another machine, once its pods serve elsewhere`,
    steps: onNode(t, seen['odd pod']?.nodeName ?? '<NODE>'),
  }),
});

const theNeighbour = advice({
  when: ['cuda-oom-neighbour'],
  needs: [oddPod],
  say: (t, seen) => ({
    fix: say`find whose process holds the GPU's memory, and end or move it: its pods here then serve again without being replaced`,
    steps: onNode(t, seen['odd pod']?.nodeName ?? '<NODE>'),
  }),
});

const theNode = advice({
  when: ['one-node'],
  needs: [oddPod],
  say: (t, seen) => ({
    fix: say`look at the node (its kernel's messages, disk, network, what else runs there) before it takes pods again`,
    steps: onNode(t, seen['odd pod']?.nodeName ?? '<NODE>'),
  }),
});

const theDriver = advice({
  when: ['driver-mismatch'],
  needs: [oddPod],
  say: (t, seen) => ({
    fix: say`use an image whose CUDA the nodes' driver supports, or bring newer drivers to the nodes before this image`,
    steps: onNode(t, seen['odd pod']?.nodeName ?? '<NODE>').slice(1, 2),
  }),
});

const theDependency = advice({
  when: ['dependency'],
  needs: [errorLines],
  say: (t, seen) => {
    const line = seen['error lines'].groups.find((one) => kindOf(one.text) === 'dependency');
    const who = dependencyIn(line?.text ?? '') ?? '<SERVICE>';
    return {
      fix: say`look at ${code(who)}: its pods, its own dependencies, what changed there. ${t.name} recovers by itself when it answers`,
      steps: [
        `${kubectl(t)} get deployment ${who}`,
        `${kubectl(t)} logs deployment/${who} --since=10m --tail=50`,
        `${kubectl(t)} get endpointslices -l kubernetes.io/service-name=${who}`,
      ],
    };
  },
});

const drain = advice({
  when: ['no-drain'],
  needs: [deployment],
  say: (t) => ({
    fix: say`let pods finish: a preStop wait of some 15 s (so that the load balancer takes them out first), then end on SIGTERM only when nothing is open, within the grace period. Until then: keep the autoscaler from going down (a higher minimum, a longer stabilization window)`,
    steps: [
      `${kubectl(t)} get deployment ${t.name} -o jsonpath='{.spec.template.spec.containers[0].lifecycle}'`,
      `${kubectl(t)} describe hpa ${t.name}`,
    ],
  }),
});

const idle = advice({
  when: ['keep-alive'],
  needs: [deployment],
  say: (t) => ({
    fix: say`let the server keep idle connections longer than the load balancer (75 s for its default of 60 s), in the server's own setting; or lower the balancer's idle timeout`,
    steps: [`${kubectl(t)} get ingress -o yaml`],
  }),
});

const memory = advice({
  when: ['oom-under-load'],
  needs: [deployment],
  say: (t) => ({
    fix: say`find what takes the memory: ${code(`/mlp diagnose memory leak ${t.name}`)} tells a trend from a step. More memory only gives time where it grows steadily`,
    steps: [`${kubectl(t)} top pods --containers --sort-by=memory`],
  }),
});

const shm = advice({
  when: ['shared-memory'],
  needs: [deployment],
  say: (t) => ({
    fix: say`mount an \`emptyDir\` with \`medium: Memory\` and a size limit at /dev/shm in the template: it counts against the memory limit. Or fewer workers`,
    steps: [`${kubectl(t)} exec deployment/${t.name} -- df -h /dev/shm`],
  }),
});

const application = advice({
  when: ['since-change', 'bad-outputs', 'crash-under-load', 'one-pod', 'errors-unexplained', 'users-hurt'],
  needs: [deployment],
  say: (t, seen) => ({
    fix: say`look at what the pods say about failed requests, and at the same in another region`,
    first: true,
    steps: [
      `${kubectl(t)} logs -l ${seen.deployment.selector} --prefix --since=10m --tail=50`,
      `kubectl --context=<OTHER_REGION> -n ${t.namespace} logs -l ${seen.deployment.selector} --prefix --since=10m --tail=50`,
      `${kubectl(t)} rollout history deployment/${t.name}`,
    ],
  }),
});

export const allAdvice = [
  replicate,
  compareVersions,
  loadAgain,
  readyLater,
  allocator,
  lessAtOnce,
  brokenGpu,
  theNeighbour,
  theNode,
  theDriver,
  theDependency,
  drain,
  idle,
  shm,
  memory,
  application,
] as const;
