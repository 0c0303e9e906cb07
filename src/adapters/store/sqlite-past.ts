import type { KnownPast, PastFault, Store } from '../../core/ports/store.ts';
import type { SqliteContext } from './sqlite-context.ts';
import { indexable } from './text.ts';

/** What is remembered of closed incidents. */
export function sqlitePast({ db }: SqliteContext): Pick<Store, 'past'> {
  return {
    past: ({ key, since, limit }) =>
      db.read(() => {
        const rows =
          key === null
            ? db.all<PastRow>(
                'SELECT stream, body FROM past WHERE closed_at >= ? ORDER BY closed_at DESC, stream, key LIMIT ?',
                since,
                limit,
              )
            : db.all<PastRow>(
                'SELECT stream, body FROM past WHERE key = ? AND closed_at >= ? ORDER BY closed_at DESC, stream LIMIT ?',
                indexable(key),
                since,
                limit,
              );
        return rows.map(toPast);
      }),
  };
}

export interface PastRow {
  readonly stream: string;
  readonly body: string;
}

export function toPast({ stream, body }: PastRow): KnownPast {
  return { ...(JSON.parse(body) as PastFault), stream };
}

/** Inside a write. */
export function remember({ db }: SqliteContext, stream: string, all: readonly PastFault[]): void {
  db.run('DELETE FROM past WHERE stream = ?', stream);
  for (const one of all)
    db.run(
      'INSERT INTO past (key, stream, closed_at, body) VALUES (?, ?, ?, ?) ON CONFLICT (key, stream) DO NOTHING',
      indexable(one.key),
      stream,
      one.closedAt,
      JSON.stringify(one),
    );
}
