import { expect, test } from 'vitest';
import { text } from '../../../test/core/thread.ts';
import type { IncidentsWanted } from '../command/handling.ts';
import type { Glance, StreamInfo } from '../ports/store.ts';
import { chosen, digestMessage, handoverMessage, homeMessage, incidentsMessage } from './incidents.ts';

/** Lists out of summaries, also of very many. */

const ALL: IncidentsWanted = { is: 'incidents', region: null, service: null, severity: null, mine: false, page: 1 };
function one(number: number, glance: Partial<Glance> = {}, region = 'eu-west-1'): StreamInfo {
  return {
    stream: `s${number}`,
    summary: {
      number,
      open: true,
      title: `${glance.name ?? 'model-server'}: image not found`,
      state: 'needs a person',
      regions: [region],
      channel: 'C1',
      updatedAt: '2026-03-02T02:16:00.000Z',
      glance: {
        priority: 'P2',
        users: 'Users not affected.',
        onIt: null,
        until: null,
        name: 'model-server',
        ...glance,
      },
    },
  };
}
const numbers = (all: readonly StreamInfo[]): readonly (number | null)[] => all.map((each) => each.summary.number);
const some = [
  one(1, { priority: 'P3' }),
  one(2, { priority: 'P1', snoozed: '2026-03-02T03:00:00.000Z' }),
  one(3, { priority: 'P1', onIt: 'sana' }, 'us-east-1'),
  one(4, { priority: 'P1', name: 'embedder' }),
  one(5, { until: '2026-03-02T03:12:00.000Z' }),
];

test('the most urgent first, what nobody leads before what somebody does, the snoozed last', () => {
  expect(numbers(chosen(some, ALL, 'noah'))).toEqual([4, 3, 5, 1, 2]);
  const said = text(incidentsMessage(chosen(some, ALL, 'noah'), ALL, new Map()));
  expect(said).toMatch(
    /^5 open\nINC-4 · P1 · embedder: image not found · eu-west-1 · needs a person · Users not affected · nobody leads/,
  );
  expect(said).toMatch(/INC-3 .* @sana leads/);
  expect(said).toMatch(/INC-5 .* until 03:12 UTC/);
  expect(said).toMatch(/INC-2 .* snoozed until 03:00 UTC/);
});

test.each([
  [{ region: 'us-east-1' }, [3]],
  [{ service: 'embedder' }, [4]],
  [{ severity: 'P1' as const }, [4, 3, 2]],
  [{ mine: true }, [3]],
  [{ mine: true, region: 'eu-west-1' }, []],
])('filter %j', (filter, found) => {
  expect(numbers(chosen(some, { ...ALL, ...filter }, 'sana'))).toEqual(found);
});

test('500 open: pages of fifteen, with buttons to the next, in no time', () => {
  const many = Array.from({ length: 500 }, (_, index) => one(index + 1, { priority: `P${index % 4}` }));
  const began = performance.now();
  const page = incidentsMessage(chosen(many, ALL, 'noah'), { ...ALL, page: 2 }, new Map());
  expect(performance.now() - began).toBeLessThan(200);
  expect(
    text(page)
      .split('\n')
      .filter((line) => line.startsWith('INC-')),
  ).toHaveLength(15);
  expect(text(page)).toMatch(/^500 open · page 2 of 34\n[\s\S]*Before Before: page 1 of 34\nMore More: page 3 of 34$/);
  expect(JSON.stringify(page)).toContain('"command":"incidents page 3"');
  const last = incidentsMessage(chosen(many, ALL, 'noah'), { ...ALL, page: 99 }, new Map());
  expect(text(last)).toMatch(/page 34 of 34/);
  const home = homeMessage(
    { by: 'sana', open: many, recent: [], oncall: null, at: '2026-03-02T02:20:00.000Z' },
    new Map(),
  );
  expect(home.blocks.length).toBeLessThan(20);
});

test('handover: each incident once, in the part where it is looked for; quiet when nothing is', () => {
  const closed = [one(9)];
  const said = text(
    handoverMessage({ open: some, closed, temporary: [], silenced: [], ms: 12 * 3_600_000 }, new Map()),
  );
  expect(said).toMatch(
    /^Handover: 5 open, 1 waiting for approval, 1 snoozed, 0 changed for a while, 1 closed in the last 12 h/,
  );
  expect(said).toMatch(
    /Waiting for approval\nINC-5[^\n]*\nOpen\nINC-4[\s\S]*Snoozed\nINC-2[\s\S]*Closed in the last 12 h\nINC-9/,
  );
  for (const { summary } of some) expect(said.split(`INC-${summary.number} `)).toHaveLength(2);
  expect(
    text(handoverMessage({ open: [], closed: [], temporary: [], silenced: [], ms: 3_600_000 }, new Map())),
  ).toMatch(/nothing is open/);
});

test('a digest of nothing is none', () => {
  expect(digestMessage([], new Map())).toBeNull();
  expect(digestMessage([one(1)], new Map())?.lock).toBe('1 incident is open.');
});

test('home: mine, what waits, the rest, on call; buttons lead to the threads', () => {
  const links = new Map([['s3', 'https://x.slack.com/archives/C1/p1']]);
  const home = homeMessage(
    { by: 'sana', open: some, recent: [one(9)], oncall: [], at: '2026-03-02T02:20:00.000Z' },
    links,
  );
  expect(text(home)).toMatch(
    /You lead\nINC-3[\s\S]*Waiting for approval\nINC-5[\s\S]*Also open\nINC-4[\s\S]*On call\nnobody[\s\S]*Recently closed\nINC-9/,
  );
  expect(JSON.stringify(home)).toContain('"label":"Open INC-3"');
  expect(JSON.stringify(home)).toContain('"url":"https://x.slack.com/archives/C1/p1"');
});
