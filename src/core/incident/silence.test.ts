import { expect, test } from 'vitest';
import { Story, waiting } from '../../../test/core/story.ts';
import { messages, shown, text } from '../../../test/core/thread.ts';
import { handoverMessage } from '../render/incidents.ts';
import { asideWords } from '../render/status.ts';
import { plain } from '../words.ts';
import type { Silence } from './handled.ts';

/** A silence in Alertmanager as a state of an incident: by whom, why, until when, where; it ends by its time, by hand, or there. */

const root = (story: Story): string => text(shown(story));
const locks = (story: Story): readonly string[] => messages(story).map((one) => one.message.lock);
function silenced(story: Story, more: Partial<Silence> = {}): string {
  const until = new Date(story.ms + 2 * 3_600_000).toISOString();
  const made = [
    { source: 'Alertmanager of eu-west-1', id: 's1' },
    { source: 'Alertmanager of us-east-1', id: 's2' },
  ];
  const silence = { until, reason: 'node pool is replaced', what: ['{alertname="X"}'], made, ...more };
  story.tell({ is: 'handle', by: 'noah', what: { does: 'silence', silence } });
  return until;
}

test('who, why, until when and how it ends stand in the summary; the audit log has the ids', () => {
  const story = waiting();
  const until = silenced(story);
  expect(root(story)).toMatch(
    /Silenced in Alertmanager until \d\d:\d\d UTC by @noah: node pool is replaced\. `\/mlp silence end INC-\d+` ends it/,
  );
  expect(root(story)).not.toMatch(/Snoozed|Maintenance|Status:/);
  expect(story.audit.join('\n')).toContain(
    `noah: silenced {alertname="X"} until ${until} (Alertmanager of eu-west-1 s1, Alertmanager of us-east-1 s2)`,
  );
  expect(plain(asideWords({ silenced: until }).flat())).toMatch(/silenced until/);
});

test('it ends by its time, and that is said', () => {
  const story = waiting();
  silenced(story);
  story.wait(2 * 3_600_000 - 1);
  story.tell({ is: 'tick' });
  expect(story.state.silence).not.toBeNull();
  story.wait(1);
  story.tell({ is: 'tick' });
  expect(story.state.silence).toBeNull();
  expect(root(story)).not.toContain('Silenced in Alertmanager');
  expect(locks(story)).toContain('The silence in Alertmanager is over: its alerts are heard again');
});

test('it ends when the last of it is gone in Alertmanager', () => {
  const story = waiting();
  silenced(story);
  story.tell({ is: 'silence-gone', ids: ['s1', 'of others'] });
  expect(story.state.silence?.made.map((one) => one.id)).toEqual(['s2']);
  expect(story.state.silence?.by).toBe('noah');
  story.tell({ is: 'silence-gone', ids: ['s2'] });
  expect(story.state.silence).toBeNull();
  expect(locks(story)).toContain('The silence was ended in Alertmanager: its alerts are heard again');
});

test('ended by hand; what could not be ended stays, and is named', () => {
  const story = waiting();
  silenced(story);
  story.tell({
    is: 'handle',
    by: 'sana',
    what: { does: 'unsilence', left: [{ source: 'Alertmanager of us-east-1', id: 's2' }] },
  });
  expect(root(story)).toContain('Silenced in Alertmanager');
  expect(locks(story).join('\n')).toContain('1 of 2 could not be ended');
  story.tell({ is: 'handle', by: 'sana', what: { does: 'unsilence', left: [] } });
  expect(root(story)).not.toContain('Silenced in Alertmanager');
});

test('what is over and still silent says so, in its summary and at handover', () => {
  const story = waiting();
  const until = silenced(story);
  story.tell({ is: 'handle', by: 'sana', what: { does: 'resolve', why: 'tagged' } });
  expect(story.state.closed).not.toBeNull();
  expect(root(story)).toMatch(/closed by hand[\s\S]*Silenced in Alertmanager until/);
  const summary = {
    number: 7,
    open: false,
    title: 'model-server: tag missing',
    state: 'closed',
    regions: ['eu-west-1'],
    channel: 'C1',
    updatedAt: story.at,
    silenced: until,
  };
  const said = text(
    handoverMessage(
      { open: [], closed: [], temporary: [], silenced: [{ stream: 'a', summary }], ms: 3_600_000 },
      new Map(),
    ),
  );
  expect(said).toMatch(/1 over and still silenced[\s\S]*Silenced in Alertmanager, and over\nINC-7.*silenced until/);
});
