import type { ZodType, z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type { Connection, Request } from './connection.ts';
import { pageOf, table, type RowMetadata } from './objects.ts';

/** Objects in a page. Whole objects are large: more of them in one answer would block the event loop for too long while they are parsed. */
const pageSize = { objects: 200, rows: 500 } as const;

/**
 * All pages of a list, each turned into what is kept of it as it comes, so that thousands of objects are never held at once and never
 * worked through in one go. When the server has forgotten where we were (410), the list is begun again, once: two halves of two moments
 * would not be one list.
 */
async function pages<Page extends { readonly metadata: { readonly continue: string } }, T>(
  connection: Connection,
  schema: ZodType<Page>,
  request: Request,
  size: number,
  kept: (page: Page) => readonly T[],
): Promise<readonly T[]> {
  for (let isSecond = false; ; isSecond = true) {
    const all: T[] = [];
    let from = '';
    try {
      do {
        const query = { ...request.query, limit: String(size), ...(from === '' ? {} : { continue: from }) };
        const page = await connection.json(schema, { ...request, query });
        all.push(...kept(page));
        from = page.metadata.continue;
      } while (from !== '');
      return all;
    } catch (error) {
      if (isSecond || from === '' || !(error instanceof Failure) || error.kind !== 'gone') throw error;
    }
  }
}

export function list<T extends z.ZodType>(
  connection: Connection,
  item: T,
  request: Request,
): Promise<readonly z.output<T>[]> {
  return listKeeping(connection, item, request, (one) => one);
}

/** Keeps of each object what `kept` makes of it. */
export function listKeeping<T extends z.ZodType, K>(
  connection: Connection,
  item: T,
  request: Request,
  kept: (one: z.output<T>) => K,
): Promise<readonly K[]> {
  const schema = pageOf(item) as unknown as ZodType<{ metadata: { continue: string }; items: z.output<T>[] }>;
  return pages(connection, schema, request, pageSize.objects, (page) => page.items.map((one) => kept(one)));
}

export interface Row {
  /** By column, as text. */
  readonly cells: Readonly<Record<string, string>>;
  /** Null when the objects were not asked for. */
  readonly metadata: RowMetadata | null;
}

const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** A list as `kubectl get` prints it: a small part of the objects' size. `Metadata` adds labels and owners. */
export function rows<K>(
  connection: Connection,
  include: 'Metadata' | 'None',
  request: Request,
  kept: (row: Row) => readonly K[],
): Promise<readonly K[]> {
  const query = { ...request.query, includeObject: include };
  return pages(connection, table, { ...request, query, accept: asTable }, pageSize.rows, (page) => {
    const columns = page.columnDefinitions.map(({ name }) => name.toLowerCase());
    return page.rows.flatMap((row) => {
      const cells: Record<string, string> = {};
      for (const [index, name] of columns.entries()) {
        const cell = row.cells[index];
        cells[name] = typeof cell === 'string' || typeof cell === 'number' ? String(cell) : '';
      }
      return kept({ cells, metadata: row.object?.metadata ?? null });
    });
  });
}
