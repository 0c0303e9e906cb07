import { Client } from 'pg';
import { connectionConfig } from './postgres-database.ts';
import { postgresFailure } from './postgres-failure.ts';
import type { Migration } from './sqlite-schema.ts';
import { tooNew } from './sqlite.ts';

export const postgresMigrations: readonly Migration[] = [
  {
    version: 1,
    oldestReader: 1,
    sql: `
CREATE SEQUENCE mlp.lease_epoch;
CREATE TABLE mlp.counters (name text PRIMARY KEY, value bigint NOT NULL);
CREATE TABLE mlp.streams (
  stream text PRIMARY KEY,
  seq bigint NOT NULL DEFAULT 0,
  due_at timestamptz,
  wake_at timestamptz,
  number bigint UNIQUE,
  open boolean NOT NULL DEFAULT true,
  closed_at timestamptz,
  summary text,
  updated_at text COLLATE "C"
);
COMMENT ON COLUMN mlp.streams.wake_at IS 'when the job that waits for this stream in the queue is to start; null: none waits';
CREATE INDEX streams_due ON mlp.streams (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX streams_recent ON mlp.streams (updated_at) WHERE summary IS NOT NULL;
CREATE INDEX streams_closed ON mlp.streams (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX streams_open ON mlp.streams (stream) WHERE open;
CREATE TABLE mlp.keys (key text PRIMARY KEY, stream text NOT NULL);
CREATE INDEX keys_stream ON mlp.keys (stream);
CREATE TABLE mlp.inbox (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL UNIQUE,
  stream text NOT NULL,
  body text,
  at timestamptz NOT NULL,
  answered boolean NOT NULL DEFAULT false
);
CREATE INDEX inbox_unanswered ON mlp.inbox (stream, position) WHERE NOT answered;
CREATE INDEX inbox_stream ON mlp.inbox (stream);
CREATE INDEX inbox_at ON mlp.inbox (at);
CREATE TABLE mlp.leases (name text PRIMARY KEY, owner text NOT NULL, epoch bigint NOT NULL, expires_at timestamptz NOT NULL);
CREATE TABLE mlp.events (
  stream text NOT NULL,
  seq bigint NOT NULL,
  at timestamptz NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (stream, seq)
);
CREATE TABLE mlp.evidence (stream text NOT NULL, id text NOT NULL, body text NOT NULL, PRIMARY KEY (stream, id));
CREATE TABLE mlp.holds (target text PRIMARY KEY, stream text NOT NULL);
CREATE TABLE mlp.outbox (
  ord bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE,
  stream text NOT NULL,
  kind text NOT NULL,
  under text,
  desired text NOT NULL,
  content text NOT NULL,
  priority integer NOT NULL,
  urgency integer NOT NULL,
  revision bigint NOT NULL DEFAULT 1,
  sent_revision bigint NOT NULL DEFAULT 0,
  ref_channel text,
  ref_ts text,
  unsure boolean NOT NULL DEFAULT false,
  failures integer NOT NULL DEFAULT 0,
  why text,
  retry_at timestamptz,
  not_after timestamptz,
  dead boolean NOT NULL DEFAULT false,
  wanted_at timestamptz NOT NULL
);
CREATE INDEX outbox_unsent ON mlp.outbox (urgency, wanted_at, ord) WHERE revision > sent_revision AND NOT dead;
CREATE INDEX outbox_unsent_said ON mlp.outbox (under, ord) WHERE kind = 'said' AND revision > sent_revision AND NOT dead;
CREATE INDEX outbox_stream ON mlp.outbox (stream);
CREATE INDEX outbox_ref ON mlp.outbox (ref_channel, ref_ts) WHERE ref_ts IS NOT NULL;
CREATE INDEX outbox_dead ON mlp.outbox (ord) WHERE dead;
CREATE TABLE mlp.settings (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE mlp.audit (
  number bigint PRIMARY KEY,
  at text NOT NULL,
  stream text NOT NULL,
  who text NOT NULL,
  what text NOT NULL,
  digest text,
  why text NOT NULL,
  mac text NOT NULL
);
CREATE FUNCTION mlp.audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON mlp.audit
  FOR EACH ROW EXECUTE FUNCTION mlp.audit_is_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON mlp.audit
  FOR EACH STATEMENT EXECUTE FUNCTION mlp.audit_is_append_only();
`,
  },
  {
    version: 2,
    oldestReader: 1,
    sql: `
ALTER TABLE mlp.outbox ADD COLUMN channel text NOT NULL DEFAULT '';
ALTER TABLE mlp.outbox ADD COLUMN late boolean NOT NULL DEFAULT false;
ALTER TABLE mlp.outbox ADD COLUMN folded boolean NOT NULL DEFAULT false;
ALTER TABLE mlp.outbox ADD COLUMN note text;
UPDATE mlp.outbox SET channel = coalesce(desired::json ->> 'channel', '');
CREATE INDEX outbox_folded ON mlp.outbox (under) WHERE folded;
CREATE INDEX outbox_under ON mlp.outbox (under) WHERE under IS NOT NULL;
`,
  },
  {
    version: 3,
    oldestReader: 1,
    sql: `
CREATE TABLE mlp.past (
  key text NOT NULL,
  stream text NOT NULL,
  closed_at text NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (key, stream)
);
CREATE INDEX past_stream ON mlp.past (stream);
CREATE INDEX past_recent ON mlp.past (closed_at);
`,
  },
  {
    version: 4,
    oldestReader: 1,
    sql: `
CREATE TABLE mlp.alerts (alert text PRIMARY KEY, at timestamptz NOT NULL);
CREATE INDEX alerts_at ON mlp.alerts (at);
`,
  },
];

const migrationTimeoutMs = 120_000;

/** Brings the schema up to date; of replicas that start at once one does it and the others wait. */
export async function migratePostgres(url: string, migrations: readonly Migration[]): Promise<void> {
  const client = new Client({
    ...connectionConfig(url, 'mlp-bot migration'),
    statement_timeout: migrationTimeoutMs,
    lock_timeout: migrationTimeoutMs,
    query_timeout: migrationTimeoutMs,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('BEGIN');
    await client.query("SELECT pg_advisory_xact_lock(hashtext('mlp-bot'), hashtext('migration'))");
    await client.query('CREATE SCHEMA IF NOT EXISTS mlp');
    await client.query(
      'CREATE TABLE IF NOT EXISTS mlp.schema_version (version integer NOT NULL, oldest_reader integer NOT NULL)',
    );
    const { rows } = await client.query<{ version: number; oldest_reader: number }>(
      'SELECT version, oldest_reader FROM mlp.schema_version',
    );
    const stored = rows[0];
    const known = migrations.at(-1)?.version ?? 0;
    if (stored !== undefined && stored.oldest_reader > known) throw tooNew('the database', stored.version, known);
    for (const { version, oldestReader, sql } of migrations) {
      if (version <= (stored?.version ?? 0)) continue;
      await client.query(sql);
      await client.query('DELETE FROM mlp.schema_version');
      await client.query('INSERT INTO mlp.schema_version (version, oldest_reader) VALUES ($1, $2)', [
        version,
        oldestReader,
      ]);
    }
    await client.query('COMMIT');
  } catch (error) {
    throw postgresFailure(error, false);
  } finally {
    client.end().catch(() => {});
  }
}
