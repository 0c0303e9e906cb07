import { effectsOn } from '../telemetry/effects.ts';
import { instanceOf, noise } from '../telemetry/load.ts';
import type { Inside } from './inside.ts';

/** What `nvidia-smi` prints of the pod's one GPU: an A10G of 23028 MiB. */
const totalMib = 23_028;

interface Gpu {
  readonly busyPercent: number;
  readonly usedMib: number;
  readonly processes: readonly { readonly pid: number; readonly name: string; readonly usedMib: number }[];
}

function gpuOf({ cluster, pod, share, now }: Inside): Gpu {
  const about = noise(cluster, `${pod.uid} smi`, now);
  const busy = share === undefined ? 0 : (share.strain.gpuBusy ?? Math.min(1, 0.15 + 0.85 * share.load));
  const own = Math.round(totalMib * (share?.strain.gpuMemory ?? 0.78));
  const processes = [{ pid: 1, name: 'python', usedMib: own }];
  for (const { effect } of effectsOn(cluster, instanceOf(pod), now)) {
    if (effect.is === 'gpu neighbour') {
      processes.push({ pid: effect.pid, name: effect.process, usedMib: Math.round(effect.bytes / 2 ** 20) });
    }
  }
  const usedMib = Math.min(
    totalMib,
    processes.reduce((sum, one) => sum + one.usedMib, 0),
  );
  return { busyPercent: Math.min(100, Math.round(busy * 100 * about)), usedMib, processes };
}

/** `--query-gpu=a,b --format=csv,noheader,nounits`. */
export function gpuQuery(inside: Inside, [query = '', format = '']: readonly string[]): readonly string[] {
  const gpu = gpuOf(inside);
  const names = query.slice(query.indexOf('=') + 1).split(',');
  const units = !format.includes('nounits');
  const rows = query.startsWith('--query-compute-apps')
    ? gpu.processes.map((one) => names.map((name) => processField(one, name, units)))
    : [names.map((name) => gpuField(gpu, inside, name, units))];
  const lines = rows.map((row) => row.join(', '));
  return format.includes('noheader') ? lines : [names.join(', '), ...lines];
}

function gpuField({ busyPercent, usedMib }: Gpu, { pod }: Inside, name: string, units: boolean): string {
  const unit = (value: number, of: string): string => (units ? `${value} ${of}` : String(value));
  switch (name) {
    case 'utilization.gpu':
      return unit(busyPercent, '%');
    case 'utilization.memory':
      return unit(Math.round(busyPercent * 0.6), '%');
    case 'memory.used':
      return unit(usedMib, 'MiB');
    case 'memory.total':
      return unit(totalMib, 'MiB');
    case 'memory.free':
      return unit(totalMib - usedMib, 'MiB');
    case 'temperature.gpu':
      return '61';
    case 'name':
    case 'gpu_name':
      return 'NVIDIA A10G';
    case 'uuid':
    case 'gpu_uuid':
      return `GPU-${pod.uid}`;
    case 'index':
      return '0';
    case 'driver_version':
      return '570.172.08';
    case 'power.draw':
      return units ? '148.20 W' : '148.20';
    case 'power.limit':
      return units ? '300.00 W' : '300.00';
    default:
      return '[N/A]';
  }
}

function processField(of: Gpu['processes'][number], name: string, units: boolean): string {
  switch (name) {
    case 'pid':
      return String(of.pid);
    case 'process_name':
    case 'name':
      return of.name;
    case 'used_memory':
    case 'used_gpu_memory':
      return units ? `${of.usedMib} MiB` : String(of.usedMib);
    default:
      return '[N/A]';
  }
}

/** The table that a person knows. */
export function gpuTable(inside: Inside): readonly string[] {
  const { busyPercent, usedMib, processes } = gpuOf(inside);
  return [
    '| NVIDIA-SMI 570.172.08             Driver Version: 570.172.08     CUDA Version: 12.8     |',
    '|   0  NVIDIA A10G                    On  |   00000000:00:1E.0 Off |                    0 |',
    `|  0%   61C    P0            148W /  300W |  ${String(usedMib).padStart(6)}MiB /  ${totalMib}MiB |    ${String(busyPercent).padStart(3)}%      Default |`,
    ...processes.map(
      (one) => `|    0   N/A  N/A ${String(one.pid).padStart(15)}      C   ${one.name.padEnd(34)} ${one.usedMib}MiB |`,
    ),
  ];
}
