import { whyOf } from '../core/failure.ts';
import type { AuditRow } from '../core/ports/store.ts';
import { openAuditReader, verifyAudit } from '../main.ts';

/**
 * `npm run audit -- verify [--head N:MAC]`: is every row of the audit log as it was written, and none missing? `--head` is what a
 * closing message or the metric showed at some time: only it betrays that the end of the log was cut off.
 */
type Env = Readonly<Record<string, string | undefined>>;
const USAGE = 'usage: npm run audit -- verify [--head NUMBER:MAC]   (a closing message shows one)';
const PAGE = 1_000;

/** Exit code: 0 intact, 1 broken, 2 wrong usage, 3 not readable. */
export async function audit(args: readonly string[], env: Env, print: (line: string) => void): Promise<number> {
  const head = headOf(args);
  if (head === 'wrong usage') {
    print(USAGE);
    return 2;
  }
  const key = env['MLP_AUDIT_KEY'] ?? '';
  if (key === '') {
    print('MLP_AUDIT_KEY is not set: the key that the log was written with is needed to verify it');
    return 2;
  }
  try {
    return judge(await allRows(env), key, head, print);
  } catch (error) {
    print(`The audit log cannot be read: ${whyOf(error)}`);
    return 3;
  }
}

interface Head {
  readonly number: number;
  /** All 64 digits, or the first ones as a message shows them. */
  readonly mac: string;
}

function headOf(args: readonly string[]): Head | null | 'wrong usage' {
  const [verb, flag, value, ...rest] = args;
  if (verb !== 'verify' || rest.length > 0) return 'wrong usage';
  if (flag === undefined) return null;
  const given = flag === '--head' ? value : /^--head=(.+)$/.exec(flag)?.[1];
  const [, number, mac] = /^(\d{1,15}):([0-9a-f]{8,64})$/.exec(given ?? '') ?? [];
  if (number === undefined || mac === undefined) return 'wrong usage';
  return { number: Number(number), mac };
}

async function allRows(env: Env): Promise<readonly AuditRow[]> {
  const reader = await openAuditReader(env);
  try {
    const rows: AuditRow[] = [];
    for (;;) {
      const some = await reader.rows((rows.at(-1)?.number ?? 0) + 1, PAGE);
      rows.push(...some);
      if (some.length < PAGE) return rows;
    }
  } finally {
    await reader.close();
  }
}

function judge(rows: readonly AuditRow[], key: string, head: Head | null, print: (line: string) => void): number {
  const verdict = verifyAudit(rows, key, head === null ? null : whole(head, rows));
  if (verdict.is === 'broken') {
    print(`The audit log is NOT as it was written:`);
    for (const problem of verdict.problems) print(`  - ${problem}`);
    return 1;
  }
  print(`Intact: ${verdict.head.number} rows. Head ${verdict.head.number}:${verdict.head.mac}`);
  if (head === null) print('Without --head a cut-off end cannot be seen: give the one of the newest closing message.');
  return 0;
}

/** A message shows the first digits only: the rest is the row's own where they agree. */
function whole({ number, mac }: Head, rows: readonly AuditRow[]): Head {
  const own = rows.find((row) => row.number === number)?.mac;
  return { number, mac: own?.startsWith(mac) === true ? own : mac };
}

if (import.meta.main) {
  process.exitCode = await audit(process.argv.slice(2), process.env, (line) => process.stdout.write(`${line}\n`));
}
