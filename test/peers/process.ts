import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A real peer that runs as a child process. */
export interface PeerProcess {
  readonly name: string;
  readonly pid: number;
  /** The last 32 KiB of what it wrote on stdout and stderr. */
  output(): string;
  /** Ends it: the given signal, and SIGKILL after `stopWithinMs`. Resolves when it is gone; again is harmless. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Makes it hang: its connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
}

export interface PeerSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Resolves to true as soon as it can be used; throwing means not yet. */
  readonly isReady: () => Promise<boolean>;
  readonly readyWithinMs?: number;
  readonly stopWithinMs?: number;
}

const outputLimitBytes = 32 * 1024;
let reaper: ChildProcess | undefined;

/** Tells the reaper what to end or remove if this process dies before it could. */
function tellReaper(verb: 'keep' | 'drop', kind: 'pid' | 'folder', value: number | string): void {
  if (reaper === undefined) {
    const script = fileURLToPath(new URL('reaper.mjs', import.meta.url));
    reaper = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    reaper.unref();
    // @ts-expect-error a pipe is a socket at run time; without this it would keep the process alive
    reaper.stdin?.unref();
    reaper.stdin?.on('error', () => {});
    reaper.on('error', () => {});
  }
  reaper.stdin?.write(`${JSON.stringify({ verb, kind, value })}\n`);
}

/** A fresh folder that is removed at the latest when this process ends. `owner` gets it (uid and gid alike), if given. */
export function temporaryFolder(name: string, owner?: { readonly uid: number; readonly gid: number }): string {
  const folder = mkdtempSync(join(tmpdir(), `mlp-bot-${name}-`));
  if (owner) chownSync(folder, owner.uid, owner.gid);
  tellReaper('keep', 'folder', folder);
  return folder;
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  tellReaper('drop', 'folder', folder);
}

const handedOut = new Set<number>();

/** A loopback port that nothing listens on, below the kernel's range for outgoing connections so that none of them takes it. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = 15_000 + Math.floor(Math.random() * 15_000);
    if (handedOut.has(port) || !(await canListen(port))) continue;
    handedOut.add(port);
    return port;
  }
  throw new Error('no free port between 15000 and 30000 on the loopback address');
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Starts a peer and waits until it is ready. Throws with its last words when it ends or is not ready in time (20 s by default). */
export async function startPeer(spec: PeerSpec): Promise<PeerProcess> {
  const child = spawn(spec.command, spec.args, {
    env: { PATH: process.env['PATH'] ?? '', ...spec.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
    ...(spec.uid === undefined ? {} : { uid: spec.uid }),
    ...(spec.gid === undefined ? {} : { gid: spec.gid }),
  });
  const running = watch(spec, child);
  try {
    await untilReady(spec, running);
  } catch (error) {
    await running.stop('SIGKILL');
    throw error;
  }
  return running;
}

interface Watched extends PeerProcess {
  ended(): string | undefined;
}

function watch(spec: PeerSpec, child: ChildProcess): Watched {
  let output = '';
  let ended: string | undefined;
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-outputLimitBytes);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const pid = child.pid ?? 0;
  if (pid > 0) tellReaper('keep', 'pid', pid);
  const gone = new Promise<void>((resolve) => {
    const end = (why: string): void => {
      ended ??= why;
      if (pid > 0) tellReaper('drop', 'pid', pid);
      resolve();
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(`it ended with ${signal ?? `code ${code}`}`));
  });
  return {
    name: spec.name,
    pid,
    output: () => output,
    ended: () => ended,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop: async (signal = 'SIGTERM') => {
      if (ended !== undefined) return;
      child.kill(signal);
      if (signal !== 'SIGKILL') child.kill('SIGCONT'); // a paused process sees SIGTERM only once it goes on
      const timer = setTimeout(() => child.kill('SIGKILL'), spec.stopWithinMs ?? 3000);
      await gone;
      clearTimeout(timer);
    },
  };
}

async function untilReady(spec: PeerSpec, running: Watched): Promise<void> {
  const withinMs = spec.readyWithinMs ?? 20_000;
  const deadline = performance.now() + withinMs;
  let reason = 'it never answered';
  while (performance.now() < deadline) {
    const ended = running.ended();
    if (ended !== undefined) throw new Error(`${spec.name} did not start: ${ended}\n${running.output()}`);
    try {
      if (await spec.isReady()) return;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    await sleep(50);
  }
  throw new Error(`${spec.name} was not ready after ${withinMs} ms (${reason})\n${running.output()}`);
}

/** Ready when a GET answers 2xx within a second. */
export async function answers(url: string, init?: RequestInit): Promise<boolean> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(1000) });
  await response.arrayBuffer();
  return response.ok;
}
