import type { Answer } from '../../src/core/contract.ts';
import { percent } from '../../src/core/impact.ts';
import { clock, say } from '../../src/core/words.ts';
import { facts } from '../readings/facts.ts';
import { mean, median, newest, valuesOf } from '../readings/measures.ts';
import type { Measured } from '../readings/measures.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import type { Row } from '../readings/pod-rows.ts';
import { requestLogs } from '../readings/request-logs.ts';
import { jumpOf } from '../readings/trend.ts';
import { listed, minutesBetween, plural } from '../readings/wording.ts';
import { promqlByHand } from '../../src/core/promql.ts';
import { kubectl } from '../targets/deployment.ts';
import { coldMinutes, ifSlow, iso, p95Text, sinceOf } from './judge.ts';
import { inFlight, inputs, inputsBefore, latency, loadsByPod, p95ByPod, queue, requestsByPod } from './latency.ts';
import { waitText, waitingOf } from './waiting.ts';

const { check } = onDeployment;

/** So old, a pod has had time to be found by whoever shares out the requests. */
const settledMinutes = 10;
/** Of what the others get. */
const hardlyAny = 0.25;

interface Uneven {
  readonly idle: readonly Row[];
  readonly busy: readonly Row[];
  /** Requests per second of the middle one of each. */
  readonly idleRate: number;
  readonly busyRate: number;
  /** Of all requests, 0 to 1. */
  readonly busyShare: number;
}

/** Young pods that get hardly any requests beside older ones that get all; null: not so. */
function unevenOf(rows: readonly Row[], requests: Measured, at: string): Uneven | null {
  const rates = new Map(
    requests.series.flatMap((one) => {
      const rate = mean(valuesOf(one, { at, minutes: 12 }));
      return rate === null ? [] : [[one.labels['pod'] ?? '', rate] as const];
    }),
  );
  const known = rows
    .filter((one) => one.ready && minutesBetween(one.createdAt, at) >= settledMinutes)
    // A pod that was never asked has no line at all.
    .map((row) => ({ row, rate: rates.get(row.name) ?? 0 }))
    .toSorted((a, b) => b.rate - a.rate);
  const most = median(known.slice(0, Math.ceil(known.length / 2)).map((one) => one.rate)) ?? 0;
  const idle = known.filter((one) => one.rate < most * hardlyAny);
  const busy = known.filter((one) => one.rate >= most * hardlyAny);
  if (idle.length === 0 || busy.length === 0 || most === 0) return null;
  const youngestBusy =
    busy
      .map((one) => one.row.createdAt)
      .toSorted()
      .at(-1) ?? '';
  if (idle.some((one) => one.row.createdAt <= youngestBusy)) return null;
  const sum = (all: readonly { readonly rate: number }[]): number => all.reduce((total, one) => total + one.rate, 0);
  return {
    idle: idle.map((one) => one.row),
    busy: busy.map((one) => one.row),
    idleRate: median(idle.map((one) => one.rate)) ?? 0,
    busyRate: median(busy.map((one) => one.rate)) ?? 0,
    busyShare: sum(busy) / sum(known),
  };
}

const perSecond = (rate: number): string => `${rate >= 10 ? Math.round(rate) : Number(rate.toPrecision(2))} a second`;

export const notSpread = check('load-not-spread', {
  severity: 'critical',
  ask: 'Do all pods get their share of the requests?',
  rulesOut: 'uneven load',
  needs: [latency, facts, podRows, requestsByPod],
  also: [p95ByPod],
  find: (seen, also, { t, at }): Answer =>
    ifSlow(seen, also, at, (slow) => {
      const uneven = unevenOf(seen['pod rows'].rows, seen['requests of each pod'], at);
      if (uneven === null) return 'clear';
      const { idle, busy, idleRate, busyRate, busyShare } = uneven;
      const first = idle.map((one) => one.createdAt).toSorted()[0] ?? at;
      return {
        found: say`the ${plural(busy.length, 'older pod')} get ${percent(busyShare)} of the requests (${perSecond(busyRate)} each), the ${plural(idle.length, 'pod')} made since ${clock(first)} hardly any (${perSecond(idleRate)} each, 12 min). That points to long-lived connections, such as gRPC, that stay with the pods they were opened to. ${p95Text(slow)}`,
        short: `load not spread, ${plural(idle.length, 'new pod')} idle`,
        ...sinceOf(slow),
        refuse: {
          remedies: ['scale', 'autoscaler-bounds', 'scaled-object-bounds'],
          because: say`more pods would stay as idle as the newest ${idle.length}`,
        },
        byHand: promqlByHand({ ask: 'requests', of: { namespace: t.namespace, name: t.name }, by: 'pod' }),
      };
    }),
});

