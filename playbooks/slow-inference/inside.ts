import type { Outcome } from '../../src/core/contract.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { deployment } from '../readings/deployment.ts';
import { facts } from '../readings/facts.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { busyThread, rowsOf } from '../readings/top.ts';
import { plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { judge } from './judge.ts';
import { latency, p95ByPod } from './latency.ts';

/** What one pod shows from inside while requests are slow: one sample of `top` and of `nvidia-smi`. Needs *look inside*, so it only ever adds detail. */
export interface Inside {
  readonly pod: string;
  readonly container: string;
  /** The busiest first, at most three. */
  readonly processes: readonly { readonly name: string; readonly cores: number }[];
  readonly threads: number;
  readonly busyThreads: number;
  readonly gpu: {
    /** 0 to 1, of this moment. */
    readonly busy: number;
    readonly celsius: number | null;
    /** Watt, and the limit that is set. */
    readonly power: { readonly draws: number; readonly limit: number } | null;
  } | null;
}

const query = ['--query-gpu=utilization.gpu,temperature.gpu,power.draw,power.limit', '--format=csv,noheader,nounits'];

/** Of the slowest pod that is known, else of any that serves. Null: nothing is slow, or the image has no `top`. */
export const inside = onDeployment.reading('inside', {
  after: [deployment, podRows, latency, facts, p95ByPod],
  withinMs: 10_000,
  byHand: (t) => `${kubectl(t)} exec deployment/${t.name} -- top -b -H -n 1`,
  read: async (read, t, seen): Promise<Inside | null> => {
    const at = new Date((seen['p95 by pod'].series[0]?.points.at(-1)?.[0] ?? 0) * 1000).toISOString();
    const slow = { 'p95 by pod': { known: true, value: seen['p95 by pod'] } } as const;
    if (judge(seen, slow, at).is !== 'slow') return null;
    const of = (name: string): number =>
      seen['p95 by pod'].series.find((one) => one.labels['pod'] === name)?.points.at(-1)?.[1] ?? 0;
    const ready = seen['pod rows'].rows.filter((one) => one.ready).toSorted((a, b) => of(b.name) - of(a.name));
    const [pod, container] = [ready[0]?.name, seen.deployment.template.containers[0]];
    if (pod === undefined || container === undefined) return null;
    const where = { namespace: t.namespace, name: pod };
    const [processes, threads] = await Promise.all([
      read.kubernetes.exec(where, { container: container.name, argv: ['top', '-b', '-n', '1'] }),
      read.kubernetes.exec(where, { container: container.name, argv: ['top', '-b', '-H', '-n', '1'] }),
    ]);
    if (processes.exitCode === 126) return null;
    const all = rowsOf(threads.out);
    const hasGpu = container.limits['nvidia.com/gpu'] !== undefined;
    return {
      pod,
      container: container.name,
      processes: rowsOf(processes.out).slice(0, 3),
      threads: all.length,
      busyThreads: all.filter((one) => one.cores >= busyThread).length,
      gpu: hasGpu ? await gpuOf(read, where, container.name) : null,
    };
  },
});

async function gpuOf(
  read: Read,
  where: { readonly namespace: string; readonly name: string },
  container: string,
): Promise<Inside['gpu']> {
  const said = await read.kubernetes.exec(where, { container, argv: ['nvidia-smi', ...query] }).catch(() => null);
  const [busy = Number.NaN, celsius = Number.NaN, draws = Number.NaN, limit = Number.NaN] = (said?.out[0] ?? '')
    .split(',')
    .map((one) => Number.parseFloat(one));
  if (Number.isNaN(busy)) return null;
  return {
    busy: busy / 100,
    celsius: Number.isNaN(celsius) ? null : celsius,
    power: Number.isNaN(draws) || Number.isNaN(limit) ? null : { draws, limit },
  };
}

/** The system's own words; none where it was not looked at. */
export function topQuotes(inside: Outcome<Inside | null>): readonly string[] {
  if (!inside.known || inside.value === null || inside.value.processes.length === 0) return [];
  const { pod, processes, threads, busyThreads, gpu } = inside.value;
  const rows = processes.map((one) => `${one.name} ${Math.round(one.cores * 100) / 100} cores`).join(', ');
  const smi = gpu === null ? '' : `; nvidia-smi: GPU ${Math.round(gpu.busy * 100)} % busy`;
  return [`top in ${pod} (one sample): ${rows}; ${busyThreads} of ${plural(threads, 'thread')} busy${smi}`];
}

/** ". In one pod 48 of 49 threads were busy (one sample of top)"; null: not looked at. */
export function threadsText(inside: Outcome<Inside | null>, container: string): string | null {
  if (!inside.known || inside.value === null || inside.value.container !== container) return null;
  const { threads, busyThreads } = inside.value;
  return threads === 0
    ? null
    : `. In one pod ${busyThreads} of ${plural(threads, 'thread')} were busy (one sample of top)`;
}

/** What its GPU says of itself, as a quote: "86 °C, 148 of 150 W". */
export function heldText(inside: Outcome<Inside | null>, pod: string): { readonly quotes?: readonly string[] } {
  if (!inside.known || inside.value?.pod !== pod || inside.value.gpu === null) return {};
  const { busy, celsius, power } = inside.value.gpu;
  const parts = [
    `GPU ${Math.round(busy * 100)} % busy`,
    celsius === null ? '' : `${celsius} °C`,
    power === null ? '' : `${Math.round(power.draws)} W of its limit of ${Math.round(power.limit)} W`,
  ];
  return { quotes: [`nvidia-smi in ${pod} (one sample): ${parts.filter((one) => one !== '').join(', ')}`] };
}
