import { expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import { offer } from '../../../test/core/things.ts';
import { sees, shown, text } from '../../../test/core/thread.ts';
import { differingOf } from '../incident/ledger.ts';
import type { Temporary } from '../incident/ledger.ts';
import type { StreamInfo, Summary } from '../ports/store.ts';
import { say } from '../words.ts';
import { temporaryMessage, withTemporary } from './temporary.ts';

const at = '2026-03-14T03:00:00Z';
const entry = (over: Partial<Temporary> = {}): Temporary => ({
  proposal: 'p1',
  region: 'eu-west-1',
  what: 'autoscaler x: 4 to 36 replicas instead of 4 to 24',
  by: 'sana',
  since: '2026-03-14T02:00:00Z',
  undoAsked: false,
  differs: null,
  ...over,
});
const stream = (some: Partial<Pick<Summary, 'temporary' | 'differs'>>): StreamInfo => ({
  stream: 'incident/1',
  summary: {
    number: 214,
    open: false,
    title: 'x',
    state: 'closed',
    regions: ['eu-west-1'],
    channel: 'C1',
    updatedAt: at,
    ...some,
  },
});
const back = entry({ what: 'deployment a/b: v2.4.0 instead of v2.4.1', differs: 'Git' });

test('an empty ledger claims nothing of what was done before', () => {
  expect(text(temporaryMessage([], '2026-03-11T03:00:00Z'))).toBe('Nothing temporary is on record.');
});

test('what is for a while and its source: who owns it, since when, and the button that takes it back', () => {
  const said = text(temporaryMessage([stream({ temporary: [entry({ differs: 'Git' })] })], at));
  expect(said).toMatch(
    /^Changed for a while, and not taken back\nautoscaler x: 4 to 36 replicas instead of 4 to 24 · eu-west-1 · differs from its source \(Git\) · owner @sana, who approved it · since .* · INC-214\nTake back/,
  );
});

test('an entry of an older version, which knows no source, reads as before', () => {
  const { differs: _differs, ...old } = entry();
  expect(text(temporaryMessage([stream({ temporary: [old] })], at))).not.toContain('source');
});

test('what stays and differs from its source is listed for a week, without a button that would bring the fault back', () => {
  const message = temporaryMessage([stream({ differs: [back] })], at);
  expect(message.lock).toBe('1 that differs from the source, as of 03:00 UTC.');
  expect(text(message)).toMatch(
    /^Live, and different in its source when I changed it\ndeployment a\/b: v2\.4\.0 instead of v2\.4\.1 · eu-west-1 · differs from its source \(Git\) · owner @sana/,
  );
  expect(text(message)).not.toContain('Take back');
  expect(text(temporaryMessage([stream({ differs: [back] })], '2026-03-22T03:00:00Z'))).toBe(
    'Nothing temporary is on record.',
  );
});

test('status speaks of what is to be taken back, and not of sources', () => {
  const empty = { lock: '', blocks: [] };
  expect(withTemporary(empty, [stream({ differs: [back] })], null)).toBe(empty);
  expect(text(withTemporary(empty, [stream({ temporary: [entry()] })], null))).toContain('/mlp temp');
});

test('a rollback that went back past what somebody changed by hand may be what its source says already', () => {
  const message = temporaryMessage([stream({ differs: [{ ...back, maySay: true }] })], at);
  expect(message.lock).toBe('1 that may differ from the source, as of 03:00 UTC.');
  expect(text(message)).toMatch(
    /^Live, and maybe different in its source\n.* · may differ from its source \(Git\): it went back to an older state, which that may have · owner/,
  );
});

test.each([
  ['by hand (kubectl-set)', true],
  ['by Argo CD (model-server)', undefined],
])('what was left came %s', (by, maySay) => {
  const differs = { source: 'Git', what: 'deployment a/b: revision 3 instead of revision 4' } as const;
  const story = waiting({}, (one) => {
    one.offers = [offer({ differs })];
    sees(one, (d) =>
      d.findings.length === 0 ? d : { ...d, remarks: [{ label: 'Change', words: say`v1 → v2 ${by}` }] },
    );
  });
  story.press('sana', 'approve', 'p1');
  story.run();
  expect(differingOf(story.state).map((one) => one.maySay)).toEqual([maySay]);
  story.alert('resolved');
  story.runFor(20 * 60_000);
  expect(text(shown(story))).toContain(
    maySay === true ? 'look whether Git says the same, or it comes back' : 'Git to say the same, or it comes back',
  );
});
