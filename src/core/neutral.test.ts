import { expect, test } from 'vitest';
import { neutral, neutralLine } from './neutral.ts';

test.each([
  ['text that runs backwards', 'safe\u202eexe.gpj\u2066x\u2069', 'safeexe.gpjx'],
  ['marks of direction', 'a\u200eb\u200fc\u061cd', 'abcd'],
  ['no width', 'mo\u200bdel\u2060-ser\ufeffver\u00ad', 'model-server'],
  ['joiners between Latin letters', 'mo\u200ddel\u200c-x', 'model-x'],
  ['colours and titles', '\u001b[31mred\u001b[0m \u001b]0;title\u0007x\u001b[2J', 'red x'],
  ['tags', 'a\u{e0041}\u{e007f}b', 'ab'],
  ['half a character', 'a\ud800b', 'a\ufffdb'],
  ['emoji of several people stay', '👩\u200d💻', '👩\u200d💻'],
  ['joined scripts stay', 'क्\u200dष می\u200cخواهم', 'क्\u200dष می\u200cخواهم'],
])('%s', (_what, given, wanted) => {
  expect(neutral(given)).toBe(wanted);
  expect(neutral(wanted)).toBe(wanted);
});

test('one line', () => {
  expect(neutralLine(' a\r\n\tb\u2028c\u0000d\u0007 ')).toBe('a b c\ufffdd\ufffd');
});
test('long input takes linear time', () => {
  const from = performance.now();
  neutralLine(`${'\u001b]0;'.repeat(50_000)}${'\u200d'.repeat(50_000)}x`);
  expect(performance.now() - from).toBeLessThan(1_500);
});
