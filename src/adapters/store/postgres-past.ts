import type { PastFault, Store } from '../../core/ports/store.ts';
import type { PostgresContext } from './postgres-context.ts';
import type { Tx } from './postgres-database.ts';
import { toPast } from './sqlite-past.ts';
import type { PastRow } from './sqlite-past.ts';
import { indexable } from './text.ts';

/** What is remembered of closed incidents. */
export function postgresPast({ db }: PostgresContext): Pick<Store, 'past'> {
  return {
    past: ({ key, since, limit }) =>
      db.once(async (tx) => {
        const rows =
          key === null
            ? await tx.rows<PastRow>(
                'SELECT stream, body FROM mlp.past WHERE closed_at >= $1 ORDER BY closed_at DESC, stream, key LIMIT $2',
                since,
                limit,
              )
            : await tx.rows<PastRow>(
                'SELECT stream, body FROM mlp.past WHERE key = $1 AND closed_at >= $2 ORDER BY closed_at DESC, stream LIMIT $3',
                indexable(key),
                since,
                limit,
              );
        return rows.map(toPast);
      }),
  };
}

/** Inside a transaction. */
export async function remember(tx: Tx, stream: string, all: readonly PastFault[]): Promise<void> {
  await tx.run('DELETE FROM mlp.past WHERE stream = $1', stream);
  for (const one of all)
    await tx.run(
      'INSERT INTO mlp.past (key, stream, closed_at, body) VALUES ($1, $2, $3, $4) ON CONFLICT (key, stream) DO NOTHING',
      indexable(one.key),
      stream,
      one.closedAt,
      JSON.stringify(one),
    );
}
