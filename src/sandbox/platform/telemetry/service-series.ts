import type { Labels, Question, Series } from '../../../core/ports/metrics.ts';
import type { Cluster, Service } from '../state.ts';
import { quantileOf } from './latency.ts';
import { Lines } from './lines.ts';
import { noise, runAt, sharesOf, type Share } from './load.ts';

/** A service's own metrics. */

type ServiceQuestion = Extract<Question, { readonly by: string }>;

/** By pod, or of all together: there codes are summed, and quantiles are of all requests. */
export function serviceSeries(
  cluster: Cluster,
  services: readonly Service[],
  question: ServiceQuestion,
  times: readonly number[],
): readonly Series[] {
  const lines = new Lines();
  for (const at of times) {
    const shares = services.flatMap((one) => sharesOf(cluster, one, at));
    if (question.by === 'pod')
      for (const share of shares) pointsOf(cluster, [share], question, at, { pod: share.of.name }, lines);
    else if (shares.length > 0) pointsOf(cluster, shares, question, at, {}, lines);
  }
  return lines.all();
}

function pointsOf(
  cluster: Cluster,
  shares: readonly Share[],
  question: ServiceQuestion,
  at: number,
  labels: Labels,
  lines: Lines,
): void {
  if (question.ask === 'errors' || question.ask === 'client errors') {
    const sums = new Map<string, number>();
    for (const share of shares) {
      for (const [code, rate] of codesOf(share, question.ask)) {
        const about = noise(cluster, `${share.of.uid} ${question.ask} ${code}`, at);
        sums.set(code, (sums.get(code) ?? 0) + rate * about);
      }
    }
    for (const [code, rate] of sums) lines.add({ ...labels, code }, at, rate);
    return;
  }
  const values = shares.map((share) => ({ share, value: serviceValue(cluster, question, share, at) }));
  const served = values.reduce((sum, one) => sum + one.share.requestsPerSecond, 0);
  const isMean = question.ask === 'latency' || question.ask === 'input size';
  if (isMean && served * 300 < 1) lines.add(labels, at, null);
  else if (!isMean)
    lines.add(
      labels,
      at,
      values.reduce((sum, one) => sum + one.value, 0),
    );
  else {
    // The slow part of the requests decides their high quantiles.
    const power = question.ask === 'latency' && question.quantile > 0.8 ? 8 : 1;
    const sum = values.reduce((all, one) => all + one.share.requestsPerSecond * one.value ** power, 0);
    lines.add(labels, at, (sum / served) ** (1 / power));
  }
}

/** Failed requests per second, by code. */
function codesOf(share: Share, ask: 'errors' | 'client errors'): ReadonlyMap<string, number> {
  const out = new Map<string, number>();
  const add = (code: string, ratio: number): void =>
    void out.set(code, (out.get(code) ?? 0) + ratio * share.requestsPerSecond);
  let named = 0;
  for (const effect of share.effects) {
    if (effect.is !== ask) continue;
    add(effect.code, effect.ratio);
    named += effect.ratio;
  }
  if (ask === 'errors') add('500', Math.max(0, share.errorRatio - named));
  else add('400', 0.004);
  return out;
}

function serviceValue(
  cluster: Cluster,
  question: Exclude<ServiceQuestion, { readonly ask: 'errors' | 'client errors' }>,
  share: Share,
  at: number,
): number {
  const { of, requestsPerSecond, strain, load } = share;
  const about = noise(cluster, `${of.uid} ${question.ask}`, at);
  switch (question.ask) {
    case 'requests':
      return requestsPerSecond * about;
    case 'latency':
      return quantileOf(share, question.quantile) * about;
    case 'queue':
      return Math.max(0, (Math.max(0, load - 0.8) * 14 + strain.queue) * about);
    case 'in flight':
      return requestsPerSecond * quantileOf(share, 0.5) * 1.15 * about;
    case 'input size':
      return 620 * strain.inputs * about;
    case 'model loads': {
      const startedAt = runAt(of, at)?.startedAt ?? 0;
      return (at - startedAt < 300_000 ? 1 / 300 : 0) + strain.loadsPerS * about;
    }
    default:
      return 0;
  }
}
