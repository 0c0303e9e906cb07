import { judgeClock } from '../../core/doctor/clocks.ts';
import { bad, ok, unknown, warn } from '../../core/doctor/line.ts';
import type { Line } from '../../core/doctor/line.ts';
import { Failure, whyOf } from '../../core/failure.ts';
import type { StoreExam } from '../../core/ports/exam.ts';
import type { Probe } from './examine.ts';
import type { DoctorParts } from './parts.ts';

/** The store: does it answer, how fast, has it room, is it of this version, is the end of the audit log as it was written. */

const LIMIT_MS = 10_000;
const SLOW_MS = 250;
const GIGA = 1_000_000_000;
/** Of the audit log: enough to see today's hands in it, little enough not to hold up the bot. */
const TAIL = 1_000;

export function storeProbes({ store, config, clock }: DoctorParts): readonly Probe[] {
  const now = (): number => clock.now();
  return [{ what: 'store', withinMs: LIMIT_MS, ask: () => look(store, config.skewMs, now) }];
}

async function look(store: StoreExam, skewMs: number, now: () => number): Promise<readonly Line[]> {
  const askedAt = now();
  try {
    const found = await store.look();
    const answeredAt = now();
    const { clock, freeBytes, bytes, schema, head } = found;
    return [
      quick(store.what, Math.round(answeredAt - askedAt), bytes),
      ...(freeBytes === null ? [] : [room(freeBytes, bytes)]),
      version(schema),
      ...(clock === null
        ? [ok('store: clock', 'the one of this machine')]
        : [
            judgeClock(
              'store',
              { askedAt, answeredAt, shown: Date.parse(clock), grain: 1 },
              { skewMs, tooMuch: 'bad' },
            ),
          ]),
      await auditEnd(store, head),
    ];
  } catch (error) {
    if (error instanceof Failure && error.kind === 'not found')
      return [
        warn(
          'store',
          `${store.what}: ${error.message}`,
          'the first start makes it; MLP_DATA must be on a disk that stays',
        ),
      ];
    return [bad('store', `${store.what}: ${whyOf(error)}`, 'check DATABASE_URL or MLP_DATA, its rights, and the disk')];
  }
}

function quick(what: string, tookMs: number, bytes: number): Line {
  const words = `${what}: answers in ${tookMs} ms, holds ${size(bytes)}`;
  return tookMs > SLOW_MS
    ? warn('store', words, 'each alert waits for it: a database nearby, or a disk that is less busy')
    : ok('store', words);
}

/** The write-ahead log may grow to about as much again while a copy is made. */
function room(free: number, bytes: number): Line {
  const words = `${size(free)} free`;
  const todo = 'make room, or move MLP_DATA: on a full disk no alert can be taken';
  if (free < 0.1 * GIGA) return bad('store: disk', words, todo);
  return free < Math.max(GIGA, 2 * bytes) ? warn('store: disk', words, todo) : ok('store: disk', words);
}

function version({ stored, known }: { readonly stored: number; readonly known: number }): Line {
  const what = 'store: schema';
  if (stored === known) return ok(what, `version ${stored}`);
  return stored < known
    ? warn(what, `version ${stored}, this bot knows ${known}`, 'nothing to do: the next start brings it up to date')
    : warn(
        what,
        `version ${stored}, of a newer bot than this one (${known})`,
        'finish the upgrade: an older replica leaves alone what it cannot read',
      );
}

async function auditEnd(store: StoreExam, head: { readonly number: number; readonly mac: string }): Promise<Line> {
  const what = 'audit log';
  if (head.number === 0) return ok(what, 'empty');
  const todo = 'npm run audit -- verify says more; set the MLP_AUDIT_KEY that was used before';
  try {
    // The one before the first is what that is chained to.
    const from = Math.max(1, head.number - TAIL);
    const rows = await store.rows(from, TAIL + 1);
    const [problem] = store.verify(rows);
    if (problem !== undefined) return bad(what, problem, todo);
    const last = rows.at(-1) ?? head;
    const shown = `head ${last.number}:${last.mac.slice(0, 12)}`;
    return from === 1
      ? ok(what, `${head.number} rows verify, ${shown}`)
      : ok(what, `the last ${TAIL} of ${head.number} rows verify, ${shown}`);
  } catch (error) {
    return unknown(what, whyOf(error), 'ask again, or npm run audit -- verify');
  }
}

const size = (bytes: number): string =>
  bytes >= GIGA ? `${(bytes / GIGA).toFixed(1)} GB` : `${Math.max(0.1, bytes / 1_000_000).toFixed(1)} MB`;
