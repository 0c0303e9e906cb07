import { expect, test } from 'vitest';
import type { Chart } from '../core/chart.ts';
import type { Message } from '../core/message.ts';
import { Drawing } from './drawing.ts';
import { systemClock } from './parts.ts';

/** Charts become files beside what is being published. */

const chart: Chart = {
  id: 'replicas',
  title: 'Replicas',
  unit: 'count',
  lines: [
    {
      name: 'wanted',
      points: [
        [0, 12],
        [60, 14],
      ],
      as: 'line',
    },
  ],
  limit: null,
  marks: [],
  says: 'replicas went from 12 to 14',
};
const message: Message = {
  lock: 'x',
  blocks: [{ is: 'lines', lines: [[{ is: 'text', text: 'replicas went from 12 to 14' }]] }],
  charts: [{ name: 'replicas-eu-west-1-0216.png', chart }],
};

async function drawn(
  draw: ((of: Chart) => Promise<Uint8Array>) | undefined,
): Promise<{ message: Message; logs: string[] }> {
  const logs: string[] = [];
  const log = (_level: string, text: string): void => void logs.push(text);
  const drawing = new Drawing({ clock: systemClock, log, ...(draw === undefined ? {} : { draw }) });
  for (;;) {
    const ready = drawing.ready('k', message);
    if (ready !== null) return { message: ready, logs };
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('what has no chart is sent as it is, at once', () => {
  const drawing = new Drawing({ clock: systemClock, log: () => undefined });
  const { charts: _charts, ...plain } = message;
  expect(drawing.ready('k', plain)).toBe(plain);
});

test('a PNG with its name, its title, and its words for who cannot see it', async () => {
  const { message: ready } = await drawn(() => Promise.resolve(new Uint8Array([137, 80, 78, 71])));
  const [file] = ready.files ?? [];
  expect(file).toMatchObject({
    name: 'replicas-eu-west-1-0216.png',
    title: 'Replicas',
    mime: 'image/png',
    altText: 'replicas went from 12 to 14',
  });
  const bytes = Buffer.from(file !== undefined && 'base64' in file.content ? file.content.base64 : '', 'base64');
  expect([...bytes.subarray(1, 4)].map((one) => String.fromCodePoint(one)).join('')).toBe('PNG');
  expect(ready.charts).toBeUndefined();
});

test.each([
  ['fails', () => Promise.reject(new Error('no font'))],
  [
    'throws',
    () => {
      throw new Error('no font');
    },
  ],
])('one that %s is logged, and the words are sent without it', async (_how, draw) => {
  const { message: ready, logs } = await drawn(draw);
  expect(ready.files).toEqual([]);
  expect(ready.blocks).toEqual(message.blocks);
  expect(logs).toEqual(['a chart could not be drawn: its words stand']);
});

test('where nothing draws, the words are sent', async () => {
  expect((await drawn(undefined)).message.files).toEqual([]);
});
