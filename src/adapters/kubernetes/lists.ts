import type { ZodType, z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type { Connection, Request } from './connection.ts';
import { pageOf, table, type Metadata } from './objects.ts';

/** Objects in a page; a typed list of thousands in one answer would block the event loop for half a second. */
const pageSize = 500;

/**
 * All pages of a list. When the server has forgotten where we were (410), the list is begun again, once: two halves of two moments would not
 * be one list.
 */
async function pages<Page extends { readonly metadata: { readonly continue: string } }>(
  connection: Connection,
  schema: ZodType<Page>,
  request: Request,
): Promise<readonly Page[]> {
  for (let isSecond = false; ; isSecond = true) {
    const all: Page[] = [];
    let from = '';
    try {
      do {
        const query = { ...request.query, limit: String(pageSize), ...(from === '' ? {} : { continue: from }) };
        const page = await connection.json(schema, { ...request, query });
        all.push(page);
        from = page.metadata.continue;
      } while (from !== '');
      return all;
    } catch (error) {
      if (isSecond || from === '' || !(error instanceof Failure) || error.kind !== 'gone') throw error;
    }
  }
}

export async function list<T extends z.ZodType>(
  connection: Connection,
  item: T,
  request: Request,
): Promise<readonly z.output<T>[]> {
  const schema = pageOf(item) as unknown as ZodType<{ metadata: { continue: string }; items: z.output<T>[] }>;
  const found = await pages(connection, schema, request);
  return found.flatMap((page) => page.items);
}

export interface Row {
  /** By column, as text. */
  readonly cells: Readonly<Record<string, string>>;
  /** Null when the objects were not asked for. */
  readonly metadata: Metadata | null;
}

const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** A list as `kubectl get` prints it: a small part of the objects' size. `Metadata` adds labels and owners. */
export async function rows(
  connection: Connection,
  include: 'Metadata' | 'None',
  request: Request,
): Promise<readonly Row[]> {
  const query = { ...request.query, includeObject: include };
  const found = await pages(connection, table, { ...request, query, accept: asTable });
  return found.flatMap((page) =>
    page.rows.map((row) => {
      const cells: Record<string, string> = {};
      for (const [index, { name }] of page.columnDefinitions.entries()) {
        const cell = row.cells[index];
        cells[name.toLowerCase()] = typeof cell === 'string' || typeof cell === 'number' ? String(cell) : '';
      }
      return { cells, metadata: row.object?.metadata ?? null };
    }),
  );
}
