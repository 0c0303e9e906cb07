import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, type QueryResult } from 'pg';
import { binary } from './need.ts';
import { freePort, removeFolder, startPeer, temporaryFolder, type PeerProcess } from './process.ts';

const run = promisify(execFile);

export interface Postgres {
  /** Of the database `postgres`, as superuser, without a password; the same over `restart()`. */
  readonly url: string;
  /** Makes an empty database and gives its url: tests that share a server stay apart. */
  createDatabase(): Promise<string>;
  /** Makes it hang: connections stay open, new ones are taken by the kernel, nothing answers. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends it with all its connections; its data stays. `start()` brings it back on the same port. */
  halt(): Promise<void>;
  start(): Promise<void>;
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** A real PostgreSQL with an empty cluster in a temporary folder. `settings` are server settings; fsync is on unless they say off. */
export async function startPostgres(
  options: { readonly settings?: Readonly<Record<string, string>> } = {},
): Promise<Postgres> {
  const owner = unprivilegedUser();
  const folder = temporaryFolder('postgres', owner);
  const data = join(folder, 'data');
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    shared_buffers: '32MB',
    ...options.settings,
  };
  const start = (): Promise<PeerProcess> =>
    startPeer({
      name: 'postgres',
      command: binary('postgres', 'postgres'),
      args: ['-D', data, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
      env: { LC_ALL: 'C' },
      cwd: folder,
      ...owner,
      isReady: async () => (await query(url, 'select 1')).rowCount === 1,
      stopWithinMs: 5000,
    });
  let server: PeerProcess;
  try {
    const args = ['-D', data, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
    await run(binary('postgres', 'initdb'), args, { ...owner, cwd: folder, env: { LC_ALL: 'C' }, timeout: 60_000 });
    server = await start();
  } catch (error) {
    await removeFolder(folder);
    throw error;
  }
  // SIGINT is PostgreSQL's fast shutdown: it ends connections instead of waiting for them.
  const halt = async (): Promise<void> => {
    await signalFamily(server.pid, 'SIGCONT');
    await server.stop('SIGINT');
  };
  const startAgain = async (): Promise<void> => {
    server = await start();
  };
  return {
    url,
    createDatabase: async () => {
      const name = `test_${randomBytes(6).toString('hex')}`;
      await query(url, `create database ${name}`);
      return url.replace(/postgres$/, name);
    },
    pause: () => signalFamily(server.pid, 'SIGSTOP'),
    resume: () => signalFamily(server.pid, 'SIGCONT'),
    halt,
    start: startAgain,
    restart: async () => {
      await halt();
      await startAgain();
    },
    stop: async () => {
      await halt();
      await removeFolder(folder);
    },
  };
}

async function query(url: string, text: string): Promise<QueryResult> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000, query_timeout: 10_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

/** PostgreSQL refuses to run as root; then it runs as the system's postgres user, or as nobody. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
}

/** Signals the postmaster and its backends, each of which is a process group of its own. */
async function signalFamily(pid: number, signal: NodeJS.Signals): Promise<void> {
  const send = (to: number): void => {
    try {
      process.kill(to, signal);
    } catch {
      // It has ended meanwhile.
    }
  };
  if (signal === 'SIGSTOP') send(pid); // the postmaster first, so that it forks no more
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=']);
  for (const line of stdout.split('\n')) {
    const [child, parent] = line.trim().split(/\s+/).map(Number);
    if (child !== undefined && parent === pid) send(child);
  }
  if (signal !== 'SIGSTOP') send(pid);
}
