import { expect, test } from 'vitest';
import { logOf, maxLogBytes } from './log.ts';

const lines = (text: string): readonly string[] => logOf(text, 100, false).lines;

test.each<[string, string, readonly string[]]>([
  ['plain', 'a\nb\n', ['a', 'b']],
  ['nothing', '', []],
  ['windows line ends', 'a\r\nb\r\n', ['a', 'b']],
  ['colours', '\u001B[1;31merror\u001B[0m: x', ['error: x']],
  ['a title and a link', '\u001B]0;title\u0007a \u001B]8;;http://x\u001B\\link\u001B]8;;\u001B\\', ['a link']],
  ['a progress bar', ' 10%|#\r 50%|##\r100%|###\nnext', ['100%|###', 'next']],
  ['binary', 'a\u0000\u0001\uFFFD\uFFFDb\u0085\nc', ['ab', 'c']],
  ['text that runs backwards', 'abc\u202Edcba\u2066x', ['abcdcbax']],
  ['a secret with colours inside', 'password=\u001B[1mhun\u001B[0mter2', ['password=[redacted: password]']],
  [
    'a secret over several lines',
    '-----BEGIN PRIVATE KEY-----\nTUlJRXZRSUJBREFO\n-----END PRIVATE KEY-----\nx',
    ['[redacted: private key]', 'x'],
  ],
  ['emoji and accents stay', 'modèle chargé 🚀', ['modèle chargé 🚀']],
])('%s', (_, text, expected) => {
  expect(lines(text)).toEqual(expected);
});

test('only the last lines, and it is said that there were more', () => {
  expect(logOf('a\nb\nc\n', 2, false)).toEqual({ lines: ['b', 'c'], cut: true });
  expect(logOf('a\nb\n', 2, false)).toEqual({ lines: ['a', 'b'], cut: false });
  expect(logOf('a\n', 2, true).cut).toBe(true);
});

test.each(['\u001B[', '\r', '\u001B]', 'a', '\u0000'])('a log of nothing but %j takes no time', (unit) => {
  const started = performance.now();
  logOf(unit.repeat(maxLogBytes / unit.length), 100, true);
  expect(performance.now() - started).toBeLessThan(2000);
});
