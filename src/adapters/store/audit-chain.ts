import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonical } from '../../core/json.ts';
import type { AuditEntry, AuditRow } from '../../core/ports/store.ts';

/** What the first row is chained to. */
export const noMac = '0'.repeat(64);

export interface AuditHead {
  readonly number: number;
  readonly mac: string;
}

/** The next row of the chain: its MAC covers every field, its number and the MAC before it. */
export function chained(previous: AuditHead, entry: AuditEntry, at: string, key: string): AuditRow {
  const row = { ...fieldsOf(entry), number: previous.number + 1, at };
  return { ...row, mac: macOf(row, previous.mac, key) };
}

function fieldsOf(entry: AuditEntry): AuditEntry {
  return { stream: entry.stream, who: entry.who, what: entry.what, digest: entry.digest, why: entry.why };
}

function macOf(row: Omit<AuditRow, 'mac'>, previousMac: string, key: string): string {
  const covered = canonical({ ...fieldsOf(row), number: row.number, at: row.at, previous: previousMac });
  return createHmac('sha256', key).update(covered).digest('hex');
}

export type AuditVerdict =
  | { readonly is: 'intact'; readonly head: AuditHead }
  /** Each in words, in the order in which they were met; at most 50. */
  | { readonly is: 'broken'; readonly problems: readonly string[] };

const mostProblems = 50;

/**
 * Checks the whole log, in the order in which it was read, from row 1 on. Without a head that was written down elsewhere (a closing
 * message, the metric) a cut tail cannot be seen: nothing in the rest of the log knows of it. `before`: the row before the first of these.
 */
export function verifyAudit(
  rows: Iterable<AuditRow>,
  key: string,
  head: AuditHead | null = null,
  before: AuditHead = { number: 0, mac: noMac },
): AuditVerdict {
  const problems: string[] = [];
  let last = before;
  let verified = 0;
  let judged = 0;
  let headMac = head?.number === 0 ? noMac : null;
  for (const row of rows) {
    if (row.number === head?.number) headMac = row.mac;
    if (row.number <= last.number) {
      problems.push(`row ${row.number} comes after row ${last.number}: reordered, or there twice`);
      continue;
    }
    const follows = row.number === last.number + 1;
    if (!follows) problems.push(missing(last.number + 1, row.number - 1));
    if (follows) judged += 1;
    // After a gap the MAC before this row is gone, so this row itself cannot be judged; the next one can.
    if (follows && !same(row.mac, macOf(row, last.mac, key))) {
      problems.push(`row ${row.number} is not what was written: it, or its place in the log, was changed`);
    } else if (follows) verified += 1;
    last = { number: row.number, mac: row.mac };
  }
  if (head !== null) problems.push(...againstHead(head, last, headMac));
  if (judged > 1 && verified === 0)
    return { is: 'broken', problems: ['no row verifies: this is not the key that the log was written with'] };
  if (problems.length > 0) return { is: 'broken', problems: problems.slice(0, mostProblems) };
  return { is: 'intact', head: last };
}

/** The end of a log, whose first row here only says what the second is chained to, unless it is the log's first. */
export function verifyTail(rows: readonly AuditRow[], key: string): AuditVerdict {
  const [first, ...rest] = rows;
  return first === undefined || first.number === 1 ? verifyAudit(rows, key) : verifyAudit(rest, key, null, first);
}

/** Was the last of these rows, which follow each other, written with this key? */
export function keyFits(rows: readonly AuditRow[], key: string): boolean {
  const [last, before] = [rows.at(-1), rows.at(-2)];
  if (last === undefined || (before === undefined && last.number > 1)) return true;
  return same(last.mac, macOf(last, before?.mac ?? noMac, key));
}

function againstHead(head: AuditHead, last: AuditHead, mac: string | null): readonly string[] {
  if (last.number < head.number) return [`${missing(last.number + 1, head.number)}: the end of the log was cut off`];
  if (mac !== null && !same(mac, head.mac))
    return [`row ${head.number} is not the one that was the head: its MAC is another`];
  return [];
}

function missing(first: number, last: number): string {
  return first === last ? `row ${first} is missing` : `rows ${first} to ${last} are missing`;
}

function same(one: string, other: string): boolean {
  const left = Buffer.from(one);
  const right = Buffer.from(other);
  return left.length === right.length && timingSafeEqual(left, right);
}
