import { fileURLToPath } from 'node:url';
import { renderAsync } from '@resvg/resvg-js';
import type { Chart } from '../../core/chart.ts';
import { svgOf } from './svg.ts';

/** Without a font of its own it would draw no text, silently, on an image that has none installed. */
const font = fileURLToPath(new URL('font/DejaVuSans.ttf', import.meta.url));

/** 1,000 by 480 pixels. Drawn off the event loop. */
export async function pngOf(chart: Chart): Promise<Uint8Array> {
  const drawn = await renderAsync(svgOf(chart), {
    font: { fontFiles: [font], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' },
  });
  return drawn.asPng();
}
