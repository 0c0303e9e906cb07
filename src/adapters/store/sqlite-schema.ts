/**
 * One entry per schema version, oldest first; never changed once released. Expand first: a step that an older binary could not live
 * with raises `oldestReader` to its own version.
 */
export interface Migration {
  readonly version: number;
  /** The oldest schema version whose binary can still work on the result. */
  readonly oldestReader: number;
  readonly sql: string;
}

export const sqliteMigrations: readonly Migration[] = [
  {
    version: 1,
    oldestReader: 1,
    sql: `
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE streams (
  stream TEXT PRIMARY KEY,
  seq INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER,
  number INTEGER UNIQUE,
  open INTEGER NOT NULL DEFAULT 1,
  closed_at INTEGER,
  summary TEXT,
  updated_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX streams_due ON streams (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX streams_recent ON streams (updated_at) WHERE summary IS NOT NULL;
CREATE INDEX streams_closed ON streams (closed_at) WHERE closed_at IS NOT NULL;
CREATE TABLE keys (key TEXT PRIMARY KEY, stream TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX keys_stream ON keys (stream);
CREATE TABLE inbox (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  stream TEXT NOT NULL,
  body TEXT,
  at INTEGER NOT NULL,
  answered INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX inbox_unanswered ON inbox (stream, position) WHERE answered = 0;
CREATE INDEX inbox_stream ON inbox (stream);
CREATE INDEX inbox_at ON inbox (at);
CREATE TABLE leases (name TEXT PRIMARY KEY, owner TEXT NOT NULL, epoch INTEGER NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE events (
  stream TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE evidence (stream TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (stream, id)) STRICT;
CREATE TABLE holds (target TEXT PRIMARY KEY, stream TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
  ord INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  stream TEXT NOT NULL,
  kind TEXT NOT NULL,
  under TEXT,
  desired TEXT NOT NULL,
  content TEXT NOT NULL,
  priority INTEGER NOT NULL,
  urgency INTEGER NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  sent_revision INTEGER NOT NULL DEFAULT 0,
  ref_channel TEXT,
  ref_ts TEXT,
  unsure INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  why TEXT,
  retry_at INTEGER,
  not_after INTEGER,
  dead INTEGER NOT NULL DEFAULT 0,
  wanted_at INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_unsent ON outbox (urgency, wanted_at, ord) WHERE revision > sent_revision AND dead = 0;
CREATE INDEX outbox_unsent_said ON outbox (under, ord) WHERE kind = 'said' AND revision > sent_revision AND dead = 0;
CREATE INDEX outbox_stream ON outbox (stream);
CREATE INDEX outbox_ref ON outbox (ref_channel, ref_ts) WHERE ref_ts IS NOT NULL;
CREATE INDEX outbox_dead ON outbox (dead) WHERE dead = 1;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
  number INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  stream TEXT NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  digest TEXT,
  why TEXT NOT NULL,
  mac TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
`,
  },
  {
    version: 2,
    oldestReader: 1,
    sql: `
ALTER TABLE outbox ADD COLUMN channel TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN late INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN folded INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN note TEXT;
UPDATE outbox SET channel = coalesce(json_extract(desired, '$.channel'), '');
CREATE INDEX outbox_folded ON outbox (under) WHERE folded = 1;
CREATE INDEX outbox_under ON outbox (under) WHERE under IS NOT NULL;
`,
  },
  {
    version: 3,
    oldestReader: 1,
    sql: `
CREATE TABLE past (
  key TEXT NOT NULL,
  stream TEXT NOT NULL,
  closed_at TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (key, stream)
) STRICT, WITHOUT ROWID;
CREATE INDEX past_stream ON past (stream);
CREATE INDEX past_recent ON past (closed_at);
`,
  },
  {
    version: 4,
    oldestReader: 1,
    sql: `
CREATE TABLE alerts (alert TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX alerts_at ON alerts (at);
`,
  },
];
