import type { Unit } from '../../core/chart.ts';

/** Round numbers for an axis, and how they are written. */

/** From 0 to at least `most`, in at most six equal steps of 1, 2 or 5 times a power of the unit's base. */
export function ticksUpTo(most: number, unit: Unit): readonly number[] {
  const top = most > 0 ? most : 1;
  const base = unit === 'bytes' ? 2 ** (10 * Math.floor(Math.log2(top) / 10)) : 1;
  const rough = top / base / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power * base;
  const count = Math.max(1, Math.ceil(top / step - 1e-9));
  return Array.from({ length: count + 1 }, (_one, index) => index * step);
}

export function written(value: number, unit: Unit): string {
  switch (unit) {
    case 'bytes': {
      const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
      const place = value <= 0 ? 0 : Math.min(names.length - 1, Math.floor(Math.log2(value) / 10));
      return `${short(value / 2 ** (10 * place))} ${names[place]}`;
    }
    case 'seconds':
      return value !== 0 && value < 1 ? `${short(value * 1000)} ms` : `${short(value)} s`;
    case 'share':
      return `${short(value * 100)} %`;
    case 'cores':
      return `${short(value)} ${value === 1 ? 'core' : 'cores'}`;
    case 'per second':
      return `${short(value)}/s`;
    case 'count':
      return short(value);
  }
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

const steps = [60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400] as const;

/** Moments (Unix seconds) at round times, at most eight. */
export function momentsBetween(from: number, to: number): readonly number[] {
  const step = steps.find((one) => (to - from) / one <= 8) ?? 86_400 * Math.ceil((to - from) / 86_400 / 8);
  const moments: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) moments.push(at);
  return moments;
}

/** "09:10", and with more than a day "24 Nov 09:10". UTC. */
export function momentText(at: number, isLong: boolean): string {
  const iso = new Date(at * 1000).toISOString();
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][
    Number(iso.slice(5, 7)) - 1
  ];
  return isLong ? `${Number(iso.slice(8, 10))} ${month} ${iso.slice(11, 16)}` : iso.slice(11, 16);
}
