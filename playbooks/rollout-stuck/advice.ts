import { say } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { kubectl } from '../targets/deployment.ts';

const { advice } = onDeployment;

export const pushImage = advice({
  when: ['image-missing', 'image-missing-or-not-authorised'],
  needs: [deployment],
  say: (_t, seen) => {
    const image = seen.deployment.template.containers[0]?.image ?? '<IMAGE>';
    return {
      fix: say`push or replicate the image to this region's registry. Pods retry by themselves within 5 min; nothing to approve`,
      steps: [
        `docker buildx imagetools inspect ${image}`,
        `docker buildx imagetools create --tag ${image} <IMAGE_IN_ANOTHER_REGION>`,
      ],
    };
  },
});

export const pullSecret = advice({
  when: ['image-not-authorised', 'image-missing-or-not-authorised'],
  needs: [deployment],
  say: (t, seen) => {
    const name = seen.deployment.template.pullSecrets[0] ?? '<PULL_SECRET>';
    return {
      fix: say`renew the right to pull: the nodes' role, or the pull secret ${{ is: 'code', text: name }}. Pods retry by themselves within 5 min`,
      steps: [
        `${kubectl(t)} get secret ${name}`,
        // Credentials come from a file: they must not stand in a command line or a chat.
        `${kubectl(t)} create secret docker-registry ${name} --from-file=.dockerconfigjson=<DOCKER_CONFIG_FILE> --dry-run=client -o yaml | ${kubectl(t)} apply -f -`,
      ],
    };
  },
});

export const allAdvice = [pushImage, pullSecret] as const;
