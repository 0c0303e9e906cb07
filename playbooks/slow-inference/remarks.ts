import { facts } from '../readings/facts.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { latencyWords } from './judge.ts';
import { latency, p95ByPod } from './latency.ts';

export const latencyLine = onDeployment.remark('Latency', {
  needs: [latency, facts, podRows, p95ByPod],
  say: (_t, seen, at) => latencyWords(seen, { 'p95 by pod': { known: true, value: seen['p95 by pod'] } }, at),
});
