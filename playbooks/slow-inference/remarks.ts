import { facts } from '../readings/facts.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { latencyWords } from './judge.ts';
import { latency } from './latency.ts';

/** Said whatever was found: how long requests take, of how many, since when, and what is usual. */
export const latencyLine = onDeployment.remark('Latency', {
  needs: [latency, facts, podRows],
  say: (_t, seen, at) => latencyWords(seen, at),
});
