import type { Answer, Outcome } from '../../src/core/contract.ts';
import type { Deployment } from '../../src/core/ports/kubernetes.ts';
import { percent } from '../../src/core/impact.ts';
import { clock, code, say } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { facts, variables } from '../readings/facts.ts';
import { median, newest, present, valuesOf } from '../readings/measures.ts';
import type { Measured } from '../readings/measures.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { amount } from '../readings/quantity.ts';
import { plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { coresOf } from './checks-cpu.ts';
import { duration, ifSlow, p95Text, sinceOf } from './judge.ts';
import { cpuByPod, gpuByPod, gpuMemory, latency, p95ByPod, queue } from './latency.ts';
import { inside, topQuotes } from './inside.ts';
import { waitText, waitingOf } from './waiting.ts';

const { check } = onDeployment;

export const hasGpu = (of: Deployment): boolean =>
  of.template.containers.some((one) => one.limits['nvidia.com/gpu'] !== undefined);

/** Minutes whose samples must agree: one sample is no evidence, as "busy" only says that some kernel ran. */
const sampleMinutes = 15;
const fewestSamples = 4;

interface Busy {
  /** Middle over the pods of the middle of their samples, 0 to 1. */
  readonly middle: number;
  readonly pods: number;
  readonly samples: number;
  /** Pods whose samples were all at least `full`. */
  readonly full: number;
  /** The middle of the same an hour before; null: not known. */
  readonly before: number | null;
}
const full = 0.95;

/** Null: too few samples. */
function busyOf(all: Measured, at: string): Busy | null {
  const each = all.series
    .map((one) => valuesOf(one, { at, minutes: sampleMinutes }))
    .filter((now) => now.length >= fewestSamples);
  const middle = median(each.map((now) => median(now) ?? 0));
  if (middle === null) return null;
  // Of whatever pods there were then: a release has made all of them anew.
  const first = Math.min(...all.series.flatMap((one) => one.points[0]?.[0] ?? []));
  const early = all.series.flatMap((one) =>
    one.points.flatMap(([then, value]) => (value === null || then > first + sampleMinutes * 60 ? [] : [value])),
  );
  const hasBefore = Date.parse(at) / 1000 - first > 3 * sampleMinutes * 60;
  return {
    middle,
    pods: each.length,
    samples: each.reduce((sum, now) => sum + now.length, 0),
    full: each.filter((now) => now.every((value) => value >= full)).length,
    before: hasBefore ? median(early) : null,
  };
}

/** What the GPUs do, or why that is not known. */
function gpus(of: Deployment, busy: Outcome<Measured>, at: string, go: (busy: Busy) => Answer): Answer {
  if (!hasGpu(of)) return 'clear';
  if (!busy.known) return { unsure: `gpu busy: ${busy.why}` };
  const found = busyOf(busy.value, at);
  return found === null
    ? { unsure: `gpu busy: fewer than ${fewestSamples} samples in ${sampleMinutes} min` }
    : go(found);
}

const samplesText = ({ pods, samples }: Busy): string =>
  `${plural(pods, 'pod')}, ${samples} samples in ${sampleMinutes} min`;
const smi = (prefix: string, pod: string | undefined, container: string): string =>
  `${prefix} exec ${pod ?? '<POD>'} -c ${container} -- nvidia-smi`;

export const saturated = check('gpu-saturated', {
  severity: 'critical',
  ask: 'Have the GPUs time left?',
  rulesOut: 'full GPUs',
  needs: [latency, facts, podRows, deployment],
  also: [p95ByPod, gpuByPod, queue],
  find: (seen, also, { t, at }): Answer =>
    ifSlow(seen, also, at, (slow) =>
      gpus(seen.deployment, also['gpu busy'], at, (busy) => {
        if (busy.full * 2 < busy.pods) return 'clear';
        // Busy alone says that a kernel ran. That requests wait, too, says that there is no time left.
        if (!also.queue.known) {
          return {
            unsure: `the GPUs are busy (${percent(busy.middle)}), but whether requests wait for them is not known: ${also.queue.why}`,
          };
        }
        const waiting = waitingOf(also.queue.value, seen['pod rows'].rows, at);
        if (waiting === null || waiting.perPod < 0.5) return 'clear';
        const [row] = also['gpu busy'].known ? present(also['gpu busy'].value.series) : [];
        return {
          found: say`the GPUs of ${busy.full} of ${plural(busy.pods, 'pod')} have no time left: ${percent(busy.middle)} busy in every sample (${samplesText(busy)}), and ${waiting.words} wait${waitText(also.queue.value, seen.latency, slow, at)}. ${p95Text(slow)}`,
          short: `GPUs full (${percent(busy.middle)} busy)`,
          ...sinceOf(slow),
          byHand: smi(kubectl(t), row?.labels['pod'], seen.deployment.template.containers[0]?.name ?? ''),
        };
      }),
    ),
});

const idle = 0.3;

export const gpuIdle = check('gpu-idle', {
  severity: 'critical',
  ask: 'Do the GPUs get enough to do?',
  rulesOut: 'idle GPUs',
  needs: [latency, facts, podRows, deployment],
  also: [p95ByPod, gpuByPod, cpuByPod, inside],
  find: (seen, also, { t, at }): Answer =>
    ifSlow(seen, also, at, (slow) =>
      gpus(seen.deployment, also['gpu busy'], at, (busy) => {
        if (busy.middle >= idle) return 'clear';
        // As idle as ever does not explain why it is slow now.
        const fell = busy.before !== null && busy.before >= busy.middle * 1.5;
        if (slow.begun && busy.before !== null && !fell) return 'clear';
        const container = seen.deployment.template.containers[0];
        const own = coresOf(container);
        const used = also['cpu by pod'].known
          ? median(
              present(also['cpu by pod'].value.series)
                .filter((one) => one.labels['container'] === container?.name)
                .map((one) => newest(one) ?? 0),
            )
          : null;
        const cpu =
          used === null
            ? ''
            : `, CPU ${amount('cpu', used)}${own === null ? '' : ` of ${amount('cpu', own.cores)}`} cores (${own?.is ?? 'nothing asked for'}) in each pod`;
        return {
          found: say`the GPUs wait: ${percent(busy.middle)} busy (middle of ${samplesText(busy)})${fell ? `, ${percent(busy.before)} an hour ago` : ''}, while requests take ${duration(slow.p95)} at p95${cpu}. That points to work before the GPU, such as preprocessing on the CPU`,
          short: `GPU idle (${percent(busy.middle)} busy)`,
          ...sinceOf(slow),
          quotes: topQuotes(also.inside),
          notKnown: say`what the requests wait for: only a profile of the service tells`,
          byHand: smi(
            kubectl(t),
            also['gpu busy'].known ? present(also['gpu busy'].value.series)[0]?.labels['pod'] : undefined,
            container?.name ?? '',
          ),
        };
      }),
    ),
});

/** Larger ones are no small batches. */
const smallBatch = 4;

export const smallBatches = check('small-batches', {
  severity: 'critical',
  ask: 'Are batches large enough for the GPUs?',
  rulesOut: 'small batches',
  needs: [latency, facts, podRows, deployment, variables],
  also: [p95ByPod, gpuByPod, queue, gpuMemory],
  find: (seen, also, { t, at }): Answer =>
    ifSlow(seen, also, at, (slow) => {
      const name = seen.config.variables.batchSize;
      const size = Number(seen.variables.values[name] ?? Number.NaN);
      if (!(size >= 1 && size <= smallBatch)) return 'clear';
      return gpus(seen.deployment, also['gpu busy'], at, (busy) => {
        if (busy.middle >= 0.7) return 'clear';
        if (!also.queue.known) return { unsure: `queue: ${also.queue.why}` };
        const waiting = waitingOf(also.queue.value, seen['pod rows'].rows, at);
        if (waiting === null || waiting.perPod < 2) return 'clear';
        const { before } = seen.variables;
        const old = before?.values[name] ?? null;
        const was =
          old === null || old === String(size)
            ? ''
            : say` (${old} until ${before?.changedAt == null ? 'the last change' : clock(before.changedAt)})`;
        const memory = also['gpu memory'].known
          ? median(present(also['gpu memory'].value.series).map((one) => newest(one) ?? 0))
          : null;
        return {
          found: say`${code(`${name}=${size}`)}${was}: ${waiting.words} wait${waitText(also.queue.value, seen.latency, slow, at)}, while the GPUs are only ${percent(busy.middle)} busy (middle of ${samplesText(busy)}). Larger batches would let them do more at once. ${p95Text(slow)}`,
          short: `batches of ${size}, requests queue`,
          ...sinceOf(slow),
          notKnown: say`how much memory a larger batch needs${memory === null ? '' : say` (GPU memory is ${percent(memory)} full)`}`,
          byHand: `${kubectl(t)} set env deployment/${t.name} --list`,
        };
      });
    }),
});
