import { about } from '../../src/core/playbook.ts';
import { deploymentTarget } from '../targets/deployment.ts';

/** Readings, checks and remedies about one Deployment in one region; a playbook with a wider target can use them too. */
export const onDeployment = about('region', deploymentTarget);