export const queueing = check('queueing', {
  severity: 'critical',
  ask: 'Are there enough workers for the requests that come at once?',
  rulesOut: 'queueing',
  needs: [latency, facts, podRows],
  also: [p95ByPod, queue, inFlight, requestLogs],
  find: (seen, also, { t, at }): Answer =>
    ifSlow(seen, also, at, (slow) => {
      const logs = also['request logs'].known ? also['request logs'].value : null;
      const share =
        logs === null ? null : median(logs.pods.flatMap((one) => (one.waiting === null ? [] : [one.waiting])));
      const told =
        logs === null || share === null
          ? ''
          : `${percent(share)} of a request's time is waiting (queue_time, ${plural(logs.all.requests, 'request')} in the logs of ${logs.pods.length} of ${plural(logs.of, 'pod')})`;
      if (!also.queue.known) {
        if (share === null) return { unsure: `queue: ${also.queue.why}; and the logs say nothing of waiting` };
        if (share < 0.5) return 'clear';
        return {
          found: say`${told}. ${p95Text(slow)}`,
          short: 'requests queue',
          ...sinceOf(slow),
          notKnown: say`how many wait: ${also.queue.why}`,
          byHand: `${kubectl(t)} logs deployment/${t.name} --since=10m --tail=100`,
        };
      }
      const waiting = waitingOf(also.queue.value, seen['pod rows'].rows, at);
      if (waiting === null || waiting.perPod < 2) return 'clear';
      const [flying] = also['in flight'].known ? also['in flight'].value.series : [];
      const flight = flying === undefined ? null : newest(flying);
      const at_ = flight === null ? '' : `, ${Math.round(flight)} are worked on`;
      const each = waitText(also.queue.value, seen.latency, slow, at);
      return {
        found: say`${waiting.words} wait for a worker${each}${at_}${told === '' ? '' : `; ${told}`}. ${p95Text(slow)}`,
        short: 'requests queue for a worker',
        ...sinceOf(slow),
        byHand: promqlByHand({ ask: 'queue', of: { namespace: t.namespace, name: t.name }, by: 'all' }),
      };
    }),
});

const larger = 1.4;

export const longerInputs = check('longer-inputs', {
  severity: 'critical',
  ask: 'Are requests as large as usual?',
  rulesOut: 'longer inputs',
  needs: [latency, facts, podRows, inputs],
  also: [p95ByPod, inputsBefore],
  find: (seen, also, { t, at }): Answer =>
    ifSlow(seen, also, at, (slow) => {
      const [line] = seen['input size'].series;
      const now = line === undefined ? null : median(valuesOf(line, { at, minutes: 10 }));
      if (line === undefined || now === null) return { unsure: 'input size: no number in the last 10 min' };
      const jump = jumpOf(line);
      const [past] = also['input size a day before'].known ? also['input size a day before'].value.series : [];
      const dayBefore = past === undefined ? null : median(valuesOf(past));
      const before = dayBefore ?? (jump !== null && jump.after > jump.before ? jump.before : median(valuesOf(line)));
      if (before === null || now < before * larger) return 'clear';
      const inWindow = jump !== null && jump.after >= jump.before * 1.2;
      return {
        found: say`requests are ${(now / before).toFixed(1)} times as large as ${dayBefore === null ? 'earlier in these two hours' : 'a day before'} (mean ${Math.round(now).toLocaleString('en-GB')}, was ${Math.round(before).toLocaleString('en-GB')}, in the service's own unit)${inWindow ? say` since ${clock(iso(jump.at))}` : ''}: each takes longer by itself. ${p95Text(slow)}`,
        short: `requests ${(now / before).toFixed(1)} times as large`,
        ...(inWindow ? { since: iso(jump.at) } : sinceOf(slow)),
        notKnown: say`who sends them: the service's own logs or traces tell`,
        byHand: promqlByHand({ ask: 'input size', of: { namespace: t.namespace, name: t.name }, by: 'all' }),
      };
    }),
});

/** Loads of one pod in ten minutes, beside that of its start. */
const manyLoads = 3;

export const swapping = check('model-swapping', {
  severity: 'critical',
  ask: 'Do models stay loaded?',
  rulesOut: 'model swapping',
  needs: [latency, facts, podRows],
  also: [p95ByPod, loadsByPod, requestLogs],
  find: (seen, also, { t, at }): Answer =>
    ifSlow(seen, also, at, (slow) => {
      const measured = also['model loads by pod'];
      const logs = also['request logs'];
      if (!measured.known && !logs.known) return { unsure: `model loads: ${measured.why}; logs: ${logs.why}` };
      // A pod that has only just started has loaded its model for good.
      const rows = seen['pod rows'].rows.filter((one) => minutesBetween(one.createdAt, at) >= coldMinutes);
      const rates = (measured.known ? measured.value.series : []).flatMap((one) => {
        const rate = mean(valuesOf(one, { at, minutes: 12 }));
        return rate === null || !rows.some((row) => row.name === one.labels['pod']) ? [] : [rate * 600];
      });
      const often = rates.filter((one) => one >= manyLoads);
      const told = logs.known
        ? logs.value.pods.filter((one) => one.modelLoads >= manyLoads && rows.some((row) => row.name === one.pod))
        : [];
      if (often.length === 0 && told.length === 0) return 'clear';
      const minute = (median(often) ?? 0) / 10;
      const count =
        often.length === 0
          ? ''
          : `${minute >= 1 ? minute.toFixed(1) : minute.toFixed(2)} loads a minute in each of ${plural(often.length, 'pod')} (of ${rates.length} that started earlier)`;
      const seconds = median(told.flatMap((one) => (one.loadS === null ? [] : [one.loadS])));
      const models = [...new Set(told.flatMap((one) => one.models))];
      const lines =
        told.length === 0 || !logs.known
          ? ''
          : `${told.reduce((sum, one) => sum + one.modelLoads, 0)} model_load lines in the logs of ${told.length} of ${plural(logs.value.of, 'pod')}, ${logs.value.minutes} min${seconds === null ? '' : `, ${seconds.toFixed(1)} s each`}${models.length === 0 ? '' : ` (${listed(models)})`}`;
      return {
        found: say`models are put out and loaded again: ${[count, lines].filter((one) => one !== '').join('; ')}. Requests wait for each load. ${p95Text(slow)}`,
        short: 'models are swapped all the time',
        ...sinceOf(slow),
        notKnown: say`why they do not fit together: the GPU's memory, or a limit in the service's own config`,
        byHand: `${kubectl(t)} logs ${told[0]?.pod ?? `deployment/${t.name}`} --since=10m --tail=600`,
      };
    }),
});
