import type { Maintenance } from '../incident/maintained.ts';
import type { Message } from '../message.ts';
import type { StreamInfo } from '../ports/store.ts';
import { bold, clock, code, plain, say, until, user } from '../words.ts';
import type { Words } from '../words.ts';
import { byUrgency, rowOf } from './incidents.ts';
import type { Links } from './incidents.ts';
import { sentence } from './help.ts';
import { maintenanceWords } from './handled.ts';
import { whoIs } from './phase.ts';
import { cut } from './small.ts';

/** Maintenance of a region: what the channels are told when it begins and ends, and what every list says meanwhile. */

const MOST = 10;

function message(lines: readonly Words[]): Message {
  const lock = cut(plain(lines[0] ?? []).replace(/^:\w+: /, ''), 300);
  return { lock, blocks: [{ is: 'lines', lines }] };
}

export function begunMessage({ region, until: ends, by, at, reason }: Maintenance): Message {
  return message([
    say`:construction: ${bold(`Maintenance of ${region}`)} until ${until(ends)}: ${reason}. By ${user(by)}, ${clock(at)}`,
    say`Its alerts call nobody and get no message here, unless it is P0. I look on: what opens meanwhile has a line in this thread. ${code('/mlp maintenance')} lists it, ${code(`/mlp maintenance end ${region}`)} ends it`,
  ]);
}

/** `by` null: its time is over. What is still open is told here once: nobody was called for it so far. */
export function overMessage(
  { region, reason }: Maintenance,
  { by, at, open }: { readonly by: string | null; readonly at: string; readonly open: readonly StreamInfo[] },
  links: Links,
): Message {
  const how = by === null ? say`its time is over` : say`ended by ${whoIs(by)}`;
  const head = say`:arrow_forward: ${bold(`No longer in maintenance: ${region}`)} (${cut(reason, 120)}), ${how}, ${clock(at)}`;
  const rows = byUrgency(open);
  if (rows.length === 0) return message([head, say`Nothing is open there`]);
  const more = rows.length > MOST ? [say`and ${rows.length - MOST} more: ${code(`/mlp incidents ${region}`)}`] : [];
  const what = say`Still open there, and people are called again where it needs them:`;
  return message([head, what, ...rows.slice(0, MOST).map((one) => rowOf(one, links)), ...more]);
}

export function maintenanceLines(all: readonly Maintenance[]): readonly Words[] {
  return all.map((one) => say`:construction: ${maintenanceWords(one)}: its alerts call nobody, unless it is P0`);
}

export function maintenanceMessage(all: readonly Maintenance[]): Message {
  if (all.length === 0) return sentence('No region is in maintenance. `/mlp maintenance eu-west-1 2h why` begins one.');
  return message([
    ...maintenanceLines(all),
    say`${code(`/mlp maintenance end ${all[0]?.region ?? ''}`)} ends one before its time`,
  ]);
}
