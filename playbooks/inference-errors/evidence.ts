import type { Maybe } from '../../src/core/contract.ts';
import { deployment, revisions } from '../readings/deployment.ts';
import { endedContainers } from '../readings/ended-containers.ts';
import { errorLines, oddLines } from '../readings/error-lines.ts';
import { facts, variables } from '../readings/facts.ts';
import { errorsByPod, oddPod, requestsByPod } from '../readings/odd-pod.ts';
import { podRows } from '../readings/pod-rows.ts';
import { nodes } from '../readings/room.ts';
import { errors, requests } from './harm.ts';
import { loadedModel } from './loaded-model.ts';
import { gpuXid, inputSize, podsReady } from './readings.ts';

/** All that a story is told from. What could not be read is left out of it, and said where it matters. */
export const evidence = [
  facts,
  deployment,
  revisions,
  podRows,
  nodes,
  requests,
  errors,
  requestsByPod,
  errorsByPod,
  oddPod,
  errorLines,
  oddLines,
  endedContainers,
  variables,
  loadedModel,
  inputSize,
  gpuXid,
  podsReady,
] as const;
export type Evidence = Maybe<typeof evidence, 'region'>;
