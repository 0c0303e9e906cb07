import type { Log } from '../../core/ports/kubernetes.ts';
import { redact } from '../../core/redact.ts';

/** Most of a log that leaves the adapter, bytes. */
export const maxLogBytes = 256 * 1024;

// The whole of an escape sequence (CSI, OSC, one letter), so that no "[31m" stays behind. OSC texts end with BEL or ESC \.
// oxlint-disable no-control-regex -- they are what is looked for
const escapes =
  /\u001B(?:\[[0-?]{0,64}[ -/]{0,16}[@-~]|\][^\u0007\u001B\n]{0,1024}(?:\u0007|\u001B\\)?|[ -/]{0,4}[0-~])?|\u009B[0-?]{0,64}[ -/]{0,16}[@-~]/g;
// Controls but tab and line feed, invisible direction marks, and what decoding could not read.
const controls =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2066-\u2069\uFEFF\uFFFD]+/g;

/** Lines of a container's log, fit for people: no escape sequences, nothing binary, no secrets. Escapes go first, as they may stand inside a secret. */
export function logOf(text: string, tail: number, isFull: boolean): Log {
  const plain = text
    .replace(escapes, '')
    .split('\n')
    .map((line) => lastDrawn(line).replace(controls, ''))
    .join('\n');
  const lines = redact(plain).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return { lines: lines.slice(-tail), cut: isFull || lines.length > tail };
}

/** A progress bar draws over itself with carriage returns: its last state is what was seen. */
function lastDrawn(line: string): string {
  const whole = line.replace(/\r{1,8}$/, '');
  return whole.slice(whole.lastIndexOf('\r') + 1);
}
