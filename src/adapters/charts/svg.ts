import type { Chart, Line } from '../../core/chart.ts';
import { momentsBetween, momentText, ticksUpTo, written } from './scale.ts';

/** A chart as SVG text: light ground, direct legend, times in UTC. Colours are Okabe and Ito's, which the colour-blind can tell apart. */

const width = 1000;
const height = 480;
const edge = { left: 88, right: 28, top: 92, bottom: 44 };
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00'] as const;
const ink = '#1d1c1d';
const quiet = '#616061';

interface Plane {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
}

export function svgOf(chart: Chart): string {
  const plane = planeOf(chart);
  const parts = [
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(edge.left, 32, chart.title, { size: 20, fill: ink }),
    ...grid(chart, plane),
    ...chart.marks.filter((one) => one.at >= plane.from && one.at <= plane.to).flatMap((one) => markOf(one, plane)),
    ...asides(chart.lines).map((line) => lineOf(line, '#b4b2b5', plane)),
    ...standing(chart.lines).map(([line, colour]) => lineOf(line, colour, plane)),
    ...limitOf(chart, plane),
    ...legend(chart),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans">${parts.join('')}</svg>`;
}

function planeOf({ lines, limit, marks: _marks, unit }: Chart): Plane {
  const moments = lines.flatMap((line) => line.points.map(([at]) => at));
  const values = lines.flatMap((line) => line.points.flatMap(([, value]) => (value === null ? [] : [value])));
  const from = Math.min(...moments, Infinity);
  const to = Math.max(...moments, -Infinity);
  const highest = Math.max(0, ...values);
  // A limit far above would press the lines flat: then it is left to the words.
  const isNear = limit !== null && limit.value <= highest * 4;
  const ticks = ticksUpTo(Math.max(highest, isNear ? limit.value : 0) * 1.04, unit);
  const top = ticks.at(-1) ?? 1;
  const spanS = Math.max(1, to - from);
  return {
    from,
    to,
    ticks,
    x: (at) => edge.left + ((at - from) / spanS) * (width - edge.left - edge.right),
    y: (value) => height - edge.bottom - (value / top) * (height - edge.top - edge.bottom),
  };
}

function grid({ unit }: Chart, { ticks, from, to, x, y }: Plane): readonly string[] {
  const across = ticks.flatMap((value) => [
    `<line x1="${edge.left}" x2="${width - edge.right}" y1="${px(y(value))}" y2="${px(y(value))}" stroke="#e3e2e4"/>`,
    text(edge.left - 10, y(value) + 5, written(value, unit), { size: 14, fill: quiet, anchor: 'end' }),
  ]);
  if (!Number.isFinite(from)) {
    return [...across, text(width / 2, height / 2, 'no data', { size: 18, fill: quiet, anchor: 'middle' })];
  }
  const isLong = to - from > 86_400;
  const along = momentsBetween(from, to).map((at) =>
    text(x(at), height - edge.bottom + 24, momentText(at, isLong), { size: 14, fill: quiet, anchor: 'middle' }),
  );
  return [...across, ...along, text(width - edge.right, height - 4, 'UTC', { size: 11, fill: quiet, anchor: 'end' })];
}

function markOf({ at, label }: Chart['marks'][number], { x, from, to }: Plane): readonly string[] {
  const isLate = at - from > (to - from) * 0.7;
  return [
    `<line x1="${px(x(at))}" x2="${px(x(at))}" y1="${edge.top - 6}" y2="${height - edge.bottom}" stroke="${quiet}" stroke-dasharray="2 4"/>`,
    text(x(at) + (isLate ? -6 : 6), edge.top + 4, label, { size: 13, fill: quiet, anchor: isLate ? 'end' : 'start' }),
  ];
}

function limitOf({ limit }: Chart, { ticks, y }: Plane): readonly string[] {
  if (limit === null || limit.value > (ticks.at(-1) ?? 0)) return [];
  const at = px(y(limit.value));
  return [
    `<line x1="${edge.left}" x2="${width - edge.right}" y1="${at}" y2="${at}" stroke="#c01343" stroke-width="2" stroke-dasharray="10 6"/>`,
    text(width - edge.right, y(limit.value) - 7, limit.label, { size: 14, fill: '#c01343', anchor: 'end' }),
  ];
}

/** Gaps stay gaps: a line is drawn only between neighbours that were both measured. */
function lineOf({ points, as }: Line, colour: string, { x, y }: Plane): string {
  let pen = 'M';
  const steps: string[] = [];
  for (const [at, value] of points) {
    if (value === null) {
      pen = 'M';
      continue;
    }
    steps.push(`${pen}${px(x(at))} ${px(y(value))}`);
    pen = 'L';
  }
  const style =
    as === 'fit' ? 'stroke-width="2" stroke-dasharray="6 5"' : `stroke-width="${as === 'aside' ? 1.2 : 2.6}"`;
  return `<path d="${steps.join('')}" fill="none" stroke="${colour}" ${style} stroke-linejoin="round"/>`;
}

const asides = (lines: readonly Line[]): readonly Line[] => lines.filter((one) => one.as === 'aside');

function standing(lines: readonly Line[]): readonly (readonly [Line, string])[] {
  return lines
    .filter((one) => one.as !== 'aside')
    .map((line, index) => [line, colours[index % colours.length] ?? ink] as const);
}

/** At most three names to a row, two rows; the rest is counted. */
function legend({ lines }: Chart): readonly string[] {
  const others = asides(lines).length;
  const named = standing(lines);
  const room = others > 0 || named.length > 6 ? 5 : 6;
  const entries: (readonly [string, string])[] = named.slice(0, room).map(([line, colour]) => [line.name, colour]);
  const rest = others + Math.max(0, named.length - room);
  if (rest > 0) entries.push([`${rest} more`, '#b4b2b5']);
  return entries.flatMap(([name, colour], index) => {
    const [x, y] = [edge.left + (index % 3) * 295, 56 + Math.floor(index / 3) * 20];
    return [
      `<rect x="${x}" y="${y - 9}" width="18" height="4" rx="2" fill="${colour}"/>`,
      text(x + 26, y, name.length > 34 ? `…${name.slice(-33)}` : name, { size: 14, fill: ink }),
    ];
  });
}

function text(
  x: number,
  y: number,
  words: string,
  { size, fill, anchor = 'start' }: { size: number; fill: string; anchor?: 'start' | 'middle' | 'end' },
): string {
  return `<text x="${px(x)}" y="${px(y)}" font-size="${size}" fill="${fill}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

/** Names of pods and words of systems are strangers' text. */
function escaped(words: string): string {
  return words
    .replaceAll(/[^\u0020-\ud7ff\ue000-\ufffd]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

const px = (value: number): string => String(Math.round(value * 10) / 10);
