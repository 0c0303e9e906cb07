import { code, say } from '../../src/core/words.ts';
import { deployment, revisions } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { pods, samples } from '../readings/pods.ts';
import { missingInMessage } from '../readings/missing.ts';
import { missingFor, references } from '../readings/references.ts';
import { refusedPods } from '../readings/refusal.ts';
import { troubleOf } from '../readings/trouble.ts';
import { kubectl } from '../targets/deployment.ts';
import { suspect, tryAtOnce, wait } from './advice-back.ts';
import { gateAdvice, probeAdvices } from './advice-probes.ts';

const { advice } = onDeployment;

const pushImage = advice({
  when: ['image-missing', 'image-missing-or-not-authorised', 'image-architecture'],
  needs: [samples, pods],
  say: (t, seen) => {
    const pull = seen.samples.map(({ pod }) => troubleOf(pod)).find((trouble) => trouble?.is === 'pull');
    const image = pull?.is === 'pull' ? pull.image : '<IMAGE>';
    return {
      fix: say`push or replicate the image to this region's registry. Pods retry by themselves within 5 min; nothing to approve`,
      steps: [
        `docker buildx imagetools inspect ${image}`,
        `docker buildx imagetools create --tag ${image} <IMAGE_IN_ANOTHER_REGION>`,
        ...tryAtOnce(t, seen, ['pull']),
      ],
    };
  },
});

const pullSecret = advice({
  when: ['image-not-authorised', 'image-missing-or-not-authorised'],
  needs: [deployment],
  say: (t, seen) => {
    const name = seen.deployment.template.pullSecrets[0] ?? '<PULL_SECRET>';
    return {
      fix: say`renew the right to pull: the nodes' role, or the pull secret ${code(name)}. Pods retry by themselves within 5 min`,
      steps: [
        `${kubectl(t)} get secret ${name}`,
        // Credentials come from a file: they must not stand in a command line or a chat.
        `${kubectl(t)} create secret generic ${name} --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson=<DOCKER_CONFIG_FILE>`,
      ],
    };
  },
});

const registry = advice({
  when: ['registry-unreachable', 'registry-certificate', 'registry-error', 'image-pull-limit', 'node-disk-full'],
  needs: [deployment],
  say: (t) => ({
    fix: say`mend the way from the nodes to the registry (name, route, certificate, pull limit, or the node's disk). Pods retry by themselves within 5 min; a rollback does not help where a pull is needed`,
    steps: [
      `kubectl --context=${t.region} debug node/<NODE> -it --image=<IMAGE_ON_THE_NODE> -- chroot /host crictl pull <IMAGE>`,
      `kubectl --context=${t.region} describe node <NODE>`,
    ],
  }),
});

/** Restoring what is missing: the value goes from a file or the keyboard, never through a command line or a chat. */
const restoreConfig = advice({
  when: ['config-missing'],
  needs: [deployment, samples, references, pods],
  say: (t, seen) => {
    const kinds = ['config', 'ends', 'not created'] as const;
    const told = seen.samples
      .map(({ pod }) => troubleOf(pod))
      .map((trouble) => (trouble?.is === 'config' ? missingInMessage(trouble.message) : null))
      .find((one) => one !== null);
    const need = missingFor(seen.deployment.template, seen.references).find(
      (one) => one.need.for !== 'image pull',
    )?.need;
    const lack = told ?? need ?? { kind: 'Secret', name: '<NAME>', key: '' };
    const key = lack.key === '' ? '<KEY>' : lack.key;
    const isSecret = lack.kind !== 'ConfigMap';
    const word = isSecret ? 'secret' : 'config map';
    const create = isSecret ? 'create secret generic' : 'create configmap';
    return {
      fix: say`restore the ${word} ${code(lack.name)} from its source. The waiting pods then start by themselves within 5 min; nothing to approve`,
      steps: [
        `kubectl --context=<OTHER_REGION> -n ${t.namespace} get ${isSecret ? 'secret' : 'configmap'} ${lack.name}`,
        `${kubectl(t)} ${create} ${lack.name} --from-file=${key}=/dev/stdin`,
        ...tryAtOnce(t, seen, kinds),
        `${kubectl(t)} get pods -o wide`,
      ],
    };
  },
});

const memory = advice({
  when: ['oom'],
  needs: [deployment, samples],
  say: (t, seen) => {
    const trouble = seen.samples.map(({ pod }) => troubleOf(pod)).find((one) => one?.is === 'ends');
    const container = trouble?.is === 'ends' ? trouble.container : '<CONTAINER>';
    return {
      fix: say`raise the memory limit of container ${code(container)}, or make it need less (batch size, model, workers)`,
      steps: [
        `${kubectl(t)} set resources deployment/${t.name} -c ${container} --limits=memory=<SIZE> --requests=memory=<SIZE>`,
      ],
    };
  },
});

const application = advice({
  when: ['crash-loop', 'init-container', 'command', 'container-start', 'wrong-architecture', 'container-config'],
  needs: [deployment],
  say: (t) => ({
    fix: say`fix the image or its settings and deploy a new version. A restart starts the same thing again`,
    steps: [`${kubectl(t)} logs deployment/${t.name} --all-containers --previous --tail=100`],
  }),
});

