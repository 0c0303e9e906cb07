import { describe, expect, test } from 'vitest';
import { Story, waiting } from '../../../test/core/story.ts';
import { offer } from '../../../test/core/things.ts';
import type { Block, Button, Message } from '../message.ts';
import { plain, say } from '../words.ts';
import { timelineMessage } from './help.ts';
import { renderThread } from './thread.ts';

/** What a thread says of people: who is on it, who put a fix aside, who wants one taken back. */

function shown(story: Story, key = 'root'): Message {
  const view = { stream: 't', incident: story.state, rules: story.rules, playbooks: [], at: story.at };
  const all = renderThread({ ...view, killSwitch: story.killSwitch });
  const found = all.find((one) => one.key === `t/${key}`);
  if (found === undefined) throw new Error(`no ${key} in ${all.map((one) => one.key).join(', ')}`);
  return found.message;
}
const text = (message: Message): string =>
  message.blocks.flatMap((block) => (block.is === 'lines' ? block.lines.map(plain) : [])).join('\n');
const buttons = (message: Message): readonly Button[] =>
  message.blocks.flatMap((block: Block) => (block.is === 'buttons' ? block.buttons : []));
const labels = (message: Message): readonly string[] => buttons(message).map((one) => one.label);
const title = (story: Story): string => text(shown(story)).split('\n')[0] ?? '';

describe("I'm on it", () => {
  const taken = (): Story => {
    const story = waiting();
    story.press('carla', 'mine');
    return story;
  };

  test('the title says who, and that the fix waits; the card keeps Approve for that person', () => {
    const story = taken();
    expect(title(story)).toMatch(/ · @carla is on it · the rollback waits$/);
    expect(text(shown(story))).toMatch(
      /On it: @carla\. What is open waits for @carla, with Approve on its card in the thread; I keep watching/,
    );
    expect(labels(shown(story))).toEqual(['Show diff', 'Take over', 'Hand back to the bot', 'Check again', 'More…']);
    expect(labels(shown(story, 'p1/card'))).toEqual(['Approve rollback', 'Deny…', 'Not now']);
    expect(text(shown(story, 'p1/card'))).toMatch(/waits for @carla, who is on it, until/);
    story.press('carla', 'approve', 'p1');
    expect(story.proposals).toBe('p1 granted');
  });

  test('handed back: as before', () => {
    const story = taken();
    story.press('carla', 'hand-back');
    expect(title(story)).toMatch(/ · waiting for approval$/);
    expect(labels(shown(story))).toContain('Approve rollback');
  });
});

test('Not now: put aside by whom, with Ask again', () => {
  const story = waiting();
  story.press('ben', 'not-now', 'p1');
  expect(text(shown(story, 'p1/card'))).toMatch(/put aside by @ben, /);
  expect(labels(shown(story, 'p1/card'))).toEqual(['Ask again']);
  expect(text(shown(story))).toMatch(/The last proposal was put aside by @ben: "Ask again" brings it back/);
  expect(labels(shown(story))[0]).toBe('Ask again');
  expect(text(timelineMessage(story.state))).toMatch(/rollback in eu-west-1 put aside by @ben/);
  expect(story.press('sana', 'approve', 'p1')).toMatch(/^Too late: this was put aside by @ben/);
});

