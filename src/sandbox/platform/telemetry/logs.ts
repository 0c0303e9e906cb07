import { chance } from '../random.ts';
import { iso, type Cluster, type Pod, type PodContainer } from '../state.ts';
import { quantileOf } from './latency.ts';
import { sharesOf, type Share } from './load.ts';

/** A request each second is written, however many there are: enough to judge by, and cheap. */
const everyMs = 1000;
const mostLines = 10_000;

/** What a serving container has written, oldest first: its start, then a line for a sample of its requests. Each line begins with its time. */
export function linesOf(
  cluster: Cluster,
  pod: Pod,
  container: PodContainer,
  now: number,
  { tail, sinceS }: { readonly tail: number; readonly sinceS: number | null },
): { readonly lines: readonly string[]; readonly cut: boolean } {
  const service = cluster.services.find((one) => one.workload === pod.workload);
  const from = Math.max(sinceS === null ? 0 : now - sinceS * 1000, 0);
  const first = container.log.filter((line) => timeOf(line, container.startedAt) >= from);
  const isMain = pod.template.containers[0]?.name === container.spec.name;
  if (service === undefined || !isMain || pod.readySince === null || container.step !== 'running') {
    return { lines: tail === 0 ? [] : first.slice(-tail), cut: first.length > tail };
  }
  const servingFrom = Math.max(from, pod.readySince);
  const start = Math.max(servingFrom, now - Math.min(tail, mostLines) * everyMs);
  const model = modelLoad(pod, container);
  const made: string[] = [];
  let shares: { readonly until: number; readonly share: Share | undefined } = { until: 0, share: undefined };
  for (let at = Math.ceil(start / everyMs) * everyMs; at <= now; at += everyMs) {
    if (at >= shares.until) {
      const share = sharesOf(cluster, service, at).find((one) => one.of.uid === pod.uid);
      shares = { until: at + 15_000, share };
    }
    if (shares.share !== undefined) made.push(...linesAt(shares.share, cluster.seed, at));
  }
  const loaded = model.at >= from && container.log.length > 0 ? [model.line] : [];
  const all = [...first, ...loaded, ...made];
  return { lines: tail === 0 ? [] : all.slice(-tail), cut: all.length > tail || start > servingFrom };
}

/** Lines without a time belong to the container's start. */
function timeOf(line: string, startedAt: number): number {
  const at = Date.parse(line.split(' ', 1)[0] ?? '');
  return Number.isNaN(at) ? startedAt : at;
}

function modelLoad(pod: Pod, container: PodContainer): { readonly at: number; readonly line: string } {
  const at = container.startedAt + 11_000;
  const version = pod.template.values[container.spec.name]?.['MODEL_VERSION'] ?? 'v1.0.0';
  return { at, line: `${iso(at)} INFO model_load=9.4s model=ranker-large version=${version} device=cuda:0` };
}

function linesAt(share: Share, seed: string, at: number): readonly string[] {
  const { of, requestsPerSecond, errorRatio, strain, effects } = share;
  if (requestsPerSecond < 0.01) return [];
  const draw = (part: string): number => chance(seed, of.uid, part, at);
  // Less than one request a second: some seconds have none.
  if (draw('there') > Math.min(1, requestsPerSecond)) return [];
  const stamp = new Date(at + Math.floor(draw('ms') * 900)).toISOString();
  const retries = effects.some((one) => one.is === 'requests' && one.why === 'retries');
  const id = Math.floor((retries ? chance(seed, 'retry', Math.floor(at / 4000)) : draw('id')) * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
  const took = quantileOf(share, draw('took'));
  const size = Math.round(620 * strain.inputs * (0.6 + 0.8 * draw('size')));
  const attempt = retries ? ` attempt=${1 + Math.floor(draw('attempt') * 4)}` : '';
  const lines: string[] = [];
  const bad = draw('bad');
  const failure = failing(share, bad, errorRatio);
  const rest = `inference_time=${took.toFixed(3)} queue_time=${(took * queueShare(share)).toFixed(3)} tokens=${size}${attempt}`;
  if (failure === null) lines.push(`${stamp} INFO request id=${id} path=/predict status=200 ${rest}`);
  else {
    lines.push(...failure.lines.map((line) => `${stamp} ERROR ${line}`));
    lines.push(`${stamp} WARN request id=${id} path=/predict status=${failure.code} ${rest}`);
  }
  for (const effect of effects) {
    if (effect.is === 'says' && Math.floor(at / 1000) % effect.everyS === 0) {
      lines.push(...effect.lines.map((line) => `${stamp} ${line}`));
    }
    if (effect.is === 'child killed' && Math.floor(at / 1000) % effect.everyS === 0) {
      lines.push(
        `${stamp} ERROR worker 3 was terminated by signal 9 (SIGKILL), perhaps out of memory`,
        `${stamp} INFO worker 3 started`,
      );
    }
    if (effect.is === 'model swapping' && draw('swap') < effect.perMinute / 60) {
      lines.push(
        `${stamp} INFO model_unload model=ranker-small reason=memory`,
        `${stamp} INFO model_load=${effect.loadSeconds.toFixed(1)}s model=ranker-large device=cuda:0`,
      );
    }
  }
  return lines;
}

const queueShare = ({ load, strain }: Share): number =>
  strain.queue > 0 ? 0.8 : Math.min(0.9, 0.02 + Math.max(0, load - 0.8));

function failing(
  { effects }: Share,
  bad: number,
  errorRatio: number,
): { readonly code: string; readonly lines: readonly string[] } | null {
  let from = 0;
  for (const effect of effects) {
    if (effect.is !== 'errors' && effect.is !== 'client errors') continue;
    if (bad >= from && bad < from + effect.ratio) return { code: effect.code, lines: effect.lines };
    from += effect.ratio;
  }
  return bad >= from && bad < errorRatio ? { code: '500', lines: ['internal error'] } : null;
}