const addRoom = advice({
  when: ['no-gpu', 'no-cpu', 'no-memory', 'no-other-resource', 'max-pods', 'spread', 'host-port', 'pod-affinity'],
  needs: [deployment],
  say: (t) => ({
    fix: say`add nodes of the right kind or free some; pods are placed by themselves as soon as there is room`,
    steps: [
      `kubectl --context=${t.region} describe nodes`,
      `kubectl --context=${t.region} get pods --all-namespaces --field-selector=spec.nodeName=<NODE>`,
    ],
  }),
});

const labels = advice({
  when: ['node-selector', 'scheduling-gates', 'volume-placement'],
  needs: [deployment],
  say: (t) => ({
    fix: say`bring the pods' wishes and the nodes together: label nodes, or change the template`,
    steps: [
      `kubectl --context=${t.region} get nodes --show-labels`,
      `${kubectl(t)} get deployment ${t.name} -o jsonpath='{.spec.template.spec.nodeSelector}{.spec.template.spec.affinity}'`,
    ],
  }),
});

const seeTaints = (region: string): string =>
  `kubectl --context=${region} get nodes -o custom-columns=NAME:.metadata.name,TAINTS:.spec.taints,CORDONED:.spec.unschedulable`;

const taints = advice({
  when: ['taints'],
  needs: [deployment],
  say: (t) => ({
    fix: say`ask whoever tainted the nodes whether the reason is over, and take the taint away: pods are then placed by themselves. Or let the template tolerate it`,
    steps: [seeTaints(t.region), `kubectl --context=${t.region} taint nodes <NODE> <KEY>-`],
  }),
});

const cordoned = advice({
  when: ['nodes-cordoned'],
  needs: [deployment],
  say: (t) => ({
    fix: say`ask whoever cordoned the nodes whether the reason is over, and uncordon them: pods are then placed by themselves`,
    steps: [seeTaints(t.region), `kubectl --context=${t.region} uncordon <NODE>`],
  }),
});

const surge = advice({
  when: ['surge-deadlock'],
  needs: [deployment],
  say: (t) => ({
    fix: say`let the rollout take one old pod away first (maxSurge 0, maxUnavailable 1): one pod fewer serves meanwhile. Or add a node`,
    steps: [
      `${kubectl(t)} patch deployment ${t.name} --type=merge -p '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":1}}}}'`,
    ],
  }),
});

const terminating = advice({
  when: ['gpus-held-by-terminating-pods'],
  needs: [deployment],
  say: (t) => ({
    fix: say`wait until they have ended (their grace period), or see what holds them. Do not force-delete: the process would go on holding the GPU unseen`,
    steps: [`${kubectl(t)} get pods -o wide`, `${kubectl(t)} describe pod <TERMINATING_POD>`],
  }),
});

const quota = advice({
  when: ['quota', 'limit-range'],
  needs: [deployment],
  say: (t) => ({
    fix: say`raise the limit, free what others use of it, or ask for less. New pods are tried again by themselves, at growing intervals`,
    steps: [`${kubectl(t)} describe resourcequota`, `${kubectl(t)} describe limitrange`],
  }),
});

const admission = advice({
  when: ['webhook-down', 'webhook-denies', 'pod-security', 'pods-not-made', 'service-account-missing'],
  needs: [deployment, revisions],
  say: (t, seen) => {
    const refused = refusedPods(seen.deployment, seen.revisions)?.refusal;
    if (refused?.is === 'service account') {
      return {
        fix: say`restore the service account ${code(refused.name)} with its roles. New pods are tried again by themselves`,
        steps: [`${kubectl(t)} create serviceaccount ${refused.name}`, `${kubectl(t)} get rolebindings -o wide`],
      };
    }
    return {
      fix: say`bring the webhook back or meet its rule. Taking a guard away needs its owner`,
      steps: [
        `kubectl --context=${t.region} get validatingwebhookconfigurations,mutatingwebhookconfigurations`,
        `${kubectl(t)} get events --field-selector reason=FailedCreate`,
      ],
    };
  },
});

const machines = advice({
  when: [
    'node-gone',
    'sandbox',
    'volume-attach',
    'volume-mount',
    'kubelet-refuses',
    'evictions',
    'controller-not-observing',
  ],
  needs: [deployment],
  say: (t) => ({
    fix: say`the machines or the control plane need a look; no change of this deployment mends that`,
    steps: [
      `kubectl --context=${t.region} get nodes -o wide`,
      `kubectl --context=${t.region} describe node <NODE>`,
      `kubectl --context=${t.region} -n kube-system get pods -o wide`,
    ],
  }),
});

export const allAdvice = [
  wait,
  suspect,
  pushImage,
  pullSecret,
  registry,
  restoreConfig,
  memory,
  application,
  ...probeAdvices,
  gateAdvice,
  addRoom,
  labels,
  taints,
  cordoned,
  surge,
  terminating,
  quota,
  admission,
  machines,
] as const;
