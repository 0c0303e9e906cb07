import type { ScopeNeed } from '../doctor/scopes.ts';
import type { AuditRow } from './store.ts';

/** What the doctor asks of the chat system and the store beside their daily work. Types only; nothing is changed by asking. */

export interface ChatExam {
  /** Who Slack says that the bot is, what it granted, and what its clock shows (ISO 8601, cut to the second; null: not told). Throws a Failure. */
  signIn(
    limitMs: number,
  ): Promise<{ readonly words: string; readonly scopes: readonly string[] | null; readonly clock: string | null }>;
  readonly needs: readonly ScopeNeed[];
  /** Throws a Failure. */
  channel(id: string): Promise<{ readonly name: string; readonly member: boolean; readonly archived: boolean }>;
  /** User ids in this group. Throws a Failure. */
  members(group: string): Promise<readonly string[]>;
}

/** Beside the running bot, reading only. */
export interface StoreExam {
  /** "SQLite, /data/mlp.sqlite", "PostgreSQL". */
  readonly what: string;
  /** One look of all. Throws a Failure; `not found`: there is none yet. */
  look(): Promise<{
    /** The version of the tables, and the newest that this bot knows. */
    readonly schema: { readonly stored: number; readonly known: number };
    /** Its own clock (ISO 8601); null: this machine's. */
    readonly clock: string | null;
    /** Of the disk that it is on; null: it is on another machine. */
    readonly freeBytes: number | null;
    readonly bytes: number;
    readonly head: { readonly number: number; readonly mac: string };
  }>;
  rows(fromNumber: number, limit: number): Promise<readonly AuditRow[]>;
  /** Are these rows, which follow each other, as they were written? A sentence for each trouble. */
  readonly verify: (rows: readonly AuditRow[]) => readonly string[];
}
