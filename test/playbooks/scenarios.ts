import type { Scenario } from './scenario.ts';
import { askedScenarios } from './scenarios-asked.ts';
import { backScenarios } from './scenarios-back.ts';
import { changeScenarios } from './scenarios-change.ts';
import { cpuScenarios } from './scenarios-cpu.ts';
import { quietCpuScenarios } from './scenarios-cpu-quiet.ts';
import { imageScenarios } from './scenarios-image.ts';
import { inferenceScenarios } from './scenarios-inference.ts';
import { quietInferenceScenarios } from './scenarios-inference-quiet.ts';
import { memoryScenarios } from './scenarios-memory.ts';
import { quietMemoryScenarios } from './scenarios-memory-quiet.ts';
import { placeScenarios } from './scenarios-place.ts';
import { quietScenarios } from './scenarios-quiet.ts';
import { aroundSlowScenarios } from './scenarios-slow-around.ts';
import { slowScenarios } from './scenarios-slow.ts';
import { quietSlowScenarios } from './scenarios-slow-quiet.ts';
import { startScenarios } from './scenarios-start.ts';
import { stateScenarios } from './scenarios-state.ts';
import { stormScenarios } from './scenarios-storm.ts';
import { triageScenarios } from './scenarios-triage.ts';

export const scenarios: readonly Scenario[] = [
  ...imageScenarios,
  ...startScenarios,
  ...placeScenarios,
  ...stateScenarios,
  ...quietScenarios,
  ...backScenarios,
  ...changeScenarios,
  ...triageScenarios,
  ...stormScenarios,
  ...slowScenarios,
  ...aroundSlowScenarios,
  ...quietSlowScenarios,
  ...askedScenarios,
  ...memoryScenarios,
  ...quietMemoryScenarios,
  ...inferenceScenarios,
  ...quietInferenceScenarios,
  ...cpuScenarios,
  ...quietCpuScenarios,
];
