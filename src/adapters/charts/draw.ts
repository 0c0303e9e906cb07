import type { Chart } from '../../core/chart.ts';

/** The renderer is loaded when the first picture is wanted. */
export async function draw(chart: Chart): Promise<Uint8Array> {
  return (await import('./png.ts')).pngOf(chart);
}
