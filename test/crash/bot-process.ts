import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Given, Order, Told } from './child.ts';

/** One process of the bot: told where to end or freeze, and listened to. */
export class Bot {
  readonly child: ChildProcess;
  port: number | null = null;
  /** Since when it is gone (Unix ms). */
  endedAt: number | null = null;
  frozen = false;
  ordered: string | null = null;
  /** The last boundaries that it told of. */
  readonly points: { readonly name: string; readonly at: number }[] = [];
  readonly logs: Extract<Told, { is: 'log' }>[] = [];
  errors = '';

  constructor(given: Given) {
    this.child = fork(join(import.meta.dirname, 'child.ts'), [JSON.stringify(given)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
    });
    this.child.on('message', (told: Told) => this.#hear(told));
    this.child.on('error', () => undefined);
    this.child.stderr?.on('data', (chunk: Buffer) => (this.errors = (this.errors + chunk.toString()).slice(-4_000)));
    this.child.once('exit', () => {
      this.endedAt = Date.now();
      this.port = null;
    });
  }

  /** Where it ended or froze. */
  get last(): string {
    return this.ordered ?? this.points.at(-1)?.name ?? '';
  }

  order(order: Order): void {
    this.ordered = order.at;
    if (this.child.connected) this.child.send(order, () => undefined);
  }

  /** Asks it to end; false: it had to be made to. */
  async end(): Promise<boolean> {
    if (this.endedAt !== null) return true;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGCONT');
    this.child.kill('SIGTERM');
    const inTime = await Promise.race([ended.then(() => true), sleep(10_500, false)]);
    if (!inTime) this.child.kill('SIGKILL');
    await ended;
    return inTime;
  }

  #hear(told: Told): void {
    if (told.is === 'running') this.port = told.port;
    else if (told.is === 'point') this.points.push(told);
    else this.logs.push(told);
  }
}
