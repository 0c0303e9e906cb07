import { aroundFaults, controllerFaults, noFaults, nodeFaults, regionFaults } from './around.ts';
import { blindFaults } from './blind.ts';
import type { Fault } from './fault.ts';
import { highCpuFaults } from './high-cpu.ts';
import { inferenceErrorFaults } from './inference-errors.ts';
import { memoryLeakFaults } from './memory-leak.ts';
import { probeFaults } from './probes.ts';
import { refusalFaults } from './refusals.ts';
import { roomFaults } from './room.ts';
import { slowInferenceFaults } from './slow-inference.ts';
import { imageFaults, startFaults } from './starting.ts';

/** Every fault that can be injected into a cluster, in the order of the page's list. `region-unreachable` is the way to it, see control.ts. */
export const faults: readonly Fault[] = [
  ...imageFaults,
  ...startFaults,
  ...probeFaults,
  ...roomFaults,
  ...refusalFaults,
  ...nodeFaults,
  ...regionFaults,
  ...controllerFaults,
  ...aroundFaults,
  ...inferenceErrorFaults,
  ...slowInferenceFaults,
  ...highCpuFaults,
  ...memoryLeakFaults,
  ...blindFaults,
  ...noFaults,
];

export const faultOf = (id: string): Fault | undefined => faults.find((one) => one.id === id);
