import type { Scenario } from './scenario.ts';
import { imageScenarios } from './scenarios-image.ts';

export const scenarios: readonly Scenario[] = [...imageScenarios];
