import type { Claim } from '../../core/ports/store.ts';
import type { SqliteContext } from './sqlite-context.ts';

/** Whether this claim is still the one. One that ran out without a successor still is: nobody else has begun anything. */
export function holds({ db }: SqliteContext, lease: Claim): boolean {
  const sql = 'SELECT 1 AS here FROM leases WHERE name = ? AND owner = ? AND epoch = ?';
  return db.get<{ here: number }>(sql, lease.name, lease.owner, lease.epoch) !== undefined;
}

const wantedSql =
  'SELECT stream FROM (SELECT stream, due_at AS since FROM streams WHERE due_at <= ?1 ' +
  'UNION ALL SELECT stream, min(at) AS since FROM inbox WHERE answered = 0 GROUP BY stream HAVING min(at) <= ?1) AS wanted ' +
  'WHERE NOT EXISTS (SELECT 1 FROM leases WHERE leases.name = wanted.stream AND leases.expires_at > ?2) ' +
  'GROUP BY stream ORDER BY min(since), stream LIMIT ?3';

/** Nobody's streams that wanted to be driven at this moment (milliseconds) or earlier. */
export function overdue({ db, clock }: SqliteContext, at: number, limit: number): readonly string[] {
  return db.all<{ stream: string }>(wantedSql, at, clock(), limit).map((row) => row.stream);
}
