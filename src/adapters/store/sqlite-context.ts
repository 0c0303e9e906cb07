import type { Backlog } from './backlog.ts';
import type { Clock } from './clock.ts';
import type { SqliteFile } from './sqlite-file.ts';
import type { Wakes } from './wakes.ts';

/** What the parts of the embedded store share. */
export interface SqliteContext {
  readonly db: SqliteFile;
  readonly clock: Clock;
  readonly auditKey: string;
  readonly backlog: Backlog;
  readonly wakes: Wakes;
}

/** The next value of a counter, inside a write. */
export function counted(db: SqliteFile, name: string): number {
  const row = db.get<{ value: number }>(
    'INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value',
    name,
  );
  if (row === undefined) throw new Error(`the counter ${name} gave no value`);
  return row.value;
}
