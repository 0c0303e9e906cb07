import { execFile } from 'node:child_process';
import { Failure } from '../../core/failure.ts';
import type { Commit, Commits } from '../../core/ports/commits.ts';
import { redact } from '../../core/redact.ts';

/** Commits of a local repository, as `git log` tells them. Nothing is fetched: how fresh it is, is up to whoever keeps the clone. */

export interface Source {
  readonly service: string;
  /** Folder of the repository. */
  readonly path: string;
  readonly branch: string;
}

const LIMIT_MS = 5_000;
const MAX_BYTES = 1_000_000;
const MOST = 100;
/** Between fields and after each commit: no text holds them. */
const [FIELD, END] = ['\u001F', '\u001E'];

export function gitCommits(sources: readonly Source[], limitMs = LIMIT_MS): Commits {
  return {
    async of(service, since, limit) {
      const source = sources.find((one) => one.service === service);
      if (source === undefined) return null;
      const out = await log(source, since, Math.min(limit, MOST), limitMs);
      return { source: `${service} (${source.branch})`, commits: commitsIn(out) };
    },
  };
}

/**
 * An argument vector, no shell. What a repository's own config could make git run is switched off, and a branch is never taken for an
 * option. `--since` goes by the committer's date, so that is the one that is told.
 */
async function log({ path, branch }: Source, since: string, limit: number, limitMs: number): Promise<string> {
  const argv = [
    '--no-pager',
    '--no-optional-locks',
    '-c',
    'core.fsmonitor=false',
    '-c',
    'log.showSignature=false',
    '-C',
    path,
    'log',
    '--no-color',
    '--no-show-signature',
    `--since=${since}`,
    `--max-count=${limit}`,
    '--format=%H%x1f%cI%x1f%an%x1f%s%x1e',
    '--end-of-options',
    branch,
    '--',
  ];
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    LC_ALL: 'C',
    TZ: 'UTC',
  };
  return new Promise((resolve, reject) => {
    execFile('git', argv, { timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: MAX_BYTES, env }, (error, out, err) => {
      if (error === null) resolve(out);
      else reject(failureOf(error, err, limitMs));
    });
  });
}

function failureOf(
  error: Error & { readonly killed?: boolean; readonly code?: unknown },
  err: string,
  limitMs: number,
): Failure {
  if (error.killed === true && error.code !== 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return new Failure('timeout', `git did not answer within ${limitMs / 1000} s`);
  if (error.code === 'ENOENT') return new Failure('unreachable', 'git is not installed here');
  const said = redact(err.trim().split('\n')[0] ?? '').slice(0, 300);
  return new Failure('unreadable', said === '' ? 'git could not read the repository' : `git: ${said}`);
}

function commitsIn(out: string): readonly Commit[] {
  return out
    .split(END)
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => {
      const [id = '', at = '', by = '', title = ''] = one.split(FIELD);
      const moment = Date.parse(at);
      if (!/^[0-9a-f]{40,64}$/.test(id) || Number.isNaN(moment))
        throw new Failure('unreadable', 'git answered something that I do not understand');
      return { id, at: new Date(moment).toISOString(), by: redact(by), title: redact(title) };
    });
}