describe('Undo', () => {
  const asked = (change?: (story: Story) => void): Story => {
    const story = waiting({}, change);
    story.press('sana', 'approve', 'p1');
    story.run();
    story.press('ben', 'undo');
    story.run();
    return story;
  };

  test('has a title of its own, says who asked and what it brings back, and its button is no green light', () => {
    const story = asked();
    const root = shown(story);
    expect(title(story)).toMatch(
      /^:leftwards_arrow_with_hook: model-server · eu-west-1 · rolled back to v2\.4\.0 · fixed; undo requested by @ben · INC-214 · waiting for approval$/,
    );
    expect(root.lock).toMatch(
      /^eu-west-1: model-server rolled back to v2\.4\.0, fixed; undo requested\. Risk high: it brings back image v2\.4\.1 not found\. Users not affected\. Approval wanted by/,
    );
    expect(text(root)).toMatch(/Undo: takes back the rollback of \d\d:\d\d UTC: .*\. Risk high/);
    expect(labels(root)).not.toContain('Undo');
    expect(text(root)).toMatch(/It brings back: image v2\.4\.1 not found/);
    expect(text(root)).toMatch(/May approve: 2 of @ml-leads or @ml-approvers, not @ben, who asked for it/);
    expect(buttons(root)[0]).toMatchObject({ label: 'Approve undo', style: 'danger' });
  });

  test('its card: what comes back, high risk, and no word that is true of a fix only', () => {
    const story = asked((one) => {
      one.offers = [offer({ after: say`Argo CD brings v2.4.1 back` })];
    });
    const card = shown(story, 'p2/card');
    expect(text(card)).toMatch(
      /Undo of the rollback of model-server in eu-west-1, asked for by @ben, waits for 2 of you until .*Risk high/,
    );
    expect(text(card)).toMatch(
      /It brings back the state from before the rollback of \d\d:\d\d UTC, and with it what was found then: image v2\.4\.1 not found\. I have not seen that repaired/,
    );
    for (const message of [card, shown(story)])
      expect(text(message)).not.toMatch(/After it|Cannot be taken back|this is the undo/);
    expect(buttons(card)[0]).toMatchObject({ label: 'Approve undo', style: 'danger' });
  });

  test('of a closed incident too', () => {
    const story = waiting({ quietMs: 60_000 });
    story.press('sana', 'mine');
    story.press('sana', 'approve', 'p1');
    story.run();
    expect(labels(shown(story))).toContain('Undo');
    story.alert('resolved');
    story.runFor(10 * 60_000);
    expect(title(story)).toMatch(/^:white_check_mark:/);
    // Who was on it does not hold it up after the end.
    story.press('ben', 'undo');
    story.run();
    expect(title(story)).toMatch(/fixed; undo requested by @ben · INC-214 · waiting for approval/);
    story.press('carla', 'not-now', 'p2');
    expect(title(story)).toMatch(/^:white_check_mark: model-server · eu-west-1 · rolled back to v2\.4\.0/);
  });

  test('once it is done nothing is called fixed by what was taken back', () => {
    const story = asked();
    story.cures = false;
    for (const who of ['carla', 'dora']) story.press(who, 'approve', 'p2');
    story.run();
    expect(story.proposals).toBe('p1 verified, p2 verified');
    expect(title(story)).not.toMatch(/rolled back|fixed, waiting/);
  });
});

describe('what waits says for what', () => {
  test('another incident that changes the same target', () => {
    const story = waiting();
    story.press('sana', 'approve', 'p1');
    story.tell({ is: 'held', proposal: 'p1', by: 'INC-7 (ml-platform: quota)' });
    expect(title(story)).toMatch(/ · approved, waits for another incident$/);
    expect(text(shown(story))).toMatch(
      /Now: approved by @sana\. Waits for INC-7 \(ml-platform: quota\), which changes the same target: one change at a time/,
    );
    expect(text(shown(story, 'p1/card'))).toMatch(/approved, waits for INC-7 \(ml-platform: quota\)/);
    story.run();
    expect(story.proposals).toBe('p1 verified');
    expect(text(shown(story, 'p1/card'))).not.toMatch(/INC-7/);
  });

  test('the kill switch: who set it and how it is lifted', () => {
    const story = waiting();
    story.killSwitch = 'noah';
    expect(text(shown(story))).toMatch(
      /Stopped: everything, by @noah\. Nothing can be approved until `\/mlp stop off`/,
    );
    expect(labels(shown(story))).not.toContain('Approve rollback');
    expect(labels(shown(story, 'p1/card'))).toEqual([]);
  });
});
