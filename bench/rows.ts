import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { whyNot } from '../test/peers/need.ts';
import { worse, type Figures } from './figures.ts';

/** What a store itself says, asked beside the bot: nobody's word is taken for it. */
export type Rows = { readonly is: 'sqlite'; readonly file: string } | { readonly is: 'postgres'; readonly url: string };
export type StoreName = Rows['is'];

/** On SQLite and on a real PostgreSQL: each figure by store, and the worse of the two under its own name. */
export async function onEachStore(what: string, measure: (store: StoreName) => Promise<Figures>): Promise<Figures> {
  const missing = whyNot('postgres');
  if (missing !== undefined) process.stderr.write(`${what} on PostgreSQL ${missing}\n`);
  const stores = missing === undefined ? (['sqlite', 'postgres'] as const) : (['sqlite'] as const);
  const measured: (readonly [StoreName, Figures])[] = [];
  for (const store of stores) measured.push([store, await measure(store)]);
  const names = [...new Set(measured.flatMap(([, one]) => Object.keys(one)))];
  const values = (name: string): readonly number[] =>
    measured.flatMap(([, { [name]: value }]) => (value === undefined ? [] : [value]));
  return Object.fromEntries([
    ...names.map((name) => [name, worse(name, values(name))] as const),
    ...measured.flatMap(([store, one]) =>
      Object.entries(one).map(([name, value]) => [`${name}_${store}`, value] as const),
    ),
  ]);
}

export function sqliteIn(folder: string): Rows {
  return { is: 'sqlite', file: join(folder, 'data', 'mlp.sqlite') };
}

export interface Kept {
  /** Fingerprints, each as often as it is counted. */
  readonly alerts: readonly string[];
  /** Alerts whose news went to more than one incident. */
  readonly torn: number;
}

/** Rows of the inbox are called `alert:<fingerprint of 16>:…`. */
const torn =
  "SELECT count(*) AS n FROM (SELECT substr(id, 1, 22) FROM inbox WHERE id LIKE 'alert:%' GROUP BY 1 HAVING count(DISTINCT stream) > 1) AS twice";

export async function keptIn(rows: Rows): Promise<Kept> {
  if (rows.is === 'sqlite') {
    const db = new DatabaseSync(rows.file, { readOnly: true });
    try {
      const all = db.prepare('SELECT substr(alert, 1, 16) AS alert FROM alerts').all();
      return { alerts: all.map((one) => String(one['alert'])), torn: Number(db.prepare(torn).get()?.['n']) };
    } finally {
      db.close();
    }
  }
  const client = new Client({ connectionString: rows.url });
  await client.connect();
  try {
    await client.query('SET search_path TO mlp');
    const all = await client.query<{ alert: string }>('SELECT substr(alert, 1, 16) AS alert FROM alerts');
    const twice = await client.query<{ n: string }>(torn);
    return { alerts: all.rows.map((one) => one.alert), torn: Number(twice.rows[0]?.n) };
  } finally {
    await client.end();
  }
}
