import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { BotView } from './control-api.ts';

export interface BotProcessOptions {
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** Everything but PORT, which is chosen at each start. */
  readonly env: Readonly<Record<string, string>>;
  /** What it writes goes here, from the start of the sandbox on. */
  readonly logFile: string;
  readonly onChange: () => void;
  /** How long it may take to end when asked to; seven seconds unless told. */
  readonly patienceMs?: number;
}

const firstPauseMs = 800;
const longestPauseMs = 15_000;
/** Who ran this long was well: the next pause is short again. */
const wellAfterMs = 30_000;
const readyEveryMs = { starting: 150, later: 1000 } as const;
const readyLimitMs = 2000;
/** The whole sandbox has ten seconds to end. */
const usualPatienceMs = 7000;
const tailLines = 8;

/** The bot as a child process: started again, with growing pauses, whenever it ends. */
export class BotProcess {
  readonly #options: BotProcessOptions;
  readonly #log: WriteStream;
  #view: BotView = {
    state: 'starting',
    sinceMs: Date.now(),
    pid: null,
    restarts: 0,
    lastExit: null,
    againAtMs: null,
    complaint: null,
  };
  #child: ChildProcess | null = null;
  #port: number | null = null;
  #pauseMs = firstPauseMs;
  #timer: NodeJS.Timeout | null = null;
  #stopping = false;
  #tail: string[] = [];

  constructor(options: BotProcessOptions) {
    this.#options = options;
    this.#log = createWriteStream(options.logFile, { flags: 'a' });
    // A full disk must not end the sandbox: its log is the least of it.
    this.#log.on('error', () => undefined);
  }

  view(): BotView {
    return this.#view;
  }

  /** Where it listens; null while it is down. */
  get port(): number | null {
    return this.#child === null ? null : this.#port;
  }

  async start(): Promise<void> {
    if (this.#stopping) return;
    this.#port = await freePort();
    const [program, ...args] = this.#options.command;
    const child = spawn(program, args, {
      cwd: this.#options.cwd,
      env: { ...this.#options.env, PORT: String(this.#port) },
      // Its standard input stays open while the sandbox lives; see follow-parent.ts.
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const startedAtMs = Date.now();
    this.#child = child;
    this.#tail = [];
    this.#change({ state: 'starting', pid: child.pid ?? null, againAtMs: null });
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => this.#log.write(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      this.#log.write(chunk);
      this.#tail = [...this.#tail, ...chunk.toString().split('\n')]
        .filter((line) => line.trim() !== '')
        .slice(-tailLines);
    });
    child.once('error', (error) => this.#ended(child, startedAtMs, `could not be started: ${error.message}`));
    child.once('exit', (code, signal) =>
      this.#ended(child, startedAtMs, signal === null ? `exit code ${code}` : `killed by ${signal}`),
    );
    void this.#watch(child);
  }

  /** SIGKILL: no time to tidy up. */
  kill(): boolean {
    return this.#child?.kill('SIGKILL') ?? false;
  }

  /** Asks it to end, and makes it when it does not. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const force = setTimeout(() => child.kill('SIGKILL'), this.#options.patienceMs ?? usualPatienceMs);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(force);
    }
    await new Promise<void>((resolve) => this.#log.end(resolve));
  }

  #ended(child: ChildProcess, startedAtMs: number, how: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    if (Date.now() - startedAtMs > wellAfterMs || how === 'killed by SIGKILL') this.#pauseMs = firstPauseMs;
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    const complaint = how.startsWith('exit code') && this.#tail.length > 0 ? this.#tail.join('\n') : null;
    this.#change({
      state: 'down',
      pid: null,
      lastExit: how,
      complaint,
      againAtMs: this.#stopping ? null : Date.now() + pauseMs,
    });
    if (this.#stopping) return;
    this.#timer = setTimeout(() => {
      this.#view = { ...this.#view, restarts: this.#view.restarts + 1 };
      void this.start();
    }, pauseMs);
  }

  /** Asks `/readyz` as long as this child lives. */
  async #watch(child: ChildProcess): Promise<void> {
    while (this.#child === child) {
      const ready = await isReady(this.#port);
      if (this.#child !== child) return;
      const before = this.#view.state;
      const state = ready ? 'ready' : before === 'starting' ? 'starting' : 'not ready';
      if (state !== before) this.#change({ state, complaint: null });
      await new Promise((resolve) =>
        setTimeout(resolve, state === 'starting' ? readyEveryMs.starting : readyEveryMs.later),
      );
    }
  }

  #change(part: Partial<BotView>): void {
    const sinceMs = part.state !== undefined && part.state !== this.#view.state ? Date.now() : this.#view.sinceMs;
    this.#view = { ...this.#view, sinceMs, ...part };
    this.#options.onChange();
  }
}

async function isReady(port: number | null): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(readyLimitMs) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
