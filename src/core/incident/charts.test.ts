import { expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import type { Story } from '../../../test/core/story.ts';
import { messages, sees } from '../../../test/core/thread.ts';
import type { Chart } from '../chart.ts';

/** Charts are kept and shown once for each cause in a region. */

const chart = (id: string): Chart => ({
  id,
  title: 'Memory of each pod',
  unit: 'bytes',
  lines: [],
  limit: null,
  marks: [],
  says: `memory of 3 pods grows (${id})`,
});
const shown = (story: Story): readonly string[] =>
  messages(story)
    .filter((one) => one.key.startsWith('t/chart/'))
    .flatMap((one) => (one.message.charts ?? []).map(({ name }) => name));

function withCharts(ids: readonly string[]): Story {
  return waiting({}, (story) =>
    sees(story, (seen) => (seen.findings.length === 0 ? seen : { ...seen, charts: ids.map(chart) })),
  );
}

test('of the first cause, with the time in their names, and what they show in words', () => {
  const story = withCharts(['memory-trend']);
  expect(shown(story)).toEqual(['memory-trend-eu-west-1-0216.png']);
  const message = messages(story).find((one) => one.key.startsWith('t/chart/'));
  expect(message?.message.lock).toBe('memory of 3 pods grows (memory-trend).');
});

test('a look that finds the same brings no other, and stores none; another cause brings its own', () => {
  const story = withCharts(['memory-trend']);
  const stored: number[] = [];
  const tell = story.tell.bind(story);
  story.tell = (command) => {
    const decision = tell(command);
    for (const event of decision.events) if (event.is === 'looked') stored.push((event.diagnosis.charts ?? []).length);
    return decision;
  };
  story.faults.set('eu-west-1', 'image v2.4.2 not found');
  story.runFor(600_000);
  expect(shown(story)).toHaveLength(1);
  expect(stored.every((count) => count === 0)).toBe(true);
  sees(story, (seen) => ({ ...seen, findings: seen.findings.map((one) => ({ ...one, check: 'oom' })) }));
  story.runFor(120_000);
  expect(shown(story)).toHaveLength(2);
});

test('a few, and none of what another incident answers for', () => {
  expect(shown(withCharts(['a', 'b', 'c', 'd', 'e']))).toHaveLength(3);
  const other = waiting({}, (story) => {
    story.others.set('eu-west-1', 7);
    sees(story, (seen) => ({ ...seen, charts: [chart('a')] }));
  });
  expect(shown(other)).toEqual([]);
});
