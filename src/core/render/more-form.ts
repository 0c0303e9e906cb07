import type { Modal } from '../ports/intake.ts';
import { say } from '../words.ts';

/** "What do you want to do with INC-7?": what has no button of its own. Each choice is a command, so that both do the same. */
export function moreForm(number: number, closed: boolean): Modal {
  const choices: readonly (readonly [string, string])[] = closed
    ? [
        ['reopen', 'Reopen: it is not over'],
        ['note', 'Note on its timeline (write it below)'],
      ]
    : [
        ['lead', 'I lead'],
        ['assign', 'Assign to somebody (name below)'],
        ['severity P0', 'Severity P0: a region is gone'],
        ['severity P1', 'Severity P1: users are hurt, badly'],
        ['severity P2', 'Severity P2: something is broken'],
        ['severity P3', 'Severity P3: the rest'],
        ['snooze 30m', 'Snooze for 30 minutes: nobody is called'],
        ['snooze 2h', 'Snooze for 2 hours: nobody is called'],
        ['snooze off', 'End the snooze'],
        ['say', 'Say its status in the summary (write it below)'],
        ['note', 'Note on its timeline (write it below)'],
        ['resolve', 'Resolve: it is over, on your word (why, below)'],
      ];
  return {
    title: `INC-${number}`,
    submit: 'Do it',
    intro: say`What do you want to do with INC-${number}? Its thread says what you did, with your name.`,
    fields: [
      {
        id: 'action',
        label: 'What',
        multiline: false,
        required: true,
        options: choices.map(([value, label]) => ({ value, label })),
      },
      { id: 'words', label: 'Name, text or why', multiline: true, required: false },
    ],
    means: { command: `{action} INC-${number} {words}` },
  };
}
