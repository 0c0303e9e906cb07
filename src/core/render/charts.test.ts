import { expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import type { Chart } from '../chart.ts';
import { messages, sees, text } from '../../../test/core/thread.ts';

/** What stands beside pictures, for whoever does not see them. */

test('what several charts say are sentences of their own, each with one full stop', () => {
  const chart = (id: string, says: string): Chart => ({
    id,
    title: 'Latency',
    unit: 'seconds',
    lines: [],
    limit: null,
    marks: [],
    says,
  });
  const story = waiting({}, (one) =>
    sees(one, (d) =>
      d.findings.length === 0
        ? d
        : { ...d, charts: [chart('a', 'p95 went to 464 ms'), chart('b', 'each pod uses 1 core.')] },
    ),
  );
  const said = messages(story).find((one) => one.key.includes('/chart/'));
  expect(said?.message.lock).toBe('p95 went to 464 ms. each pod uses 1 core.');
  expect(said === undefined ? '' : text(said.message)).toBe(
    'Latency · eu-west-1: p95 went to 464 ms\nLatency · eu-west-1: each pod uses 1 core',
  );
});
