import { describe, expect, it } from 'vitest';
import type { AuditRow } from '../../core/ports/store.ts';
import { auditKeyTrouble } from './audit-key.ts';
import { chained, noMac, verifyAudit } from './audit-chain.ts';
import type { AuditHead } from './audit-chain.ts';

const key = 'the key';

function log(length: number): readonly AuditRow[] {
  const rows: AuditRow[] = [];
  let head: AuditHead = { number: 0, mac: noMac };
  for (let index = 1; index <= length; index += 1) {
    const entry = {
      stream: 'run/7',
      who: `U${index}`,
      what: 'approve',
      digest: index === 2 ? null : 'd',
      why: `why ${index}`,
    };
    const row = chained(head, entry, `2026-03-01T02:0${index % 10}:00.000Z`, key);
    rows.push(row);
    head = row;
  }
  return rows;
}
const headOf = (rows: readonly AuditRow[]): AuditHead => ({ number: rows.at(-1)!.number, mac: rows.at(-1)!.mac });
const problems = (rows: readonly AuditRow[], head: AuditHead | null = null): readonly string[] => {
  const verdict = verifyAudit(rows, key, head);
  return verdict.is === 'intact' ? [] : verdict.problems;
};
const changed = (rows: readonly AuditRow[], number: number, change: Partial<AuditRow>): readonly AuditRow[] =>
  rows.map((row) => (row.number === number ? Object.assign({}, row, change) : row));

describe('does the key fit?', () => {
  const store = (rows: readonly AuditRow[]): Parameters<typeof auditKeyTrouble>[0] => ({
    auditHead: async () => (rows.length === 0 ? { number: 0, mac: noMac } : headOf(rows)),
    audit: async (from, limit) => rows.filter((one) => one.number >= from).slice(0, limit),
  });

  it.each([1, 2, 7])('%i rows: only the newest is asked', async (length) => {
    expect(await auditKeyTrouble(store(log(length)), key)).toBeNull();
    const other = await auditKeyTrouble(store(log(length)), 'another key');
    expect(other).toContain(`row ${length} of the audit log was not written with this MLP_AUDIT_KEY`);
    expect(other).toContain('set the key that was used before');
    expect(other).not.toContain('another key');
  });

  it('none is written: any key will do', async () => {
    expect(await auditKeyTrouble(store([]), 'another key')).toBeNull();
  });

  it('a newest row that was changed does not fit either', async () => {
    expect(await auditKeyTrouble(store(changed(log(4), 4, { who: 'U9' })), key)).toMatch(/^row 4 /);
  });
});

describe('an audit log', () => {
  const rows = log(6);

  it('is intact as it was written, also when it is empty', () => {
    expect(verifyAudit(rows, key, headOf(rows))).toEqual({ is: 'intact', head: headOf(rows) });
    expect(verifyAudit([], key, { number: 0, mac: noMac })).toEqual({ is: 'intact', head: { number: 0, mac: noMac } });
  });

  it.each([
    ['stream', { stream: 'run/8' }],
    ['who', { who: 'U9' }],
    ['what', { what: 'deny' }],
    ['digest', { digest: null }],
    ['why', { why: '' }],
    ['at', { at: '2026-03-01T02:03:00.001Z' }],
  ] as const)('shows a row whose %s was changed', (_, change) => {
    expect(problems(changed(rows, 3, change))).toEqual([
      'row 3 is not what was written: it, or its place in the log, was changed',
    ]);
  });

  it('shows a row whose MAC was changed, and a row that was written without the key', () => {
    expect(problems(changed(rows, 3, { mac: 'f'.repeat(64) }))).toHaveLength(2);
    const forged = chained(headOf(rows), rows[0]!, rows[0]!.at, 'a guess');
    expect(problems([...rows, forged])).toEqual([expect.stringContaining('row 7 is not what was written')]);
  });

  it('shows removed rows, at the start, in the middle, and renumbered over', () => {
    expect(problems(rows.slice(2))).toEqual(['rows 1 to 2 are missing']);
    expect(problems(rows.filter((row) => row.number !== 4))).toEqual(['row 4 is missing']);
    const closedUp = rows
      .filter((row) => row.number !== 4)
      .map((row) => Object.assign({}, row, { number: row.number > 4 ? row.number - 1 : row.number }));
    expect(problems(closedUp)).toEqual([
      expect.stringContaining('row 4 is not what was written'),
      expect.stringContaining('row 5 is not'),
    ]);
  });

  it('shows reordered and repeated rows', () => {
    const [a, b, c, d] = rows as [AuditRow, AuditRow, AuditRow, AuditRow];
    expect(problems([a, c, b, d])).toEqual(['row 2 is missing', 'row 2 comes after row 3: reordered, or there twice']);
    expect(problems([a, b, b, c])).toEqual(['row 2 comes after row 2: reordered, or there twice']);
    const swapped = [a, { ...c, number: 2 }, { ...b, number: 3 }, d];
    expect(problems(swapped)).toEqual([
      expect.stringContaining('row 2 is not'),
      expect.stringContaining('row 3 is not'),
      expect.stringContaining('row 4 is not'),
    ]);
  });

  it('shows a cut tail against a head that was written down', () => {
    expect(problems(rows.slice(0, 4))).toEqual([]);
    expect(problems(rows.slice(0, 4), headOf(rows))).toEqual([
      'rows 5 to 6 are missing: the end of the log was cut off',
    ]);
    expect(problems([], headOf(rows))).toEqual(['rows 1 to 6 are missing: the end of the log was cut off']);
  });

  it('shows a tail that was cut and written anew, even with the key', () => {
    const head = headOf(rows);
    const short = rows.slice(0, 5);
    const anew = chained(headOf(short), { ...rows[5]!, what: 'another' }, rows[5]!.at, key);
    expect(problems([...short, anew])).toEqual([]);
    expect(problems([...short, anew], head)).toEqual(['row 6 is not the one that was the head: its MAC is another']);
    const longer = [...short, anew, chained(headOf([anew]), rows[0]!, rows[0]!.at, key)];
    expect(problems(longer, head)).toEqual(['row 6 is not the one that was the head: its MAC is another']);
  });

  it('says that the key is another when nothing verifies', () => {
    expect(verifyAudit(rows, 'another')).toEqual({
      is: 'broken',
      problems: ['no row verifies: this is not the key that the log was written with'],
    });
  });
});
