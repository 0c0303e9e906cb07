import { autoscaler, deployment, revisions } from '../readings/deployment.ts';
import { events } from '../readings/events.ts';
import { logs } from '../readings/logs.ts';
import { onDeployment } from '../readings/on.ts';
import { pods, samples } from '../readings/pods.ts';
import { references } from '../readings/references.ts';
import { limitRanges, nodes, nodeUse, quotas } from '../readings/room.ts';
import { rollback } from '../remedies/rollback.ts';
import { allAdvice } from './advice.ts';
import { imageChecks } from './checks-image.ts';

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
  look: [
    deployment,
    revisions,
    pods,
    samples,
    events,
    logs,
    quotas,
    limitRanges,
    nodes,
    nodeUse,
    references,
    autoscaler,
  ],
  checks: [...imageChecks],
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
      ],
    }),
  ],
  advice: allAdvice,
});
