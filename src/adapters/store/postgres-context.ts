import type { PostgresDatabase, Tx } from './postgres-database.ts';
import type { PostgresJobs } from './postgres-jobs.ts';

/** What the parts of the PostgreSQL store share. */
export interface PostgresContext {
  readonly db: PostgresDatabase;
  readonly jobs: PostgresJobs;
  readonly auditKey: string;
  /** Unanswered rows that the inbox takes before it says that it is full. */
  readonly inboxLimit: number;
}

/** The next value of a counter, without gaps. */
export async function counted(tx: Tx, name: string): Promise<number> {
  const [row] = await tx.rows<{ value: number }>(
    'INSERT INTO mlp.counters AS c (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = c.value + 1 RETURNING value',
    name,
  );
  if (row === undefined) throw new Error(`the counter ${name} gave no value`);
  return row.value;
}
