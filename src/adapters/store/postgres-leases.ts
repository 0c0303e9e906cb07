import type { Claim } from '../../core/ports/store.ts';
import type { Tx } from './postgres-database.ts';

/** Whether this claim is still the one; until the end of the transaction nobody else can take it. */
export async function holds(tx: Tx, lease: Claim): Promise<boolean> {
  const sql = 'SELECT 1 FROM mlp.leases WHERE name = $1 AND owner = $2 AND epoch = $3 FOR SHARE';
  return (await tx.run(sql, lease.name, lease.owner, lease.epoch)) === 1;
}

const wantedSql =
  'WITH wanted AS (SELECT stream, due_at AS since FROM mlp.streams WHERE due_at <= clock_timestamp() ' +
  'UNION ALL SELECT stream, min(at) AS since FROM mlp.inbox WHERE NOT answered GROUP BY stream) ' +
  "SELECT stream FROM wanted WHERE since <= clock_timestamp() - $1 * interval '1 millisecond' " +
  'AND NOT EXISTS (SELECT 1 FROM mlp.leases WHERE leases.name = wanted.stream AND leases.expires_at > clock_timestamp()) ' +
  'GROUP BY stream ORDER BY min(since), stream LIMIT $2';

/** Nobody's streams that have wanted to be driven for this long. */
export async function overdue(tx: Tx, forMs: number, limit: number): Promise<readonly string[]> {
  return (await tx.rows<{ stream: string }>(wantedSql, forMs, limit)).map((row) => row.stream);
}
