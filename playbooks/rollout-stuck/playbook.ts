import { exists } from '../readings/exists.ts';
import { variables } from '../readings/facts.ts';
import { namespaceGoes } from '../readings/going.ts';
import { onDeployment } from '../readings/on.ts';
import { changed, podCounts, released, rollout, scaling, whyNow } from '../readings/remarks.ts';
import { restart } from '../remedies/restart.ts';
import { resume } from '../remedies/resume.ts';
import { resumeAndRollback, rollback } from '../remedies/rollback.ts';
import { allAdvice } from './advice.ts';
import { configBack, imageBack } from './checks-back.ts';
import { configMissing, containerConfig } from './checks-config.ts';
import { notObserving, paused, refusalChecks } from './checks-controller.ts';
import { crashLoop, initContainer, oom } from './checks-crash.ts';
import { imageChecks } from './checks-image.ts';
import { evictions, kubeletRefuses, sandbox, volumeAttach, volumeMount } from './checks-node.ts';
import { placeChecks } from './checks-place.ts';
import { liveness, readiness, readinessGate, slowStart } from './checks-probe.ts';
import { nodeGone } from './checks-node-gone.ts';
import { command, containerStart, execFormat } from './checks-start.ts';
import { everything, startingNow, unexplained } from './unexplained.ts';

/** In the order of a pod's life, so that the first that is found is the cause and not its consequence. */
const causes = [
  exists,
  namespaceGoes,
  notObserving,
  nodeGone,
  ...refusalChecks,
  ...placeChecks,
  kubeletRefuses,
  evictions,
  sandbox,
  volumeAttach,
  configBack,
  imageBack,
  configMissing,
  volumeMount,
  ...imageChecks,
  containerConfig,
  command,
  execFormat,
  containerStart,
  oom,
  initContainer,
  slowStart,
  liveness,
  crashLoop,
  readiness,
  readinessGate,
  paused,
  startingNow,
] as const;

export const rolloutStuck = onDeployment.playbook({
  id: 'rollout-stuck',
  title: 'rollout stuck',
  guide: 'Deployment Failures › Rolling Deployment Stuck',
  about: 'Why new pods of a deployment do not get ready, and how to get on or back.',
  alerts: [
    'KubeDeploymentRolloutStuck',
    'KubeDeploymentReplicasMismatch',
    'KubeDeploymentGenerationMismatch',
    'KubePodCrashLooping',
    'KubePodNotReady',
    'KubeContainerWaiting',
  ],
  symptoms: [
    'rollout stuck',
    'deployment stuck',
    'deploy does not finish',
    'pods not ready',
    'pods pending',
    'crash loop',
    'CrashLoopBackOff',
    'ImagePullBackOff',
    'image pull',
    'OOMKilled',
    'restarts',
  ],
  // What a rollback would change, of what the config lets be shown: no cause is in it.
  look: [...everything, variables],
  checks: [...causes, unexplained(causes)],
  remedies: [
    rollback({
      when: [
        'image-missing',
        'image-missing-or-not-authorised',
        'image-not-authorised',
        'image-architecture',
        'image-name',
        'image-never-pulled',
        'image-pull-untold',
        'registry-unreachable',
        'registry-certificate',
        'registry-error',
        'image-pull-limit',
        'node-disk-full',
        'config-missing',
        'container-config',
        'command',
        'container-start',
        'wrong-architecture',
        'oom',
        'init-container',
        'slow-start',
        'liveness',
        'crash-loop',
        'readiness',
        'surge-deadlock',
        'no-gpu',
        'no-cpu',
        'no-memory',
        'no-other-resource',
        'node-selector',
        'taints',
        'pod-affinity',
        'spread',
        'host-port',
        'volume-placement',
        'quota',
        'limit-range',
        'pod-security',
        'webhook-denies',
        'service-account-missing',
        'pods-not-made',
        'unexplained',
        'users-hurt',
      ],
    }),
    resume({ when: ['paused'] }),
    resumeAndRollback({ when: ['paused'] }),
    restart({ when: ['readiness', 'liveness', 'config-missing'] }),
  ],
  advice: allAdvice,
  remarks: [changed, released, whyNow, rollout, podCounts, scaling],
});
